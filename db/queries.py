"""Reading jobs back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Label, Text, func, select, type_coerce

from db.chain import EventKind
from db.records import JobStatus, JobSummary, StoredJob
from db.rows import stored_job, summary
from db.stored_rows import job_rows, review_rows
from db.tables import JOBS, REVIEWS, RUNS, Raw
from db.transactions import reading

MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs; what is None does not restrict. ``since`` is included, ``until`` is not, both with a time zone.

    ``engine`` keeps jobs where that engine ran; ``text`` is looked for in the recognised text, the source name, the
    fields and what the caller passed, letter case ignored (SQLite: of a to z only). ``waiting`` keeps jobs that need a
    review and have none; ``settings_key`` those that were read under equal settings.
    """

    status: str | None = None
    customer_id: str | None = None
    engine: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sha256: str | None = None
    text: str | None = None
    waiting: bool = False
    settings_key: str | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What a SELECT over ``ocr_jobs`` puts into its WHERE."""
        if self.status is not None:
            yield JOBS.c.status == str(self.status)
        if self.customer_id is not None:
            yield JOBS.c.customer_id == self.customer_id
        if self.sha256 is not None:
            yield JOBS.c.sha256 == self.sha256
        if self.settings_key is not None:
            yield JOBS.c.settings_key == self.settings_key
        if self.since is not None:
            yield JOBS.c.started_at >= self.since
        if self.until is not None:
            yield JOBS.c.started_at < self.until
        if self.engine is not None:
            yield select(RUNS.c.job_id).where(RUNS.c.job_id == JOBS.c.id, RUNS.c.engine == self.engine).exists()
        if self.waiting:
            reviewed = select(REVIEWS.c.number).where(REVIEWS.c.job_id == JOBS.c.id)
            yield (JOBS.c.status == JobStatus.NEEDS_REVIEW.value) & ~reviewed.exists()
        if self.text:
            yield _mentions(self.text)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a document and what speaks against it, in the form of the contract."""

    fields: Mapping[str, Mapping[str, Any]]
    violations: Sequence[Mapping[str, Any]]


def list_jobs(engine: Engine, limit: int = 50, offset: int = 0, where: JobFilter | None = None) -> list[JobSummary]:
    """The newest jobs first. ``limit`` at most 1000."""
    columns = [JOBS.c[name] for name in JobSummary.__dataclass_fields__ if name not in ("erased", "review")]
    query = select(*columns, JOBS.c.erased_at, _last_review()).order_by(JOBS.c.started_at.desc(), JOBS.c.id.desc())
    query = query.where(*(where or JobFilter()).conditions()).limit(min(limit, MAX_LIMIT)).offset(offset)
    with reading(engine) as connection:
        return [summary(dict(row)) for row in connection.execute(query).mappings()]


def found_in(engine: Engine, ids: Sequence[str]) -> dict[str, Found]:
    """The fields and violations of jobs, by id."""
    query = select(JOBS.c.id, JOBS.c.fields, JOBS.c.violations).where(JOBS.c.id.in_(ids))
    with reading(engine) as connection:
        return {job: Found(fields or {}, violations or ()) for job, fields, violations in connection.execute(query)}


def count_jobs(engine: Engine, where: JobFilter | None = None) -> int:
    query = select(func.count()).select_from(JOBS).where(*(where or JobFilter()).conditions())
    with reading(engine) as connection:
        return connection.execute(query).scalar_one()


def jobs_of_settings(engine: Engine, settings_key: str) -> dict[str, JobStatus]:
    """SHA-256 of each document that was read with these settings, and how that ended; the best of several endings."""
    query = select(JOBS.c.sha256, JOBS.c.status).where(JOBS.c.settings_key == settings_key, JOBS.c.sha256.is_not(None))
    found: dict[str, JobStatus] = {}
    with reading(engine) as connection:
        for sha256, status in connection.execute(query):
            if found.get(sha256) in (None, JobStatus.FAILED):
                found[sha256] = JobStatus(status)
    return found


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
        reviews = review_rows(connection, job_id)
        event: Any = connection.execute(query.limit(1)).mappings().first()
    return stored_job(job, runs, event, reviews)


def _last_review() -> Label[str]:
    reviews = select(REVIEWS.c.status).where(REVIEWS.c.job_id == JOBS.c.id).order_by(REVIEWS.c.number.desc())
    return reviews.limit(1).scalar_subquery().label("review")


def _mentions(text: str) -> ColumnElement[bool]:
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    condition: ColumnElement[bool] = JOBS.c.id == text
    for name in ("text", "source_name", "customer_id", "invoice_number", "fields"):
        condition |= type_coerce(JOBS.c[name], Text).ilike(f"%{escaped}%", escape="\\")
    return condition
