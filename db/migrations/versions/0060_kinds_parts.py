"""What kind of paper a document is, and the parts of its file that became no page, in ocr_jobs"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None

_COLUMNS = ("document_kind", "not_read")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for column in _COLUMNS:
        op.add_column("ocr_jobs", sa.Column(column, sa.Text()))
        for statement in {"sqlite": _sqlite, "postgresql": _postgresql}.get(dialect, lambda _: iter(()))(column):
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("an append-only log is never taken back to an older form")


# The triggers of the first tables let an erasure through; these say what it must do with the new columns.
def _sqlite(column: str) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER ocr_jobs_{column}_no_update BEFORE UPDATE ON ocr_jobs WHEN NEW.{column} IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'ocr_jobs is append-only'); END"
    )


def _postgresql(column: str) -> Iterator[str]:
    yield (
        f"CREATE FUNCTION ocr_jobs_{column}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF NEW.{column} IS NULL THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'ocr_jobs is append-only'; END $$"
    )
    yield (
        f"CREATE TRIGGER ocr_jobs_{column}_no_change BEFORE UPDATE ON ocr_jobs "
        f"FOR EACH ROW EXECUTE FUNCTION ocr_jobs_{column}_append_only()"
    )
