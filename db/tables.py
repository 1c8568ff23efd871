"""The tables. Rows are written from ``db.records`` only: a table class does not validate what it is given.

Small columns come first: SQLite then answers statistics without touching the pages that the long texts spill into.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, cast

from sqlalchemy import BigInteger, Index, Integer, MetaData, Table, TableClause, Text, column, table
from sqlmodel import Field, SQLModel

from db.columns import JsonText, UtcDateTime

_Count = BigInteger().with_variant(Integer(), "sqlite")


class Base(SQLModel):
    """Its own metadata: tables of other packages are none of this log's business."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class OcrJob(Base, table=True):
    """One document. ``salt`` goes into the content hash and dies with the content when the job is erased."""

    __tablename__ = "ocr_jobs"
    __table_args__ = (
        Index(None, "started_at", "id"),
        Index(None, "status", "started_at"),
        Index(None, "customer_id", "started_at"),
        Index(None, "sha256"),
    )

    id: str = Field(primary_key=True, max_length=64)
    salt: str = Field(max_length=32)
    status: str = Field(max_length=16)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime = Field(sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    page_count: int
    confidence: float | None = None
    verifier_used: bool
    verified: bool | None = None
    verifier_confidence: float | None = None
    primary_engine: str | None = Field(default=None, max_length=255)
    engines_used: list[str] = Field(sa_type=JsonText)
    language: str | None = Field(default=None, max_length=64)
    policy: str | None = Field(default=None, max_length=64)
    profile: str | None = Field(default=None, max_length=255)
    device: str | None = Field(default=None, max_length=255)
    media_type: str | None = Field(default=None, max_length=255)
    error_type: str | None = Field(default=None, max_length=255)
    sha256: str | None = Field(default=None, max_length=64)
    customer_id: str | None = Field(default=None, sa_type=Text)
    invoice_number: str | None = Field(default=None, sa_type=Text)
    source_name: str | None = Field(default=None, sa_type=Text)
    verifier_backend: str | None = Field(default=None, sa_type=Text)
    verifier_model: str | None = Field(default=None, sa_type=Text)
    verifier_feedback: str | None = Field(default=None, sa_type=Text)
    error_message: str | None = Field(default=None, sa_type=Text)
    engine_processing_times: dict[str, float] = Field(sa_type=JsonText)
    engine_versions: dict[str, str] = Field(sa_type=JsonText)
    timings_ms: dict[str, float] = Field(sa_type=JsonText)
    quality: list[Any] = Field(sa_type=JsonText)
    preprocessing: list[Any] = Field(sa_type=JsonText)
    pages: list[Any] = Field(sa_type=JsonText)
    fallback_trace: list[Any] | None = Field(default=None, sa_type=JsonText)
    violations: list[Any] | None = Field(default=None, sa_type=JsonText)
    vat_breakdown: list[Any] | None = Field(default=None, sa_type=JsonText)
    invoice_lines: list[Any] | None = Field(default=None, sa_type=JsonText)
    fields: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    verdicts: list[Any] | None = Field(default=None, sa_type=JsonText)
    text: str | None = Field(default=None, sa_type=Text)
    lines: list[Any] | None = Field(default=None, sa_type=JsonText)
    settings_key: str | None = Field(default=None, max_length=64)
    source_path: str | None = Field(default=None, sa_type=Text)
    expected: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    embedded_invoice: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    field_readings: list[Any] | None = Field(default=None, sa_type=JsonText)
    adjustments: list[Any] | None = Field(default=None, sa_type=JsonText)
    document_kind: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    not_read: list[Any] | None = Field(default=None, sa_type=JsonText)
    resources: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    supplier: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    container: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    codes: list[dict[str, Any]] | None = Field(default=None, sa_type=JsonText)
    provenance: dict[str, Any] | None = Field(default=None, sa_type=JsonText)


class EngineRun(Base, table=True):
    """One engine on one page of one job; ``position`` counts a job's runs from 0 in the order they ran."""

    __tablename__ = "engine_runs"
    __table_args__ = (Index(None, "engine", "job_id"), {"sqlite_with_rowid": False})

    job_id: str = Field(primary_key=True, foreign_key="ocr_jobs.id", max_length=64)
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    page: int
    engine: str = Field(max_length=255)
    version: str = Field(sa_type=Text)
    status: str = Field(max_length=16)
    milliseconds: float
    lines: int
    characters: int
    confidence: float | None = None
    cached: bool
    error: str | None = Field(default=None, sa_type=Text)


class AuditEvent(Base, table=True):
    """One link of the chain. Its content lies elsewhere, in the rows of the job it names, and ``details``.

    ``seal`` is the keyed hash of ``hash``; it is empty in events that are older than the log's key."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "job_id", "kind"),)

    sequence: int = Field(primary_key=True, sa_type=cast(Any, _Count), sa_column_kwargs={"autoincrement": False})
    kind: str = Field(max_length=16)
    job_id: str | None = Field(default=None, foreign_key="ocr_jobs.id", max_length=64)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    details: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    content_hash: str = Field(max_length=71)
    previous_hash: str = Field(max_length=71)
    hash: str = Field(max_length=71)
    seal: str | None = Field(default=None, max_length=76)


class AuditHead(Base, table=True):
    """The one row that names the last event, under a keyed hash: a cut tail contradicts it."""

    __tablename__ = "audit_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sequence: int = Field(sa_type=cast(Any, _Count))
    hash: str = Field(max_length=71)
    sealed_from: int = Field(sa_type=cast(Any, _Count))
    key_id: str = Field(max_length=16)
    seal: str = Field(max_length=76)


class JobReview(Base, table=True):
    """What a person said about a job; ``number`` counts from 1. ``changes`` maps a field's name to its new ``value``
    and the ``original`` reading."""

    __tablename__ = "reviews"
    __table_args__ = (Index(None, "reviewed_at"),)

    job_id: str = Field(primary_key=True, foreign_key="ocr_jobs.id", max_length=64)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    salt: str = Field(max_length=32)
    status: str = Field(max_length=16)
    reviewed_at: datetime = Field(sa_type=UtcDateTime)
    reviewer: str | None = Field(default=None, sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    changes: dict[str, Any] | None = Field(default=None, sa_type=JsonText)


class Rollup(Base, table=True):
    """The sum of the tallies of all jobs of one hour, day or month (``level`` h, d, m); ``customer`` and ``engine``
    are empty where they do not restrict, a customer's id stands behind ``=``."""

    __tablename__ = "rollups"

    level: str = Field(primary_key=True, max_length=1)
    period: str = Field(primary_key=True, max_length=13)
    customer: str = Field(primary_key=True, sa_type=Text)
    engine: str = Field(primary_key=True, max_length=255)
    tally: str = Field(sa_type=Text)


class RollupChange(Base, table=True):
    """What one event adds to the roll-ups and is not yet in them; ``sequence`` is the event's."""

    __tablename__ = "rollup_changes"

    sequence: int = Field(primary_key=True, sa_type=cast(Any, _Count), sa_column_kwargs={"autoincrement": False})
    changes: str = Field(sa_type=Text)


class SearchPage(Base, table=True):
    """One page as it is searched: ``text`` for people, ``terms`` for the index."""

    __tablename__ = "search_pages"
    __table_args__ = (Index(None, "job_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=cast(Any, _Count))
    job_id: str = Field(max_length=64)
    page: int
    text: str = Field(sa_type=Text)
    terms: str = Field(sa_type=Text)


class JobKey(Base, table=True):
    """The hash of a key under which a later document finds a job, and what goes with it; ``sequence`` is that of the
    event which told it."""

    __tablename__ = "job_keys"
    __table_args__ = (Index(None, "job_id"),)

    key: str = Field(primary_key=True, max_length=64)
    sequence: int = Field(primary_key=True, sa_type=cast(Any, _Count), sa_column_kwargs={"autoincrement": False})
    job_id: str = Field(max_length=64)
    value: str = Field(sa_type=Text)


class SearchDay(Base, table=True):
    """The pages of the jobs that started on a day have ids from ``first_id`` to ``last_id``, others among them."""

    __tablename__ = "search_days"

    day: str = Field(primary_key=True, max_length=10)
    first_id: int = Field(sa_type=cast(Any, _Count))
    last_id: int = Field(sa_type=cast(Any, _Count))


class PagePicture(Base, table=True):
    """Where the picture of a page lies, by the SHA-256 of its file; ``size`` in bytes."""

    __tablename__ = "page_pictures"
    __table_args__ = (Index(None, "sha256"), Index(None, "stored_at"))

    job_id: str = Field(primary_key=True, max_length=64)
    page: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sha256: str = Field(max_length=64)
    media_type: str = Field(max_length=32)
    width: int
    height: int
    size: int
    stored_at: datetime = Field(sa_type=UtcDateTime)


class Submission(Base, table=True):
    """A document that was accepted and must be read, whatever happens to the process that accepted it."""

    __tablename__ = "submissions"
    __table_args__ = (Index(None, "state", "received_at"),)

    job_id: str = Field(primary_key=True, max_length=64)
    state: str = Field(max_length=16)
    received_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    request: dict[str, Any] = Field(sa_type=JsonText)
    message: str | None = Field(default=None, sa_type=Text)
    stage: str | None = Field(default=None, max_length=32)
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class BatchProgress(Base, table=True):
    """How far a batch has come."""

    __tablename__ = "batches"
    __table_args__ = (Index(None, "state", "started_at"),)

    id: str = Field(primary_key=True, max_length=64)
    label: str = Field(sa_type=Text)
    state: str = Field(max_length=16)
    started_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    total: int
    done: int
    failed: int


class ApiKey(Base, table=True):
    """A key to the HTTP application; only the hash of its secret is kept."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True, max_length=16)
    name: str = Field(sa_type=Text)
    hash: str = Field(max_length=64)
    scopes: list[str] = Field(sa_type=JsonText)
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Delivery(Base, table=True):
    """One job on its way to one sink. Not part of the chain: it says where a copy went, until it is there."""

    __tablename__ = "deliveries"
    __table_args__ = (Index(None, "status", "due_at"),)

    job_id: str = Field(primary_key=True, foreign_key="ocr_jobs.id", max_length=64)
    sink: str = Field(primary_key=True, max_length=64)
    status: str = Field(max_length=16)
    attempts: int
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reference: str | None = Field(default=None, sa_type=Text)
    error: str | None = Field(default=None, sa_type=Text)


def _table(model: type[Base]) -> Table:
    return Base.metadata.tables[str(model.__tablename__)]


JOBS, RUNS, EVENTS = _table(OcrJob), _table(EngineRun), _table(AuditEvent)
DELIVERIES = _table(Delivery)
HEAD, REVIEWS, ROLLUPS, CHANGES = _table(AuditHead), _table(JobReview), _table(Rollup), _table(RollupChange)
SEARCH_DAYS = _table(SearchDay)
SEARCH, PICTURES, SUBMISSIONS = _table(SearchPage), _table(PagePicture), _table(Submission)
BATCHES, API_KEYS, JOB_KEYS = _table(BatchProgress), _table(ApiKey), _table(JobKey)

PERSONAL: tuple[str, ...] = (
    "sha256", "customer_id", "invoice_number", "source_name", "verifier_feedback", "error_message", "fallback_trace",
    "violations", "vat_breakdown", "invoice_lines", "fields", "verdicts", "text", "lines", "source_path", "expected",
    "embedded_invoice", "field_readings", "adjustments", "document_kind", "not_read",
    "supplier", "container", "codes",
)  # fmt: skip
"""Columns of ``ocr_jobs`` that an erasure empties; of ``engine_runs`` it empties ``error``."""


def untyped(source: Table) -> TableClause:
    """The same table without column types: values pass as they are stored, which is what hashes cover."""
    return table(source.name, *(column(c.name) for c in source.columns))


class Raw:
    """The tables as they are stored."""

    jobs: ClassVar[TableClause] = untyped(JOBS)
    runs: ClassVar[TableClause] = untyped(RUNS)
    events: ClassVar[TableClause] = untyped(EVENTS)
    reviews: ClassVar[TableClause] = untyped(REVIEWS)
