#!/usr/bin/env python
"""Small inputs with known values: what is read rightly, what is wrong and stopped, and what is wrong and booked.

    python scripts/run_cases.py ../shared/data/cases [--only 23 --only 25a] [--jobs 2] [--json results.jsonl]

FOLDER holds the files and a ``truth.jsonl`` with ``{"file", "kind", "expect"}``; ``expect`` has values by contract name
("(none)": nothing may be found), and where the end itself matters ``status`` or ``error`` (an error's class name, or a
sentence for any typed error). Every file is processed alone with the default settings, without an audit log.
Ends with 1 when something wrong was booked.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from rich.console import Console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from db.records import JobStatus
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.invoice import FIELD_NAMES, plain
from invoice_connector.pipeline.outcome import Outcome
from invoice_connector.pipeline.process import process
from invoice_connector.pipeline.request import Request
from invoice_connector.rules.decision import NEEDED
from scripts.evaluation.fields import same

NOTHING = "(none)"
KEY_FIELDS = frozenset(name for need in NEEDED for name in need.names)


class End(StrEnum):
    """What became of a case, the best first."""

    RIGHT = "right"  # every value as expected and booked, or stopped where it should be
    NEEDLESS = "right, but needlessly stopped"
    STOPPED = "wrong and stopped"
    INCOMPLETE = "booked with a term missing that no booking needs"
    BOOKED = "wrong and booked"


@dataclass(frozen=True, slots=True)
class Result:
    """One case. ``differences`` name the values that are not as expected, ``reasons`` what sent it to review."""

    file: str
    kind: str
    end: End
    status: str
    differences: tuple[str, ...]
    reasons: tuple[str, ...]
    milliseconds: int


def judged(case: Mapping[str, object], outcome: Outcome) -> Result:
    """The outcome of one case against what its truth expects."""
    expect = case["expect"]
    assert isinstance(expect, Mapping)
    differences = tuple(_differences(expect, outcome))
    missing = tuple(_missing(expect, outcome))
    booked = outcome.status is JobStatus.COMPLETED
    if booked and expect.get("status", "completed") == "completed" and differences == missing:
        end = End.INCOMPLETE if missing else End.RIGHT
    elif differences or booked:
        end = End.BOOKED if booked else End.STOPPED
    else:
        end = End.RIGHT if booked or "status" in expect or "error" in expect else End.NEEDLESS
    reasons = [f"{broken.rule}: {broken.message}" for broken in outcome.violations]
    reasons += [f"{outcome.failure.type}: {outcome.failure.message}"] if outcome.failure else []
    time = int(outcome.timings_ms.get("total", 0))
    return Result(str(case["file"]), str(case["kind"]), end, str(outcome.status), differences, tuple(reasons), time)


def _missing(expect: Mapping[str, str], outcome: Outcome) -> Iterator[str]:
    """Terms that are on the page and were not found, among those that a booking can do without."""
    fields = outcome.invoice.fields if outcome.invoice else {}
    for name in sorted(FIELD_NAMES.intersection(expect) - fields.keys() - KEY_FIELDS):
        if expect[name] != NOTHING:
            yield f"{name}: nothing, not {expect[name]}"


def _differences(expect: Mapping[str, str], outcome: Outcome) -> Iterator[str]:
    if "error" in expect:
        yield from _other_error(expect["error"], outcome)
    elif outcome.failure is not None:
        yield f"failed with {outcome.failure.type}"
    fields = outcome.invoice.fields if outcome.invoice else {}
    for name in sorted(FIELD_NAMES.intersection(expect)):
        found, true = fields.get(name), expect[name]
        if found is None:
            if true != NOTHING:
                yield f"{name}: nothing, not {true}"
        elif true == NOTHING or not same(name, found.value, true):
            sure = "?" if found.confidence is None else f"{found.confidence:.4f}"
            yield f"{name}: {plain(found.value)} ({sure}), not {true}"


def _other_error(wanted: str, outcome: Outcome) -> Iterator[str]:
    """A class name asks for that error; a sentence for any typed one, or for the document read where it says so."""
    found = outcome.failure.type if outcome.failure else "none"
    exact = wanted.isidentifier() and found != wanted
    if exact or (outcome.failure is None and " read" not in wanted):
        yield f"error {found}, not {wanted}"


def read_case(path: Path, case: Mapping[str, object]) -> Result:
    """Reads one file as a document that nothing is known of."""
    connector = _connector()
    request = Request("case", path.name, source_path=str(path))
    return judged(case, process(path, request, connector.ensemble, connector.verifying, connector.wanted))


@lru_cache(maxsize=1)
def _connector() -> InvoiceOCRConnector:
    return InvoiceOCRConnector()


def results_of(folder: Path, cases: Sequence[Mapping[str, object]], jobs: int) -> Iterator[Result]:
    """The results in the order of the truth; each of ``jobs`` processes loads the engines once."""
    paths = [folder / str(case["file"]) for case in cases]
    if jobs < 2:
        yield from map(read_case, paths, cases)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(read_case, paths, cases)


def report(results: Sequence[Result], console: Console) -> None:
    for result in results:
        if result.end is not End.RIGHT:
            console.print(f"{result.file} ({result.kind}): {result.end}, {result.milliseconds} ms", markup=False)
            for line in (*result.differences, *result.reasons):
                console.print(f"    {line}", markup=False, soft_wrap=True)
    counts = Counter(result.end for result in results)
    console.print(f"{len(results)} cases: " + ", ".join(f"{counts[end]} {end}" for end in End), markup=False)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", action="append", default=[], metavar="START", help="files whose name begins so")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes one JSON object per case")
    options = parser.parse_args(arguments)
    lines = (options.folder / "truth.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) for line in lines if line.strip()]
    if options.only:
        cases = [case for case in cases if case["file"].startswith(tuple(options.only))]
    progress = Console(stderr=True)
    running = results_of(options.folder, cases, options.jobs)
    results = list(track(running, "cases", len(cases), console=progress, disable=not progress.is_terminal))
    report(results, Console())
    if options.json:
        options.json.write_text("".join(json.dumps(asdict(result)) + "\n" for result in results), "utf-8")
    return int(any(result.end is End.BOOKED for result in results))


if __name__ == "__main__":
    sys.exit(main())
