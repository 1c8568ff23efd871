"""Pushes hostile files through the reader and says whether it held.

    python scripts/attack.py --count 5000                     generated files
    python scripts/attack.py --folder DIR                     any folder of foreign files, a verdict for each
    python scripts/attack.py --count 5000 --complete-every 50 every 50th with all engines instead of the text layer only
    python scripts/attack.py --serve --count 500              through `serve`, whose reader is killed now and then
    python scripts/attack.py --size five-minutes              a bit of everything; --size nightly takes hours

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
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from time import perf_counter

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from db.database import open_database
from db.verification import verify
from invoice_connector.outcome import POISON
from invoice_connector.settings import ConnectorSettings
from invoice_connector.terminal import printable
from ocr_ensemble import errors
from scripts.hostile.files import HostileFile, hostile_files
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
KILL_SHARE = 0.05  # of the files that `serve` reads


@dataclass
class Report:
    """What became of the files. ``faults`` are sentences; none means that the reader held."""

    files: int = 0
    results: Counter[str] = field(default_factory=Counter)
    longest: tuple[float, str] = (0.0, "")
    heaviest: tuple[int, str] = (0, "")
    faults: list[str] = field(default_factory=list)
    start_bytes: int = 0
    end_bytes: int = 0

    def text(self) -> str:
        rows = [f"{count:>7}  {result}" for result, count in self.results.most_common()]
        grown = (self.end_bytes - self.start_bytes) / 1e6
        closing = [
            f"{self.files:>7}  files, {len(self.faults)} faults",
            f"longest {self.longest[0]:.1f} s of the processor ({self.longest[1]})",
            f"all processes together at most {self.heaviest[0] / 1e6:.0f} MB ({self.heaviest[1]})",
            f"memory {self.start_bytes / 1e6:.0f} MB after {WARM_UP} files, then {grown:+.0f} MB",
        ]
        return "\n".join([*rows, *closing, *self.faults[:50]])


@dataclass(frozen=True, slots=True)
class Plan:
    """Every ``complete_every``-th file (0: none) is read with the default engines, each decoded in at most ``seconds``;
    ``serve`` reads them through a server; ``tell`` prints a line for each."""

    complete_every: int = 0
    seconds: float = DECODER_SECONDS
    serve: bool = False
    tell: bool = False
    tree_bytes: int = TREE_BYTES


def attack(files: Iterable[HostileFile], folder: Path, plan: Plan = Plan()) -> Report:
    """Reads the files into a log in ``folder``."""
    settings, report = log_of(folder, plan.seconds, MEMORY_BYTES), Report()
    victim = _victim(settings, plan)
    with Watch(victim.root) as watch:
        for number, file in enumerate(files):
            watch.reset()
            complete = bool(plan.complete_every) and number % plan.complete_every == 0
            _attack_with(file, complete, victim, watch, (report, plan))
            report.files += 1
            if number < WARM_UP:
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


def _attack_with(file: HostileFile, complete: bool, victim: Victim, watch: Watch, told: tuple[Report, Plan]) -> None:
    (report, plan), where, started = told, f"{file.number} {file.attack}", perf_counter()
    try:
        verdict = victim.read(file, complete)
    except HeldError as error:
        verdict = Verdict("did not hold", str(error))
        report.faults.append(f"{where}: {error}")
    waited, seconds, longest = perf_counter() - started, watch.seconds, plan.seconds + PREPARING_SECONDS
    report.results[verdict.result] += 1
    report.longest = max(report.longest, (seconds, where))
    report.heaviest = max(report.heaviest, (watch.peak, where))
    if plan.tell:
        cost = f"{seconds:6.1f} s of {waited:6.1f} {watch.peak / 1e6:6.0f} MB"
        print(printable(f"{verdict.result:<28} {cost}  {file.attack}: {verdict.message}"), flush=True)
    if verdict.failed and not _is_typed(verdict.result):
        report.faults.append(f"{where}: {verdict.result}: {verdict.message[:200]}")
    if seconds > (longest + COMPLETE_SECONDS if complete or plan.serve else longest):
        report.faults.append(f"{where}: {seconds:.1f} seconds of the processor")
    if waited > HANGING_SECONDS:
        report.faults.append(f"{where}: {waited:.1f} seconds")
    if watch.peak > plan.tree_bytes:
        report.faults.append(f"{where}: all processes together held {watch.peak / 1e6:.0f} MB")


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
    options = parser.parse_args(arguments)
    own = Plan(options.complete_every, serve=options.serve, tell=options.folder is not None)
    faults = 0
    for count, minutes, plan in SIZES.get(options.size, ((options.count, options.minutes, own),)):
        files = foreign_files(options.folder) if options.folder else hostile_files(count, options.seed)
        end = time.monotonic() + 60 * minutes
        with tempfile.TemporaryDirectory() as folder:
            report = attack(takewhile(lambda _, end=end: time.monotonic() < end, files), Path(folder), plan)  # type: ignore[misc]
        faults += len(report.faults)
        print(report.text(), flush=True)
        print(json.dumps({"files": report.files, "faults": len(report.faults)}), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
