"""The roll-ups are the sums of the stored jobs, whatever happens in whatever order."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from audit_samples import START, failed_job, fresh_log, sample_job
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from db import figures, rollups
from db.audit import append_job, erase_job
from db.periods import Level, Span, period, periods, pieces
from db.queries import JobFilter, count_jobs, list_jobs
from db.records import EngineRunRecord
from db.recount import check, rebuild
from db.reviews import ReviewRequest, add_review
from db.rollups import Scope, series, total
from db.tally import BUCKET_ERROR, bucket, bucket_milliseconds
from db.tally_reading import percentile
from db.transactions import writing
from db.trust import reliability, risk_coverage

MOMENTS = st.datetimes(datetime(2024, 1, 30), datetime(2026, 3, 3)).map(lambda moment: moment.replace(tzinfo=UTC))
RUNS = st.lists(
    st.builds(
        EngineRunRecord, page=st.just(1), engine=st.sampled_from(["a", "trocr", "ö"]), version=st.just("1"),
        status=st.sampled_from(["ok", "failed", "timed_out"]), milliseconds=st.floats(0, 1e5), cached=st.booleans(),
    ),
    max_size=3,
)  # fmt: skip
JOBS = st.fixed_dictionaries(
    {"started_at": MOMENTS, "customer_id": st.sampled_from([None, "", "a", "b"]), "runs": RUNS,
     "status": st.sampled_from(["completed", "needs_review"]), "confidence": st.none() | st.floats(0, 1),
     "language": st.sampled_from([None, "sv", "en"]),
     "timings_ms": st.dictionaries(st.sampled_from("xyz"), st.floats(0, 1e6))}
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(["job", "job", "job", "review", "reject", "erase", "fold"]), JOBS), max_size=12
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_rollups_equal_a_recount_after_any_steps(steps: list[tuple[str, dict[str, Any]]]) -> None:
    engine = fresh_log()
    ids: list[str] = []
    for number, (step, job) in enumerate(steps):
        if step == "job":
            record = sample_job(number, **job, finished_at=job["started_at"])
            append_job(engine, record)
            ids.append(record.id)
        elif step == "fold":
            with writing(engine) as connection:
                rollups.fold(connection)
        elif ids and step == "erase":
            erase_job(engine, ids.pop(0))
        elif ids:
            status = "rejected" if step == "reject" else "approved"
            add_review(engine, ReviewRequest(ids[-1], {"total_with_vat": "1.00"}, status=status))
    report = check(engine)
    assert report.equal, report.differences
    before = total(engine, Scope())
    assert rebuild(engine) == report.jobs == count_jobs(engine)
    assert total(engine, Scope()) == before
    assert check(engine).equal


@settings(max_examples=30)
@given(since=MOMENTS, length=st.timedeltas(timedelta(0), timedelta(days=100)))
def test_hours_days_and_months_make_up_a_range_exactly(since: datetime, length: timedelta) -> None:
    start, end = Span.covering(since, since + length).clipped("2024-01", "2026-12")
    hours: list[str] = []
    for level, name in pieces(start, end):
        at = datetime.fromisoformat(f"{name}-01"[:10] if level is Level.MONTH else name[:13]).replace(tzinfo=UTC)
        step = {Level.HOUR: at + timedelta(hours=1), Level.DAY: at + timedelta(days=1)}
        following = step.get(level) or (at + timedelta(days=32)).replace(day=1)
        hours += periods(Level.HOUR, at, following)
    assert hours == [
        period(Level.HOUR, start + timedelta(hours=n)) for n in range(int((end - start) / timedelta(hours=1)))
    ]


@pytest.fixture(scope="module")
def log() -> Engine:
    """150 jobs over five months, of three customers, read by different engines."""
    from db.database import open_database

    engine = open_database("sqlite://")
    draw = random.Random(3)
    for number in range(150):
        started = START - timedelta(hours=draw.randrange(24 * 140))
        changes: dict[str, Any] = {
            "started_at": started, "customer_id": f"c{number % 3}", "confidence": draw.random(),
            "status": draw.choice(["completed", "needs_review"]),
            "lines": sample_job().lines if number % 5 == 0 else [],
        }  # fmt: skip
        if number % 4 == 0:
            changes |= {"runs": [EngineRunRecord(1, "tesseract", "5", "ok", draw.uniform(1, 900))],
                        "engines_used": ["tesseract"], "primary_engine": "tesseract"}  # fmt: skip
        append_job(engine, sample_job(number, **changes))
    append_job(engine, failed_job(1, started_at=START))
    return engine


SCOPES = [
    Scope(), Scope(customer_id="c1"), Scope(engine="rapidocr"), Scope(customer_id="c2", engine="tesseract"),
    Scope(since=START - timedelta(days=31, hours=5), until=START - timedelta(days=2)), Scope(since=START),
    Scope(customer_id="nobody"), Scope(until=START - timedelta(days=400)),
]  # fmt: skip


@pytest.mark.parametrize("scope", SCOPES)
def test_figures_equal_those_of_the_jobs_themselves(log: Engine, scope: Scope) -> None:
    where = JobFilter(customer_id=scope.customer_id, engine=scope.engine, since=scope.since, until=scope.until)
    jobs = list_jobs(log, 1000, where=where)
    found = figures.overview(log, scope)
    assert found.jobs == len(jobs)
    assert found.needs_review == found.waiting == sum(job.status == "needs_review" for job in jobs)
    known = [job.confidence for job in jobs if job.confidence is not None]
    assert found.average_confidence == (pytest.approx(sum(known) / len(known), abs=1e-6) if known else None)
    usage = figures.engine_usage(log, scope)
    assert sum(chain.jobs for chain in usage.chains) == sum(bool(job.engines_used) for job in jobs)
    assert {e.engine: e.wins for e in usage.engines if e.wins} == {
        name: wins for name in ("rapidocr", "tesseract") if (wins := sum(job.primary_engine == name for job in jobs))
    }
    bands = figures.confidence(log, scope, 4).bands
    assert [band.jobs for band in bands] == [sum(b.low <= c < b.high for c in known) for b in bands]
    days = figures.over_time(log, scope, Level.DAY, None)
    assert sum(day.overview.jobs for day in days) >= found.jobs
    assert [day.period for day in days] == sorted({job.started_at.isoformat()[:10] for job in jobs})


def test_agreement_of_two_engines_counts_lines_both_read(log: Engine) -> None:
    (pair,) = figures.engine_usage(log, Scope()).agreements
    lines = sample_job().lines
    both = [line["readings"] for line in lines if len(line["readings"]) == 2]
    assert (pair.first, pair.second, pair.lines) == ("rapidocr", "tesseract", 30 * len(both))
    assert pair.agreed == 30 * sum(readings["rapidocr"] == readings["tesseract"] for readings in both)


def test_every_other_figure_is_there(log: Engine) -> None:
    assert figures.languages(log, Scope())[0] == figures.Count("sv", 150)
    assert figures.errors(log, Scope()).errors == (figures.Count("DamagedDocumentError", 1),)
    assert ("trocr", "unavailable", 112) in figures.errors(log, Scope()).engine_failures
    assert figures.verifier(log, Scope()).confirmed == 150
    assert figures.timings(log, Scope())[0].stage == "read"
    assert {f.field: f.found for f in figures.fields(log, Scope())}["total_with_vat"] == 150
    with pytest.raises(ValueError, match="equal bands"):
        figures.confidence(log, Scope(), 7)


@settings(max_examples=100)
@given(st.lists(st.floats(0.001, 1e7), min_size=1, max_size=60), st.integers(1, 100))
def test_a_percentile_is_right_within_the_stated_error(values: list[float], percent: int) -> None:
    buckets: dict[int, int] = {}
    for value in values:
        buckets[bucket(value)] = buckets.get(bucket(value), 0) + 1
    exact = sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]
    assert percentile(buckets, percent) == pytest.approx(exact, rel=BUCKET_ERROR + 1e-9)


def test_a_bucket_stands_for_what_is_in_it() -> None:
    for value in (0.0, 0.001, 1.0, 812.4, 1e9):
        assert bucket_milliseconds(bucket(value)) == pytest.approx(max(value, 0.001), rel=BUCKET_ERROR + 1e-9)


def test_a_roll_up_that_was_changed_is_named() -> None:
    engine = fresh_log()
    append_job(engine, sample_job())
    with writing(engine) as connection:
        rollups.fold(connection)
        connection.exec_driver_sql("UPDATE rollups SET tally = replace(tally, '\"completed\":1', '\"completed\":2')")
    report = check(engine)
    assert {found.period for found in report.differences} >= {"2026-11-20T08", "2026-11-20"}
    assert all("jobs" in found.measures for found in report.differences)
    rebuild(engine)
    assert check(engine).equal


def test_reviews_give_reliability_and_risk() -> None:
    engine = fresh_log()
    ids = []
    for number in range(4):
        record = sample_job(number, status="needs_review")
        append_job(engine, record)
        ids.append(record.id)
    assert figures.overview(engine, Scope()).waiting == 4
    for job_id in ids[:3]:
        add_review(engine, ReviewRequest(job_id, {}))
    add_review(engine, ReviewRequest(ids[3], {"total_with_vat": "1.00", "buyer_name": "Köpare"}))
    found = figures.overview(engine, Scope())
    assert (found.waiting, found.approved) == (0, 4)
    by_name = {f.field: f for f in figures.fields(engine, Scope())}
    assert (by_name["total_with_vat"].reviewed, by_name["total_with_vat"].right) == (4, 3)
    assert by_name["buyer_name"].missed == 1
    assert reliability(engine, Scope()).fields == 40
    curve = risk_coverage(engine, Scope())
    assert curve.documents == 4
    assert [(point.coverage, point.risk) for point in curve.points] == [(1.0, 0.25)]
    assert curve.at_risk(0.01) is None
    assert [name for name, _ in series(engine, Scope(), Level.MONTH)] == ["2026-11"]


def test_no_statement_reads_all_roll_ups() -> None:
    """With a million jobs there are hundreds of thousands of them."""
    engine = fresh_log()
    said: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        said.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        append_job(engine, sample_job(1))
        with writing(engine) as connection:
            rollups.fold(connection)
        append_job(engine, sample_job(2))
        with writing(engine) as connection:
            rollups.fold(connection)
        for scope in SCOPES:
            total(engine, scope)
            series(engine, scope, Level.DAY, 30)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    of_rollups = [found for found in said if " rollups" in found[0] and not found[0].startswith("INSERT")]
    assert len(of_rollups) > 10
    with engine.connect() as connection:
        for statement, parameters in of_rollups:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            assert not [step for step in plan if "SCAN rollups" in step], (statement, plan)
