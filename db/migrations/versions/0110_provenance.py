"""The versions, the device and the settings that a document was read with, in ocr_jobs"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ocr_jobs", sa.Column("provenance", sa.Text()))
    for statement in {"sqlite": _sqlite, "postgresql": _postgresql}.get(op.get_bind().dialect.name, lambda: iter(()))():
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("an append-only log is never taken back to an older form")


# The triggers of the first tables let an erasure through; it leaves this column as it is, like the times.
def _sqlite() -> Iterator[str]:
    yield (
        "CREATE TRIGGER ocr_jobs_provenance_no_update BEFORE UPDATE ON ocr_jobs "
        "WHEN NEW.provenance IS NOT OLD.provenance BEGIN SELECT RAISE(ABORT, 'ocr_jobs is append-only'); END"
    )


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION ocr_jobs_provenance_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF NEW.provenance IS NOT DISTINCT FROM OLD.provenance THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'ocr_jobs is append-only'; END $$"
    )
    yield (
        "CREATE TRIGGER ocr_jobs_provenance_no_change BEFORE UPDATE ON ocr_jobs "
        "FOR EACH ROW EXECUTE FUNCTION ocr_jobs_provenance_append_only()"
    )
