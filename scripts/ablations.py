#!/usr/bin/env python
"""What each engine and each idea of the fusion is worth, on recorded readings: fitted on `fit`, judged on `test`.

    python scripts/ablations.py ../shared/data/sroie --recordings /tmp/recordings

The first run reads every page with every engine and records it; later runs take seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ocr_ensemble.fusion.confidence import LineCalibrator, calibrated
from ocr_ensemble.fusion.slots import match_lines
from ocr_ensemble.fusion.vote import vote, with_confidence
from ocr_ensemble.fusion.weights import GlyphClass, VoteWeights, bundled_weights
from ocr_ensemble.layout import TextLine
from ocr_ensemble.reading import Consensus, Slot
from scripts.calibrate import competing_columns, fit_calibrator
from scripts.evaluation.datasets import read_dataset
from scripts.evaluation.fitting import fit_weights
from scripts.evaluation.labels import label_of, says_the_same
from scripts.evaluation.measures import (
    TextScore,
    area_under_risk_coverage,
    auroc,
    coverage_at_risk,
    expected_calibration_error,
    score_text,
)
from scripts.evaluation.recordings import PAGE_READERS, LabelledPage, Recorder

RAW = {glyph.value: (0.0, 1.0) for glyph in GlyphClass}  # a vote by raw confidence
Fuse = Callable[[Slot, tuple[str, ...]], Consensus]


@dataclass(frozen=True, slots=True)
class Way:
    """One row: which engines, and how their readings of a place become a line."""

    name: str
    engines: tuple[str, ...]
    fuse: Fuse


def figures(way: Way, pages: Sequence[LabelledPage], keep: float) -> dict[str, Any]:
    text, confidence, right = TextScore(), [], []
    for page in pages:
        lines = list(_kept(way, page, keep))
        text += score_text(lines, page.truth)
        for line in lines:
            label = label_of(line.box, page.truth)
            if label is not None and line.confidence is not None:
                confidence.append(line.confidence)
                right.append(says_the_same(line.text, label))
    return {
        "way": way.name, "engines": "+".join(way.engines), "cer": text.cer, "lines_exact": text.lines_exact,
        "word_f1": text.word_f1, "ece": expected_calibration_error(confidence, right),
        "auroc": auroc(confidence, right), "aurc": area_under_risk_coverage(confidence, right),
        "coverage_at_1_percent_risk": coverage_at_risk(confidence, right, 0.01),
        "coverage_at_2_percent_risk": coverage_at_risk(confidence, right, 0.02),
    }  # fmt: skip


def _kept(way: Way, page: LabelledPage, keep: float) -> Iterator[TextLine]:
    for place in match_lines([page.transcriptions[name] for name in way.engines]):
        consensus = way.fuse(place.slot, way.engines)
        sure = consensus.probability is None or consensus.probability >= keep
        finders = {reading.engine for reading in place.slot.readings}.intersection(PAGE_READERS)
        if consensus.line.text.strip() and (len(finders) > 1 or sure):
            yield consensus.line


def ways(engines: Sequence[str], fit: Sequence[LabelledPage]) -> Iterator[Way]:
    """Every engine alone, every subset voted with fitted weights, and for all together what happens without an idea."""
    weights = fit_weights(competing_columns(fit, engines), "ablation", bundled_weights().default)
    calibrators: dict[str, LineCalibrator] = {}
    for size in range(1, len(engines) + 1):
        for subset in combinations(engines, size):
            found = fit_calibrator(fit, subset, weights)
            calibrators["+".join(sorted(subset))] = LineCalibrator(
                "ablation", found.intercept, found.coefficients, found.samples, found.expected_calibration_error
            )
            yield Way("vote" if size > 1 else "alone", subset, _voted(weights, calibrators))
    everyone = tuple(engines)
    raw = VoteWeights("raw", dict.fromkeys(engines, RAW), RAW)
    yield Way("vote by raw confidences", everyone, _voted(raw, calibrators))
    yield Way("vote without letters", everyone, _voted(replace(weights, letters=0.0), calibrators))
    yield Way("best whole line", everyone, _best_line(weights, calibrators))
    yield Way("vote, confidence not calibrated", everyone, lambda slot, _: vote(slot, weights))


def _voted(weights: VoteWeights, calibrators: dict[str, LineCalibrator]) -> Fuse:
    return lambda slot, engines: calibrated(vote(slot, weights), engines, calibrators)


def _best_line(weights: VoteWeights, calibrators: dict[str, LineCalibrator]) -> Fuse:
    """The reading whose engine's own calibrator trusts it most, unchanged."""

    def fuse(slot: Slot, engines: tuple[str, ...]) -> Consensus:
        alone = [
            calibrated(vote(replace(slot, readings=(r,)), weights), (r.engine,), calibrators) for r in slot.readings
        ]
        best = max(alone, key=lambda consensus: consensus.probability or 0.0)
        return with_confidence(replace(best, slot=slot), best.probability)

    return fuse


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    print("| | engines | CER | lines exact | word F1 | ECE | AUROC | AURC | kept at 1 % | kept at 2 % |")
    print("|" + "---|" * 10)
    for row in rows:
        print(
            f"| {row['way']} | {row['engines']} | {100 * row['cer']:.2f} % | {100 * row['lines_exact']:.2f} % | "
            f"{100 * row['word_f1']:.2f} % | {row['ece']:.3f} | {row['auroc']:.3f} | {row['aurc']:.4f} | "
            f"{100 * row['coverage_at_1_percent_risk']:.1f} % | {100 * row['coverage_at_2_percent_risk']:.1f} % |"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="a labelled folder with index.jsonl and splits fit and test")
    parser.add_argument("--recordings", type=Path, required=True, help="folder of recorded readings")
    parser.add_argument("--engines", default="rapidocr,tesseract,rapidocr_again,trocr,easyocr")
    parser.add_argument("--keep", type=float, default=0.1, help="a line one engine alone saw is kept from here on")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    engines = tuple(arguments.engines.split(","))
    recorder = Recorder(engines, arguments.recordings)
    samples = [sample for sample in read_dataset(arguments.dataset) if sample.boxes]
    console = Console(stderr=True)
    shown = track(samples, "reading", console=console, disable=not sys.stderr.isatty())
    pages = [(sample.split, recorder.read(sample)) for sample in shown]
    fit, test = ([page for split, page in pages if split == wanted] for wanted in ("fit", "test"))
    rows = [figures(way, test, arguments.keep) for way in ways(engines, fit)]
    print_table(rows)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
