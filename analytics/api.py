"""The analytics API."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query

from analytics import engines, jobs, statistics
from analytics.filters import Database, Limit, Offset, Where, WhereWithStatus
from analytics.models import (
    ConfidenceReport,
    Dashboard,
    EngineUsageReport,
    ErrorResponse,
    JobDetail,
    JobPage,
    SearchPage,
    Timings,
    VerifierReport,
)

router = APIRouter(
    prefix="/analytics",
    tags=["analytics"],
    responses={422: {"model": ErrorResponse, "description": "a parameter is wrong; the message says which and why"}},
)


@router.get("/dashboard")
def dashboard(database: Database, where: Where) -> Dashboard:
    """Jobs, success, confidence, review and verification in one glance."""
    return statistics.dashboard(database, where)


@router.get("/engine-usage")
def engine_usage(database: Database, where: Where) -> EngineUsageReport:
    """Which engines ran, how long, who supplied the text, and in which chains."""
    return engines.engine_usage(database, where)


@router.get("/recent-jobs")
def recent_jobs(database: Database, where: WhereWithStatus, limit: Limit = 50, offset: Offset = 0) -> JobPage:
    """The newest jobs first."""
    return jobs.job_page(database, where, limit, offset)


@router.get("/jobs/{job_id}", responses={404: {"model": ErrorResponse, "description": "no job has that id"}})
def job(database: Database, job_id: Annotated[str, Path(max_length=64)]) -> JobDetail:
    """Everything the log holds about one job: every reading, every decision, every verdict."""
    return jobs.job_detail(database, job_id)


@router.get("/timings")
def timings(database: Database, where: Where) -> Timings:
    """Milliseconds per stage over the newest jobs."""
    return statistics.timings(database, where)


@router.get("/confidence")
def confidence(
    database: Database, where: Where, bins: Annotated[int, Query(ge=1, le=100, description="bands over 0..1")] = 20
) -> ConfidenceReport:
    """How sure the jobs are."""
    return statistics.confidence(database, where, bins)


@router.get("/verifier")
def verifier(database: Database, where: Where) -> VerifierReport:
    """What the verifier confirmed, what it doubted, and its newest words."""
    return statistics.verifier(database, where)


@router.get("/search")
def search(
    database: Database,
    where: WhereWithStatus,
    q: Annotated[str, Query(min_length=1, max_length=200, description="looked for in texts, names and fields")],
    limit: Limit = 50,
    offset: Offset = 0,
) -> SearchPage:
    """Jobs whose text, file name, fields, customer or invoice number contain ``q``; letter case ignored."""
    return jobs.search_page(database, replace(where, text=q), limit, offset)
