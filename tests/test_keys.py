"""API keys: shown once, stored as a hash, useless when revoked."""

from __future__ import annotations

import hashlib

import pytest
from audit_samples import contents, fresh_log
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from db import keys
from db.errors import InvalidRecordError, KeyNotFoundError
from db.tables import API_KEYS
from db.transactions import reading


@pytest.fixture
def engine() -> Engine:
    return fresh_log()


def test_a_key_opens_what_it_was_made_for(engine: Engine) -> None:
    first = keys.create(engine, "ERP", ["read", "write", "write"])
    second = keys.create(engine, "Anna")
    assert keys.check(engine, first) == {"read", "write"}
    assert keys.check(engine, second) == {"read"}
    assert [(key.name, key.scopes) for key in keys.list_keys(engine)] == [("ERP", ("read", "write")),
                                                                          ("Anna", ("read",))]  # fmt: skip
    assert first != second


def test_only_the_hash_of_the_secret_is_stored(engine: Engine) -> None:
    key = keys.create(engine, "ERP")
    _, key_id, secret = key.split("_", 2)
    with reading(engine) as connection:
        (stored,) = connection.execute(select(API_KEYS.c.hash).where(API_KEYS.c.id == key_id)).scalars()
    assert stored == hashlib.sha256(secret.encode()).hexdigest()
    assert secret.encode() not in contents(engine)
    assert secret not in repr(keys.list_keys(engine))


def test_a_revoked_key_opens_nothing_and_stays_listed(engine: Engine) -> None:
    key = keys.create(engine, "ERP", ["admin"])
    keys.revoke(engine, key.split("_")[1])
    revoked = keys.list_keys(engine)[0].revoked_at
    keys.revoke(engine, key.split("_")[1])
    assert keys.check(engine, key) == frozenset()
    assert keys.list_keys(engine)[0].revoked_at == revoked is not None
    with pytest.raises(KeyNotFoundError, match="keys list"):
        keys.revoke(engine, "0" * 16)


@pytest.mark.parametrize("scopes", [[], ["root"], ["read", "everything"]])
def test_unknown_scopes_are_refused(engine: Engine, scopes: list[str]) -> None:
    with pytest.raises(InvalidRecordError, match="read, write, admin"):
        keys.create(engine, "ERP", scopes)


def test_a_key_has_a_name(engine: Engine) -> None:
    with pytest.raises(InvalidRecordError, match="who uses it"):
        keys.create(engine, "  ")


@settings(max_examples=50)
@given(st.text() | st.from_regex(r"ic_[0-9a-f]{16}_[0-9a-zA-Z_-]{43}", fullmatch=True))
def test_no_other_text_is_a_key(text: str) -> None:
    assert keys.check(fresh_log(), text) == frozenset()


def test_one_changed_letter_makes_a_key_useless(engine: Engine) -> None:
    key = keys.create(engine, "ERP")
    for place in range(len(key)):
        changed = key[:place] + ("a" if key[place] != "a" else "b") + key[place + 1 :]
        assert keys.check(engine, changed) == frozenset(), place
