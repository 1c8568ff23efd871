"""Random draws: the few that every generator module needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One element, each equally likely."""
    return choices[int(rng.integers(len(choices)))]


def whole(rng: np.random.Generator, low: int, high: int) -> int:
    """A whole number in low..high, both included."""
    return int(rng.integers(low, high + 1))


def chance(rng: np.random.Generator, probability: float) -> bool:
    return bool(rng.random() < probability)


def digits(rng: np.random.Generator, count: int, first: str = "0123456789") -> str:
    """`count` random digits, the first one out of `first`."""
    return pick(rng, first) + "".join(str(whole(rng, 0, 9)) for _ in range(count - 1))


def fill(rng: np.random.Generator, pattern: str) -> str:
    """The pattern with every "#" replaced by a digit, every "@" by a capital letter."""
    swap = {"#": lambda: str(whole(rng, 0, 9)), "@": lambda: pick(rng, _LETTERS)}
    return "".join(swap[char]() if char in swap else char for char in pattern)
