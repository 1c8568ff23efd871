"""deliveries; in ocr_jobs where a document came from, how it was read, and what else was said about it"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.String(27)
_KEPT, _EMPTIED = ("settings_key",), ("source_path", "expected", "embedded_invoice", "field_readings")


def upgrade() -> None:
    op.add_column("ocr_jobs", sa.Column("settings_key", sa.String(64)))
    for name in _EMPTIED:
        op.add_column("ocr_jobs", sa.Column(name, sa.Text()))
    _make_deliveries()
    dialect = op.get_bind().dialect.name
    for statement in {"sqlite": _sqlite, "postgresql": _postgresql}.get(dialect, lambda: iter(()))():
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("an append-only log is never taken back to an older form")


def _make_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("sink", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("delivered_at", _TIME),
        sa.Column("reference", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("job_id", "sink", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["job_id"], ["ocr_jobs.id"], name="fk_deliveries_job_id"),
    )
    op.create_index("ix_deliveries_status_due_at", "deliveries", ["status", "due_at"])


# The triggers of the first tables let an erasure through; these say what it must do with the new columns.
def _erased(same: str) -> str:
    conditions = [f"NEW.{c} {same} OLD.{c}" for c in _KEPT] + [f"NEW.{c} IS NULL" for c in _EMPTIED]
    return " AND ".join(conditions)


def _sqlite() -> Iterator[str]:
    yield (
        f"CREATE TRIGGER ocr_jobs_origin_no_update BEFORE UPDATE ON ocr_jobs WHEN NOT ({_erased('IS')}) "
        "BEGIN SELECT RAISE(ABORT, 'ocr_jobs is append-only'); END"
    )


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION ocr_jobs_origin_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {_erased('IS NOT DISTINCT FROM')} THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'ocr_jobs is append-only'; END $$"
    )
    yield (
        "CREATE TRIGGER ocr_jobs_origin_no_change BEFORE UPDATE ON ocr_jobs "
        "FOR EACH ROW EXECUTE FUNCTION ocr_jobs_origin_append_only()"
    )
