"""The probability that a fused line is right: a logistic model over how its readings agree.

Fitted by ``scripts/calibrate.py`` on labelled pages and stored beside this module with its sample size and error.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from ocr_ensemble.fusion.letters import bundled_letters
from ocr_ensemble.fusion.vote import with_confidence
from ocr_ensemble.fusion.weights import logit, sigmoid
from ocr_ensemble.reading import Consensus

_BARE_NUMBER = re.compile(r"\D{0,3}\d{3,6}")
_SPLIT_NUMBER = re.compile(r"\D{0,3}\d{1,4} \d\d")  # "2 87"
_MIXED_WORD = re.compile(r"[^\W\d_]\d[^\W\d_]|[A-Za-z]\d\b|\b\d[A-Za-z]{2,}")
_CHANGED_CASE = re.compile(r"[a-z][A-Z]")
_COMMON_SIGNS = " .,:;-/()%&@#*'+"
FLOOR = 1e-9  # smallest factor of a product of probabilities whose logarithm is taken


@dataclass(frozen=True, slots=True)
class LineCalibrator:
    """``coefficients`` by feature name; a feature without one does not count. ``samples`` 0 marks a prior that was set
    and not fitted; its ``expected_calibration_error`` is None."""

    version: str
    intercept: float
    coefficients: Mapping[str, float]
    samples: int
    expected_calibration_error: float | None

    def probability(self, features: Mapping[str, float]) -> float:
        """0..1"""
        return sigmoid(self.intercept + sum(self.coefficients.get(name, 0.0) * v for name, v in features.items()))


def line_features(consensus: Consensus, engines: Sequence[str]) -> dict[str, float]:
    """What predicts whether the line is right. ``engines`` are all that read the page, whether or not they saw it."""
    line = consensus.line
    certain = line.char_confidences or (0.5,)
    text = line.text
    confidences = {r.engine: r.confidence for r in consensus.slot.readings if r.confidence is not None}
    seen = {reading.engine for reading in consensus.slot.readings}
    plain = [_squeezed(reading.text) for reading in consensus.slot.readings]
    features = {
        "worst": logit(min(certain)),
        "mean": logit(sum(certain) / len(certain)),
        "product": math.log(max(FLOOR, line.confidence or FLOOR)),
        "unanimous": float(len(set(plain)) == 1 and len(seen) > 1),
        "agreeing": float(plain.count(_squeezed(text))),
        "alone": float(len(seen) == 1),
        "contested": float(len(consensus.votes)) / max(1, len(text)),
        "length": math.log1p(len(text)),
        "digits": sum(map(str.isdigit, text)) / max(1, len(text)),
        "letters": sum(map(str.isalpha, text)) / max(1, len(text)),
        "likely_letters": bundled_letters().log_probability(text) / (len(text) + 1),
        **_oddities(text),
    }
    for engine in engines:
        features[f"{engine}:missing"] = float(engine not in seen)
        features[f"{engine}:confidence"] = logit(confidences[engine]) if engine in confidences else 0.0
        features[f"{engine}:support"] = consensus.support.get(engine, 0.0)
    return features


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def _oddities(text: str) -> dict[str, float]:
    """What is odd about a text itself. Faint decimal points are lost by all engines alike, as in 287 for 2.87."""
    return {
        "bare_number": float(bool(_BARE_NUMBER.fullmatch("".join(text.split())))),
        "split_number": float(bool(_SPLIT_NUMBER.fullmatch(text.strip()))),
        "mixed_word": float(bool(_MIXED_WORD.search(text))),
        "changed_case": float(bool(_CHANGED_CASE.search(text))),
        "rare_signs": sum(not (char.isalnum() or char in _COMMON_SIGNS) for char in text) / max(1, len(text)),
    }


def calibrated(
    consensus: Consensus, engines: Sequence[str], calibrators: Mapping[str, LineCalibrator] | None = None
) -> Consensus:
    """The consensus with the probability of its engines' calibrator, or a cautious one where there is none."""
    known = bundled_calibrators() if calibrators is None else calibrators
    calibrator = known.get("+".join(sorted(engines)))
    if calibrator is None:
        return with_confidence(consensus, _cautious(consensus))
    return with_confidence(consensus, calibrator.probability(line_features(consensus, engines)))


def _cautious(consensus: Consensus) -> float | None:
    """Without a fit: the least certain character decides, and never above 0.95; None when no engine gave a number."""
    if all(reading.confidence is None for reading in consensus.slot.readings):
        return None
    return min((0.95, *(consensus.line.char_confidences or ())))


@lru_cache(maxsize=1)
def bundled_calibrators() -> dict[str, LineCalibrator]:
    """The fits shipped with the package, by the sorted names of the engines that took part."""
    stored = json.loads(resources.files("ocr_ensemble.fusion").joinpath("calibrators.json").read_text("utf-8"))
    return {
        engines: LineCalibrator(
            stored["version"],
            fit["intercept"],
            fit["coefficients"],
            fit["samples"],
            fit["expected_calibration_error"],
        )
        for engines, fit in stored["lines"].items()
    }
