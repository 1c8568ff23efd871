"""From a model's own numbers to probabilities: a logistic fit per kind of answer and checkpoint.

What is calibrated are log-odds of a candidate against "none of them". ``calibrators.json`` beside this module holds the
fits with sample size and error; a checkpoint without one gets a cautious default, and verdicts say so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from verifier.decisions import Answer
from verifier.prompts import Form

LEAST = 1e-6  # probabilities closer than this to 0 or 1 say no more
CALIBRATION_FILE = "calibration.json"  # beside a checkpoint that brings its own fit


@dataclass(frozen=True, slots=True)
class Calibration:
    """Log-odds = ``intercept`` + ``slope`` * the model's, cut at +-``limit``. ``samples`` 0 marks a default that was
    set and not fitted; its ``expected_calibration_error`` is None.

    ``weight`` (0..1) is the share of these log-odds that counts beside what the engines knew: print that is hard for
    them is hard for the verifier, too, so the two are no independent witnesses. ``scripts/calibrate_verifier.py`` fits
    it on lines in doubt. ``refusal`` (log-odds, at least 0) is how much less likely right a field is whose text was
    refused: the share of wrong fields that were refused over that of right ones, measured by the same script.
    """

    intercept: float
    slope: float
    limit: float
    samples: int = 0
    expected_calibration_error: float | None = None
    weight: float = 1.0
    refusal: float = 1.0

    @property
    def fitted(self) -> bool:
        return self.samples > 0

    def log_odds(self, raw: float) -> float:
        return max(-self.limit, min(self.limit, self.intercept + self.slope * raw))


CAUTIOUS = Calibration(intercept=0.0, slope=0.5, limit=2.2, weight=0.5)  # never surer than 0.9


def log_odds(probability: float) -> float:
    """Of a probability against its complement."""
    kept = min(1.0 - LEAST, max(LEAST, probability))
    return math.log(kept / (1.0 - kept))


def candidate_log_odds(form: Form, answers: Sequence[Answer]) -> list[float]:
    """The model's log-odds of each candidate against none: one yes/no answer each, or one choice whose last option is
    "none"."""
    if form is Form.EACH:
        return [log_odds(answer.probabilities[0]) for answer in answers]
    *candidates, none = answers[0].probabilities
    return [math.log(max(LEAST, p) / max(LEAST, none)) for p in candidates]


def distribution(raw: Sequence[float], calibration: Calibration) -> tuple[tuple[float, ...], float]:
    """Calibrated probabilities (0..1) of the candidates and of none of them; together 1."""
    weights = [math.exp(calibration.log_odds(value)) for value in raw]
    total = 1.0 + sum(weights)
    return tuple(weight / total for weight in weights), 1.0 / total


def calibration_for(form: Form, model: str, folder: Path | None = None) -> Calibration:
    """The fit that lies beside the checkpoint, else the one of this package for a checkpoint of that name."""
    if folder is not None and (folder / CALIBRATION_FILE).is_file():
        return Calibration(**json.loads((folder / CALIBRATION_FILE).read_text("utf-8")))
    return _bundled().get(f"{form}:{model}", CAUTIOUS)


@lru_cache(maxsize=1)
def _bundled() -> dict[str, Calibration]:
    stored = json.loads(resources.files("verifier").joinpath("calibrators.json").read_text("utf-8"))
    return {name: Calibration(**fit) for name, fit in stored["fits"].items()}


def fit(raw: Sequence[float], right: Sequence[bool], limit: float = 6.0) -> Calibration:
    """The logistic fit of labelled answers. ``raw`` are ``candidate_log_odds``; needs right and wrong ones."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    values, labels = np.clip(np.asarray(raw, float), -limit * 4, limit * 4), np.asarray(right, bool)
    model = LogisticRegression(C=10.0).fit(values[:, None], labels)
    intercept, slope = float(model.intercept_[0]), float(model.coef_[0, 0])
    chance = 1.0 / (1.0 + np.exp(-np.clip(intercept + slope * values, -limit, limit)))
    bins = np.minimum((chance * 10).astype(int), 9)
    error = sum(
        abs(chance[bins == b].mean() - labels[bins == b].mean()) * (bins == b).mean() for b in set(bins.tolist())
    )
    return Calibration(round(intercept, 5), round(slope, 5), limit, len(labels), round(float(error), 4))
