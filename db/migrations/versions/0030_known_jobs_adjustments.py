"""Keys under which a later document finds an earlier one; charges and allowances in ocr_jobs"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"
branch_labels = None
depends_on = None

_COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "job_keys",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("sequence", _COUNT, autoincrement=False, nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "sequence", name="pk_job_keys"),
    )
    op.create_index("ix_job_keys_job_id", "job_keys", ["job_id"])
    op.add_column("ocr_jobs", sa.Column("adjustments", sa.Text()))
    dialect = op.get_bind().dialect.name
    for statement in {"sqlite": _sqlite, "postgresql": _postgresql}.get(dialect, lambda: iter(()))():
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("an append-only log is never taken back to an older form")


# The triggers of the first tables let an erasure through; these say what it must do with the new column.
def _sqlite() -> Iterator[str]:
    yield (
        "CREATE TRIGGER ocr_jobs_adjustments_no_update BEFORE UPDATE ON ocr_jobs WHEN NEW.adjustments IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'ocr_jobs is append-only'); END"
    )


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION ocr_jobs_adjustments_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF NEW.adjustments IS NULL THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'ocr_jobs is append-only'; END $$"
    )
    yield (
        "CREATE TRIGGER ocr_jobs_adjustments_no_change BEFORE UPDATE ON ocr_jobs "
        "FOR EACH ROW EXECUTE FUNCTION ocr_jobs_adjustments_append_only()"
    )
