"""Measure what a cold start costs: processor seconds and peak memory of a command, of several checkouts in turn.

    python -m scripts.benchmark_start CHECKOUT [CHECKOUT ...] [--repeat 3]

Each checkout runs the same commands with this interpreter, one after the other and again in the other order, so that
what else the machine does falls on all of them. Processor time is that of the command and its children; the peak is
the largest sum of their proportional set sizes, looked at ten times a second. The first checkout is what the others are
compared with. Every command runs once before, so that compiled Python files and the database are there.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path("invoice_connector") / "samples"
COMMANDS = {
    "photo": ("process", str(SAMPLES / "faktura-foto.jpg"), "--json"),
    "PDF with text": ("process", str(SAMPLES / "faktura.pdf"), "--json"),
    "PDF with text, verified": ("process", str(SAMPLES / "faktura.pdf"), "--json", "--verify-when", "always"),
    "doctor": ("doctor",),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """``seconds`` of processor time, ``megabytes`` at the peak."""

    seconds: float
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("checkouts", nargs="+", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--commands", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    arguments = parser.parse_args()
    print("| command | checkout | processor s | ratio | peak MB | ratio |\n|---|---|---|---|---|---|")
    for name in arguments.commands:
        costs = measured(COMMANDS[name], arguments.checkouts, arguments.repeat)
        first = costs[0]
        for checkout, cost in zip(arguments.checkouts, costs, strict=True):
            ratios = cost.seconds / first.seconds, cost.megabytes / first.megabytes
            print(
                f"| {name} | {checkout.name} | {cost.seconds:.2f} | {ratios[0]:.2f} "
                f"| {cost.megabytes:.0f} | {ratios[1]:.2f} |",
                flush=True,
            )


def measured(command: Sequence[str], checkouts: Sequence[Path], repeat: int) -> list[Cost]:
    """The median of each checkout."""
    found: dict[Path, list[Cost]] = {checkout: [] for checkout in checkouts}
    with tempfile.TemporaryDirectory() as folder:
        for checkout in checkouts:
            run(command, checkout, Path(folder))
        for number in range(repeat):
            for checkout in checkouts if number % 2 == 0 else reversed(checkouts):
                found[checkout].append(run(command, checkout, Path(folder)))
    return [
        Cost(statistics.median(c.seconds for c in costs), statistics.median(c.megabytes for c in costs))
        for costs in found.values()
    ]


def run(command: Sequence[str], checkout: Path, folder: Path) -> Cost:
    """One run, with an audit log of the checkout's own."""
    environment = {**os.environ, "PYTHONPATH": str(checkout.resolve())}
    log = f"sqlite:///{folder / checkout.resolve().as_posix().strip('/').replace('/', '-')}.db"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        [sys.executable, "-m", "invoice_connector", *command, "--db", log],
        cwd=checkout, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    peak = 0
    while process.poll() is None:
        peak = max(peak, proportional(process.pid))
        time.sleep(0.1)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak / 1e6)


def proportional(process: int) -> int:
    """Bytes of a process and its children, memory they share counted once."""
    total = 0
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            total += sum(proportional(int(child)) for child in children.read_text("ascii").split())
    return total


if __name__ == "__main__":
    main()
