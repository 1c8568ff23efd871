"""Decoding of CTC recognisers: text with a confidence and a column for every character."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.layout import Alternative

FAINTEST = 0.01  # probability from which a second character is worth telling
_WITHIN_NUMBER = re.compile(r"\d[.,:'/-] \d|\d [.,:'/-]\d")


@dataclass(frozen=True, slots=True)
class CTCText:
    """Best-path text. ``confidences`` (0..1), ``columns`` (time steps) and ``alternatives`` have one value per
    character."""

    text: str
    confidences: tuple[float, ...]
    columns: tuple[int, ...]
    alternatives: tuple[Alternative | None, ...]

    @property
    def confidence(self) -> float | None:
        """Mean over the characters; None for an empty text."""
        return float(np.mean(self.confidences)) if self.confidences else None


def best_path(
    probabilities: NDArray[np.float32], characters: Sequence[str], blank: int = 0, space_odds: float = 1.0
) -> CTCText:
    """Collapses repeats and drops blanks (Graves et al. 2006, best path decoding).

    ``probabilities``: shape (T, C), rows sum to 1; ``characters[i]`` is the text of class i. Where no character is
    read, a space is, if its probability times ``space_odds`` reaches the blank's: recognisers miss many that are there.
    """
    classes = probabilities.argmax(axis=1)
    likely = probabilities[np.arange(len(classes)), classes]
    faint = np.zeros(len(classes), dtype=bool)
    if space_odds > 1.0 and " " in characters:
        spaces = space_odds * probabilities[:, characters.index(" ")]
        faint = (classes == blank) & (spaces >= probabilities[:, blank])
        classes[faint] = characters.index(" ")
        likely[faint] = spaces[faint] / (spaces + probabilities[:, blank])[faint]
    runs = [list(columns) for _, columns in groupby(range(len(classes)), key=classes.tolist().__getitem__)]
    runs = [columns for columns in runs if classes[columns[0]] != blank]
    texts = [characters[classes[columns[0]]] for columns in runs]
    kept = [at for at, columns in enumerate(runs) if not faint[columns].all() or _separates(texts, at)]
    return CTCText(
        "".join(texts[at] for at in kept),
        tuple(min(1.0, float(likely[runs[at][0]])) for at in kept for _ in texts[at]),
        tuple(runs[at][0] for at in kept for _ in texts[at]),
        tuple(
            None if faint[runs[at][0]] else _alternative(probabilities[runs[at][0]], characters, blank)
            for at in kept
            for _ in texts[at]
        ),
    )


def _alternative(probabilities: NDArray[np.float32], characters: Sequence[str], blank: int) -> Alternative | None:
    """The second most likely character of a column; None where there is no doubt or where it may be none at all."""
    likely = [int(index) for index in np.flatnonzero(probabilities > FAINTEST) if index != blank]
    likely.sort(key=lambda index: -probabilities[index])
    if len(likely) < 2 or characters[likely[0]] == characters[likely[1]]:
        return None
    return characters[likely[1]], min(1.0, float(probabilities[likely[1]]))


def _separates(texts: Sequence[str], at: int) -> bool:
    """Whether a space that is not certain stands between two words and not within a number such as ``1,50``."""
    if not 0 < at < len(texts) - 1 or " " in (texts[at - 1], texts[at + 1]):
        return False
    around = "".join(texts[max(0, at - 2) : at]) + " " + "".join(texts[at + 1 : at + 3])
    return not _WITHIN_NUMBER.search(around)
