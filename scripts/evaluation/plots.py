"""Reliability and risk against coverage as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scripts.evaluation.measures import CALIBRATION_BINS, risk_coverage

mpl.use("Agg")
from matplotlib import pyplot

Judged = tuple[Sequence[float], Sequence[bool]]  # confidences, and whether each item is right
SIZE = (5.0, 4.2)  # inches
DPI = 130


def plot_reliability(judged: Mapping[str, Judged], path: Path, what: str) -> None:
    """Share of right items against mean confidence in bins of equal mass; honest confidences lie on the diagonal."""
    figure, axes = pyplot.subplots(figsize=SIZE)
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    for name, (confidence, right) in judged.items():
        order = np.argsort(confidence, kind="stable")
        bins = [b for b in np.array_split(order, CALIBRATION_BINS) if len(b)]
        sure = [float(np.asarray(confidence)[b].mean()) for b in bins]
        hit = [float(np.asarray(right, float)[b].mean()) for b in bins]
        axes.plot(sure, hit, marker="o", markersize=3, linewidth=1, label=name)
    axes.set(xlabel="mean confidence", ylabel=f"share of {what} that are right", xlim=(0, 1), ylim=(0, 1))
    _save(figure, axes, path)


def plot_risk_coverage(judged: Mapping[str, Judged], path: Path, what: str) -> None:
    """Share of wrong items among the surest, against how many are kept."""
    figure, axes = pyplot.subplots(figsize=SIZE)
    for name, (confidence, right) in judged.items():
        coverage, risk = risk_coverage(confidence, right)
        axes.plot(100 * coverage, 100 * risk, linewidth=1.2, label=name)
    for risk_wanted in (1, 2):
        axes.axhline(risk_wanted, color="0.85", linewidth=0.8)
    axes.set(xlabel=f"{what} kept, the surest first (%)", ylabel="of these wrong (%)", xlim=(0, 100), ylim=(0, None))
    _save(figure, axes, path)


def _save(figure: Figure, axes: Axes, path: Path) -> None:
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
    pyplot.close(figure)
