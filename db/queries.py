"""Reading jobs back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Text, func, select, type_coerce

from db.audit import job_rows
from db.chain import EventKind
from db.records import JobSummary, StoredJob
from db.rows import stored_job, summary
from db.tables import JOBS, RUNS, Raw
from db.transactions import reading

MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs; what is None does not restrict. ``since`` is included, ``until`` is not, both with a time zone.

    ``engine`` keeps jobs where that engine ran; ``text`` is looked for in the recognised text, the source name, the
    fields and what the caller passed, letter case ignored (SQLite: of a to z only).
    """

    status: str | None = None
    customer_id: str | None = None
    engine: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sha256: str | None = None
    text: str | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What a SELECT over ``ocr_jobs`` puts into its WHERE."""
        if self.status is not None:
            yield JOBS.c.status == str(self.status)
        if self.customer_id is not None:
            yield JOBS.c.customer_id == self.customer_id
        if self.sha256 is not None:
            yield JOBS.c.sha256 == self.sha256
        if self.since is not None:
            yield JOBS.c.started_at >= self.since
        if self.until is not None:
            yield JOBS.c.started_at < self.until
        if self.engine is not None:
            yield select(RUNS.c.job_id).where(RUNS.c.job_id == JOBS.c.id, RUNS.c.engine == self.engine).exists()
        if self.text:
            yield _mentions(self.text)


def list_jobs(engine: Engine, limit: int = 50, offset: int = 0, where: JobFilter | None = None) -> list[JobSummary]:
    """The newest jobs first. ``limit`` at most 1000."""
    columns = [JOBS.c[name] for name in JobSummary.__dataclass_fields__ if name != "erased"]
    query = select(*columns, JOBS.c.erased_at).order_by(JOBS.c.started_at.desc(), JOBS.c.id.desc())
    query = query.where(*(where or JobFilter()).conditions()).limit(min(limit, MAX_LIMIT)).offset(offset)
    with reading(engine) as connection:
        return [summary(dict(row)) for row in connection.execute(query).mappings()]


def count_jobs(engine: Engine, where: JobFilter | None = None) -> int:
    query = select(func.count()).select_from(JOBS).where(*(where or JobFilter()).conditions())
    with reading(engine) as connection:
        return connection.execute(query).scalar_one()


def get_job(engine: Engine, job_id: str) -> StoredJob:
    """Everything stored about a job. Raises JobNotFoundError; DamagedDatabaseError when its rows make no sense."""
    events = Raw.events
    query = (
        select(events)
        .where(events.c.job_id == job_id, events.c.kind == EventKind.JOB.value)
        .order_by(events.c.sequence)
    )
    with reading(engine) as connection:
        job, runs = job_rows(connection, job_id)
        event: Any = connection.execute(query.limit(1)).mappings().first()
    return stored_job(job, runs, event)


def _mentions(text: str) -> ColumnElement[bool]:
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    condition: ColumnElement[bool] = JOBS.c.id == text
    for name in ("text", "source_name", "customer_id", "invoice_number", "fields"):
        condition |= type_coerce(JOBS.c[name], Text).ilike(f"%{escaped}%", escape="\\")
    return condition
