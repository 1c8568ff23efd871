"""Measures the audit log and the dashboard: what an endpoint, a job and a crowd of readers cost, and that all is right.

    python -m scripts.benchmark_audit figures --folder /tmp/audit                  # 10,000 and 1,000,000 jobs
    python -m scripts.benchmark_audit readers --clients 50 --writers 4 --seconds 60

``figures`` fills the two logs where they are not there yet (the large one takes about 7 GB), asks a real server for
every endpoint, recomputes the figures from the rows, and times a job with and without roll-ups.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import numpy as np
import uvicorn
from sqlalchemy import Engine, func, select

from analytics.app import create_app
from db import figures
from db.audit import append_job
from db.database import open_database
from db.ids import new_job_id
from db.queries import JobFilter, count_jobs, list_jobs
from db.records import JobRecord, utc_now
from db.recount import check
from db.rollups import Scope
from db.tables import JOBS, RUNS
from db.tally import BUCKET_ERROR, percent
from db.transactions import reading
from db.verification import verify
from invoice_connector.web.serve import IDLE_SECONDS
from scripts.fill_audit import START, YEAR, AppendCost, _record, append_cost, fill

SPAWN = multiprocessing.get_context("spawn")
RANGE = {"since": (START + YEAR * 0.4).isoformat(), "until": (START + YEAR * 0.65).isoformat()}
ALL_FILTERS = {**RANGE, "customer_id": "customer-3", "engine": "trocr"}
PATHS: dict[str, Mapping[str, Any]] = {
    "dashboard": {}, "engine-usage": {}, "recent-jobs": {"limit": 50}, "timings": {}, "confidence": {}, "verifier": {},
    "risk-coverage": {}, "fields": {}, "languages": {}, "errors": {}, "search": {"q": "faktura skrivbord"},
}  # fmt: skip
PAGES = ("/", "/jobs", "/engines", "/verifier", "/review", "/analytics/dashboard", "/analytics/recent-jobs",
         "/analytics/engine-usage", "/metrics")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(required=True, metavar="WHAT")
    measuring = actions.add_parser("figures", help="endpoints, correctness and the cost of a job")
    measuring.add_argument("--folder", type=Path, required=True, help="where the logs are, or are to be made")
    measuring.add_argument("--small", type=int, default=10_000, metavar="N")
    measuring.add_argument("--large", type=int, default=1_000_000, metavar="N")
    measuring.add_argument("--requests", type=int, default=60, metavar="N", help="per endpoint (default 60)")
    measuring.add_argument("--appends", type=int, default=1500, metavar="N", help="jobs of each kind (default 1500)")
    measuring.set_defaults(run=_measure)
    crowd = actions.add_parser("readers", help="many readers beside several writers")
    crowd.add_argument("--clients", type=int, default=50, metavar="N")
    crowd.add_argument("--writers", type=int, default=4, metavar="N")
    crowd.add_argument("--seconds", type=float, default=60.0, metavar="S")
    crowd.set_defaults(run=_crowd)
    arguments = parser.parse_args()
    return int(arguments.run(arguments))


def _measure(arguments: argparse.Namespace) -> int:
    arguments.folder.mkdir(parents=True, exist_ok=True)
    times = []
    for jobs in (arguments.small, arguments.large):
        engine = _filled(arguments.folder, jobs)
        times.append(endpoint_times(engine.url.render_as_string(), arguments.requests))
        wrong = [*wrong_figures(engine, Scope()), *wrong_figures(engine, Scope(engine="trocr"))]
        print(f"{jobs} jobs: {'; '.join(wrong) or 'every figure is that of the rows'}\n", flush=True)
    few, many = times
    head = [f"{kind}, {jobs:,} jobs" for kind in ("wall", "processor") for jobs in (arguments.small, arguments.large)]
    print(f"| endpoint, p95 in ms | {' | '.join(head)} |\n{'|---' * 5}|")
    for name in few:
        print(f"| {name} | {few[name].wall:.1f} | {many[name].wall:.1f} | {few[name].processor:.1f} | "
              f"{many[name].processor:.1f} |")  # fmt: skip
    _print_cost(*append_cost(engine, arguments.appends))
    return 0


def _filled(folder: Path, jobs: int) -> Engine:
    engine = open_database(f"sqlite:///{folder / f'{jobs}.db'}")
    if not list_jobs(engine, 1):
        started = time.perf_counter()
        fill(engine, jobs)
        print(f"{jobs} jobs in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return engine


def _print_cost(cost: AppendCost, bare: AppendCost) -> None:
    print("\n| adding a job, ms | with roll-ups | without | times |\n|---|---|---|---|")
    for name in ("wall", "processor"):
        with_rollups, without = getattr(cost, name), getattr(bare, name)
        print(f"| {name} | {with_rollups:.2f} | {without:.2f} | {with_rollups / without:.2f} |")


@dataclass(frozen=True, slots=True)
class Took:
    """95th percentiles in milliseconds: by the clock of who asks, and on the server's processor."""

    wall: float
    processor: float


def endpoint_times(url: str, requests: int) -> dict[str, Took]:
    """By endpoint, with and without filters, asked of a server in a process of its own. A job is appended before
    every request: nothing that was computed for the request before may be used again."""
    engine = open_database(url)
    job = list_jobs(engine, 1, 5000)[0].id
    asked: dict[str, tuple[str, Mapping[str, Any]]] = {
        "jobs/{id}": (f"jobs/{job}", {}),
        "jobs/{id}/comparison/{id}": (f"jobs/{job}/comparison/{job}", {}),
    }
    for name, parameters in PATHS.items():
        asked[name] = (name, parameters)
        asked[f"{name}, filtered"] = (name, {**parameters, **ALL_FILTERS})
    times = {}
    with served(url) as (base, processor), httpx.Client(base_url=f"{base}/analytics/", timeout=60) as client:
        for name, (path, parameters) in asked.items():
            taken = []
            for number in range(requests + 2):
                append_job(engine, _job_of_now(number))
                before = processor()
                started = time.perf_counter()
                client.get(path, params=parameters).raise_for_status()
                taken.append((1000 * (time.perf_counter() - started), 1000 * (processor() - before)))
            wall, busy = np.percentile(taken[2:], 95, axis=0)  # the first ones import and connect
            times[name] = Took(float(wall), float(busy))
    return times


def _job_of_now(seed: int) -> JobRecord:
    now = utc_now()
    record = _record(Random(seed), seed)
    return replace(record, id=new_job_id(), started_at=now, finished_at=now + timedelta(seconds=1), customer_id="now")


@contextmanager
def served(url: str) -> Iterator[tuple[str, Callable[[], float]]]:
    """The dashboard over a log, in a process of its own: its address, and the processor seconds it has taken."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = SPAWN.Process(target=_serve, args=(url, port), daemon=True)
    process.start()
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(f"{base}/livez")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        clock = (~(process.pid or 0) << 3) | 2  # what clock_getcpuclockid(3) gives for the process
        yield base, lambda: time.clock_gettime(clock)
    finally:
        process.terminate()
        process.join(30)


def _serve(url: str, port: int) -> None:
    uvicorn.run(create_app(url), port=port, log_level="warning", ws="none", timeout_keep_alive=IDLE_SECONDS)


def wrong_figures(engine: Engine, scope: Scope) -> list[str]:
    """Names of figures that are not what the rows themselves give."""
    where = tuple(JobFilter(engine=scope.engine).conditions())
    with reading(engine) as connection:
        columns = (JOBS.c.status, JOBS.c.confidence, JOBS.c.language, JOBS.c.error_type, JOBS.c.primary_engine)
        rows = connection.execute(select(*columns).where(*where)).all()
        of_jobs = RUNS.c.job_id.in_(select(JOBS.c.id).where(*where))
        counted = select(RUNS.c.engine, RUNS.c.status, func.count()).where(of_jobs)
        grouped = connection.execute(counted.group_by(RUNS.c.engine, RUNS.c.status))
        runs = {(name, status): count for name, status, count in grouped}
        took = select(RUNS.c.engine, RUNS.c.milliseconds).where(of_jobs, RUNS.c.status == "ok", ~RUNS.c.cached)
        milliseconds: dict[str, list[float]] = {}
        for name, value in connection.execute(took):
            milliseconds.setdefault(name, []).append(value)
    overview, usage = figures.overview(engine, scope), figures.engine_usage(engine, scope)
    known = [row.confidence for row in rows if row.confidence is not None]
    statuses, wins = Counter(row.status for row in rows), Counter(row.primary_engine for row in rows)
    bands = Counter(percent(value) // 5 for value in known)
    histogram = figures.confidence(engine, scope, 20).bands
    pairs = {
        "jobs": (overview.jobs, len(rows)),
        "statuses": ((overview.completed, overview.needs_review, overview.failed),
                     tuple(statuses[name] for name in ("completed", "needs_review", "failed"))),
        "confidence": (abs((overview.average_confidence or 0) - float(np.mean(known))) < 1e-6, True),
        "histogram": ([band.jobs for band in histogram], [bands[number] for number in range(20)]),
        "languages": ({count.name: count.jobs for count in figures.languages(engine, scope)},
                      Counter(row.language or "" for row in rows)),
        "errors": ({count.name: count.jobs for count in figures.errors(engine, scope).errors},
                   Counter(row.error_type for row in rows if row.error_type)),
        "runs": ({(e.engine, status): n for e in usage.engines for status in ("ok", "failed")
                  if (n := getattr(e, status))}, runs),
        "wins": ({e.engine: e.wins for e in usage.engines if e.wins}, {n: wins[n] for n in wins if n}),
    }  # fmt: skip
    wrong = [name for name, (found, right) in pairs.items() if found != right]
    for found in usage.engines:
        for share, value in ((50, found.milliseconds.p50), (95, found.milliseconds.p95)) if found.milliseconds else ():
            exact = float(np.percentile(milliseconds[found.engine], share, method="inverted_cdf"))
            if abs(value - exact) > (BUCKET_ERROR + 1e-6) * exact:
                wrong.append(f"p{share} of {found.engine}")
    return wrong


@dataclass(frozen=True, slots=True)
class CrowdReport:
    """``wrong_answers`` counts answers other than 200 and requests without one; ``lost`` the appended jobs that are
    not there."""

    requests: int
    wrong_answers: Mapping[str, int]
    p95: float
    appended: int
    lost: int
    intact: bool
    rollups_equal: bool


def crowd(url: str, clients: int, writers: int, seconds: float) -> CrowdReport:
    """``clients`` read pages and figures while ``writers`` processes append jobs, all for so long."""
    engine = open_database(url)
    for number in range(5):
        append_job(engine, _job_of_now(number))
    before = count_jobs(engine)
    engine.dispose()
    queue = SPAWN.Queue()
    with served(url) as (base, _):
        processes = [SPAWN.Process(target=_append, args=(url, seconds, number, queue)) for number in range(writers)]
        for process in processes:
            process.start()
        answers, taken = asyncio.run(_read_all(base, clients, seconds))
        appended = sum(queue.get(timeout=600) for _ in processes)
        for process in processes:
            process.join(60)
    wrong = {name: count for name, count in answers.items() if name != "200"}
    lost = before + appended - count_jobs(engine)
    p95 = float(np.percentile(taken, 95))
    return CrowdReport(sum(answers.values()), wrong, p95, appended, lost, verify(engine).intact, check(engine).equal)


def _append(url: str, seconds: float, seed: int, queue: Any) -> None:
    engine, count = open_database(url), 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        append_job(engine, _job_of_now(1000 * seed + count))
        count += 1
    queue.put(count)


async def _read_all(base: str, clients: int, seconds: float) -> tuple[Counter[str], list[float]]:
    answers: Counter[str] = Counter()
    taken: list[float] = []
    end = time.monotonic() + seconds
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)

    async def read(number: int, client: httpx.AsyncClient) -> None:
        while time.monotonic() < end:
            number += 1
            started = time.perf_counter()
            try:
                answer = str((await client.get(PAGES[number % len(PAGES)])).status_code)
            except httpx.HTTPError as error:
                answer = type(error).__name__
            answers[answer] += 1
            taken.append(1000 * (time.perf_counter() - started))

    async with httpx.AsyncClient(base_url=base, timeout=120, limits=limits) as client:
        await asyncio.gather(*(read(number, client) for number in range(clients)))
    return answers, taken


def _crowd(arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/audit.db"
        report = crowd(url, arguments.clients, arguments.writers, arguments.seconds)
    print(f"{report.requests} answers, p95 {report.p95:.0f} ms, wrong ones: {dict(report.wrong_answers) or 'none'}")
    print(f"{report.appended} jobs appended, {report.lost} lost; chain {'intact' if report.intact else 'NOT intact'}; "
          f"roll-ups {'equal' if report.rollups_equal else 'NOT equal'} to the rows")  # fmt: skip
    return int(bool(report.wrong_answers or report.lost or not report.intact or not report.rollups_equal))


if __name__ == "__main__":
    sys.exit(main())
