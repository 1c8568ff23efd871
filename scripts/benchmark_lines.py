#!/usr/bin/env python
"""Every engine that reads lines, on the same labelled crops, one thread each: character error rate and time a line.

    python scripts/benchmark_lines.py ../shared/data/sroie --split test
    python scripts/benchmark_lines.py --synthetic /tmp/training/lines/held_out.npz

Crops come from the given boxes. Engines take turns on each document's crops, in one batch, so that a machine that slows
down slows all alike. CER: upper-cased, spaces ignored.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ocr_ensemble.crops import crop_box
from ocr_ensemble.engines.protocols import EngineSettings, LineCrop, LineReader
from ocr_ensemble.engines.registry import create_engine
from ocr_ensemble.errors import EngineUnavailableError
from ocr_ensemble.layout import BoundingBox
from scripts.evaluation.datasets import Sample, read_dataset
from scripts.evaluation.measures import plain
from scripts.training.shards import read_shard

ENGINES = ("rapidocr", "tesseract", "easyocr", "trocr")
BATCH = 50  # synthetic lines that are read together, about a page's worth

Batch = list[tuple[LineCrop, str]]


@dataclass(slots=True)
class Tally:
    """``milliseconds`` a line, one value a batch."""

    edits: int = 0
    characters: int = 0
    exact: int = 0
    lines: int = 0
    milliseconds: list[float] = field(default_factory=list)

    def count(self, text: str, label: str) -> None:
        edits = Levenshtein.distance(plain(text), plain(label))
        self.edits, self.characters = self.edits + edits, self.characters + len(plain(label))
        self.exact, self.lines = self.exact + (edits == 0), self.lines + 1


def labelled_crops(samples: Sequence[Sample]) -> Iterator[Batch]:
    """The crops of each document's boxes, in pixels of the file as stored."""
    for sample in track(samples, "documents", console=Console(stderr=True), disable=not sys.stderr.isatty()):
        with Image.open(sample.path) as image:
            pixels = np.asarray(image.convert("RGB"))
        yield [(LineCrop(box.box, crop_box(pixels, box.box), "en"), box.text) for box in sample.boxes]


def synthetic_crops(path: Path) -> Iterator[Batch]:
    """Lines that `scripts.training.shards` stored."""
    shard = read_shard(path)
    crops = []
    for image, text in zip(shard.images, shard.texts, strict=True):
        box = BoundingBox(0, 0, image.shape[1], image.shape[0])
        crops.append((LineCrop(box, np.dstack([image] * 3)), text))
    for start in range(0, len(crops), BATCH):
        yield crops[start : start + BATCH]


def measure(readers: dict[str, LineReader], batches: Iterator[Batch]) -> dict[str, Tally]:
    tallies = {name: Tally() for name in readers}
    for number, batch in enumerate(batches):
        for name, reader in readers.items():
            crops = [crop for crop, _ in batch]
            if number == 0:
                reader.read_lines(crops)  # warm up
            started = perf_counter()
            readings = reader.read_lines(crops)
            tallies[name].milliseconds.append((perf_counter() - started) * 1000 / len(crops))
            for reading, (_, label) in zip(readings, batch, strict=True):
                tallies[name].count(reading.text, label)
    return tallies


def available(names: Sequence[str]) -> dict[str, LineReader]:
    readers = {}
    for name in names:
        try:
            engine = create_engine(name, EngineSettings(threads=1, device="cpu"))
        except EngineUnavailableError as error:
            print(error, file=sys.stderr)
            continue
        if isinstance(engine, LineReader):
            readers[name] = engine
    return readers


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, nargs="?", help="a labelled folder with index.jsonl")
    parser.add_argument("--split", default="test")
    parser.add_argument("--synthetic", type=Path, help="a shard of rendered lines instead")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--limit", type=int, help="only the first N documents")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    if arguments.synthetic:
        batches = synthetic_crops(arguments.synthetic)
    elif arguments.dataset:
        batches = labelled_crops(read_dataset(arguments.dataset, arguments.split)[: arguments.limit])
    else:
        parser.error("name a labelled folder or --synthetic SHARD")
    rows = {}
    print("| | lines | CER | lines exact | ms a line (median over batches) |\n|---|---|---|---|---|")
    for name, tally in measure(available(arguments.engines.split(",")), batches).items():
        cer, exact = tally.edits / tally.characters, tally.exact / tally.lines
        milliseconds = statistics.median(tally.milliseconds)
        rows[name] = {"lines": tally.lines, "cer": cer, "lines_exact": exact, "milliseconds_a_line": milliseconds}
        print(f"| {name} | {tally.lines} | {100 * cer:.2f} % | {100 * exact:.1f} % | {milliseconds:.1f} |")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
