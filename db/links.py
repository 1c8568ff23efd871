"""Adding a link to the chain: the one place where events and the head are written."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, insert, select, update

from db.chain import Content, EventKind, MasterContent, ReviewContent, event_hash
from db.columns import time_text
from db.errors import DatabaseLockedError, SealBrokenError, SealKeyError
from db.records import AuditPosition
from db.seal import Head, SealKey
from db.tables import HEAD, Raw
from db.transactions import writing

ATTEMPTS = 5
"""How often a locked database is asked, each time for as long as its busy timeout."""

_T = TypeVar("_T")


def append_event(
    connection: Connection,
    kind: EventKind,
    content: Content | ReviewContent | MasterContent,
    moment: datetime,
    details: str | None = None,
) -> AuditPosition:
    """Adds an event inside the caller's writing transaction and moves the head to it.

    Raises SealKeyError without the log's key, SealBrokenError when the head is not as this key sealed it: a new seal
    would cover up what somebody did.
    """
    key = _key(connection)
    last = current_head(connection)
    if last is None or not last.is_sealed_with(key):
        raise _refusal(last, key)
    event: dict[str, Any] = {
        "sequence": last.sequence + 1,
        "kind": kind.value,
        "job_id": content.job_id,
        "recorded_at": time_text(moment),
        "details": details,
        "content_hash": content.hash(),
        "previous_hash": last.hash,
    }
    event["hash"] = event_hash(event)
    event["seal"] = key.event_seal(event["sequence"], event["hash"])
    connection.execute(insert(Raw.events), event)
    position = AuditPosition(event["sequence"], event["hash"])
    connection.execute(update(HEAD).values(asdict(Head.sealed(key, position, last.sealed_from))))
    return position


def current_head(connection: Connection) -> Head | None:
    """The stored head; None where somebody removed it."""
    names = tuple(Head.__dataclass_fields__)
    row = connection.execute(select(*(HEAD.c[name] for name in names)).limit(1)).mappings().first()
    return None if row is None else Head(**row)


def transact(engine: Engine, work: Callable[[Connection], _T]) -> _T:
    """``work`` in a writing transaction, again a few times while another process holds the database."""
    for attempt in range(ATTEMPTS):
        try:
            with writing(engine) as connection:
                return work(connection)
        except DatabaseLockedError:
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(random.uniform(0.0, 0.05 * 2**attempt))
    raise AssertionError("unreachable: the last attempt returns or raises")


def new_salt() -> str:
    return secrets.token_hex(16)


def _key(connection: Connection) -> SealKey:
    key: SealKey | None = connection.get_execution_options().get("audit_key")
    if key is None:
        raise SealKeyError(
            "the key of this audit log was not found, so nothing can be added to it; put the key file back where it "
            "was, or name it with INVOICE_CONNECTOR_AUDIT_KEY_FILE"
        )
    return key


def _refusal(last: Head | None, key: SealKey) -> SealBrokenError | SealKeyError:
    if last is not None and last.key_id != key.id:
        return SealKeyError(
            f"this audit log was sealed with the key {last.key_id}, the one given is {key.id}; name the right key file "
            "with INVOICE_CONNECTOR_AUDIT_KEY_FILE"
        )
    return SealBrokenError(
        "the head of the audit log is not as it was sealed, so nothing is added to it; `audit verify` tells what was "
        "changed, then restore the database from a copy or start a new one with --db"
    )
