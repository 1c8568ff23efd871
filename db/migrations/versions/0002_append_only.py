# ruff: noqa: S608 - the names in these statements are this file's own
"""Triggers that refuse every change to a stored row but one: emptying the personal columns of an erased job

They guard against accidents and stray programs. Who owns the file can drop them; the hash chain shows what he did then.
"""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEYS = {"ocr_jobs": ("id",), "engine_runs": ("job_id", "position"), "audit_events": ("sequence",)}
_EMPTIED = (
    "sha256", "customer_id", "invoice_number", "source_name", "verifier_feedback", "error_message", "fallback_trace",
    "violations", "vat_breakdown", "invoice_lines", "fields", "verdicts", "text", "lines",
)  # fmt: skip
_KEPT = (
    "id", "status", "started_at", "finished_at", "page_count", "confidence", "verifier_used", "verified",
    "verifier_confidence", "primary_engine", "engines_used", "language", "policy", "profile", "device", "media_type",
    "error_type", "verifier_backend", "verifier_model", "engine_processing_times", "engine_versions", "timings_ms",
    "quality", "preprocessing", "pages",
)  # fmt: skip
_RUN_KEPT = (
    "job_id", "position", "page", "engine", "version", "status", "milliseconds", "lines", "characters", "confidence",
    "cached",
)  # fmt: skip


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for statement in _sqlite():
            op.execute(statement)
    elif dialect == "postgresql":
        for statement in _postgresql():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("an append-only log is never taken back to an older form")


def _erasure(table: str, same: str) -> str:
    """The condition under which an UPDATE is an erasure; ``same`` compares two values with NULL equal to NULL."""
    job = "id" if table == "ocr_jobs" else "job_id"
    recorded = f"EXISTS (SELECT 1 FROM audit_events e WHERE e.job_id = OLD.{job} AND e.kind = 'erased')"
    kept, emptied = (_KEPT, _EMPTIED) if table == "ocr_jobs" else (_RUN_KEPT, ("error",))
    conditions = [recorded, *(f"NEW.{c} {same} OLD.{c}" for c in kept), *(f"NEW.{c} IS NULL" for c in emptied)]
    if table == "ocr_jobs":
        conditions += ["OLD.erased_at IS NULL", "NEW.erased_at IS NOT NULL"]
    return " AND ".join(conditions)


def _sqlite() -> Iterator[str]:
    for table, keys in _KEYS.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        erasure = "" if table == "audit_events" else f"WHEN NOT ({_erasure(table, 'IS')}) "
        yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {erasure}{refuse}"
        yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}"
        # INSERT OR REPLACE removes the old row without a delete trigger, by key or, where there is one, by rowid.
        same = " AND ".join(f"{key} = NEW.{key}" for key in keys)
        rowid = " OR rowid = NEW.rowid" if table == "ocr_jobs" else ""
        yield (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE ({same}){rowid}) {refuse}"
        )


def _postgresql() -> Iterator[str]:
    # A key that exists is refused by the primary key, and ON CONFLICT DO UPDATE meets the update trigger.
    for table in _KEYS:
        refuse = f"RAISE EXCEPTION '{table} is append-only'"
        erasure = "" if table == "audit_events" else (
            f"IF TG_OP = 'UPDATE' THEN IF {_erasure(table, 'IS NOT DISTINCT FROM')} THEN RETURN NEW; END IF; END IF; "
        )  # fmt: skip
        yield (
            f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {erasure}{refuse}; END $$"
        )
        yield (
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
        )
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
        )
