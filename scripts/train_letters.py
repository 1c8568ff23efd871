#!/usr/bin/env python
"""Counts the letters of synthetic lines for the vote's letter model and writes them beside the fusion code.

    python scripts/train_letters.py

Deterministic by seed; 20 seconds. What the counts weigh in a vote is fitted by `scripts/calibrate.py` afterwards.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import ocr_ensemble.fusion
from ocr_ensemble.fusion.letters import END, START, folded
from scripts.synthetic.content import line_text

ORDER = 4
KEPT_FROM = {3: 2, 4: 2}  # letters of these lengths are kept when seen as often; the rest are typing and chance


def count_letters(lines: Iterable[str]) -> dict[str, int]:
    """How often each sequence of up to `ORDER` letters ends at a letter or the end of a line."""
    counts: Counter[str] = Counter()
    for line in lines:
        letters = START * (ORDER - 1) + folded(line) + END
        for end in range(ORDER, len(letters) + 1):
            counts.update(letters[end - length : end] for length in range(1, ORDER + 1))
    return {letters: count for letters, count in sorted(counts.items()) if count >= KEPT_FROM.get(len(letters), 1)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--output", type=Path, default=Path(ocr_ensemble.fusion.__file__).with_name("letters.json.gz"))
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    counts = count_letters(line_text(rng) for _ in range(arguments.lines))
    stored = json.dumps({"order": ORDER, "counts": counts}, ensure_ascii=False)
    arguments.output.write_bytes(gzip.compress(stored.encode(), mtime=0))
    print(f"{len(counts)} sequences of {arguments.lines} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
