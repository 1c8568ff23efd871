"""Between records and rows, both ways."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean

from db.columns import JsonText, UtcDateTime, stored_form
from db.errors import DamagedDatabaseError
from db.records import RECORD_FIELDS, AuditPosition, EngineRunRecord, JobRecord, JobSummary, Review, StoredJob
from db.tables import JOBS, PERSONAL, REVIEWS, RUNS

Row = Mapping[str, Any]


def job_row(record: JobRecord, salt: str) -> dict[str, Any]:
    """The row of ``ocr_jobs`` in its stored form."""
    row = {name: stored_form(JOBS.c[name], getattr(record, name)) for name in RECORD_FIELDS}
    return {"salt": salt, "erased_at": None, **row}


def run_rows(record: JobRecord) -> list[dict[str, Any]]:
    """The rows of ``engine_runs`` in their stored form, in the order the engines ran."""
    rows = []
    for position, run in enumerate(record.runs):
        values = {"job_id": record.id, "position": position}
        values |= {c.name: getattr(run, c.name) for c in RUNS.columns if c.name not in values}
        rows.append({name: stored_form(RUNS.c[name], value) for name, value in values.items()})
    return rows


def erased_job_row(row: Row, salt: str, erased_at: datetime) -> dict[str, Any]:
    """The stored row without personal data, under a new salt."""
    emptied: dict[str, Any] = dict.fromkeys(PERSONAL)
    return {**row, **emptied, "salt": salt, "erased_at": stored_form(JOBS.c.erased_at, erased_at)}


def review_row(review: Review, salt: str) -> dict[str, Any]:
    """The row of ``reviews`` in its stored form."""
    row = {name: stored_form(REVIEWS.c[name], getattr(review, name)) for name in Review.__dataclass_fields__}
    return {"salt": salt, **row}


def erased_review_row(row: Row) -> dict[str, Any]:
    """The stored review without what a person wrote."""
    return {**row, "salt": "", "reviewer": None, "note": None, "changes": None}


def stored_review(row: Row) -> Review:
    """The review of a stored row. Raises DamagedDatabaseError when it holds what was never stored."""
    try:
        moment = datetime.fromisoformat(row["reviewed_at"])
        changes = json.loads(row["changes"] or "{}")
        return Review(row["job_id"], row["number"], row["status"], moment, row["reviewer"], row["note"], changes)
    except (ValueError, TypeError) as error:
        raise DamagedDatabaseError(
            f"review {row['number']} of job {row['job_id']} cannot be read: {error}; "
            "`audit verify` tells what was changed"
        ) from error


def stored_job(row: Row, runs: Sequence[Row], event: Row, reviews: Sequence[Row] = ()) -> StoredJob:
    """The job of stored rows. Raises DamagedDatabaseError when they hold what was never stored."""
    try:
        values = {name: _value(name, row[name]) for name in RECORD_FIELDS}
        given = {name: value for name, value in values.items() if value is not None}
        record = JobRecord(**{**given, "source_name": values["source_name"] or "", "runs": [_run(r) for r in runs]})
        position = AuditPosition(event["sequence"], event["hash"])
        return StoredJob(
            record,
            position,
            datetime.fromisoformat(event["recorded_at"]),
            _value("erased_at", row["erased_at"]),
            tuple(stored_review(review) for review in reviews),
        )
    except (ValueError, TypeError) as error:
        raise DamagedDatabaseError(
            f"the stored job {row['id']} cannot be read: {error}; `audit verify` tells what was changed"
        ) from error


def summary(row: Row) -> JobSummary:
    """One line of a list of jobs from a typed row of ``ocr_jobs``."""
    names = [name for name in JobSummary.__dataclass_fields__ if name not in ("erased", "engines_used", "source_name")]
    return JobSummary(
        **{name: row[name] for name in names},
        source_name=row["source_name"] or "",
        engines_used=tuple(row["engines_used"]),
        erased=row["erased_at"] is not None,
    )


def _value(name: str, stored: Any) -> Any:
    kind = JOBS.c[name].type
    if stored is None:
        return None
    if isinstance(kind, JsonText):
        return json.loads(stored)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(stored)
    return bool(stored) if isinstance(kind, Boolean) else stored


def _run(row: Row) -> EngineRunRecord:
    values = {name: row[name] for name in EngineRunRecord.__dataclass_fields__}
    return EngineRunRecord(**{**values, "cached": bool(values["cached"])})
