"""Decoding of CTC recognisers: text with a confidence and a column for every character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class CTCText:
    """Best-path text. ``confidences`` (0..1) and ``columns`` (time steps) have one value per character."""

    text: str
    confidences: tuple[float, ...]
    columns: tuple[int, ...]

    @property
    def confidence(self) -> float | None:
        """Mean over the characters; None for an empty text."""
        return float(np.mean(self.confidences)) if self.confidences else None


def best_path(probabilities: NDArray[np.float32], characters: Sequence[str], blank: int = 0) -> CTCText:
    """Collapses repeats and drops blanks (Graves et al. 2006, best path decoding).

    ``probabilities``: shape (T, C), rows sum to 1; ``characters[i]`` is the text of class i.
    """
    classes = probabilities.argmax(axis=1)
    keep = classes != blank
    keep[1:] &= classes[1:] != classes[:-1]
    columns = np.flatnonzero(keep)
    confidences = np.clip(probabilities[columns, classes[columns]], 0.0, 1.0)
    texts = [characters[index] for index in classes[columns]]
    return CTCText(
        "".join(texts),
        tuple(float(c) for text, c in zip(texts, confidences, strict=True) for _ in text),
        tuple(int(column) for text, column in zip(texts, columns, strict=True) for _ in text),
    )
