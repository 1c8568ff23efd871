"""Pushes hostile files through the reader and says whether it held.

    python scripts/attack.py --count 5000                     generated files
    python scripts/attack.py --folder DIR                     any folder of foreign files
    python scripts/attack.py --count 5000 --complete-every 50 every 50th with all engines instead of the text layer only

Each file goes the whole way: decoding in the child process, embedded invoice, reading, audit log. It held when this
process lived, every file left a stored row, every failure has one of the reader's own error types, none took longer
than its limit, and memory came back to where it was. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from db.errors import JobNotFoundError
from db.ids import new_job_id
from db.queries import get_job
from db.verification import verify
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.outcome import Request
from invoice_connector.settings import ConnectorSettings
from ocr_ensemble import errors
from scripts.hostile.files import HostileFile, hostile_files
from scripts.hostile.healthy import LINES, encoded, picture

A4 = (1654, 2339)  # pixels at 200 dpi
WARM_UP = 1000  # files after which libraries keep what the largest pictures need
MEMORY_MARGIN = 150_000_000  # bytes that the process may have grown by: caches and the log's own pages
DECODER_SECONDS = 5.0
MEMORY_BYTES = 1_000_000_000  # of the child
PREPARING_SECONDS = 20.0  # what turning, levelling and judging the pages may take beside the child's limit


@dataclass
class Report:
    """What became of the files. ``faults`` are sentences; none means that the reader held."""

    files: int = 0
    results: Counter[str] = field(default_factory=Counter)
    longest: tuple[float, str] = (0.0, "")
    faults: list[str] = field(default_factory=list)
    start_bytes: int = 0
    end_bytes: int = 0

    def text(self) -> str:
        rows = [f"{count:>7}  {result}" for result, count in self.results.most_common()]
        grown = (self.end_bytes - self.start_bytes) / 1e6
        closing = [
            f"{self.files:>7}  files, {len(self.faults)} faults",
            f"longest {self.longest[0]:.1f} s ({self.longest[1]})",
            f"memory {self.start_bytes / 1e6:.0f} MB after {WARM_UP} files, then {grown:+.0f} MB",
        ]
        return "\n".join([*rows, *closing, *self.faults[:50]])


def attack(
    files: Iterable[HostileFile], folder: Path, complete_every: int = 0, seconds: float = DECODER_SECONDS
) -> Report:
    """Reads the files into a log in ``folder``, each decoded in at most ``seconds``; every ``complete_every``-th
    (0: none) with the default engines."""
    settings = ConnectorSettings(
        database_url=f"sqlite:///{folder / 'audit.db'}",
        verifier="off",
        keep_page_pictures=False,
        decoder_seconds=seconds,
        decoder_cpu_seconds=seconds,
        decoder_memory_bytes=MEMORY_BYTES,
    )
    complete = InvoiceOCRConnector(settings)
    quick = InvoiceOCRConnector(settings.model_copy(update={"engines": ("pdf_text",), "policy": "single"}))
    report = Report()
    if complete_every:  # what engines keep for a page of usual size is no growth; what larger ones take, they give back
        complete.process_bytes(encoded(picture(LINES, A4), "PNG"), Request(new_job_id(), "a4.png"))
    for number, file in enumerate(files):
        connector = complete if complete_every and number % complete_every == 0 else quick
        _attack_with(file, connector, report, seconds + PREPARING_SECONDS)
        report.files += 1
        if number < WARM_UP:
            report.start_bytes = max(report.start_bytes, resident_bytes())
    report.end_bytes = resident_bytes()
    if report.end_bytes - report.start_bytes > MEMORY_MARGIN:
        report.faults.append("the process has grown and did not come back")
    if not verify(quick.database).intact:
        report.faults.append("the audit log's chain is broken")
    quick.database.dispose()
    return report


def _attack_with(file: HostileFile, connector: InvoiceOCRConnector, report: Report, longest: float) -> None:
    where = f"{file.number} {file.attack}"
    request = Request(new_job_id(), file.name)
    started = perf_counter()
    try:
        connector.process_bytes(file.content, request)
        job = get_job(connector.database, request.job_id).record
    except JobNotFoundError:
        report.faults.append(f"{where}: no row was stored")
    except Exception as error:
        report.faults.append(f"{where}: {type(error).__name__}: {str(error)[:200]}")
    else:
        report.results[job.error_type or str(job.status)] += 1
        if job.error_type and not _is_typed(job.error_type):
            report.faults.append(f"{where}: {job.error_type}: {(job.error_message or '')[:200]}")
    seconds = perf_counter() - started
    report.longest = max(report.longest, (seconds, where))
    if seconds > longest:
        report.faults.append(f"{where}: {seconds:.1f} seconds")


def foreign_files(folder: Path) -> Iterator[HostileFile]:
    """Every regular file in the folder and below."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    for number, path in enumerate(paths):
        yield HostileFile(number, str(path.relative_to(folder)), path.name, path.suffix[1:], path.read_bytes())


def _is_typed(name: str) -> bool:
    found = getattr(errors, name, None)
    return isinstance(found, type) and issubclass(found, errors.OCRError)


def resident_bytes() -> int:
    """Memory of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--complete-every", type=int, default=0)
    options = parser.parse_args(arguments)
    files = foreign_files(options.folder) if options.folder else hostile_files(options.count, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        report = attack(files, Path(folder), options.complete_every)
    print(report.text())
    print(json.dumps({"files": report.files, "faults": len(report.faults)}), file=sys.stderr)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
