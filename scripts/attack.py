"""Pushes hostile files through the reader and says whether it held.

    python scripts/attack.py --count 5000                     generated files
    python scripts/attack.py --folder DIR                     any folder of foreign files, a verdict for each
    python scripts/attack.py --count 5000 --complete-every 50 every 50th with all engines instead of the text layer only
    python scripts/attack.py --serve --count 500              through `serve`, whose reader is killed now and then
    python scripts/attack.py --size five-minutes              a bit of everything; --size nightly takes hours
    python scripts/attack.py --count 5000 --record FILE       goes on where a run with the same FILE was stopped

Each file goes the whole way: decoding in the child process, embedded invoice, reading, audit log. It held when no
process died, every file left a stored row, every failure has one of the reader's own error types, none took more of
the processor than its limit, no tree of processes held more memory than the limit, and memory came back to where it
was. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from time import perf_counter

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from db.database import open_database
from db.verification import verify
from invoice_connector.commands.terminal import printable
from invoice_connector.pipeline.outcome import POISON
from invoice_connector.settings import ConnectorSettings
from ocr_ensemble import errors
from scripts.hostile.files import HostileFile, hostile_files
from scripts.hostile.report import Report, Tried, recorded, write_down
from scripts.hostile.victims import QUICK_ENGINES, Embedded, HeldError, Server, Verdict, Victim, log_of
from scripts.hostile.watch import Watch, resident_bytes

WARM_UP = 1000  # files after which libraries keep what the largest pictures need
MEMORY_MARGIN = 150_000_000  # bytes that the process may have grown by: caches and the log's own pages
TREE_BYTES = 3_000_000_000  # that this process and its children may hold together at any moment
DECODER_SECONDS = 5.0
MEMORY_BYTES = 1_000_000_000  # of the child
PREPARING_SECONDS = 20.0  # of the processor, which the rest may take beside the child's limit
COMPLETE_SECONDS = 60.0  # the same with all engines, and where the reader has to start anew
HANGING_SECONDS = 480.0  # by the clock, however busy the machine is
PROGRESS = 25  # files between two lines that say how far it is
KILL_SHARE = 0.05  # of the files that `serve` reads


@dataclass(frozen=True, slots=True)
class Plan:
    """Every ``complete_every``-th file (0: none) is read with the default engines, each decoded in at most ``seconds``;
    ``serve`` reads them through a server; ``tell`` prints a line for each; ``record``, a file, gets one, too, by
    which ``left`` knows them again."""

    complete_every: int = 0
    seconds: float = DECODER_SECONDS
    serve: bool = False
    tell: bool = False
    tree_bytes: int = TREE_BYTES
    record: Path | None = None


def attack(files: Iterable[HostileFile], folder: Path, plan: Plan = Plan()) -> Report:
    """Reads the files into a log in ``folder``; those in ``plan.record`` are reported beside them."""
    settings, report = log_of(folder, plan.seconds, MEMORY_BYTES), Report()
    for earlier in recorded(plan.record):
        report.add(earlier)
    before, victim = report.files, _victim(settings, plan)
    with Watch(victim.root) as watch:
        for file in files:
            watch.reset()
            tried = _tried(file, victim, watch, plan)
            write_down(plan.record, tried)
            report.add(tried)
            _tell(tried, report, plan)
            if report.files - before <= WARM_UP:
                report.start_bytes = max(report.start_bytes, resident_bytes(victim.root))
    report.end_bytes = resident_bytes(victim.root)
    victim.close()
    if report.end_bytes - report.start_bytes > MEMORY_MARGIN:
        report.faults.append("the process has grown and did not come back")
    log = open_database(settings.database_url)
    if not verify(log).intact:
        report.faults.append("the audit log's chain is broken")
    log.dispose()
    return report


def _victim(settings: ConnectorSettings, plan: Plan) -> Victim:
    if plan.serve:
        return Server(settings, settings.engines if plan.complete_every else QUICK_ENGINES, KILL_SHARE)
    victim = Embedded(settings)
    if plan.complete_every:
        victim.warm_up()
    return victim


def _tried(file: HostileFile, victim: Victim, watch: Watch, plan: Plan) -> Tried:
    """The file read, and what speaks against how that went."""
    complete = bool(plan.complete_every) and file.number % plan.complete_every == 0
    faults, started = [], perf_counter()
    try:
        verdict = victim.read(file, complete)
    except HeldError as error:
        verdict = Verdict("did not hold", str(error))
        faults.append(str(error))
    waited, seconds, longest = perf_counter() - started, watch.seconds, plan.seconds + PREPARING_SECONDS
    if verdict.failed and not _is_typed(verdict.result):
        faults.append(f"{verdict.result}: {verdict.message[:200]}")
    if seconds > (longest + COMPLETE_SECONDS if complete or plan.serve else longest):
        faults.append(f"{seconds:.1f} seconds of the processor")
    if waited > HANGING_SECONDS:
        faults.append(f"{waited:.1f} seconds")
    if watch.peak > plan.tree_bytes:
        faults.append(f"all processes together held {watch.peak / 1e6:.0f} MB")
    told = (verdict.result, verdict.message[:200], seconds, waited, watch.peak, tuple(faults))
    return Tried(file.number, file.attack, *told)


def _tell(tried: Tried, report: Report, plan: Plan) -> None:
    if plan.tell:
        print(printable(tried.line()), flush=True)
    if tried.faults or report.files % PROGRESS == 0:
        last = f"{report.files} files, {len(report.faults)} faults, last {tried.where}"
        print(printable("; ".join([last, *tried.faults])), file=sys.stderr, flush=True)


def left(options: argparse.Namespace, count: int, record: Path | None) -> Iterator[HostileFile]:
    """The files that were asked for and are not in the record yet."""
    known = {tried.number for tried in recorded(record)}
    if options.folder is not None:
        return (file for file in foreign_files(options.folder) if file.number not in known)
    return hostile_files(count, options.seed, known)


def foreign_files(folder: Path) -> Iterator[HostileFile]:
    """Every regular file in the folder and below."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    for number, path in enumerate(paths):
        yield HostileFile(number, str(path.relative_to(folder)), path.name, path.suffix[1:], path.read_bytes())


def _is_typed(name: str) -> bool:
    found = getattr(errors, name, None)
    return name == POISON or (isinstance(found, type) and issubclass(found, errors.OCRError))


SIZES: dict[str, tuple[tuple[int, float, Plan], ...]] = {
    "five-minutes": (
        (100_000, 2.0, Plan()),
        (100_000, 2.0, Plan(complete_every=1)),
        (100_000, 1.0, Plan(serve=True)),
    ),
    "nightly": (
        (20_000, 60.0, Plan()),
        (5_000, 300.0, Plan(complete_every=1)),
        (2_000, 90.0, Plan(complete_every=1, serve=True)),
    ),
}
"""Files and minutes, whichever end first, of each part of a size."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=24 * 60.0, help="no further file after so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--complete-every", type=int, default=0)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--size", choices=SIZES)
    parser.add_argument("--record", type=Path, help="FILE.0 gets a JSON line for each file (FILE.1 of the next part)")
    options = parser.parse_args(arguments)
    own = Plan(options.complete_every, serve=options.serve, tell=options.folder is not None)
    faults = 0
    for part, (count, minutes, plan) in enumerate(SIZES.get(options.size, ((options.count, options.minutes, own),))):
        record = options.record and options.record.with_name(f"{options.record.name}.{part}")
        until, files = time.monotonic() + 60 * minutes, left(options, count, record)
        with tempfile.TemporaryDirectory() as folder:
            in_time = takewhile(lambda _, until=until: time.monotonic() < until, files)  # type: ignore[misc]
            report = attack(in_time, Path(folder), replace(plan, record=record))
        faults += len(report.faults)
        print(report.text(), flush=True)
        print(json.dumps({"files": report.files, "faults": len(report.faults)}), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
