"""What TrOCR and Donut need of a checkpoint, whichever runtime computes it: pictures in, tokens out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What was generated for one picture, without prompt, end and padding.

    ``probabilities``: 0..1, one per token; ``end``: that of stopping there, None when the length limit cut it off.
    ``alternatives``: one per token, the second likeliest with its probability, or empty where none are known.
    """

    ids: tuple[int, ...]
    probabilities: tuple[float, ...]
    end: float | None
    alternatives: tuple[tuple[int, float] | None, ...] = ()

    @property
    def confidence(self) -> float:
        """Geometric mean over the tokens and the end, 0..1."""
        return geometric_mean((*self.probabilities, self.end or 0.0) if self.end is not None else self.probabilities)

    @classmethod
    def until(cls, end: int, ids: Sequence[int], probabilities: Sequence[float]) -> Tokens:
        """Of a row of tokens up to the first ``end``, what stands before it."""
        length = ids.index(end) if end in ids else len(ids)
        stop = probabilities[length] if length < len(ids) else None
        return cls(tuple(ids[:length]), tuple(probabilities[:length]), stop)


def geometric_mean(values: Sequence[float]) -> float:
    """0..1; 1 for no values."""
    if not values:
        return 1.0
    return min(1.0, math.exp(sum(math.log(max(value, 1e-12)) for value in values) / len(values)))


class EncoderDecoder(Protocol):
    """A checkpoint on its runtime; one call at a time. ``version`` of library and weights; ``at_once``: how many
    pictures a call had best have; ``runs_on``: the device as torch names it, "cpu", "cuda:1"."""

    version: str
    at_once: int
    runs_on: str

    def read(self, pictures: Sequence[Pixels]) -> list[Tokens]:
        """Of each picture, uint8, shape (H, W, C); all of one size, unless the checkpoint's own preparation makes them
        so."""
        ...

    def decode(self, ids: Sequence[int], special: bool = False) -> str:
        """The text of tokens; with ``special``, special tokens are written out."""
        ...
