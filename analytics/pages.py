"""The pages with figures: overview, engines, verifier, and the description of the API."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from analytics import charts, jobs, statistics, verification
from analytics.filters import Database, WherePage, scope
from analytics.models import ConfidenceReport, Dashboard, EngineUsageReport, RiskCoverage
from analytics.reference import operations
from analytics.rendering import page
from analytics.risk import risk_coverage
from db.queries import JobFilter
from db.rollups import total

STATUSES = ("completed", "needs_review", "failed")
CHART = (640.0, 160.0)
RISK = 0.01
"""The accepted share of wrongly booked documents that the pages speak of."""

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
        days=_days(figures),
        confidence=confidence,
        bins=_bins(confidence),
        usage=usage,
        slowest=_slowest(usage),
        timings=statistics.timings(database, within),
        booking=risk_coverage(total(database, within), RISK),
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
    booking = risk_coverage(total(database, within), RISK)
    return page(
        request,
        "verifier.html",
        report=verification.report(database, where, within),
        confidence=confidence,
        reliability=_reliability(confidence),
        booking=booking,
        curve=_curve(booking),
        bound=_curve(booking, upper=True),
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


def _days(figures: Dashboard) -> list[charts.Block]:
    return charts.columns(
        [[(status, getattr(day, status)) for status in STATUSES] for day in figures.days],
        [f"{day.day}: {day.completed + day.needs_review + day.failed}" for day in figures.days],
        CHART,
        gap=0.3 if len(figures.days) > 7 else 0.6,
    )


def _bins(confidence: ConfidenceReport) -> list[charts.Block]:
    return charts.columns(
        [[(charts.certainty(band.low + 1e-9), band.jobs)] for band in confidence.bins],
        [f"{band.low:.2f}–{band.high:.2f}: {band.jobs}" for band in confidence.bins],
        CHART,
    )


def _reliability(confidence: ConfidenceReport) -> list[tuple[float, float, str]]:
    """A mark per band, in the units of a square of 100: right means on the diagonal."""
    return [
        (round(100 * band.confidence, 2), round(100 - 100 * band.accuracy, 2),
         f"{band.confidence:.3f} → {band.accuracy:.3f} ({band.right}/{band.readings})")
        for band in confidence.reliability
    ]  # fmt: skip


def _curve(booking: RiskCoverage, upper: bool = False) -> str:
    """Risk (0 at the bottom, 10 % at the top) over coverage as the points of a polyline in a square of 100."""
    risks = [(point.coverage, point.risk_at_most if upper else point.risk) for point in booking.points]
    risks = [(0.0, risks[0][1]), *risks] if risks else []
    return " ".join(f"{100 * coverage:.2f},{100 - 100 * min(1.0, risk / 0.1):.2f}" for coverage, risk in risks)
