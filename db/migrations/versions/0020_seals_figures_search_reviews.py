# ruff: noqa: S608 - the names in these statements are this file's own
"""Seals and the sealed head, reviews, roll-ups, the search index, page pictures, submissions, batches, API keys"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0010"
branch_labels = None
depends_on = None

_TIME = sa.String(27)
_COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEPT = ("job_id", "number", "status", "reviewed_at")
_EMPTIED = ("reviewer", "note", "changes")


def upgrade() -> None:
    op.add_column("audit_events", sa.Column("seal", sa.String(76)))
    op.drop_index("ix_engine_runs_engine_status_milliseconds", "engine_runs")
    op.create_index("ix_engine_runs_engine_job_id", "engine_runs", ["engine", "job_id"])
    _make_head()
    _make_reviews()
    _make_figures()
    _make_search()
    _make_operation()
    dialect = op.get_bind().dialect.name
    for statement in {"sqlite": _sqlite, "postgresql": _postgresql}.get(dialect, lambda: iter(()))():
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("an append-only log is never taken back to an older form")


def _make_head() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", _COUNT, nullable=False),
        sa.Column("hash", sa.String(71), nullable=False),
        sa.Column("sealed_from", _COUNT, nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("seal", sa.String(76), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )


def _make_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reviewed_at", _TIME, nullable=False),
        *(sa.Column(name, sa.Text()) for name in _EMPTIED),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_reviews"),
        sa.ForeignKeyConstraint(["job_id"], ["ocr_jobs.id"], name="fk_reviews_job_id"),
    )
    op.create_index("ix_reviews_reviewed_at", "reviews", ["reviewed_at"])


def _make_figures() -> None:
    op.create_table(
        "rollups",
        sa.Column("level", sa.String(1), nullable=False),
        sa.Column("period", sa.String(13), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("engine", sa.String(255), nullable=False),
        sa.Column("tally", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("level", "period", "customer", "engine", name="pk_rollups"),
    )
    op.create_table(
        "rollup_changes",
        sa.Column("sequence", _COUNT, autoincrement=False, nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_rollup_changes"),
    )


def _make_search() -> None:
    op.create_table(
        "search_pages",
        sa.Column("id", _COUNT, nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_pages"),
    )
    op.create_index("ix_search_pages_job_id", "search_pages", ["job_id"])


def _make_operation() -> None:
    op.create_table(
        "page_pictures",
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(32), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("width", "height", "size")),
        sa.Column("stored_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "page", name="pk_page_pictures"),
    )
    op.create_index("ix_page_pictures_sha256", "page_pictures", ["sha256"])
    op.create_index("ix_page_pictures_stored_at", "page_pictures", ["stored_at"])
    op.create_table(
        "submissions",
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        *(sa.Column(name, _TIME, nullable=False) for name in ("received_at", "updated_at")),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("message", sa.Text()),
        sa.PrimaryKeyConstraint("job_id", name="pk_submissions"),
    )
    op.create_index("ix_submissions_state_received_at", "submissions", ["state", "received_at"])
    op.create_table(
        "batches",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        *(sa.Column(name, _TIME, nullable=False) for name in ("started_at", "updated_at")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("total", "done", "failed")),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )
    op.create_index("ix_batches_state_started_at", "batches", ["state", "started_at"])
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )


# A review may be emptied once, by the erasure of its job.
def _erasure(same: str) -> str:
    recorded = "EXISTS (SELECT 1 FROM audit_events e WHERE e.job_id = OLD.job_id AND e.kind = 'erased')"
    kept = [f"NEW.{column} {same} OLD.{column}" for column in _KEPT]
    return " AND ".join([recorded, *kept, *(f"NEW.{column} IS NULL" for column in _EMPTIED)])


def _sqlite() -> Iterator[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'reviews is append-only'); END"
    yield f"CREATE TRIGGER reviews_no_update BEFORE UPDATE ON reviews WHEN NOT ({_erasure('IS')}) {refuse}"
    yield f"CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews {refuse}"
    same = "(job_id = NEW.job_id AND number = NEW.number) OR rowid = NEW.rowid"
    yield (
        f"CREATE TRIGGER reviews_no_replace BEFORE INSERT ON reviews "
        f"WHEN EXISTS (SELECT 1 FROM reviews WHERE {same}) {refuse}"
    )
    yield (
        "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head "
        "BEGIN SELECT RAISE(ABORT, 'audit_head is never removed'); END"
    )
    if not _has_fts5():
        return
    # The index holds the terms alone, and those without positions: numbers are searched as one term.
    yield (
        "CREATE VIRTUAL TABLE search_index USING fts5(terms, content='search_pages', content_rowid='id', "
        "detail=none, tokenize='unicode61 remove_diacritics 0')"
    )
    yield (
        "CREATE TRIGGER search_pages_indexed AFTER INSERT ON search_pages "
        "BEGIN INSERT INTO search_index(rowid, terms) VALUES (NEW.id, NEW.terms); END"
    )
    yield (
        "CREATE TRIGGER search_pages_removed AFTER DELETE ON search_pages "
        "BEGIN INSERT INTO search_index(search_index, rowid, terms) VALUES ('delete', OLD.id, OLD.terms); END"
    )


def _has_fts5() -> bool:
    return bool(op.get_bind().exec_driver_sql("SELECT sqlite_compileoption_used('ENABLE_FTS5')").scalar())


def _postgresql() -> Iterator[str]:
    refuse = "RAISE EXCEPTION 'reviews is append-only'"
    erasure = f"IF TG_OP = 'UPDATE' THEN IF {_erasure('IS NOT DISTINCT FROM')} THEN RETURN NEW; END IF; END IF; "
    yield (
        f"CREATE FUNCTION reviews_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {erasure}{refuse}; END $$"
    )
    yield (
        "CREATE TRIGGER reviews_no_change BEFORE UPDATE OR DELETE ON reviews "
        "FOR EACH ROW EXECUTE FUNCTION reviews_append_only()"
    )
    yield (
        "CREATE TRIGGER reviews_no_truncate BEFORE TRUNCATE ON reviews "
        "FOR EACH STATEMENT EXECUTE FUNCTION reviews_append_only()"
    )
    yield (
        "CREATE INDEX ix_search_pages_terms ON search_pages USING gin (array_to_tsvector(string_to_array(terms, ' ')))"
    )
