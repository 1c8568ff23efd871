"""Roll-ups made anew from the stored rows, and compared with them, a day at a time so that memory does not grow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, TableClause, delete, func, select

from db.links import transact
from db.periods import Level, cut
from db.rollups import EVERYONE, Cell, add_cells, levels, spread, unfolded
from db.rows import Row
from db.tables import CHANGES, ROLLUPS, Raw
from db.tally import Facts, Tally, add, facts, without_zeros
from db.transactions import reading

_BATCH = 500
_NEEDED = (
    "id", "status", "started_at", "erased_at", "page_count", "confidence", "verifier_used", "verified",
    "verifier_confidence", "primary_engine", "engines_used", "language", "error_type", "customer_id",
    "verifier_backend", "verifier_model", "timings_ms", "violations", "fields", "verdicts", "lines",
)  # fmt: skip
Hours = dict[tuple[str, str, str], Tally]


@dataclass(frozen=True, slots=True)
class RollupDifference:
    """One roll-up that is not the sum of its jobs; ``customer`` and ``engine`` are None where they do not restrict."""

    period: str
    customer: str | None
    engine: str | None
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RollupReport:
    """What ``check`` found."""

    jobs: int
    rollups: int
    differences: tuple[RollupDifference, ...]

    @property
    def equal(self) -> bool:
        return not self.differences


def rebuild(engine: Engine) -> int:
    """Makes all roll-ups anew in one transaction; returns the number of jobs. Other writers wait meanwhile."""
    return transact(engine, rebuild_in)


def rebuild_in(connection: Connection) -> int:
    """The same inside a caller's transaction."""
    connection.execute(delete(CHANGES))
    connection.execute(delete(ROLLUPS))
    jobs = 0
    for day in _days(connection):
        hours, count = _counted(connection, day)
        add_cells(connection, hours)
        jobs += count
    return jobs


def check(engine: Engine) -> RollupReport:
    """Recomputes every roll-up from the jobs and names those that differ. Changes nothing."""
    with reading(engine) as connection:
        days = _days(connection)
        months = sorted({day[:7] for day in days})
    jobs = rollups = 0
    differences: list[RollupDifference] = []
    for day in days:
        with reading(engine) as connection:
            hours, count = _counted(connection, day)
            stored = _stored(connection, day)
            jobs, rollups = jobs + count, rollups + len(stored)
            differences += _differences(_cells(hours), _with_kept(connection, stored, day))
    for month in months:
        with reading(engine) as connection:
            sums, stored = _summed_days(connection, month), _stored_months(connection, month)
            rollups += len(stored)
            differences += _differences(sums, stored)
    return RollupReport(jobs, rollups, tuple(differences))


def _days(connection: Connection) -> list[str]:
    """Every day that has jobs or roll-ups, oldest first."""
    of_rollups = select(ROLLUPS.c.period).where(ROLLUPS.c.level == Level.DAY.value).distinct()
    of_jobs = select(func.substr(Raw.jobs.c.started_at, 1, 10)).distinct()
    return sorted({*connection.execute(of_rollups).scalars(), *connection.execute(of_jobs).scalars()})


def _counted(connection: Connection, day: str) -> tuple[Hours, int]:
    hours: Hours = {}
    count = 0
    for found in _facts(connection, day):
        spread(hours, found)
        count += 1
    return hours, count


def _facts(connection: Connection, day: str) -> Iterator[Facts]:
    jobs = Raw.jobs
    following = (datetime.fromisoformat(day) + timedelta(days=1)).isoformat()[:10] if day < "9999-12-31" else "9999-13"
    columns = [jobs.c[name] for name in _NEEDED]
    place = (day, "")
    while True:
        after = (jobs.c.started_at > place[0]) | ((jobs.c.started_at == place[0]) & (jobs.c.id > place[1]))
        query = select(*columns).where(jobs.c.started_at >= place[0], jobs.c.started_at < following, after)
        batch = connection.execute(query.order_by(jobs.c.started_at, jobs.c.id).limit(_BATCH)).mappings().all()
        if not batch:
            return
        ids = [job["id"] for job in batch]
        runs, reviews = _by_job(connection, Raw.runs, "position", ids), _by_job(connection, Raw.reviews, "number", ids)
        yield from (facts(dict(job), runs.get(job["id"], []), reviews.get(job["id"], [])) for job in batch)
        place = (batch[-1]["started_at"], batch[-1]["id"])


def _by_job(connection: Connection, source: TableClause, order: str, ids: list[str]) -> dict[str, list[Row]]:
    query = select(source).where(source.c.job_id.in_(ids)).order_by(source.c.job_id, source.c[order])
    found: dict[str, list[Row]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["job_id"], []).append(dict(row))
    return found


def _cells(hours: Hours) -> dict[Cell, Tally]:
    cells: dict[Cell, Tally] = {}
    for (hour, customer, engine), tally in hours.items():
        for level in set(levels(customer)) - {Level.MONTH}:
            add(cells.setdefault((level.value, cut(level, hour), customer, engine), {}), tally)
    return cells


def _stored(connection: Connection, day: str) -> dict[Cell, Tally]:
    level, name = ROLLUPS.c.level, ROLLUPS.c.period
    hours = (level == Level.HOUR.value) & (name >= f"{day}T") & (name < f"{day}U")
    return _read(connection, hours | ((level == Level.DAY.value) & (name == day)))


def _stored_months(connection: Connection, month: str) -> dict[Cell, Tally]:
    return _read(connection, (ROLLUPS.c.level == Level.MONTH.value) & (ROLLUPS.c.period == month))


def _summed_days(connection: Connection, month: str) -> dict[Cell, Tally]:
    everyone = ROLLUPS.c.customer == EVERYONE
    days = everyone & (ROLLUPS.c.period >= f"{month}-") & (ROLLUPS.c.period < f"{month}.")
    sums: dict[Cell, Tally] = {}
    for (_, _, customer, engine), tally in _read(connection, (ROLLUPS.c.level == Level.DAY.value) & days).items():
        add(sums.setdefault((Level.MONTH.value, month, customer, engine), {}), tally)
    return sums


def _read(connection: Connection, where: ColumnElement[bool]) -> dict[Cell, Tally]:
    columns = (ROLLUPS.c.level, ROLLUPS.c.period, ROLLUPS.c.customer, ROLLUPS.c.engine, ROLLUPS.c.tally)
    rows = connection.execute(select(*columns).where(where))
    return {(row[0], row[1], row[2], row[3]): json.loads(row[4]) for row in rows}


def _with_kept(connection: Connection, stored: dict[Cell, Tally], day: str) -> dict[Cell, Tally]:
    hours: Hours = {}
    for sign, found in unfolded(connection):
        if found.hour.startswith(day):
            spread(hours, found, sign)
    for key, tally in _cells(hours).items():
        add(stored.setdefault(key, {}), tally)
    return stored


def _differences(expected: dict[Cell, Tally], found: dict[Cell, Tally]) -> Iterator[RollupDifference]:
    for key in sorted({*expected, *found}):
        right, wrong = without_zeros(expected.get(key, {})), without_zeros(found.get(key, {}))
        if right != wrong:
            measures = sorted(name for name in {*right, *wrong} if right.get(name) != wrong.get(name))
            _, period, customer, engine = key
            yield RollupDifference(period, customer[1:] or None if customer else None, engine or None, tuple(measures))
