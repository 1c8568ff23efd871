"""How likely a text is as letters of invoices: what decides between readings that are equally likely as print.

An interpolated letter n-gram model (Witten and Bell 1991), counted by ``scripts/train_letters.py`` on synthetic lines
in seven languages. It knows no digit from another, so that it never decides between two amounts, and no case.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

START, END = "\x02", "\x03"
ALPHABET = 120  # letters that are thought possible where nothing is known
REMEMBERED = 1 << 16  # sequences whose probability is kept


def folded(text: str) -> str:
    """Lower case, every digit as 0; one character for each."""
    return "".join("0" if char.isdigit() else char.lower()[0] for char in text)


class LetterModel:
    """``counts`` by letters of length 1 to ``order``, as ``folded`` writes them, with ``START`` and ``END``."""

    def __init__(self, order: int, counts: Mapping[str, int]) -> None:
        self.order = order
        self._counts = counts
        self._followers: dict[str, int] = {}
        self._kinds: dict[str, int] = {}
        for letters, count in counts.items():
            context = letters[:-1]
            self._followers[context] = self._followers.get(context, 0) + count
            self._kinds[context] = self._kinds.get(context, 0) + 1
        self._last = lru_cache(maxsize=REMEMBERED)(self._log_probability_of_last)

    def log_probability(self, text: str) -> float:
        """Natural logarithm of the text's probability, its end included."""
        letters = START * (self.order - 1) + folded(text) + END
        return sum(map(self._last, [letters[at : at + self.order] for at in range(len(letters) - self.order + 1)]))

    def _log_probability_of_last(self, letters: str) -> float:
        """Of the last letter after those before it: each longer context refines what the shorter one says."""
        probability = 1.0 / ALPHABET
        for start in range(len(letters) - 1, -1, -1):
            context = letters[start:-1]
            followers = self._followers.get(context, 0)
            if not followers:
                break
            kinds = self._kinds[context]
            probability = (self._counts.get(letters[start:], 0) + kinds * probability) / (followers + kinds)
        return math.log(probability)


@lru_cache(maxsize=1)
def bundled_letters() -> LetterModel:
    """The counts shipped with the package."""
    packed = resources.files("ocr_ensemble.fusion").joinpath("letters.json.gz").read_bytes()
    stored = json.loads(gzip.decompress(packed))
    return LetterModel(stored["order"], stored["counts"])
