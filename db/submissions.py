"""Documents that were accepted and not read yet, kept so that a killed process loses none; and how far batches are.

The bytes lie in a folder beside the database, one file per job, until the job is stored.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, update

from db.errors import DiskFullError, JobNotFoundError
from db.ids import new_job_id
from db.links import transact
from db.records import utc_now
from db.tables import BATCHES, JOBS, SUBMISSIONS
from db.transactions import reading

BATCH = "batch"
"""The stage of a row that counts the tries of a document which a batch found; nobody accepted that."""


class SubmissionState(StrEnum):
    RECEIVED = "received"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """The document could not be taken up again: its bytes are gone. One that cannot be read is ``done``."""


@dataclass(frozen=True, slots=True)
class Submission:
    """``request`` is what the sender gave with the document; plain JSON. ``stage`` is where it is on its way through
    the queues of several machines (``db/stages.py``), None where the process that accepted the document reads it
    itself; ``tries`` is how often that was begun."""

    job_id: str
    state: str
    received_at: datetime
    updated_at: datetime
    request: Mapping[str, Any]
    message: str | None = None
    stage: str | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Spool:
    """Accepted documents in a database and a folder."""

    database: Engine
    folder: Path

    def accept(self, job_id: str, content: bytes, request: Mapping[str, Any]) -> Submission:
        """Keeps a document for sure: when this returns, bytes and row survive a crash. Raises DiskFullError."""
        now = utc_now()
        submission = Submission(job_id, SubmissionState.RECEIVED, now, now, request)
        self._write(job_id, content)
        names = Submission.__dataclass_fields__
        _execute(self.database, insert(SUBMISSIONS).values({name: getattr(submission, name) for name in names}))
        return submission

    def content(self, job_id: str) -> bytes | None:
        """The document's bytes, None when they are gone."""
        try:
            return self._file(job_id).read_bytes()
        except FileNotFoundError:
            return None

    def start(self, job_id: str) -> int:
        """Counts a try before it begins, so that a document that ends this process is counted too; returns how many
        it makes."""
        values = {"state": SubmissionState.RUNNING.value, "updated_at": utc_now(), "tries": SUBMISSIONS.c.tries + 1}
        mine = SUBMISSIONS.c.job_id == job_id
        counted = update(SUBMISSIONS).where(mine).values(values).returning(SUBMISSIONS.c.tries)
        return int(transact(self.database, lambda connection: connection.execute(counted).scalar_one()))

    def put_back(self, job_id: str) -> None:
        """A try that was broken off by nobody's fault: the document waits again, and the try does not count."""
        values = {
            "state": SubmissionState.RECEIVED.value,
            "updated_at": utc_now(),
            "tries": SUBMISSIONS.c.tries - 1,
        }
        _execute(self.database, update(SUBMISSIONS).where(SUBMISSIONS.c.job_id == job_id).values(values))

    def finish(self, job_id: str, state: SubmissionState = SubmissionState.DONE, message: str | None = None) -> None:
        """Notes the end and removes the bytes."""
        self._set(job_id, state, message)
        self._file(job_id).unlink(missing_ok=True)

    def unfinished(self) -> list[Submission]:
        """What a new process has to take up, oldest first. Those whose job is stored already are finished here."""
        states = (SubmissionState.RECEIVED.value, SubmissionState.RUNNING.value)
        mine = SUBMISSIONS.c.state.in_(states) & SUBMISSIONS.c.stage.is_(None)
        query = select(SUBMISSIONS).where(mine).order_by(SUBMISSIONS.c.received_at)
        with reading(self.database) as connection:
            found = [Submission(**row) for row in connection.execute(query).mappings()]
            ids = [submission.job_id for submission in found]
            stored = set(connection.execute(select(JOBS.c.id).where(JOBS.c.id.in_(ids))).scalars())
        for submission in found:
            if submission.job_id in stored:
                self.finish(submission.job_id)
        return [submission for submission in found if submission.job_id not in stored]

    def _set(self, job_id: str, state: SubmissionState, message: str | None = None) -> None:
        values = {"state": state.value, "updated_at": utc_now(), "message": message}
        _execute(self.database, update(SUBMISSIONS).where(SUBMISSIONS.c.job_id == job_id).values(values))

    def _file(self, job_id: str) -> Path:
        return self.folder / job_id

    def _write(self, job_id: str, content: bytes) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self._file(job_id), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise DiskFullError(
                f"the document cannot be kept in {self.folder} ({error.strerror}); make room or choose another place"
            ) from error


def submission(engine: Engine, job_id: str) -> Submission:
    """Raises JobNotFoundError."""
    found = find_submission(engine, job_id)
    if found is None:
        raise JobNotFoundError(f"no job has the id {job_id}; `jobs list` shows the ids")
    return found


def find_submission(engine: Engine, job_id: str) -> Submission | None:
    """None for a document that was not handed over so."""
    with reading(engine) as connection:
        row = connection.execute(select(SUBMISSIONS).where(SUBMISSIONS.c.job_id == job_id)).mappings().first()
    return None if row is None else Submission(**row)


def is_open() -> ColumnElement[bool]:
    """Whether a row is of a document that was accepted and is waiting or being read."""
    states = (SubmissionState.RECEIVED.value, SubmissionState.RUNNING.value)
    return SUBMISSIONS.c.state.in_(states) & (SUBMISSIONS.c.stage.is_(None) | (SUBMISSIONS.c.stage != BATCH))


def open_submissions(engine: Engine, limit: int = 100) -> list[Submission]:
    """What is waiting or being read now, oldest first."""
    query = select(SUBMISSIONS).where(is_open()).order_by(SUBMISSIONS.c.received_at)
    with reading(engine) as connection:
        return [Submission(**row) for row in connection.execute(query.limit(limit)).mappings()]


class BatchState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Batch:
    """How far a batch of ``total`` documents is: ``done`` counts all that were read, ``failed`` those of them that
    could not be."""

    id: str
    label: str
    state: str
    started_at: datetime
    updated_at: datetime
    total: int
    done: int = 0
    failed: int = 0


def start_batch(engine: Engine, label: str, total: int) -> Batch:
    """Announces a batch to whoever watches."""
    now = utc_now()
    batch = Batch(new_job_id(), label, BatchState.RUNNING, now, now, total)
    names = Batch.__dataclass_fields__
    _execute(engine, insert(BATCHES).values({name: getattr(batch, name) for name in names}))
    return batch


def report_batch(engine: Engine, batch: Batch, done: int, failed: int, state: BatchState | None = None) -> Batch:
    """Notes how far the batch is; call it every few documents, and with ``state`` at its end."""
    now = replace(batch, done=done, failed=failed, updated_at=utc_now(), state=str(state or batch.state))
    values = {name: getattr(now, name) for name in ("done", "failed", "updated_at", "state")}
    _execute(engine, update(BATCHES).where(BATCHES.c.id == batch.id).values(values))
    return now


def running_batches(engine: Engine, since: datetime | None = None) -> list[Batch]:
    """The batches that run, newest first; with ``since`` those that were heard of since then."""
    query = select(BATCHES).where(BATCHES.c.state == BatchState.RUNNING.value)
    if since is not None:
        query = query.where(BATCHES.c.updated_at >= since)
    with reading(engine) as connection:
        return [Batch(**row) for row in connection.execute(query.order_by(BATCHES.c.started_at.desc())).mappings()]


def forget_finished(engine: Engine, before: datetime) -> None:
    """Removes the rows of what ended before a moment."""
    ended = (SubmissionState.DONE.value, SubmissionState.FAILED.value)
    _execute(engine, delete(SUBMISSIONS).where(SUBMISSIONS.c.state.in_(ended), SUBMISSIONS.c.updated_at < before))
    _execute(engine, delete(BATCHES).where(BATCHES.c.updated_at < before))


def _execute(engine: Engine, statement: Any) -> None:
    def run(connection: Connection) -> None:
        connection.execute(statement)

    transact(engine, run)
