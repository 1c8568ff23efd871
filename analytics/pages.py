"""The pages a person opens: rendered here, no script, nothing from elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from analytics import charts, engines, jobs, statistics
from analytics.filters import Database, Where
from analytics.language import COOKIE, language_of
from analytics.models import Dashboard, JobDetail
from analytics.reference import operations
from analytics.texts import FIELD_ORDER

PER_PAGE = 50
STATUSES = ("completed", "needs_review", "failed")
CHART = (640.0, 160.0)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(certainty=charts.certainty, compared=charts.compared, box_of=charts.box_of)


@router.get("/")
def overview(request: Request, database: Database, where: Where) -> Response:
    figures = statistics.dashboard(database, where)
    confidence = statistics.confidence(database, where, 20)
    usage = engines.engine_usage(database, where)
    return _page(
        request,
        "overview.html",
        figures=figures,
        days=_days(figures),
        confidence=confidence,
        bins=charts.columns(
            [[(charts.certainty(band.low + 1e-9), band.jobs)] for band in confidence.bins],
            [f"{band.low:.2f}–{band.high:.2f}: {band.jobs}" for band in confidence.bins],
            CHART,
        ),
        usage=usage,
        slowest=max((e.milliseconds.p95 for e in usage.engines if e.milliseconds), default=1.0) or 1.0,
        timings=statistics.timings(database, where),
        latest=jobs.job_page(database, where, 12, 0),
    )


@router.get("/jobs")
def job_list(
    request: Request,
    database: Database,
    where: Where,
    q: Annotated[str, Query(max_length=200)] = "",
    status: Annotated[str, Query(max_length=20)] = "",
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    # An empty form field is no wish, so the form's status is a plain text here.
    where = replace(where, text=q or None, status=status if status in STATUSES else None)
    where = replace(where, customer_id=where.customer_id or None, engine=where.engine or None)
    found = jobs.search_page(database, where, PER_PAGE, offset)
    kept = {key: value for key, value in request.query_params.items() if key not in ("offset", "lang") and value}
    return _page(request, "jobs.html", found=found, where=where, statuses=STATUSES, kept=kept)


@router.get("/jobs/{job_id}")
def job(request: Request, database: Database, job_id: str) -> Response:
    detail = jobs.job_detail(database, job_id)
    return _page(
        request,
        "job.html",
        job=detail,
        fields=sorted(detail.fields.items(), key=lambda item: _place(item[0])),
        timeline=charts.timeline(detail.engine_runs),
        stages=[(name, value) for name, value in detail.timings_ms.items() if name != "total"],
        seconds=(detail.finished_at - detail.started_at).total_seconds(),
        sheets=_sheets(detail),
    )


@router.get("/docs")
def reference(request: Request) -> Response:
    return _page(request, "reference.html", operations=operations(request.app.openapi()))


def wants_page(request: Request) -> bool:
    """Whether an error should be a page: a browser asks, and not for the API."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/analytics")


def error_page(request: Request, status: int, message: str) -> Response:
    return _page(request, "error.html", status, message=message, code=status)


def _page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    language = language_of(request)
    other = "en" if language.code == "sv" else "sv"
    html = _TEMPLATES.get_template(template).render(
        t=language,
        path=request.url.path,
        other_language=str(request.url.include_query_params(lang=other).query),
        **values,
    )
    response = HTMLResponse(html, status, {"Vary": "Accept-Language, Cookie", "Cache-Control": "no-cache"})
    if request.query_params.get("lang") == language.code:
        response.set_cookie(COOKIE, language.code, max_age=365 * 86400, httponly=True, samesite="lax")
    return response


def _days(figures: Dashboard) -> list[charts.Block]:
    return charts.columns(
        [[(status, getattr(day, status)) for status in STATUSES] for day in figures.days],
        [f"{day.day}: {day.completed + day.needs_review + day.failed}" for day in figures.days],
        CHART,
        gap=0.3 if len(figures.days) > 7 else 0.6,
    )


def _sheets(detail: JobDetail) -> list[dict[str, Any]]:
    """Each page with what stands on it; pages whose size was not stored cannot be drawn."""
    sheets = []
    for page in detail.pages:
        if page.get("width") and page.get("height"):
            number = page.get("page")
            lines = [(n, line) for n, line in enumerate(detail.lines, 1) if line.get("page") == number]
            fields = [(name, field) for name, field in detail.fields.items() if field.get("page") == number]
            sheets.append({**page, "lines": lines, "fields": fields})
    return sheets


def _place(name: str) -> tuple[int, str]:
    return (FIELD_ORDER.index(name) if name in FIELD_ORDER else len(FIELD_ORDER), name)
