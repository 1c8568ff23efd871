"""The analytics API."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AfterValidator

from analytics import jobs, statistics, verification
from analytics.comparison import comparison
from analytics.filters import Database, Figures, Limit, Offset, Where, WhereWithStatus
from analytics.fresh import fresh
from analytics.models.base import ErrorResponse
from analytics.models.figures import (
    ConfidenceReport,
    Dashboard,
    EngineUsageReport,
    ErrorReport,
    FieldReport,
    LanguageReport,
    RiskCoverage,
    Timings,
    VerifierReport,
)
from analytics.models.job import JobComparison, JobDetail
from analytics.models.lists import JobPage, Progress, SearchPage
from analytics.risk import risk_coverage as measured
from db.rollups import total
from db.tally import KEY_FIELDS


def _bands(number: int) -> int:
    if number not in statistics.BANDS:
        raise ValueError(f"hundredths make {', '.join(map(str, statistics.BANDS))} equal bands; got {number}")
    return number


_REFUSALS: dict[int | str, dict[str, Any]] = {
    code: {"model": ErrorResponse, "description": text}
    for code, text in (
        (401, "an API key is needed where the server is bound to more than its own computer"),
        (403, "the key's scope does not reach that far"),
        (422, "a parameter is wrong; the message says which and why"),
        (429, "too many requests with this key; Retry-After says when to go on"),
        (503, "the log cannot be read now"),
    )
}
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "as If-None-Match says: nothing has changed"}}

router = APIRouter(prefix="/analytics", tags=["analytics"], responses=_REFUSALS)
figures = APIRouter(dependencies=[Depends(fresh)], responses=_UNCHANGED)
"""What follows from the audit log alone, so that its head tells whether it changed."""


@figures.get("/dashboard")
def dashboard(database: Database, where: Figures) -> Dashboard:
    """Jobs, success, confidence, review and verification in one glance. With a customer, times count by whole days,
    else by whole hours; so do all figures below."""
    return statistics.dashboard(database, where)


@figures.get("/engine-usage")
def engine_usage(database: Database, where: Figures) -> EngineUsageReport:
    """Which engines ran, how long, who supplied the text, who agrees with whom, and in which chains."""
    return statistics.engine_usage(database, where)


@figures.get("/recent-jobs")
def recent_jobs(database: Database, where: WhereWithStatus, limit: Limit = 50, offset: Offset = 0) -> JobPage:
    """The newest jobs first."""
    return jobs.job_page(database, where, limit, offset)


@figures.get("/jobs/{job_id}", responses={404: {"model": ErrorResponse, "description": "no job has that id"}})
def job(database: Database, job_id: Annotated[str, Path(max_length=64)]) -> JobDetail:
    """Everything the log holds about one job: every reading, every decision, every verdict, every review."""
    return jobs.job_detail(database, job_id)


@figures.get(
    "/jobs/{job_id}/comparison/{other_id}", responses={404: {"model": ErrorResponse, "description": "no such job"}}
)
def compare(
    database: Database,
    job_id: Annotated[str, Path(max_length=64)],
    other_id: Annotated[str, Path(max_length=64)],
) -> JobComparison:
    """What two runs of a document read otherwise, and what was otherwise when they ran."""
    return comparison(jobs.job_detail(database, job_id), jobs.job_detail(database, other_id))


@figures.get("/timings")
def timings(database: Database, where: Figures) -> Timings:
    """Milliseconds per stage."""
    return statistics.timings(database, where)


@figures.get("/confidence")
def confidence(
    database: Database,
    where: Figures,
    bins: Annotated[
        int,
        AfterValidator(_bands),
        Query(description="bands over 0..1", json_schema_extra={"enum": list(statistics.BANDS)}, examples=[20]),
    ] = 20,
) -> ConfidenceReport:
    """How sure the jobs are, and how right readings of such confidence were where a person looked."""
    return statistics.confidence(database, where, bins)


@figures.get("/verifier")
def verifier(database: Database, where: Where, scope: Figures) -> VerifierReport:
    """What the verifier confirmed, what it doubted, which readings it overturned, and its newest words."""
    return verification.report(database, where, scope)


@figures.get(
    "/risk-coverage",
    description="At this risk, which share of the documents can be booked unseen; measured on the documents that a "
    f"person approved. An error is a wrong {', '.join(KEY_FIELDS[:-1])} or {KEY_FIELDS[-1]}.",
)
def risk_coverage(
    database: Database,
    where: Figures,
    risk: Annotated[
        float, Query(ge=0, le=1, description="the accepted share of booked documents with an error", examples=[0.01])
    ] = 0.01,
) -> RiskCoverage:
    return measured(total(database, where), risk)


@figures.get("/fields")
def fields(database: Database, where: Figures) -> FieldReport:
    """How often each field is found, how sure, and how often it was right where a person looked."""
    return statistics.fields(database, where)


@figures.get("/languages")
def languages(database: Database, where: Figures) -> LanguageReport:
    """Jobs per language."""
    return statistics.languages(database, where)


@figures.get("/errors")
def errors(database: Database, where: Where, scope: Figures) -> ErrorReport:
    """What went wrong: jobs by error, pages by engine, broken rules, and the newest jobs that failed."""
    newest = jobs.job_page(database, replace(where, status="failed"), 20, 0).items
    return statistics.errors(database, scope).model_copy(update={"newest": newest})


@figures.get("/search")
def search(
    database: Database,
    where: WhereWithStatus,
    q: Annotated[
        str,
        Query(min_length=1, max_length=200, description="words and numbers, however grouped", examples=["5402-9681"]),
    ],
    limit: Limit = 20,
    offset: Offset = 0,
) -> SearchPage:
    """Pages with everything that ``q`` names, newest first; letter case, accents and the separators in numbers do not
    count, and a word may be begun only."""
    return jobs.search_page(database, q, where, (limit, offset))


@router.get("/progress")
def progress(database: Database) -> Progress:
    """Uploads and batches that are waiting or being read now."""
    return jobs.progress(database)


router.include_router(figures)
