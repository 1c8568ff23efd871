#!/usr/bin/env python
"""Fits what each kind of evidence is worth for a key field; writes ``rules/calibration.json``.

    python scripts/generate_documents.py BLOCKS --renderer blocks --count 300 --seed 96
    python scripts/generate_documents.py DRAWN --layouts test --kind pdf --count 120 --seed 100
    python scripts/fit_witnesses.py --cache CACHE BLOCKS DRAWN --fit-version 1

The documents must be ones that the fields' models were not fitted on. Printed, for folds that were left out: the log
loss with and without the witnesses, and what is kept at the probability that a booking asks for.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import invoice_connector.rules
from invoice_connector.fields.model import Matrix
from invoice_connector.pipeline.process import extracted
from invoice_connector.rules.calibration import GROUPS, KINDS, inputs_of
from invoice_connector.rules.decision import LEAST_SURE, RISK
from invoice_connector.rules.witnesses import with_witnesses
from scripts.evaluation.datasets import read_dataset
from scripts.evaluation.fields import judge
from scripts.evaluation.readings import ReadingCache

FOLDS = 5
RIDGE, RIDGE_OF_SLOPE = 3.0, 30.0  # how hard offset and worth are held to 0, and the slope to 1
Rows = list[tuple[list[float], bool, int]]  # inputs, whether right, fold


def read(folders: Sequence[Path], cache: ReadingCache) -> dict[str, Rows]:
    """The key fields of all documents whose truth is known, by group."""
    found: dict[str, Rows] = defaultdict(list)
    for folder in folders:
        for sample, reading in cache.read(read_dataset(folder)):
            fields = with_witnesses(extracted(reading), reading).fields
            for name, group in GROUPS.items():
                right = judge(fields[name], sample) if name in fields else None
                if right is not None:
                    inputs = inputs_of(fields[name])
                    row = [inputs["log_odds"], 1.0, *(inputs[kind] for kind in KINDS)]
                    found[group].append((row, right, crc32(str(sample.path).encode()) % FOLDS))
    return found


def fit(inputs: Matrix, right: Matrix) -> Matrix:
    """Slope, offset and the worth of each kind, with the least penalised log loss; shape (2 + kinds,)."""
    prior = np.zeros(inputs.shape[1])
    prior[0] = 1.0
    ridge = np.full(len(prior), RIDGE)
    ridge[0] = RIDGE_OF_SLOPE

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        points, away = inputs @ weights, weights - prior
        wrong = np.logaddexp(0.0, -points * (2.0 * right - 1.0)).sum() + (ridge * away**2).sum()
        return float(wrong), inputs.T @ (1.0 / (1.0 + np.exp(-points)) - right) + 2.0 * ridge * away

    bounds = [(0.3, 2.0), (None, None), *[(0.0, None)] * len(KINDS)]
    found = minimize(loss, prior, jac=True, bounds=bounds, method="L-BFGS-B").x
    return np.asarray(found, dtype=np.float64)


def report(group: str, inputs: Matrix, right: Matrix, folds: Matrix) -> None:
    """The log loss and what is kept, before and after, of folds that were left out."""
    points = np.zeros(len(right))
    for fold in range(FOLDS):
        points[folds == fold] = inputs[folds == fold] @ fit(inputs[folds != fold], right[folds != fold])
    for what, log_odds in (("extraction", inputs[:, 0]), ("witnesses", points)):
        sure = 1.0 / (1.0 + np.exp(-log_odds))
        kept = sure >= 1.0 - RISK * LEAST_SURE
        loss = np.logaddexp(0.0, -log_odds * (2.0 * right - 1.0)).mean()
        print(
            f"{group}, {len(right)} fields, {int((1 - right).sum())} wrong, by {what}: log loss {loss:.4f}, "
            f"kept {100 * kept.mean():.1f} %, {int((kept & (right == 0)).sum())} of them wrong"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", help="folders with index.jsonl")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the readings")
    parser.add_argument("--fit-version", default="1", help="stored with the fit")
    place = Path(invoice_connector.rules.__file__).parent / "calibration.json"
    parser.add_argument("--output", type=Path, default=place)
    arguments = parser.parse_args()
    groups = {}
    for group, rows in sorted(read(arguments.datasets, ReadingCache(arguments.cache)).items()):
        inputs, right = np.array([row[0] for row in rows]), np.array([float(row[1]) for row in rows])
        report(group, inputs, right, np.array([row[2] for row in rows]))
        slope, offset, *worth = (round(float(weight), 3) for weight in fit(inputs, right))
        groups[group] = {"slope": slope, "offset": offset, "worth": dict(zip(KINDS, worth, strict=True))}
    stored = {"version": arguments.fit_version, "groups": groups}
    arguments.output.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
