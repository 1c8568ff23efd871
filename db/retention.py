"""Erasing what is older than it needs to be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, select

from db.audit import erase_job
from db.tables import JOBS
from db.transactions import reading

_BATCH = 500


def erasable(engine: Engine, before: datetime, customer_id: str | None = None) -> Iterator[str]:
    """Ids of the jobs that started before a moment and still hold personal data, oldest first."""
    place = ("", "")
    while True:
        query = select(JOBS.c.started_at, JOBS.c.id).where(JOBS.c.started_at < before, JOBS.c.erased_at.is_(None))
        if customer_id is not None:
            query = query.where(JOBS.c.customer_id == customer_id)
        if place[1]:
            query = query.where(
                (JOBS.c.started_at > place[0]) | ((JOBS.c.started_at == place[0]) & (JOBS.c.id > place[1]))
            )
        with reading(engine) as connection:
            rows = connection.execute(query.order_by(JOBS.c.started_at, JOBS.c.id).limit(_BATCH)).all()
        if not rows:
            return
        yield from (row.id for row in rows)
        place = (rows[-1].started_at, rows[-1].id)


def erase_older(engine: Engine, before: datetime, customer_id: str | None = None, reason: str = "retention") -> int:
    """Erases them, each in its own transaction; returns how many."""
    count = 0
    for job_id in erasable(engine, before, customer_id):
        erase_job(engine, job_id, reason)
        count += 1
    return count
