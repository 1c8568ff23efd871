"""Fills an audit log with synthetic jobs fast, and measures how long the figures over them take.

    python -m scripts.fill_audit sqlite:///big.db --jobs 100000 --measure
    python -m scripts.fill_audit sqlite:///new.db --append 2000        # what a job costs, with and without roll-ups

The jobs go through the same functions as real ones: rows, hashes, seals, roll-ups and search index are all there and
``audit verify`` and ``audit rollups --check`` hold. Only the transactions are larger.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, insert, update

from db import audit, figures, rollups, trust
from db.chain import Content, EventKind, event_hash
from db.columns import time_text
from db.database import open_database
from db.ids import new_job_id
from db.links import current_head, transact
from db.queries import JobFilter, list_jobs
from db.records import AuditPosition, EngineRunRecord, JobRecord
from db.rollups import Scope, add_cells, spread
from db.rows import job_row, run_rows
from db.seal import Head, key_of
from db.search import search
from db.tables import HEAD, SEARCH, Raw
from db.tally import Facts, facts

START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=330)
CUSTOMERS = 200
TEMPLATES = 300
BATCH = 5000
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
            _add(connection, engine, _jobs(draw, templates, first, count, jobs))

        transact(engine, add)


def _jobs(draw: random.Random, templates: list[_Template], first: int, count: int, jobs: int) -> Iterator[_Job]:
    for number in range(first, first + count):
        started = START + YEAR * number / jobs
        yield draw.choice(templates).job(draw, started)


def _add(connection: Connection, engine: Engine, jobs: Iterator[_Job]) -> None:
    key, last = key_of(engine), current_head(connection)
    assert key is not None
    assert last is not None
    position, sealed_from = last.position, last.sealed_from
    rows: dict[str, list[dict[str, Any]]] = {"jobs": [], "runs": [], "events": [], "pages": []}
    hours: dict[tuple[str, str, str], Any] = {}
    for job in jobs:
        event: dict[str, Any] = {
            "sequence": position.sequence + 1,
            "kind": EventKind.JOB.value,
            "job_id": job.row["id"],
            "recorded_at": job.row["finished_at"],
            "details": None,
            "content_hash": Content(job.row, job.runs).hash(),
            "previous_hash": position.hash,
        }
        event["hash"] = event_hash(event)
        event["seal"] = key.event_seal(event["sequence"], event["hash"])
        position = AuditPosition(event["sequence"], event["hash"])
        rows["jobs"].append(job.row)
        rows["runs"] += job.runs
        rows["events"].append(event)
        rows["pages"].append(job.page)
        spread(hours, job.facts)
    connection.execute(insert(Raw.jobs), rows["jobs"])
    connection.execute(insert(Raw.runs), rows["runs"])
    connection.execute(insert(Raw.events), rows["events"])
    connection.execute(insert(SEARCH), rows["pages"])
    add_cells(connection, hours)
    connection.execute(update(HEAD).values(asdict(Head.sealed(key, position, sealed_from))))


class _Job:
    __slots__ = ("facts", "page", "row", "runs")

    def __init__(self, row: dict[str, Any], runs: list[dict[str, Any]], page: dict[str, Any], found: Facts) -> None:
        self.row, self.runs, self.page, self.facts = row, runs, page, found


class _Template:
    """A job whose rows, tally and terms are known; copies of it differ in id, time, customer and number."""

    __slots__ = ("_facts", "_row", "_runs", "_terms")

    def __init__(self, row: dict[str, Any], runs: list[dict[str, Any]], found: Facts, terms: str) -> None:
        self._row, self._runs, self._facts, self._terms = row, runs, found, terms

    @classmethod
    def of(cls, record: JobRecord) -> _Template:
        from db.search_index import _pages

        row, runs = job_row(record, "0" * 32), run_rows(record)
        return cls(row, runs, facts(row, runs), str(next(_pages(row))["terms"]))

    def job(self, draw: random.Random, started: datetime) -> _Job:
        name = new_job_id(int(started.timestamp() * 1e9))
        number = f"{draw.randrange(10**8):08d}"
        customer = f"customer-{int(draw.random() ** 2 * CUSTOMERS)}"
        row = {
            **self._row, "id": name, "salt": f"{draw.getrandbits(128):032x}", "started_at": time_text(started),
            "finished_at": time_text(started + timedelta(seconds=2)), "customer_id": customer,
            "invoice_number": number, "sha256": f"{draw.getrandbits(256):064x}", "source_name": f"faktura-{number}.pdf",
        }  # fmt: skip
        page = {"job_id": name, "page": 1, "text": row["text"], "terms": f"{self._terms} {number} {customer}"}
        found = replace(self._facts, hour=row["started_at"][:13], customer=customer)
        return _Job(row, [{**run, "job_id": name} for run in self._runs], page, found)


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


def _nothing(*_: object) -> None:
    """In place of ``record_change``: a log without roll-ups."""


def _print_append(engine: Engine, count: int) -> None:
    """Both kinds of append in turn, so that the machine's load is the same for both."""
    draw = random.Random(5)
    times: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    kept = rollups.record_change
    for number in range(2 * count):
        record = replace(_record(draw, number), id=new_job_id(), customer_id=f"customer-{number // 2 % CUSTOMERS}")
        with_rollups = number % 2 == 1  # every 64th event folds: an even one, which is of this kind
        vars(audit)["record_change"] = kept if with_rollups else _nothing
        wall, cpu = time.perf_counter(), time.process_time()
        audit.append_job(engine, record)
        times[with_rollups].append((time.perf_counter() - wall, time.process_time() - cpu))
    vars(audit)["record_change"] = kept
    for index, name in enumerate(("wall", "processor")):
        means = [1000 * statistics.mean(pair[index] for pair in times[kind]) for kind in (True, False)]
        print(
            f"{name} time of a job: {means[0]:.2f} ms with roll-ups, {means[1]:.2f} without, {means[0] / means[1]:.3f}"
        )


if __name__ == "__main__":
    sys.exit(main())
