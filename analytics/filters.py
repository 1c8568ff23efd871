"""Query parameters that every figure understands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy import Engine

from analytics.models import Status
from db.queries import JobFilter


def job_filter(
    since: Annotated[datetime | None, Query(description="jobs started at this moment or later; UTC if no zone")] = None,
    until: Annotated[datetime | None, Query(description="jobs started before this moment; UTC if no zone")] = None,
    customer_id: Annotated[str | None, Query(max_length=200, description="jobs of this customer")] = None,
    engine: Annotated[str | None, Query(max_length=200, description="jobs that this engine ran for")] = None,
) -> JobFilter:
    return JobFilter(customer_id=customer_id, engine=engine, since=_utc(since), until=_utc(until))


def job_filter_with_status(
    where: Annotated[JobFilter, Depends(job_filter)],
    status: Annotated[Status | None, Query(description="jobs that ended like this")] = None,
) -> JobFilter:
    return replace(where, status=status)


def database(request: Request) -> Engine:
    """The log that the application was made for."""
    engine: Engine = request.app.state.database
    return engine


Where = Annotated[JobFilter, Depends(job_filter)]
WhereWithStatus = Annotated[JobFilter, Depends(job_filter_with_status)]
Database = Annotated[Engine, Depends(database)]
Limit = Annotated[int, Query(ge=1, le=200, description="at most so many jobs")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="so many newer jobs are skipped")]


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)
