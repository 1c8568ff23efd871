"""Figures over many jobs, from the roll-ups: what they cost does not grow with the number of jobs."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Engine

from analytics.models.figures import (
    Bin,
    ConfidenceReport,
    Count,
    Dashboard,
    Day,
    EngineFailures,
    EngineUsageReport,
    ErrorReport,
    FieldReport,
    FieldUsage,
    LanguageReport,
    Stage,
    Timings,
)
from analytics.risk import calibration_error, reliability
from db import figures
from db.figure_values import Overview, share
from db.rollups import Scope, total

BANDS = (1, 2, 4, 5, 10, 20, 25, 50, 100)
"""How many bands a histogram may have: they are made of hundredths."""


def dashboard(engine: Engine, scope: Scope) -> Dashboard:
    """Jobs, success, confidence, review and verification in one glance."""
    found = figures.overview(engine, scope)
    counts = {name: value for name, value in asdict(found).items() if name != "waiting"}
    days = [
        Day.model_validate({"day": day.period, **_endings(day.overview)}) for day in figures.over_time(engine, scope)
    ]
    return Dashboard(
        **counts,
        queue=found.waiting,
        success_rate=found.success_rate,
        review_share=found.review_share,
        verified_share=found.verified_share,
        days=days,
    )


def engine_usage(engine: Engine, scope: Scope) -> EngineUsageReport:
    return EngineUsageReport.model_validate(figures.engine_usage(engine, scope))


def timings(engine: Engine, scope: Scope) -> Timings:
    return Timings(stages=[Stage.model_validate(stage) for stage in figures.timings(engine, scope)])


def confidence(engine: Engine, scope: Scope, bands: int) -> ConfidenceReport:
    """How sure the jobs are, in ``BANDS`` many bands; and how right readings of such confidence were."""
    found = figures.confidence(engine, scope, bands)
    reliable = reliability(total(engine, scope))
    return ConfidenceReport(
        bins=[Bin.model_validate(band) for band in found.bands],
        unknown=found.unknown,
        average=found.average,
        reliability=reliable,
        calibration_error=calibration_error(reliable),
    )


def fields(engine: Engine, scope: Scope) -> FieldReport:
    found = figures.fields(engine, scope)
    return FieldReport(
        fields=[FieldUsage(**asdict(field), accuracy=share(field.right, field.reviewed)) for field in found]
    )


def languages(engine: Engine, scope: Scope) -> LanguageReport:
    return LanguageReport(languages=[Count.model_validate(count) for count in figures.languages(engine, scope)])


def errors(engine: Engine, scope: Scope) -> ErrorReport:
    """What went wrong; ``newest`` is left to whoever lists jobs."""
    found = figures.errors(engine, scope)
    return ErrorReport(
        errors=[Count.model_validate(count) for count in found.errors],
        engine_failures=[
            EngineFailures.model_validate({"engine": name, "status": status, "pages": pages})
            for name, status, pages in found.engine_failures
        ],
        rules=[Count.model_validate(count) for count in found.rules],
        newest=[],
    )


def _endings(found: Overview) -> dict[str, int]:
    return {name: getattr(found, name) for name in ("completed", "needs_review", "failed")}
