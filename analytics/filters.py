"""Query parameters that every figure understands."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BeforeValidator
from sqlalchemy import Engine

from db.document import Status
from db.queries import JobFilter
from db.rollups import Scope

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
"""Between them lies every job; a moment beyond is as good as its nearer end."""


def _written_out(value: object) -> object:
    if isinstance(value, str) and not _DAY.match(value):
        raise ValueError("a moment is written 2026-11-30T08:00:00Z, a day 2026-11-30")
    return value


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
Moment = Annotated[datetime, BeforeValidator(_written_out)]
"""Not a number of seconds, which pydantic would take too."""


def job_filter(
    since: Annotated[
        Moment | None,
        Query(description="jobs started at this moment or later; UTC if no zone", examples=["2026-11-01T00:00:00Z"]),
    ] = None,
    until: Annotated[
        Moment | None,
        Query(description="jobs started before this moment; UTC if no zone", examples=["2026-12-01T00:00:00Z"]),
    ] = None,
    customer_id: Annotated[
        str | None, Query(max_length=200, description="jobs of this customer", examples=["customer-123"])
    ] = None,
    engine: Annotated[
        str | None, Query(max_length=200, description="jobs that this engine ran for", examples=["tesseract"])
    ] = None,
) -> JobFilter:
    return JobFilter(customer_id=_text(customer_id), engine=_text(engine), since=_utc(since), until=_utc(until))


def job_filter_with_status(
    where: Annotated[JobFilter, Depends(job_filter)],
    status: Annotated[Status | None, Query(description="jobs that ended like this")] = None,
    waiting: Annotated[bool, Query(description="only jobs that need a review and have none")] = False,
) -> JobFilter:
    return replace(where, status=status, waiting=waiting)


def page_filter(
    since: Annotated[str, Query(max_length=40)] = "",
    until: Annotated[str, Query(max_length=40)] = "",
    customer_id: Annotated[str, Query(max_length=200)] = "",
    engine: Annotated[str, Query(max_length=200)] = "",
) -> JobFilter:
    """The same from a form, where an empty or half-typed field is no wish."""
    return JobFilter(
        customer_id=_text(customer_id) or None,
        engine=_text(engine) or None,
        since=_utc(_moment(since)),
        until=_utc(_moment(until)),
    )


def scope(where: JobFilter) -> Scope:
    """The same for the roll-ups, which count by whole hours; those of a single customer by whole days."""
    return Scope(since=where.since, until=where.until, customer_id=where.customer_id, engine=where.engine)


def database(request: Request) -> Engine:
    """The log that the application was made for."""
    engine: Engine = request.app.state.database
    return engine


def _scope(where: Annotated[JobFilter, Depends(job_filter)]) -> Scope:
    return scope(where)


Where = Annotated[JobFilter, Depends(job_filter)]
WhereWithStatus = Annotated[JobFilter, Depends(job_filter_with_status)]
WherePage = Annotated[JobFilter, Depends(page_filter)]
Figures = Annotated[Scope, Depends(_scope)]
Database = Annotated[Engine, Depends(database)]
Limit = Annotated[int, Query(ge=1, le=200, description="at most so many", examples=[50])]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="so many newer ones are skipped", examples=[0])]


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    try:
        moved = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:  # a zone pushes the first or last day of the calendar out of it
        moved = FIRST if moment.year < FIRST.year else LAST
    return min(max(moved, FIRST), LAST)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _text(text: str | None) -> str | None:
    """No stored text has a null character, and PostgreSQL refuses to look for one."""
    return text.replace("\0", "") if text else text
