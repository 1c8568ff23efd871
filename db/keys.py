"""API keys: made once and shown once; only the hash of a key's secret is stored.

A key reads ``ic_<id>_<secret>``. Its secret has 256 random bits, so a plain SHA-256 of it needs neither salt nor a
slow hash.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Engine, insert, select, update

from db.errors import InvalidRecordError, KeyNotFoundError
from db.links import transact
from db.records import utc_now
from db.tables import API_KEYS
from db.transactions import reading

_KEY = re.compile(r"ic_([0-9a-f]{16})_([0-9a-zA-Z_-]{43})", re.ASCII)
_NOBODY = "0" * 64


class ApiScope(StrEnum):
    READ = "read"
    """Figures, jobs, pictures."""
    WRITE = "write"
    """Uploads and reviews too."""
    ADMIN = "admin"
    """All of it, erasures and changes of companies and suppliers too."""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key without its secret. ``revoked_at`` is None while it may be used."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


def create(engine: Engine, name: str, scopes: Iterable[str] = (ApiScope.READ,)) -> str:
    """A new key, as text that is shown this once. Raises InvalidRecordError for a scope nobody knows."""
    chosen = tuple(dict.fromkeys(str(scope) for scope in scopes))
    known = ", ".join(ApiScope)
    if not name.strip():
        raise InvalidRecordError("a key has a name that says who uses it")
    if not chosen or any(scope not in set(ApiScope) for scope in chosen):
        raise InvalidRecordError(f"the scopes of a key are {known}; got {', '.join(chosen) or 'none'}")
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    row = {"id": key_id, "name": name, "hash": _hash(secret), "scopes": list(chosen), "created_at": utc_now()}

    def store(connection: Connection) -> None:
        connection.execute(insert(API_KEYS), row)

    transact(engine, store)
    return f"ic_{key_id}_{secret}"


def check(engine: Engine, key: str) -> frozenset[str]:
    """The scopes of a key, none for one that is unknown, revoked or not a key. Takes as long for any wrong secret."""
    parts = _KEY.fullmatch(key)
    key_id, secret = parts.groups() if parts else ("", "")
    query = select(API_KEYS.c.hash, API_KEYS.c.scopes, API_KEYS.c.revoked_at).where(API_KEYS.c.id == key_id)
    with reading(engine) as connection:
        row = connection.execute(query).first()
    same = hmac.compare_digest(_hash(secret), row.hash if row else _NOBODY)
    return frozenset(row.scopes) if same and row and row.revoked_at is None else frozenset()


def list_keys(engine: Engine) -> list[StoredKey]:
    """All keys, oldest first, the revoked ones too."""
    columns = [API_KEYS.c[name] for name in StoredKey.__dataclass_fields__]
    with reading(engine) as connection:
        rows = connection.execute(select(*columns).order_by(API_KEYS.c.created_at, API_KEYS.c.id)).mappings()
        return [StoredKey(**{**row, "scopes": tuple(row["scopes"])}) for row in rows]


def revoke(engine: Engine, key_id: str) -> None:
    """Makes a key useless from now on; again changes nothing. Raises KeyNotFoundError."""

    def mark(connection: Connection) -> None:
        row = connection.execute(select(API_KEYS.c.revoked_at).where(API_KEYS.c.id == key_id)).first()
        if row is None:
            raise KeyNotFoundError(f"no key has the id {key_id}; `keys list` shows the ids")
        if row.revoked_at is None:
            connection.execute(update(API_KEYS).where(API_KEYS.c.id == key_id).values(revoked_at=utc_now()))

    transact(engine, mark)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
