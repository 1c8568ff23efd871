"""Figures per engine."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, case, func, select

from analytics.models import Chain, EngineUsage, EngineUsageReport, Milliseconds
from analytics.statistics import rank, share
from db.queries import JobFilter
from db.tables import JOBS, RUNS
from db.transactions import reading

CHAINS = 20
_STATUSES = ("ok", "failed", "timed_out", "unavailable")


def engine_usage(engine: Engine, where: JobFilter) -> EngineUsageReport:
    with reading(engine) as connection:
        wins = _wins(connection, where)
        decided = sum(wins.values())
        engines = [
            EngineUsage(
                **row,
                wins=wins.get(row["engine"], 0),
                win_share=share(wins.get(row["engine"], 0), decided),
                milliseconds=_milliseconds(connection, where, row["engine"]),
            )
            for row in connection.execute(_counts(where)).mappings()
        ]
        chains = _chains(connection, where)
    return EngineUsageReport(engines=sorted(engines, key=lambda e: (-e.wins, -e.runs, e.engine)), chains=chains)


def _counts(where: JobFilter) -> Select[Any]:
    counts = [_sum(RUNS.c.status == status).label(status) for status in _STATUSES]
    cached = _sum(and_(RUNS.c.status == "ok", RUNS.c.cached.is_(True))).label("cached")
    return _runs(select(RUNS.c.engine, func.count().label("runs"), *counts, cached), where).group_by(RUNS.c.engine)


def _wins(connection: Connection, where: JobFilter) -> dict[str, int]:
    query = select(JOBS.c.primary_engine, func.count()).where(JOBS.c.primary_engine.is_not(None), *where.conditions())
    return {row[0]: row[1] for row in connection.execute(query.group_by(JOBS.c.primary_engine))}


def _milliseconds(connection: Connection, where: JobFilter, name: str) -> Milliseconds | None:
    """Nearest-rank percentiles, found by their place in the index rather than by loading every run."""
    measured = (RUNS.c.engine == name, RUNS.c.status == "ok", RUNS.c.cached.is_(False))
    count, mean = connection.execute(
        _runs(select(func.count(), func.avg(RUNS.c.milliseconds)), where).where(*measured)
    ).one()
    if not count:
        return None
    ordered = _runs(select(RUNS.c.milliseconds), where).where(*measured).order_by(RUNS.c.milliseconds).limit(1)
    p50, p95 = (connection.execute(ordered.offset(rank(count, percent))).scalar_one() for percent in (50, 95))
    return Milliseconds(mean=mean, p50=p50, p95=p95)


def _chains(connection: Connection, where: JobFilter) -> list[Chain]:
    query = (
        select(JOBS.c.engines_used, func.count().label("jobs"))
        .where(*where.conditions())
        .group_by(JOBS.c.engines_used)
        .order_by(func.count().desc(), JOBS.c.engines_used)
        .limit(CHAINS)
    )
    found = connection.execute(query).all()
    return [Chain(engines=names, name=" -> ".join(names), jobs=jobs) for names, jobs in found if names]


def _runs(query: Select[Any], where: JobFilter) -> Select[Any]:
    """``query`` over engine runs; jobs are joined in only when they restrict it."""
    conditions = list(where.conditions())
    if not conditions:
        return query.select_from(RUNS)
    return query.select_from(RUNS.join(JOBS, JOBS.c.id == RUNS.c.job_id)).where(*conditions)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
