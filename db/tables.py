"""The tables. Rows are written from ``db.records`` only: a table does not validate what it is given.

They are SQLAlchemy's own and no mapped classes: nothing here is loaded as an object, and classes cost every command a
quarter of a second to make. Small columns come first: SQLite then answers statistics without touching the pages that
the long texts spill into.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TableClause,
    Text,
    column,
    table,
)

from db.columns import JsonText, UtcDateTime

COUNT = BigInteger().with_variant(Integer(), "sqlite")

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

JOBS = Table(
    "ocr_jobs",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("salt", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime, nullable=False),
    Column("erased_at", UtcDateTime),
    Column("page_count", Integer, nullable=False),
    Column("confidence", Float),
    Column("verifier_used", Boolean, nullable=False),
    Column("verified", Boolean),
    Column("verifier_confidence", Float),
    Column("primary_engine", String(255)),
    Column("engines_used", JsonText, nullable=False),
    Column("language", String(64)),
    Column("policy", String(64)),
    Column("profile", String(255)),
    Column("device", String(255)),
    Column("media_type", String(255)),
    Column("error_type", String(255)),
    Column("sha256", String(64)),
    Column("customer_id", Text),
    Column("invoice_number", Text),
    Column("source_name", Text),
    Column("verifier_backend", Text),
    Column("verifier_model", Text),
    Column("verifier_feedback", Text),
    Column("error_message", Text),
    Column("engine_processing_times", JsonText, nullable=False),
    Column("engine_versions", JsonText, nullable=False),
    Column("timings_ms", JsonText, nullable=False),
    Column("quality", JsonText, nullable=False),
    Column("preprocessing", JsonText, nullable=False),
    Column("pages", JsonText, nullable=False),
    Column("fallback_trace", JsonText),
    Column("violations", JsonText),
    Column("vat_breakdown", JsonText),
    Column("invoice_lines", JsonText),
    Column("fields", JsonText),
    Column("verdicts", JsonText),
    Column("text", Text),
    Column("lines", JsonText),
    Column("settings_key", String(64)),
    Column("source_path", Text),
    Column("expected", JsonText),
    Column("embedded_invoice", JsonText),
    Column("field_readings", JsonText),
    Column("adjustments", JsonText),
    Column("document_kind", JsonText),
    Column("not_read", JsonText),
    Column("resources", JsonText),
    Column("supplier", JsonText),
    Column("container", JsonText),
    Column("codes", JsonText),
    Index(None, "started_at", "id"),
    Index(None, "status", "started_at"),
    Index(None, "customer_id", "started_at"),
    Index(None, "sha256"),
)
"""One document. ``salt`` goes into the content hash and dies with the content when the job is erased."""

RUNS = Table(
    "engine_runs",
    METADATA,
    Column("job_id", String(64), ForeignKey("ocr_jobs.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("page", Integer, nullable=False),
    Column("engine", String(255), nullable=False),
    Column("version", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("milliseconds", Float, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("characters", Integer, nullable=False),
    Column("confidence", Float),
    Column("cached", Boolean, nullable=False),
    Column("error", Text),
    Index(None, "engine", "job_id"),
    sqlite_with_rowid=False,
)
"""One engine on one page of one job; ``position`` counts a job's runs from 0 in the order they ran."""

EVENTS = Table(
    "audit_events",
    METADATA,
    Column("sequence", COUNT, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("job_id", String(64), ForeignKey("ocr_jobs.id")),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("details", JsonText),
    Column("content_hash", String(71), nullable=False),
    Column("previous_hash", String(71), nullable=False),
    Column("hash", String(71), nullable=False),
    Column("seal", String(76)),
    Index(None, "job_id", "kind"),
)
"""One link of the chain. Its content lies elsewhere, in the rows of the job it names, and ``details``.

``seal`` is the keyed hash of ``hash``; it is empty in events that are older than the log's key."""

HEAD = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", COUNT, nullable=False),
    Column("hash", String(71), nullable=False),
    Column("sealed_from", COUNT, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("seal", String(76), nullable=False),
)
"""The one row that names the last event, under a keyed hash: a cut tail contradicts it."""

REVIEWS = Table(
    "reviews",
    METADATA,
    Column("job_id", String(64), ForeignKey("ocr_jobs.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("salt", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("reviewed_at", UtcDateTime, nullable=False),
    Column("reviewer", Text),
    Column("note", Text),
    Column("changes", JsonText),
    Index(None, "reviewed_at"),
)
"""What a person said about a job; ``number`` counts from 1. ``changes`` maps a field's name to its new ``value``
and the ``original`` reading."""

ROLLUPS = Table(
    "rollups",
    METADATA,
    Column("level", String(1), primary_key=True),
    Column("period", String(13), primary_key=True),
    Column("customer", Text, primary_key=True),
    Column("engine", String(255), primary_key=True),
    Column("tally", Text, nullable=False),
)
"""The sum of the tallies of all jobs of one hour, day or month (``level`` h, d, m); ``customer`` and ``engine``
are empty where they do not restrict, a customer's id stands behind ``=``."""

CHANGES = Table(
    "rollup_changes",
    METADATA,
    Column("sequence", COUNT, primary_key=True, autoincrement=False),
    Column("changes", Text, nullable=False),
)
"""What one event adds to the roll-ups and is not yet in them; ``sequence`` is the event's."""

SEARCH = Table(
    "search_pages",
    METADATA,
    Column("id", COUNT, primary_key=True),
    Column("job_id", String(64), nullable=False),
    Column("page", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("terms", Text, nullable=False),
    Index(None, "job_id"),
)
"""One page as it is searched: ``text`` for people, ``terms`` for the index."""

JOB_KEYS = Table(
    "job_keys",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("sequence", COUNT, primary_key=True, autoincrement=False),
    Column("job_id", String(64), nullable=False),
    Column("value", Text, nullable=False),
    Index(None, "job_id"),
)
"""The hash of a key under which a later document finds a job, and what goes with it; ``sequence`` is that of the
event which told it."""

SEARCH_DAYS = Table(
    "search_days",
    METADATA,
    Column("day", String(10), primary_key=True),
    Column("first_id", COUNT, nullable=False),
    Column("last_id", COUNT, nullable=False),
)
"""The pages of the jobs that started on a day have ids from ``first_id`` to ``last_id``, others among them."""

PICTURES = Table(
    "page_pictures",
    METADATA,
    Column("job_id", String(64), primary_key=True),
    Column("page", Integer, primary_key=True, autoincrement=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(32), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
    Index(None, "sha256"),
    Index(None, "stored_at"),
)
"""Where the picture of a page lies, by the SHA-256 of its file; ``size`` in bytes."""

SUBMISSIONS = Table(
    "submissions",
    METADATA,
    Column("job_id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("request", JsonText, nullable=False),
    Column("message", Text),
    Column("stage", String(32)),
    Column("tries", Integer, nullable=False, server_default="0", default=0),
    Index(None, "state", "received_at"),
)
"""A document that was accepted and must be read, whatever happens to the process that accepted it."""

BATCHES = Table(
    "batches",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("label", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Index(None, "state", "started_at"),
)
"""How far a batch has come."""

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("scopes", JsonText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)
"""A key to the HTTP application; only the hash of its secret is kept."""

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("job_id", String(64), ForeignKey("ocr_jobs.id"), primary_key=True),
    Column("sink", String(64), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("delivered_at", UtcDateTime),
    Column("reference", Text),
    Column("error", Text),
    Index(None, "status", "due_at"),
)
"""One job on its way to one sink. Not part of the chain: it says where a copy went, until it is there."""

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
