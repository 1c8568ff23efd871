"""The charts of the pages, each a file of its own: a picture needs no exception in the pages' security policy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from sqlalchemy import Engine

from analytics import charts, statistics
from analytics.charts import Look
from analytics.filters import Database, WherePage, scope
from analytics.fresh import matches
from analytics.language import Language, language_of
from analytics.risk import ACCEPTED, reliability, risk_coverage
from db.rollups import Scope, total

BANDS = 20
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""For the picture alone: its lines carry their colours, and there is nothing in it that could run."""

router = APIRouter(include_in_schema=False)


def _look(
    request: Request,
    dark: Annotated[bool, Query()] = False,
    narrow: Annotated[bool, Query()] = False,
    lang: Annotated[Literal["sv", "en"] | None, Query()] = None,
) -> Look:
    return Look(Language(lang) if lang else language_of(request), dark, narrow)


@router.get("/charts/{name}")
def chart(
    name: Literal["days", "confidence", "risk", "reliability"],
    request: Request,
    database: Database,
    where: WherePage,
    look: Annotated[Look, Depends(_look)],
) -> Response:
    """One chart of what the filters leave."""
    drawn = _CHARTS[name](database, scope(where), look)
    if drawn is None:
        raise HTTPException(404, "there is nothing to draw")
    headers = {"ETag": f'"{hashlib.sha256(drawn).hexdigest()[:24]}"', "Cache-Control": "private, no-cache"}
    if matches(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(drawn, media_type="image/svg+xml", headers={**headers, "Content-Security-Policy": POLICY})


def _days(database: Engine, within: Scope, look: Look) -> bytes | None:
    found = statistics.dashboard(database, within).days
    bars = [charts.DayBar(day.day, day.completed, day.needs_review, day.failed) for day in found]
    return charts.days(tuple(bars), look) if bars else None


def _confidence(database: Engine, within: Scope, look: Look) -> bytes | None:
    found = statistics.confidence(database, within, BANDS).bins
    return charts.histogram(tuple(charts.Band(band.low, band.high, band.jobs) for band in found), look)


def _risk(database: Engine, within: Scope, look: Look) -> bytes | None:
    found = risk_coverage(total(database, within), ACCEPTED)
    points = [charts.Risk(point.coverage, point.risk, point.risk_at_most) for point in found.points]
    return charts.risk(tuple(points), ACCEPTED, look) if points else None


def _reliability(database: Engine, within: Scope, look: Look) -> bytes | None:
    found = reliability(total(database, within), BANDS)
    marks = [charts.Mark(band.confidence, band.accuracy, band.readings) for band in found]
    return charts.reliability(tuple(marks), look) if marks else None


_CHARTS: dict[str, Callable[[Engine, Scope, Look], bytes | None]] = {
    "days": _days,
    "confidence": _confidence,
    "risk": _risk,
    "reliability": _reliability,
}
