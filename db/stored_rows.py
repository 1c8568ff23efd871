"""Rows of one job as they are stored, which hashes cover."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from db.errors import JobNotFoundError
from db.rows import Row
from db.tables import Raw


def job_rows(connection: Connection, job_id: str) -> tuple[dict[str, Any], list[Row]]:
    """A job's stored row and its runs in order. Raises JobNotFoundError."""
    job = connection.execute(select(Raw.jobs).where(Raw.jobs.c.id == job_id)).mappings().first()
    if job is None:
        raise JobNotFoundError(f"no job has the id {job_id}; `jobs list` shows the ids")
    runs = select(Raw.runs).where(Raw.runs.c.job_id == job_id).order_by(Raw.runs.c.position)
    return dict(job), [dict(run) for run in connection.execute(runs).mappings()]


def review_rows(connection: Connection, job_id: str) -> list[Row]:
    """A job's stored reviews in order."""
    query = select(Raw.reviews).where(Raw.reviews.c.job_id == job_id).order_by(Raw.reviews.c.number)
    return [dict(row) for row in connection.execute(query).mappings()]
