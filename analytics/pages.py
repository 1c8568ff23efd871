"""The pages with figures: overview, engines, verifier, and the description of the API."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from analytics import jobs, statistics, verification
from analytics.filters import Database, WherePage, scope
from analytics.models.figures import EngineUsageReport
from analytics.reference import operations
from analytics.rendering import page
from analytics.risk import ACCEPTED, risk_coverage
from db.queries import JobFilter
from db.rollups import total

STATUSES = ("completed", "needs_review", "failed")

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
def overview(request: Request, database: Database, where: WherePage) -> Response:
    within = scope(where)
    figures = statistics.dashboard(database, within)
    confidence = statistics.confidence(database, within, 20)
    usage = statistics.engine_usage(database, within)
    return page(
        request,
        "overview.html",
        figures=figures,
        confidence=confidence,
        usage=usage,
        slowest=_slowest(usage),
        timings=statistics.timings(database, within),
        booking=risk_coverage(total(database, within), ACCEPTED),
        latest=jobs.job_page(database, where, 12, 0),
        progress=jobs.progress(database),
        where=where,
    )


@router.get("/engines")
def engines(request: Request, database: Database, where: WherePage) -> Response:
    usage = statistics.engine_usage(database, scope(where))
    names = sorted({name for pair in usage.agreements for name in (pair.first, pair.second)})
    pairs = {(pair.first, pair.second): pair for pair in usage.agreements}
    return page(
        request,
        "engines.html",
        usage=usage,
        slowest=_slowest(usage),
        names=names,
        agreement=[[pairs.get((min(a, b), max(a, b))) if a != b else None for b in names] for a in names],
        errors=statistics.errors(database, scope(where)),
        languages=statistics.languages(database, scope(where)).languages,
        where=where,
    )


@router.get("/verifier")
def verifier(request: Request, database: Database, where: WherePage) -> Response:
    within = scope(where)
    confidence = statistics.confidence(database, within, 20)
    booking = risk_coverage(total(database, within), ACCEPTED)
    return page(
        request,
        "verifier.html",
        report=verification.report(database, where, within),
        confidence=confidence,
        booking=booking,
        fields=statistics.fields(database, within).fields,
        where=where,
    )


@router.get("/progress")
def progress(request: Request, database: Database) -> Response:
    """The part of the overview that changes while something is being read."""
    return page(request, "progress.html", progress=jobs.progress(database))


@router.get("/docs")
def reference(request: Request) -> Response:
    return page(request, "reference.html", operations=operations(request.app.openapi()), where=JobFilter())


def _slowest(usage: EngineUsageReport) -> float:
    return max((e.milliseconds.p95 for e in usage.engines if e.milliseconds), default=1.0) or 1.0
