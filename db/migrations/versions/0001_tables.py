"""ocr_jobs, engine_runs, audit_events"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.String(27)
_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WHOLE = ("engine_processing_times", "engine_versions", "timings_ms", "quality", "preprocessing", "pages")


def upgrade() -> None:
    _make_jobs()
    _make_runs()
    _make_events()


def downgrade() -> None:
    raise NotImplementedError("an append-only log is never taken back to an older form")


def _make_jobs() -> None:
    op.create_table(
        "ocr_jobs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME, nullable=False),
        sa.Column("erased_at", _TIME),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float()),
        sa.Column("verifier_used", sa.Boolean(), nullable=False),
        sa.Column("verified", sa.Boolean()),
        sa.Column("verifier_confidence", sa.Float()),
        sa.Column("primary_engine", sa.String(255)),
        sa.Column("engines_used", sa.Text(), nullable=False),
        sa.Column("language", sa.String(64)),
        sa.Column("policy", sa.String(64)),
        sa.Column("profile", sa.String(255)),
        sa.Column("device", sa.String(255)),
        sa.Column("media_type", sa.String(255)),
        sa.Column("error_type", sa.String(255)),
        sa.Column("sha256", sa.String(64)),
        *(sa.Column(name, sa.Text()) for name in ("customer_id", "invoice_number", "source_name")),
        *(sa.Column(f"verifier_{name}", sa.Text()) for name in ("backend", "model", "feedback")),
        sa.Column("error_message", sa.Text()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _WHOLE),
        *(
            sa.Column(name, sa.Text())
            for name in ("fallback_trace", "violations", "vat_breakdown", "invoice_lines", "fields", "verdicts")
        ),
        *(sa.Column(name, sa.Text()) for name in ("text", "lines")),
        sa.PrimaryKeyConstraint("id", name="pk_ocr_jobs"),
    )
    for columns in (["started_at", "id"], ["status", "started_at"], ["customer_id", "started_at"], ["sha256"]):
        op.create_index("_".join(["ix_ocr_jobs", *columns]), "ocr_jobs", columns)


def _make_runs() -> None:
    op.create_table(
        "engine_runs",
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("engine", sa.String(255), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("milliseconds", sa.Float(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float()),
        sa.Column("cached", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("job_id", "position", name="pk_engine_runs"),
        sa.ForeignKeyConstraint(["job_id"], ["ocr_jobs.id"], name="fk_engine_runs_job_id"),
        sqlite_with_rowid=False,
    )
    columns = ["engine", "status", "milliseconds"]
    op.create_index("ix_engine_runs_engine_status_milliseconds", "engine_runs", columns)


def _make_events() -> None:
    op.create_table(
        "audit_events",
        sa.Column("sequence", _SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("job_id", sa.String(64)),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.Column("details", sa.Text()),
        *(sa.Column(name, sa.String(71), nullable=False) for name in ("content_hash", "previous_hash", "hash")),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit_events"),
        sa.ForeignKeyConstraint(["job_id"], ["ocr_jobs.id"], name="fk_audit_events_job_id"),
    )
    op.create_index("ix_audit_events_job_id_kind", "audit_events", ["job_id", "kind"])
