"""CTC and attention together (Watanabe et al. 2017) for a TrOCR checkpoint that brings a CTC head.

The head reads all of the encoder's columns in one step; the decoder then judges that text in one step more, instead of
writing it token by token. A third of the time, and more accurate while the decoder is small: letting the decoder write
its own text where it disagrees, and taking the likelier of the two, gained 0.1 points of CER for three times the cost.
Public checkpoints have no such head and are read by the decoder alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.engines.ctc import FAINTEST
from ocr_ensemble.engines.encoder_decoder import Tokens

# Tokens given and tokens wanted, both (N, L), to the decoder's probability of each that is wanted, (N, L).
Judge = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.floating[Any]]]


@dataclass(frozen=True, slots=True)
class Alphabet:
    """``first``: the token of the head's class 1 (class 0 is blank); ``start``, ``end`` and ``padding`` of texts."""

    first: int
    start: int
    end: int
    padding: int

    def best_path(self, rows: NDArray[np.floating[Any]]) -> Tokens:
        """The likeliest path of one line, with the probability of each token and the token that comes second there;
        ``rows``: probabilities, shape (columns, classes)."""
        tokens, certain, others, previous = [], [], [], 0
        for row, numbers in zip(rows, np.argsort(-rows, axis=1, kind="stable")[:, :3].tolist(), strict=True):
            if numbers[0] and numbers[0] != previous:
                tokens.append(numbers[0] - 1 + self.first)
                certain.append(min(1.0, float(row[numbers[0]])))
                second = next(number for number in numbers[1:] if number)
                likely = float(row[second])
                others.append((second - 1 + self.first, likely) if likely > FAINTEST else None)
            previous = numbers[0]
        return Tokens(tuple(tokens), tuple(certain), None, tuple(others))


def read_jointly(alphabet: Alphabet, columns: NDArray[np.floating[Any]], judge: Judge) -> list[Tokens]:
    """Tokens of each line; ``columns``: the head's probabilities, (N, columns, classes). A token's probability is the
    geometric mean of the head's and the decoder's."""
    paths = [alphabet.best_path(rows) for rows in columns]
    scored = _scored(alphabet, [path.ids for path in paths], judge)
    return [
        Tokens(
            path.ids,
            tuple(math.sqrt(a * b) for a, b in zip(path.probabilities, decoder.probabilities, strict=True)),
            decoder.end,
            path.alternatives,
        )
        for path, decoder in zip(paths, scored, strict=True)
    ]


def _scored(alphabet: Alphabet, texts: Sequence[Sequence[int]], judge: Judge) -> list[Tokens]:
    """Each text with the decoder's probability of its tokens and of its end, from one pass."""
    shape = len(texts), max(map(len, texts)) + 1
    given, wanted = np.full(shape, alphabet.padding, np.int64), np.full(shape, alphabet.end, np.int64)
    for row, tokens in enumerate(texts):
        given[row, : len(tokens) + 1] = [alphabet.start, *tokens]
        wanted[row, : len(tokens)] = tokens
    chances = np.clip(judge(given, wanted), 0.0, 1.0).tolist()
    return [
        Tokens(tuple(tokens), tuple(row[: len(tokens)]), row[len(tokens)])
        for tokens, row in zip(texts, chances, strict=True)
    ]
