"""Character error rates, as the project states them."""

from __future__ import annotations

from collections.abc import Sequence


def edit_distance(left: str, right: str) -> int:
    """Levenshtein distance."""
    if len(left) < len(right):
        left, right = right, left
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(right, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


def fold(text: str) -> str:
    """Upper case, no spaces: how SROIE lines are compared."""
    return "".join(text.upper().split())


def character_error_rate(read: Sequence[str], truth: Sequence[str]) -> float:
    """Sum of edit distances over sum of reference lengths (0 when there is no reference text)."""
    length = sum(map(len, truth))
    return sum(map(edit_distance, read, truth)) / length if length else 0.0


def folded_error_rate(read: Sequence[str], truth: Sequence[str]) -> float:
    """`character_error_rate` without spaces and case."""
    return character_error_rate([fold(text) for text in read], [fold(text) for text in truth])


def exact_rate(read: Sequence[str], truth: Sequence[str]) -> float:
    """Share of lines without any error, spaces and case ignored."""
    return sum(fold(a) == fold(b) for a, b in zip(read, truth, strict=True)) / max(1, len(truth))
