"""Which of many known phrases a text may be a misreading of.

Two texts within an edit distance of k differ by at most k in length, and the sets of their letters by at most 2 k. Most
phrases are told apart by that alone, in a few machine words each; only the rest are compared letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class KnownPhrases:
    """``lengths`` of the phrases and their ``letters``, a set of 64 bits each, shapes (phrases,)."""

    phrases: tuple[str, ...]
    lengths: NDArray[np.int64]
    letters: NDArray[np.uint64]

    @classmethod
    def of(cls, phrases: Iterable[str]) -> KnownPhrases:
        known = tuple(phrases)
        lengths = np.array([len(phrase) for phrase in known], dtype=np.int64)
        letters = np.zeros(len(known), dtype=np.uint64)
        for length in np.unique(lengths):
            places = np.flatnonzero(lengths == length)
            letters[places] = _letters([known[place] for place in places])
        return cls(known, lengths, letters)

    def nearest(self, texts: Iterable[str], least: float) -> Iterator[tuple[str, str, float]]:
        """For each text that resembles a phrase at least so much: the text, the phrase most like it (the first of
        equals) and how much, 0..1 (the normalised Levenshtein similarity)."""
        for length, group in groupby(sorted(set(texts), key=lambda text: (len(text), text)), key=len):
            if length:
                yield from self._nearest(list(group), length, least)

    def _nearest(self, texts: Sequence[str], length: int, least: float) -> Iterator[tuple[str, str, float]]:
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import cpdist

        edits = np.floor((1.0 - least) * np.maximum(self.lengths, length) + _ROUNDING)
        near = np.flatnonzero(np.abs(self.lengths - length) <= edits)
        differing = np.bitwise_count(_letters(texts)[:, None] ^ self.letters[near])
        rows, columns = np.nonzero(differing <= 2 * edits[near])
        pairs = [texts[row] for row in rows.tolist()], [self.phrases[place] for place in near[columns].tolist()]
        scores = cpdist(*pairs, scorer=Levenshtein.normalized_similarity, score_cutoff=least, dtype=np.float32)
        best: dict[str, tuple[str, float]] = {}
        for text, phrase, score in zip(*pairs, scores.tolist(), strict=True):
            if score >= least and (text not in best or score > best[text][1]):
                best[text] = phrase, score
        yield from ((text, *found) for text, found in best.items())


def _letters(texts: Sequence[str]) -> NDArray[np.uint64]:
    """The letters of each text, all of one length: a bit for those it has, another for those it has again; letters may
    share a bit."""
    codes = np.array(texts, dtype=str).view(np.uint32).reshape(len(texts), -1).astype(np.uint64) & np.uint64(31)
    codes.sort(axis=1)
    again = np.zeros(codes.shape, dtype=np.uint64)
    again[:, 1:] = (codes[:, 1:] == codes[:, :-1]) * np.uint64(32)
    bits: NDArray[np.uint64] = np.bitwise_or.reduce(np.uint64(1) << (codes + again), axis=1)
    return bits
