"""Figures over many jobs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, String, and_, case, func, select, type_coerce

from analytics.models import (
    Bin,
    ConfidenceReport,
    Dashboard,
    Day,
    Feedback,
    Milliseconds,
    Stage,
    Timings,
    VerifierModel,
    VerifierReport,
)
from db.queries import JobFilter
from db.tables import JOBS
from db.transactions import reading

DAYS = 30
NEWEST = 1000
"""Jobs whose stage timings are looked at: they lie in one JSON column, which no index helps with."""


def dashboard(engine: Engine, where: JobFilter) -> Dashboard:
    query = select(
        func.count().label("jobs"),
        _count(JOBS.c.status == "completed").label("completed"),
        _count(JOBS.c.status == "needs_review").label("needs_review"),
        _count(JOBS.c.status == "failed").label("failed"),
        func.coalesce(func.sum(JOBS.c.page_count), 0).label("pages"),
        func.avg(JOBS.c.confidence).label("average_confidence"),
        _count(JOBS.c.verifier_used.is_(True)).label("verifier_used"),
        _count(JOBS.c.verified.is_(True)).label("verified"),
    ).where(*where.conditions())
    with reading(engine) as connection:
        row = connection.execute(query).mappings().one()
        days = [Day(**day) for day in connection.execute(_days(where)).mappings()]
    jobs = row["jobs"]
    return Dashboard(
        **row,
        success_rate=share(jobs - row["failed"], jobs),
        review_share=share(row["needs_review"], jobs),
        verified_share=share(row["verified"], jobs),
        days=days[::-1],
    )


def _days(where: JobFilter) -> Select[Any]:
    day = func.substr(type_coerce(JOBS.c.started_at, String), 1, 10)
    counts = [_count(JOBS.c.status == status).label(status) for status in ("completed", "needs_review", "failed")]
    return select(day.label("day"), *counts).where(*where.conditions()).group_by(day).order_by(day.desc()).limit(DAYS)


def confidence(engine: Engine, where: JobFilter, bins: int) -> ConfidenceReport:
    """Jobs per band of confidence; ``bins`` bands of equal width over 0..1."""
    edges = [number / bins for number in range(bins + 1)]
    value = JOBS.c.confidence
    bands = [
        _count(and_(value >= low, value <= high if high == 1.0 else value < high)) for low, high in pairwise(edges)
    ]
    query = select(_count(value.is_(None)), func.avg(value), *bands).where(*where.conditions())
    with reading(engine) as connection:
        unknown, average, *counts = connection.execute(query).one()
    filled = [Bin(low=edges[n], high=edges[n + 1], jobs=count) for n, count in enumerate(counts)]
    return ConfidenceReport(bins=filled, unknown=unknown, average=average)


def timings(engine: Engine, where: JobFilter) -> Timings:
    """Milliseconds per stage over the newest jobs."""
    query = select(JOBS.c.timings_ms).where(*where.conditions()).order_by(JOBS.c.started_at.desc()).limit(NEWEST)
    stages: dict[str, list[float]] = {}
    with reading(engine) as connection:
        jobs = connection.execute(query).scalars().all()
    for job in jobs:
        for stage, milliseconds in job.items():
            stages.setdefault(stage, []).append(milliseconds)
    found = [
        Stage(stage=stage, jobs=len(values), milliseconds=summarised(sorted(values)))
        for stage, values in stages.items()
    ]
    return Timings(stages=sorted(found, key=lambda stage: -stage.milliseconds.mean), jobs=len(jobs))


def verifier(engine: Engine, where: JobFilter, feedback: int = 20) -> VerifierReport:
    asked = JOBS.c.verifier_used.is_(True)
    totals = select(
        _count(asked).label("asked"),
        _count(JOBS.c.verified.is_(True)).label("confirmed"),
        _count(JOBS.c.verified.is_(False)).label("doubted"),
        _count(and_(asked, JOBS.c.verified.is_(None))).label("undecided"),
        _count(JOBS.c.verifier_used.is_(False)).label("not_asked"),
        func.avg(JOBS.c.verifier_confidence).label("average_confidence"),
    ).where(*where.conditions())
    model = (JOBS.c.verifier_backend.label("backend"), JOBS.c.verifier_model.label("model"))
    models = select(*model, func.count().label("jobs")).where(asked, *where.conditions()).group_by(*model)
    words = (
        select(
            JOBS.c.id.label("job_id"),
            func.coalesce(JOBS.c.source_name, "").label("source_name"),
            JOBS.c.started_at,
            JOBS.c.verified,
            JOBS.c.verifier_confidence.label("confidence"),
            JOBS.c.verifier_feedback.label("feedback"),
        )
        .where(asked, JOBS.c.verifier_feedback.is_not(None), *where.conditions())
        .order_by(JOBS.c.started_at.desc(), JOBS.c.id.desc())
        .limit(feedback)
    )
    with reading(engine) as connection:
        return VerifierReport(
            **connection.execute(totals).mappings().one(),
            models=[
                VerifierModel(**row) for row in connection.execute(models.order_by(func.count().desc())).mappings()
            ],
            feedback=[Feedback(**row) for row in connection.execute(words).mappings()],
        )


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def summarised(ordered: Sequence[float]) -> Milliseconds:
    """Mean and nearest-rank percentiles of at least one ascending value."""
    return Milliseconds(
        mean=sum(ordered) / len(ordered),
        p50=ordered[rank(len(ordered), 50)],
        p95=ordered[rank(len(ordered), 95)],
    )


def rank(count: int, percent: int) -> int:
    """The index, from 0, of the smallest value that at least ``percent`` of ``count`` values do not exceed."""
    return max(0, -(-count * percent // 100) - 1)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
