#!/usr/bin/env python
"""Fits the vote's weights and the lines' calibrators on labelled pages and writes them beside the fusion code.

    python scripts/calibrate.py ../shared/data/sroie

Every engine reads every page of the split; then the weights are fitted on the columns where readings compete, and one
calibrator per subset of engines on the fused lines. Figures of the calibrators come from folds that keep the lines of
one document together.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from itertools import combinations, product
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import ocr_ensemble.fusion
from ocr_ensemble.fusion.confidence import line_features
from ocr_ensemble.fusion.slots import match_lines
from ocr_ensemble.fusion.vote import build_network, vote
from ocr_ensemble.fusion.weights import GlyphClass, VoteWeights, bundled_weights
from scripts.evaluation.datasets import read_dataset
from scripts.evaluation.fitting import ColumnExample, LineFit, column_examples, fit_lines, fit_weights
from scripts.evaluation.labels import label_of, says_the_same, true_glyphs
from scripts.evaluation.recordings import PAGE_READERS, LabelledPage, Recorder

# Not fitted: a text layer that was judged trustworthy is what the producer wrote. Kept apart so that it shows.
LINE_PRIORS = {"pdf_text": {"intercept": 5.3, "coefficients": {}, "samples": 0, "expected_calibration_error": None}}
GLYPH_PRIORS = {"pdf_text": {glyph.value: (8.0, 0.0) for glyph in GlyphClass}}


def competing_columns(pages: Sequence[LabelledPage], engines: Sequence[str]) -> list[ColumnExample]:
    """One example per column of every line whose label is certain, as the fallback meets them: with the first two
    engines, the first three, and so on. Weights of one engine that often repeats another have to serve without it too.
    """
    examples: list[ColumnExample] = []
    for page, count in product(pages, range(2, len(engines) + 1)):
        for place in match_lines([page.transcriptions[name] for name in engines[:count]]):
            label = label_of(place.slot.box, page.truth)
            if label is not None:
                network = build_network(place.slot.readings)
                examples += column_examples(network, true_glyphs(network, label))
    return examples


def fit_calibrator(pages: Sequence[LabelledPage], engines: Sequence[str], weights: VoteWeights) -> LineFit:
    """Which fused lines of these engines say what is printed, by letters, digits and what separates digits.

    A line that one engine alone found where no label lies counts as wrong: it is dirt that should not be kept. Where
    several found unlabelled text, the label is what is missing, and the line does not count. Line readers find none.
    """
    features, right, groups = [], [], []
    for page in pages:
        for place in match_lines([page.transcriptions[name] for name in engines]):
            consensus = vote(place.slot, weights)
            label = label_of(place.slot.box, page.truth)
            finders = {reading.engine for reading in place.slot.readings}.intersection(PAGE_READERS)
            if label is None and (len(finders) > 1 or len(engines) == 1):
                continue
            features.append(line_features(consensus, engines))
            right.append(label is not None and says_the_same(consensus.line.text, label))
            groups.append(page.name)
    return fit_lines(features, right, groups)


def write(folder: Path, version: str, weights: VoteWeights, columns: int, fits: Mapping[str, LineFit]) -> None:
    default = {name: list(terms) for name, terms in weights.default.items()}
    stored: dict[str, Any] = {
        "version": version,
        "columns": columns,
        "letters": weights.letters,
        "default": default,
        "terms": {**GLYPH_PRIORS, **weights.terms},
    }
    (folder / "weights.json").write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    lines: dict[str, Any] = dict(LINE_PRIORS)
    for engines, fit in fits.items():
        lines[engines] = {
            "intercept": fit.intercept,
            "coefficients": fit.coefficients,
            "samples": fit.samples,
            "expected_calibration_error": fit.expected_calibration_error,
        }
    (folder / "calibrators.json").write_text(json.dumps({"version": version, "lines": lines}, indent=1) + "\n", "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="a labelled folder with index.jsonl")
    parser.add_argument("--split", default="fit", help="split to fit on (default fit)")
    parser.add_argument(
        "--engines", default="rapidocr,tesseract,rapidocr_again,trocr,easyocr", help="in the order of the fallback"
    )
    parser.add_argument("--recordings", type=Path, help="folder to take readings from and to keep new ones in")
    parser.add_argument("--limit", type=int, help="only the first N documents")
    parser.add_argument(
        "--output", type=Path, default=Path(ocr_ensemble.fusion.__file__).parent, help="folder to write"
    )
    parser.add_argument("--fit-version", default="1", help="stored with the fit and logged with every job")
    arguments = parser.parse_args()
    engines = tuple(arguments.engines.split(","))
    samples = [sample for sample in read_dataset(arguments.dataset, arguments.split) if sample.boxes]
    recorder = Recorder(engines, arguments.recordings)
    console = Console(stderr=True)
    shown = track(samples[: arguments.limit], "reading", console=console, disable=not sys.stderr.isatty())
    pages = [recorder.read(sample) for sample in shown]
    columns = competing_columns(pages, engines)
    weights = fit_weights(columns, arguments.fit_version, bundled_weights().default)
    fits = {}
    for size in range(1, len(engines) + 1):
        for subset in combinations(engines, size):
            fit = fit_calibrator(pages, subset, weights)
            fits["+".join(sorted(subset))] = fit
            ece = fit.expected_calibration_error
            print(f"{'+'.join(subset)}: {fit.samples} lines, log loss {fit.log_loss:.4f}, ECE {ece:.4f}")
    write(arguments.output, arguments.fit_version, weights, len(columns), fits)
    return 0


if __name__ == "__main__":
    sys.exit(main())
