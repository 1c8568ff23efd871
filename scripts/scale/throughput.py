"""How many documents a minute workers make, and how long one takes at a given load.

python scripts/scale/throughput.py --documents 40 --workers 1,2
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from scripts.hostile.healthy import LINES, encoded, picture
from scripts.scale.cluster import ENDED, Cluster, cluster

WARMING = 25  # documents for each worker: it takes half a minute until a worker has loaded all of its engines
ENGINES = "tesseract"  # costs processor time and little memory: what is measured is the queues' part


@dataclass(frozen=True, slots=True)
class Measured:
    """``per_minute`` with all documents in the queue at once; ``alone`` and ``loaded``: median seconds from submission
    to the end with an empty queue, and with documents coming at 70 % of that rate."""

    workers: int
    per_minute: float
    alone: float
    loaded: float


def pages(count: int, first: int) -> list[tuple[str, bytes]]:
    """Scanned invoices that differ in their number."""
    texts = [(*LINES[:1], f"Faktura {first + number}", *LINES[2:]) for number in range(count)]
    return [(f"{first + number}.png", encoded(picture(text), "PNG")) for number, text in enumerate(texts)]


def measure(running: Cluster, workers: int, count: int) -> Measured:
    """With ``workers`` processes, all warm."""
    while len(running.workers) < workers:
        running.start_worker()
    first = 100_000 * workers
    running.wait(running.submit(pages(WARMING * workers, first)), 900)
    started = time.monotonic()
    running.wait(running.submit(pages(count, first + 1000)), 1800)
    rate = count / (time.monotonic() - started)
    alone = [_seconds(running, pages(1, first + 2000 + number), 0.0) for number in range(5)]
    loaded = _seconds(running, pages(count // 2, first + 3000), 1 / (0.7 * rate))
    return Measured(workers, rate * 60, sorted(alone)[2], loaded)


def _seconds(running: Cluster, sent: Sequence[tuple[str, bytes]], pause: float) -> float:
    """The median seconds from submission to the stored job, one document every ``pause`` seconds."""
    begun: dict[str, float] = {}
    ended: dict[str, float] = {}
    waiting = list(sent)
    due = time.monotonic()
    while waiting or len(ended) < len(begun):
        if waiting and time.monotonic() >= due:
            begun[running.submit([waiting.pop(0)])[0]] = time.monotonic()
            due += pause
        for job_id in begun.keys() - ended.keys():
            if running.status_of(job_id) in ENDED:
                ended[job_id] = time.monotonic()
        time.sleep(0.02)
    return sorted(ended[job_id] - begun[job_id] for job_id in begun)[len(begun) // 2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=40)
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--engines", default=ENGINES, help=f"comma-separated, under fallback (default {ENGINES})")
    options = parser.parse_args(arguments)
    engines = json.dumps(options.engines.split(","))
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder), engines=engines) as running:
        for workers in map(int, options.workers.split(",")):
            found = measure(running, workers, options.documents)
            print(
                f"{found.workers} workers: {found.per_minute:.0f} documents a minute, "
                f"{found.alone:.2f} s alone, {found.loaded:.2f} s at 70 % load",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
