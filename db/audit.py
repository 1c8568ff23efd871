"""Writing to the log: one transaction per document, one chain whoever writes."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, insert, select, update

from db.canonical import GENESIS
from db.chain import Content, EventKind, event_hash
from db.columns import stored_form, time_text
from db.errors import DatabaseLockedError, DuplicateJobError, JobNotFoundError
from db.records import AuditPosition, JobRecord, utc_now
from db.rows import Row, erased_job_row, job_row, run_rows
from db.tables import EVENTS, Raw
from db.transactions import reading, writing

ATTEMPTS = 5
"""How often a locked database is asked, each time for as long as its busy timeout."""

_T = TypeVar("_T")


def append_job(engine: Engine, record: JobRecord) -> AuditPosition:
    """Stores a job, its engine runs and its event together, or nothing. Safe with any number of processes.

    Raises DuplicateJobError, and DatabaseLockedError after several tries.
    """
    job, runs = job_row(record, _new_salt()), run_rows(record)

    def append(connection: Connection) -> AuditPosition:
        if connection.execute(select(Raw.jobs.c.id).where(Raw.jobs.c.id == record.id)).first():
            raise DuplicateJobError(f"the job {record.id} is stored already; a job is stored once")
        connection.execute(insert(Raw.jobs), job)
        if runs:
            connection.execute(insert(Raw.runs), runs)
        return _append_event(connection, EventKind.JOB, Content(job, runs), utc_now())

    return _transact(engine, append)


def erase_job(engine: Engine, job_id: str, reason: str = "") -> AuditPosition:
    """Removes a job's personal data and keeps its statistics; the chain stays whole and tells when and why.

    ``reason`` stays in the log, so it must name nobody. Erasing twice gives the first erasure's position.
    Raises JobNotFoundError.
    """

    def erase(connection: Connection) -> AuditPosition:
        job, runs = job_rows(connection, job_id)
        if job["erased_at"] is not None:
            return _position_of_erasure(connection, job_id)
        now = utc_now()
        emptied = erased_job_row(job, _new_salt(), now)
        runs = [{**run, "error": None} for run in runs]
        details = stored_form(EVENTS.c.details, {"reason": reason}) if reason else None
        # The event first: the triggers let a row be emptied only once the log says that it will be.
        position = _append_event(connection, EventKind.ERASED, Content(emptied, runs), now, details)
        connection.execute(update(Raw.jobs).where(Raw.jobs.c.id == job_id).values(emptied))
        connection.execute(update(Raw.runs).where(Raw.runs.c.job_id == job_id).values(error=None))
        return position

    return _transact(engine, erase)


def head(engine: Engine) -> AuditPosition:
    """The last link of the chain; kept elsewhere, it shows later whether the tail was cut. (0, GENESIS) when empty."""
    with reading(engine) as connection:
        return _head(connection)


def job_rows(connection: Connection, job_id: str) -> tuple[dict[str, Any], list[Row]]:
    """A job's stored row and its runs in order. Raises JobNotFoundError."""
    job = connection.execute(select(Raw.jobs).where(Raw.jobs.c.id == job_id)).mappings().first()
    if job is None:
        raise JobNotFoundError(f"no job has the id {job_id}; `jobs list` shows the ids")
    runs = select(Raw.runs).where(Raw.runs.c.job_id == job_id).order_by(Raw.runs.c.position)
    return dict(job), [dict(run) for run in connection.execute(runs).mappings()]


def _append_event(
    connection: Connection, kind: EventKind, content: Content, moment: datetime, details: str | None = None
) -> AuditPosition:
    last = _head(connection)
    event: dict[str, Any] = {
        "sequence": last.sequence + 1,
        "kind": kind.value,
        "job_id": content.job["id"],
        "recorded_at": time_text(moment),
        "details": details,
        "content_hash": content.hash(),
        "previous_hash": last.hash,
    }
    event["hash"] = event_hash(event)
    connection.execute(insert(Raw.events), event)
    return AuditPosition(event["sequence"], event["hash"])


def _head(connection: Connection) -> AuditPosition:
    query = select(EVENTS.c.sequence, EVENTS.c.hash).order_by(EVENTS.c.sequence.desc()).limit(1)
    row = connection.execute(query).first()
    return AuditPosition(row.sequence, row.hash) if row else AuditPosition(0, GENESIS)


def _position_of_erasure(connection: Connection, job_id: str) -> AuditPosition:
    query = select(EVENTS.c.sequence, EVENTS.c.hash).where(
        EVENTS.c.job_id == job_id, EVENTS.c.kind == EventKind.ERASED.value
    )
    row = connection.execute(query).one()
    return AuditPosition(row.sequence, row.hash)


def _transact(engine: Engine, work: Callable[[Connection], _T]) -> _T:
    for attempt in range(ATTEMPTS):
        try:
            with writing(engine) as connection:
                return work(connection)
        except DatabaseLockedError:
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(random.uniform(0.0, 0.05 * 2**attempt))
    raise AssertionError("unreachable: the last attempt returns or raises")


def _new_salt() -> str:
    return secrets.token_hex(16)
