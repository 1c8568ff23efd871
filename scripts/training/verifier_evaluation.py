"""Pairs that a verifier is only evaluated on: labelled lines, each with its own text and with an OCR-like error."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from scripts.training.charset import normalise
from scripts.training.evaluation import LabelledLines, every_nth, held_out_lines, sroie_crops
from scripts.training.verifier_corruptions import corrupt
from scripts.training.verifier_model import answer, to_patches
from verifier.alignment import align
from verifier.glyphs import printable
from verifier.pictures import CELL, overlay

AMOUNT = re.compile(r"\d[.,]\d{2}(?!\d)")
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}")
SEED = 5
BINS = 15


@dataclass(frozen=True)
class Trials:
    """Pictures as cells, whether their candidates are right, and whether they show an amount or a date."""

    cells: list[NDArray[np.uint8]]
    right: NDArray[np.bool_]
    numeric: NDArray[np.bool_]


def is_numeric(text: str) -> bool:
    """Whether the text holds an amount or a date."""
    return bool(AMOUNT.search(text) or DATE.search(text))


def candidates(texts: Sequence[str], seed: int = SEED) -> list[tuple[int, str, bool]]:
    """Number of the line, candidate, whether it is right: the true text and one corrupted text of every line."""
    rng = np.random.default_rng(seed)
    found = []
    for number, text in enumerate(map(normalise, texts)):
        if text.strip():
            found += [(number, text, True), (number, corrupt(text, rng), False)]
    return found


def trials(lines: LabelledLines) -> Trials:
    """Two pictures of every line."""
    rows = candidates(lines.texts)
    pictures = [overlay(align(lines.images[number], printable(text))) for number, text, _ in rows]
    cells = [picture.reshape(CELL, -1, CELL, 3).transpose(1, 0, 2, 3) for picture in pictures]
    numeric = [is_numeric(lines.texts[number]) for number, _, _ in rows]
    return Trials(cells, np.array([right for _, _, right in rows]), np.array(numeric))


def trial_sets(lines: Path, sroie: Path | None) -> dict[str, Trials]:
    """What a training run is watched by: held-out synthetic lines and SROIE's fit split."""
    sets = {"held_out": trials(held_out_lines(lines / "held_out.npz", 120))}
    if sroie:
        sets["sroie_fit"] = trials(every_nth(sroie_crops(sroie, "fit"), 250))
    return sets


@torch.no_grad()
def scores(model: Any, given: Trials, cells: int = 1024) -> NDArray[np.float64]:
    """Log-odds of "yes" for every picture."""
    order = sorted(range(len(given.cells)), key=lambda number: len(given.cells[number]))
    out = np.zeros(len(order))
    while order:
        batch = [order.pop()]
        while order and (len(batch) + 1) * len(given.cells[batch[0]]) <= cells:
            batch.append(order.pop())
        patches = to_patches(np.concatenate([given.cells[number] for number in batch]))
        device = next(model.parameters()).device
        logits = answer(model, patches.to(device), [len(given.cells[number]) for number in batch]).logits.float()
        out[batch] = (logits[:, 0] - logits[:, 1]).cpu().numpy()
    return out


def calibration_error(probability: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error over 15 bins of equal mass."""
    order = np.argsort(probability, kind="stable")
    gaps = [abs(probability[part].mean() - right[part].mean()) * len(part) for part in np.array_split(order, BINS)]
    return float(sum(gaps) / len(order))


def fit_temperature(odds: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The temperature at which the log-odds have the least cross-entropy."""
    choices = np.geomspace(0.2, 10, 200)
    loss = [np.logaddexp(0, -np.where(right, odds, -odds) / choice).mean() for choice in choices]
    return float(choices[int(np.argmin(loss))])


def figures(odds: NDArray[np.float64], given: Trials, name: str) -> dict[str, float]:
    """`NAME_auroc`, the same on amounts and dates (`_numeric`), `NAME_ece`, `NAME_pairs`; of calibrated log-odds."""
    probability = 1 / (1 + np.exp(-odds))
    found = {
        f"{name}_auroc": float(roc_auc_score(given.right, odds)),
        f"{name}_ece": calibration_error(probability, given.right),
        f"{name}_pairs": float(len(odds)),
    }
    if given.numeric.any():
        chosen = given.numeric
        found[f"{name}_numeric_auroc"] = float(roc_auc_score(given.right[chosen], odds[chosen]))
        found[f"{name}_numeric_ece"] = calibration_error(probability[chosen], given.right[chosen])
        found[f"{name}_numeric_pairs"] = float(chosen.sum())
    return found
