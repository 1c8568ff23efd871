# ruff: noqa: S608 - the names in these statements are this file's own
"""Own companies and suppliers with their versions, what reviews taught about layouts; the supplier in ocr_jobs"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0070"
branch_labels = None
depends_on = None

_COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEY = ("kind", "customer_id", "record_id", "sequence")


def upgrade() -> None:
    op.create_table(
        "master_records",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("sequence", _COUNT, autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("data", sa.Text()),
        sa.Column("hash", sa.String(71), nullable=False),
        sa.PrimaryKeyConstraint(*_KEY, name="pk_master_records"),
    )
    op.create_index("ix_master_records_sequence", "master_records", ["sequence"])
    op.create_table(
        "master_keys",
        sa.Column("kind", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("key", "customer_id", "record_id")),
        sa.PrimaryKeyConstraint("kind", "key", "customer_id", "record_id", name="pk_master_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_master_keys_kind_customer_id_record_id", "master_keys", ["kind", "customer_id", "record_id"])
    op.create_table(
        "layout_lessons",
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("sequence", _COUNT, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_layout_lessons"),
        sa.ForeignKeyConstraint(["job_id"], ["ocr_jobs.id"], name="fk_layout_lessons_job_id"),
    )
    op.add_column("ocr_jobs", sa.Column("supplier", sa.Text()))
    dialect = op.get_bind().dialect.name
    for statement in {"sqlite": _sqlite, "postgresql": _postgresql}.get(dialect, lambda: iter(()))():
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("an append-only log is never taken back to an older form")


def _emptied(same: str) -> str:
    """The condition under which an UPDATE empties a version of a record that a later version says is removed."""
    key = " AND ".join(f"later.{name} = OLD.{name}" for name in _KEY[:-1])
    removed = f"later.sequence > OLD.sequence AND later.data IS NULL AND {key}"
    recorded = f"EXISTS (SELECT 1 FROM master_records later WHERE {removed})"
    kept = [f"NEW.{name} {same} OLD.{name}" for name in (*_KEY, "hash")]
    return " AND ".join([recorded, *kept, "NEW.data IS NULL", "NEW.salt = ''"])


# The triggers of the first tables let an erasure through; these say what it must do with the new column.
def _sqlite() -> Iterator[str]:
    yield (
        "CREATE TRIGGER ocr_jobs_supplier_no_update BEFORE UPDATE ON ocr_jobs WHEN NEW.supplier IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'ocr_jobs is append-only'); END"
    )
    refuse = "BEGIN SELECT RAISE(ABORT, 'master_records is append-only'); END"
    yield (
        f"CREATE TRIGGER master_records_no_update BEFORE UPDATE ON master_records WHEN NOT ({_emptied('IS')}) {refuse}"
    )
    yield f"CREATE TRIGGER master_records_no_delete BEFORE DELETE ON master_records {refuse}"
    same = " AND ".join(f"{name} = NEW.{name}" for name in _KEY)
    yield (
        "CREATE TRIGGER master_records_no_replace BEFORE INSERT ON master_records "
        f"WHEN EXISTS (SELECT 1 FROM master_records WHERE ({same}) OR rowid = NEW.rowid) {refuse}"
    )


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION ocr_jobs_supplier_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF NEW.supplier IS NULL THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'ocr_jobs is append-only'; END $$"
    )
    yield (
        "CREATE TRIGGER ocr_jobs_supplier_no_change BEFORE UPDATE ON ocr_jobs "
        "FOR EACH ROW EXECUTE FUNCTION ocr_jobs_supplier_append_only()"
    )
    emptied = f"IF TG_OP = 'UPDATE' THEN IF {_emptied('IS NOT DISTINCT FROM')} THEN RETURN NEW; END IF; END IF; "
    yield (
        "CREATE FUNCTION master_records_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {emptied}RAISE EXCEPTION 'master_records is append-only'; END $$"
    )
    yield (
        "CREATE TRIGGER master_records_no_change BEFORE UPDATE OR DELETE ON master_records "
        "FOR EACH ROW EXECUTE FUNCTION master_records_append_only()"
    )
    yield (
        "CREATE TRIGGER master_records_no_truncate BEFORE TRUNCATE ON master_records "
        "FOR EACH STATEMENT EXECUTE FUNCTION master_records_append_only()"
    )
