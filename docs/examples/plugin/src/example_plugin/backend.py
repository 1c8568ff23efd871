"""A verifier's backend: how alike the cut-out piece of the page and the candidate in plain type are, pixel by pixel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from verifier import Answer, Decision, Kind, VerifierSettings

NONE = 0.5  # likeness below which no candidate is believed


class OverlapBackend:
    """Says of each candidate how much of its ink is ink of the piece beside it; no model, no training."""

    name, model = "overlap", "pixels"

    def decide(self, decisions: Sequence[Decision]) -> list[Answer]:
        return [self._answer(decision) for decision in decisions]

    def _answer(self, decision: Decision) -> Answer:
        likeness = [_likeness(np.asarray(picture.convert("L"))) for picture in decision.pictures]
        if decision.kind is Kind.YES_NO:
            return Answer((likeness[0], 1 - likeness[0]))
        weights = np.exp(8 * np.array([*likeness, NONE]))  # the last option of a choice is "none of these"
        return Answer(tuple(float(weight) for weight in weights / weights.sum()))


def _likeness(picture: NDArray[np.uint8]) -> float:
    """0..1: columns that have ink in both halves, of those that have any. The candidate stands below the piece."""
    ink = picture < picture.mean()
    middle = len(ink) // 2
    piece, candidate = (half.any(axis=0) for half in (ink[:middle], ink[middle:]))
    together = (piece | candidate).sum()
    return float((piece & candidate).sum() / together) if together else 0.0


def create(settings: VerifierSettings) -> OverlapBackend:
    """``settings`` has what the user set: threads, device, model, key, seconds."""
    return OverlapBackend()
