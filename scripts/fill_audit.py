"""Fills an audit log with synthetic jobs fast, and measures how long the figures over them take.

    python -m scripts.fill_audit sqlite:///big.db --jobs 100000 --measure
    python -m scripts.fill_audit sqlite:///new.db --append 2000        # what a job costs, with and without roll-ups

The jobs go through the same functions as real ones: rows, hashes, seals, roll-ups and search index are all there and
``audit verify`` and ``audit rollups --check`` hold. Only the transactions are larger.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, func, insert, select, update

from db import audit, figures, rollups, trust
from db.canonical import canonical_json, tagged_hash
from db.chain import EventKind, event_hash
from db.columns import hashed_row, time_text
from db.database import open_database
from db.ids import new_job_id
from db.links import current_head, transact
from db.queries import JobFilter, list_jobs
from db.records import AuditPosition, EngineRunRecord, JobRecord
from db.rollups import EVERY_ENGINE, EVERYONE, Scope, add_cells, customer_key
from db.rows import job_row, run_rows
from db.seal import Head, key_of
from db.search import search
from db.search_index import note_days
from db.tables import HEAD, JOBS, RUNS, SEARCH, Raw
from db.tally import Facts, Tally, facts

START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=330)
CUSTOMERS = 200
TEMPLATES = 300
BATCH = 20_000
OWN = ("id", "started_at", "finished_at", "customer_id", "invoice_number", "sha256", "source_name")
CACHE_KIB = 600_000
"""Of SQLite's pages: a cache that overflows inside a transaction writes and syncs its journal again and again."""
REPEATS = 40
WORDS = ("faktura", "bankgiro", "moms", "summa", "frakt", "kontor", "papper", "lampa", "skrivbord", "timmar", "avtal")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", metavar="URL", help="any SQLAlchemy URL")
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="how many jobs to add")
    parser.add_argument("--measure", action="store_true", help="time every figure, 40 times each")
    parser.add_argument("--append", type=int, default=0, metavar="N", help="time N single appends of each kind")
    arguments = parser.parse_args()
    engine = open_database(arguments.url)
    if arguments.jobs:
        started = time.perf_counter()
        fill(engine, arguments.jobs)
        print(f"{arguments.jobs} jobs in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    if arguments.append:
        _print_append(engine, arguments.append)
    if arguments.measure:
        _print_figures(engine)
    return 0


def fill(engine: Engine, jobs: int, seed: int = 1) -> None:
    """Adds jobs spread over 330 days, in order of time."""
    draw = random.Random(seed)
    templates = [_Template.of(_record(draw, number)) for number in range(TEMPLATES)]
    for first in range(0, jobs, BATCH):
        count = min(BATCH, jobs - first)

        def add(connection: Connection, first: int = first, count: int = count) -> None:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
            _add(connection, engine, templates, _jobs(draw, templates, first, count, jobs))

        transact(engine, add)


def _jobs(draw: random.Random, templates: list[_Template], first: int, count: int, jobs: int) -> Iterator[_Job]:
    for number in range(first, first + count):
        started = START + YEAR * number / jobs
        yield draw.choice(templates).job(draw, started)


def _hours(templates: Sequence[_Template], jobs: Iterator[_Job]) -> dict[tuple[str, str, str], Tally]:
    """What ``db.rollups.spread`` makes of the jobs, by counting templates: their tallies are added as vectors."""
    counts: dict[tuple[str, str, str], Counter[int]] = {}
    numbers = {id(template): number for number, template in enumerate(templates)}
    for job in jobs:
        whole_day = f"{job.hour[:10]}T00"  # a single customer's figures are kept by the day
        for engine in (EVERY_ENGINE, *job.template.facts.engines):
            for key in ((job.hour, EVERYONE, engine), (whole_day, customer_key(job.row["customer_id"]), engine)):
                counts.setdefault(key, Counter())[numbers[id(job.template)]] += 1
    tallies = [template.facts.tally for template in templates]
    names = sorted({(measure, key) for tally in tallies for measure, keys in tally.items() for key in keys})
    matrix = np.array([[tally.get(measure, {}).get(key, 0) for measure, key in names] for tally in tallies], np.int64)
    return {
        cell: _tally(names, np.array([*found.values()], np.int64) @ matrix[[*found]]) for cell, found in counts.items()
    }


def _tally(names: Sequence[tuple[str, str]], sums: NDArray[np.int64]) -> Tally:
    tally: Tally = {}
    for place in np.flatnonzero(sums).tolist():
        measure, key = names[place]
        tally.setdefault(measure, {})[key] = int(sums[place])
    return tally


def _add(connection: Connection, engine: Engine, templates: Sequence[_Template], jobs: Iterator[_Job]) -> None:
    key, last = key_of(engine), current_head(connection)
    assert key is not None
    assert last is not None
    position, sealed_from = last.position, last.sealed_from
    rows: dict[str, list[dict[str, Any]]] = {"jobs": [], "runs": [], "events": [], "pages": []}
    jobs, counted = itertools.tee(jobs)
    for job in jobs:
        event: dict[str, Any] = {
            "sequence": position.sequence + 1,
            "kind": EventKind.JOB.value,
            "job_id": job.row["id"],
            "recorded_at": job.row["finished_at"],
            "details": None,
            "content_hash": tagged_hash(job.row["salt"], job.content),
            "previous_hash": position.hash,
        }
        event["hash"] = event_hash(event)
        event["seal"] = key.event_seal(event["sequence"], event["hash"])
        position = AuditPosition(event["sequence"], event["hash"])
        rows["jobs"].append(job.row)
        rows["runs"] += job.runs
        rows["events"].append(event)
        rows["pages"].append(job.page)
    connection.execute(insert(Raw.jobs), rows["jobs"])
    connection.execute(insert(Raw.runs), rows["runs"])
    connection.execute(insert(Raw.events), rows["events"])
    _index(connection, rows["pages"])
    add_cells(connection, _hours(templates, counted))
    connection.execute(update(HEAD).values(asdict(Head.sealed(key, position, sealed_from))))


def _index(connection: Connection, pages: list[dict[str, Any]]) -> None:
    before = connection.execute(select(func.coalesce(func.max(SEARCH.c.id), 0))).scalar_one()
    connection.execute(insert(SEARCH), pages)
    day = func.substr(Raw.jobs.c.started_at, 1, 10)
    places = select(day, func.min(SEARCH.c.id), func.max(SEARCH.c.id)).join(Raw.jobs, Raw.jobs.c.id == SEARCH.c.job_id)
    found = connection.execute(places.where(SEARCH.c.id > before).group_by(day))
    note_days(connection, {name: (first, last) for name, first, last in found})


class _Job:
    __slots__ = ("content", "page", "row", "runs", "template")

    def __init__(
        self, template: _Template, row: dict[str, Any], runs: list[dict[str, Any]], page: dict[str, Any], content: str
    ) -> None:
        self.template, self.row, self.runs, self.page, self.content = template, row, runs, page, content

    @property
    def hour(self) -> str:
        return str(self.row["started_at"])[:13]


class _Template:
    """A job whose rows, tally, terms and hashed text are known; copies of it differ in the columns ``OWN``."""

    __slots__ = ("_content", "_row", "_runs", "_terms", "facts")

    def __init__(self, row: dict[str, Any], runs: list[dict[str, Any]], found: Facts, terms: str) -> None:
        self._row, self._runs, self.facts, self._terms = row, runs, found, terms
        marked = {**row, **{name: f"<{name}>" for name in OWN}}
        hashed = {name: value for name, value in marked.items() if name != "salt"}
        of_runs = [hashed_row(RUNS, {**run, "job_id": "<id>"}) for run in runs]
        self._content = canonical_json({"job": hashed_row(JOBS, hashed), "runs": of_runs})

    @classmethod
    def of(cls, record: JobRecord) -> _Template:
        from db.search_index import _pages

        row, runs = job_row(record, "0" * 32), run_rows(record)
        return cls(row, runs, facts(row, runs), str(next(_pages(row))["terms"]))

    def job(self, draw: random.Random, started: datetime) -> _Job:
        name = new_job_id(int(started.timestamp() * 1e9))
        number = f"{draw.randrange(10**8):08d}"
        customer = f"customer-{int(draw.random() ** 2 * CUSTOMERS)}"
        own = {
            "id": name, "started_at": time_text(started), "finished_at": time_text(started + timedelta(seconds=2)),
            "customer_id": customer, "invoice_number": number, "sha256": f"{draw.getrandbits(256):064x}",
            "source_name": f"faktura-{number}.pdf",
        }  # fmt: skip
        content = self._content
        for column, value in own.items():
            content = content.replace(f"<{column}>", value)
        row = {**self._row, **own, "salt": f"{draw.getrandbits(128):032x}"}
        page = {"job_id": name, "page": 1, "text": row["text"], "terms": f"{self._terms} {number} {customer}"}
        return _Job(self, row, [{**run, "job_id": name} for run in self._runs], page, content)


def _record(draw: random.Random, number: int) -> JobRecord:
    """One synthetic invoice of one page."""
    chosen = draw.choice([("rapidocr",), ("rapidocr", "tesseract"), ("pdf_text",), ("rapidocr", "tesseract", "trocr")])
    lines = [_line(draw, chosen, index) for index in range(8)]
    status = draw.choices(["completed", "needs_review", "failed"], [80, 17, 3])[0]
    runs = [
        EngineRunRecord(1, engine, "1", draw.choices(["ok", "failed"], [98, 2])[0], draw.lognormvariate(6, 0.6), 8, 200)
        for engine in chosen
    ]
    amount = {"value": f"{draw.randrange(100, 90000)}.00", "text": "", "confidence": draw.random() ** 0.1, "page": 1,
              "box": [760, 992, 1150, 1036], "engines": list(chosen), "verified": None}  # fmt: skip
    return JobRecord(
        id=f"template-{number}", status=status, source_name="", started_at=START, finished_at=START, sha256="0" * 64,
        media_type="application/pdf", page_count=1, customer_id="", invoice_number="", policy="fallback",
        language=draw.choice(["sv", "sv", "en", "de", "fr", None]), confidence=draw.random() ** 0.2,
        primary_engine=chosen[0], engines_used=chosen,
        error_type="DamagedDocumentError" if status == "failed" else None,
        timings_ms={name: draw.lognormvariate(5, 1) for name in ("decode", "read", "extract", "total")},
        verifier_used=draw.random() < 0.5, fields={"total_with_vat": amount, "amount_due": amount},
        pages=[{"page": 1, "width": 1240, "height": 1754}], text="\n".join(line["text"] for line in lines),
        lines=lines, runs=runs,
    )  # fmt: skip


def _line(draw: random.Random, engines: tuple[str, ...], index: int) -> dict[str, Any]:
    text = f"{' '.join(draw.sample(WORDS, 3))} {draw.randrange(1, 99)} {draw.randrange(100, 999)},00"
    readings = {engine: text if draw.random() < 0.9 else text.replace("0", "O") for engine in engines}
    return {"page": 1, "box": [90, 50 * index, 1150, 50 * index + 40], "text": text, "confidence": draw.random() ** 0.1,
            "readings": readings}  # fmt: skip


def _print_figures(engine: Engine) -> None:
    middle = START + YEAR / 2
    ranged = Scope(since=middle - timedelta(days=45, hours=7), until=middle + timedelta(days=44, hours=5))
    both = replace(ranged, customer_id="customer-3", engine="trocr")
    scopes = {"all": Scope(), "90 days": ranged, "customer": Scope(customer_id="customer-3"),
              "engine": Scope(engine="trocr"), "all three": both}  # fmt: skip
    print("| figure | " + " | ".join(f"{name}, p95 ms" for name in scopes) + " |")
    print("|---" * (len(scopes) + 1) + "|")
    for name, figure in _FIGURES.items():
        times = [f"{_p95(partial(figure, engine, scope)):.1f}" for scope in scopes.values()]
        print(f"| {name} | {' | '.join(times)} |")


_FIGURES: dict[str, Callable[[Engine, Scope], object]] = {
    "overview": figures.overview,
    "over_time (30 days)": figures.over_time,
    "engine_usage": figures.engine_usage,
    "timings": figures.timings,
    "confidence": figures.confidence,
    "verifier": figures.verifier,
    "fields": figures.fields,
    "languages": figures.languages,
    "errors": figures.errors,
    "reliability": trust.reliability,
    "risk_coverage": trust.risk_coverage,
    "recent jobs (50)": lambda engine, scope: list_jobs(engine, 50, where=_filter(scope)),
    "search, one common word": lambda engine, scope: search(engine, "faktura", where=_filter(scope)),
    "search, three words": lambda engine, scope: search(engine, "faktura skrivbord moms", where=_filter(scope)),
}


def _filter(scope: Scope) -> JobFilter:
    return JobFilter(**asdict(scope))


def _p95(call: Callable[[], object]) -> float:
    """Milliseconds that 95 of 100 calls do not exceed, after one that warms up."""
    call()
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)[int(0.95 * REPEATS)]


@dataclass(frozen=True, slots=True)
class AppendCost:
    """Mean milliseconds of adding a job, by the clock and on the processor."""

    wall: float
    processor: float


def append_cost(engine: Engine, count: int) -> tuple[AppendCost, AppendCost]:
    """With and without roll-ups, ``count`` jobs each: in turn, so that the machine's load is the same for both.

    What the jobs without roll-ups leave out is added at the end, so that the log stays whole.
    """
    draw = random.Random(5)
    left_out: list[tuple[int, Sequence[tuple[int, Facts]]]] = []
    times: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    kept = rollups.record_change
    first = audit.head(engine).sequence + 1

    def leave_out(_: Connection, sequence: int, changes: Sequence[tuple[int, Facts]]) -> None:
        left_out.append((sequence, changes))

    for number in range(2 * count):
        record = replace(_record(draw, number), id=new_job_id(), customer_id=f"customer-{number // 2 % CUSTOMERS}")
        with_rollups = (first + number) % 2 == 0  # every 128th event folds: an even one, so the folds count too
        vars(audit)["record_change"] = kept if with_rollups else leave_out
        wall, processor = time.perf_counter(), time.process_time()
        audit.append_job(engine, record)
        times[with_rollups].append((time.perf_counter() - wall, time.process_time() - processor))
    vars(audit)["record_change"] = kept
    transact(engine, lambda connection: [kept(connection, *change) for change in left_out])
    return _mean(times[True]), _mean(times[False])


def _mean(times: Sequence[tuple[float, float]]) -> AppendCost:
    walls, processors = zip(*times, strict=True)
    return AppendCost(1000 * statistics.mean(walls), 1000 * statistics.mean(processors))


def _print_append(engine: Engine, count: int) -> None:
    cost, bare = append_cost(engine, count)
    for name in ("wall", "processor"):
        with_rollups, without = getattr(cost, name), getattr(bare, name)
        print(f"{name} time of a job: {with_rollups:.2f} ms with roll-ups, {without:.2f} without, "
              f"{with_rollups / without:.3f}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
