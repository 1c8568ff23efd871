#!/usr/bin/env python
"""What the reader learns of suppliers: fields right, booked unseen and booked wrong, by position in the stream.

    python scripts/benchmark_learning.py ../shared/data/streams --cache CACHE
    python scripts/generate_documents.py OUT --renderer blocks --count 20 --each 8 --seed 12

FOLDER holds documents of several suppliers with their truth; the second command invents such a folder. The documents of
each layout come in order. One that goes to review is corrected by its truth, and so is every tenth booked one.
``--without``: nothing is learned.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from db.database import open_database
from db.lessons import remove_all_lessons
from db.transactions import writing
from scripts.evaluation.datasets import read_dataset
from scripts.evaluation.readings import ReadingCache
from scripts.evaluation.streams import Step, streamed


def printed(title: str, steps: list[Step]) -> None:
    right, every = (sum(step.marks[place] for step in steps) for place in (0, 1))
    booked = [step for step in steps if step.booked]
    wrong = [step for step in booked if step.wrong]
    print(f"| {title} | {len(steps)} | {100 * right / max(1, every):.1f} % | {len(booked)} "
          f"({100 * len(booked) / len(steps):.0f} %) | {len(wrong)} |")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="documents of suppliers with their truth")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the readings")
    parser.add_argument("--without", action="store_true", help="learn nothing")
    parser.add_argument("--list", action="store_true", help="say of each document why it was not booked")
    arguments = parser.parse_args()
    samples = read_dataset(arguments.folder)
    by_position: dict[int, list[Step]] = defaultdict(list)
    reasons: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/audit.db")
        for step in streamed(engine, samples, ReadingCache(arguments.cache)):
            by_position[step.position].append(step)
            reasons.update({f"{v.rule} {' '.join(v.fields)}" for v in step.outcome.violations if step.position > 1})
            if arguments.without:
                with writing(engine) as connection:
                    remove_all_lessons(connection)
            if arguments.list and (not step.booked or step.wrong):
                said = "; ".join(f"{v.rule}: {v.message}" for v in step.outcome.violations)
                print(f"{step.sample.path.name}: {'booked wrong ' if step.booked else ''}{step.wrong} {said}")
    print("| position | documents | fields right | booked unseen | booked wrong |\n|---|---|---|---|---|")
    for position, steps in sorted(by_position.items()):
        printed(str(position), steps)
    for title, first in (("second on", 2), ("fourth on", 4)):
        printed(title, [step for position, steps in by_position.items() if position >= first for step in steps])
    print("\nwhy documents from the second on stopped:", dict(reasons.most_common(12)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
