"""Where submissions are on their way through the queues of several machines.

The rows are the truth, the broker's messages only hints: a message that is lost is sent again, one that comes twice
finds the row elsewhere and does nothing. A stage is begun and left by comparing and setting, so of several workers that
hold the same document one takes it further.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, func, insert, select, update

from db.errors import DuplicateJobError
from db.links import transact
from db.records import utc_now
from db.submissions import Submission, SubmissionState
from db.tables import SUBMISSIONS
from db.transactions import reading, translated_errors

_ROW = SUBMISSIONS.c
_OPEN = (SubmissionState.RECEIVED.value, SubmissionState.RUNNING.value)


def enter(engine: Engine, job_id: str, stage: str, request: Mapping[str, Any]) -> Submission:
    """Notes an accepted document that waits for its first stage. Raises DuplicateJobError for a known id."""
    now = utc_now()
    found = Submission(job_id, SubmissionState.RECEIVED, now, now, request, stage=stage)
    _changed(
        engine, insert(SUBMISSIONS).values({name: getattr(found, name) for name in Submission.__dataclass_fields__})
    )
    return found


def begin(engine: Engine, job_id: str, stage: str) -> Submission | None:
    """Counts a try of the stage; None when the document is not in it (any more)."""
    values = {"state": SubmissionState.RUNNING.value, "tries": _ROW.tries + 1, "updated_at": utc_now()}
    rows = _changed(engine, update(SUBMISSIONS).where(_in(job_id, stage)).values(values).returning(*SUBMISSIONS.c))
    return Submission(**rows[0]) if rows else None


def leave(engine: Engine, job_id: str, stage: str, following: str) -> bool:
    """Moves the document to the following stage; False when somebody else has."""
    values = {"stage": following, "tries": 0, "updated_at": utc_now(), "message": None}
    return bool(_changed(engine, update(SUBMISSIONS).where(_in(job_id, stage)).values(values).returning(_ROW.job_id)))


def end(engine: Engine, job_id: str, message: str | None = None) -> None:
    """The document's job is stored."""
    values = {"state": SubmissionState.DONE.value, "updated_at": utc_now(), "message": message}
    _changed(engine, update(SUBMISSIONS).where(_ROW.job_id == job_id).values(values).returning(_ROW.job_id))


def note(engine: Engine, job_id: str, stage: str, message: str, *, blameless: bool = False) -> None:
    """Notes why a try failed; a ``blameless`` one (the database was away, not the document at fault) is not counted."""
    values: dict[str, Any] = {"message": message[:1000], "updated_at": utc_now()}
    if blameless:
        values["tries"] = _ROW.tries - 1
    _changed(engine, update(SUBMISSIONS).where(_in(job_id, stage)).values(values).returning(_ROW.job_id))


def lost(engine: Engine, stages: Collection[str], before: datetime, limit: int = 1000) -> list[Submission]:
    """Takes up to ``limit`` documents that nothing was heard of since ``before``, the oldest first; who takes them
    sends their messages anew. A document is taken once, however many ask."""
    waiting = and_(_ROW.stage.in_(stages), _ROW.state.in_(_OPEN), _ROW.updated_at < before)
    query = select(_ROW.job_id).where(waiting).order_by(_ROW.updated_at).limit(limit)
    taken = update(SUBMISSIONS).where(_ROW.job_id.in_(query), waiting).values(updated_at=utc_now())
    return [Submission(**row) for row in _changed(engine, taken.returning(*SUBMISSIONS.c))]


def take_up(engine: Engine, key: str, stage: str) -> int:
    """Counts a try of a document that nobody accepted, before it begins; returns how many it makes. ``key`` names the
    document, 64 characters at most; ``stage`` who takes it up."""
    now = utc_now()
    values = {"tries": _ROW.tries + 1, "updated_at": now}
    if rows := _changed(engine, update(SUBMISSIONS).where(_in(key, stage)).values(values).returning(_ROW.tries)):
        return int(rows[0]["tries"])
    first = Submission(key, SubmissionState.RUNNING, now, now, {}, stage=stage, tries=1)
    row = {name: getattr(first, name) for name in Submission.__dataclass_fields__}
    try:
        _changed(engine, insert(SUBMISSIONS).values(row))
    except DuplicateJobError:  # somebody else was first
        return take_up(engine, key, stage)
    return 1


def let_go(engine: Engine, key: str) -> None:
    """Forgets the tries of a document that came to an end."""
    _changed(engine, delete(SUBMISSIONS).where(_ROW.job_id == key))


def counts(engine: Engine) -> dict[str, int]:
    """Open documents by stage."""
    query = select(_ROW.stage, func.count()).where(_ROW.state.in_(_OPEN), _ROW.stage.is_not(None)).group_by(_ROW.stage)
    with reading(engine) as connection:
        return {str(row[0]): int(row[1]) for row in connection.execute(query)}


def _in(job_id: str, stage: str) -> Any:
    return and_(_ROW.job_id == job_id, _ROW.stage == stage, _ROW.state.in_(_OPEN))


def _changed(engine: Engine, statement: Any) -> list[Any]:
    """The rows that the statement returns. A server needs no lock for one writer: its rows lock themselves."""

    def run(connection: Connection) -> list[Any]:
        result = connection.execute(statement)
        return list(result.mappings()) if result.returns_rows else []

    if engine.dialect.name == "sqlite":
        return transact(engine, run)
    with translated_errors(engine), engine.begin() as connection:
        return run(connection)
