"""Where text stands on a page, in the words of hOCR and PAGE-XML.

All values are frozen. All coordinates are pixels of the page image that is reported, origin top left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

Point = tuple[float, float]
Polygon = tuple[Point, Point, Point, Point]  # corners clockwise from the top left of the text


@dataclass(frozen=True, slots=True, order=True)
class BoundingBox:
    """Axis-parallel rectangle; ``left < right`` and ``top < bottom``; right and bottom are exclusive.

    Raises ValueError for an empty or inverted box.
    """

    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        if self.left >= self.right or self.top >= self.bottom:
            raise ValueError(f"a box must have left < right and top < bottom, got {self.as_tuple()}")

    @classmethod
    def around(cls, points: Iterable[Point]) -> BoundingBox:
        """The smallest whole-pixel box that holds all points, at least 1 x 1."""
        xs, ys = zip(*points, strict=True)
        left, top = math.floor(min(xs)), math.floor(min(ys))
        return cls(left, top, max(left + 1, math.ceil(max(xs))), max(top + 1, math.ceil(max(ys))))

    @classmethod
    def union(cls, boxes: Iterable[BoundingBox]) -> BoundingBox:
        """The smallest box that holds all boxes (at least one)."""
        lefts, tops, rights, bottoms = zip(*(box.as_tuple() for box in boxes), strict=True)
        return cls(min(lefts), min(tops), max(rights), max(bottoms))

    @property
    def width(self) -> int:
        """In pixels, from 1."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In pixels, from 1."""
        return self.bottom - self.top

    @property
    def area(self) -> int:
        """In square pixels."""
        return self.width * self.height

    @property
    def center(self) -> Point:
        """x and y of the middle, in pixels."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def as_tuple(self) -> tuple[int, int, int, int]:
        """left, top, right, bottom, as boxes stand in the JSON."""
        return self.left, self.top, self.right, self.bottom

    def intersection_area(self, other: BoundingBox) -> int:
        """Shared pixels; 0 when the boxes do not touch."""
        return max(0, min(self.right, other.right) - max(self.left, other.left)) * self.vertical_overlap(other)

    def vertical_overlap(self, other: BoundingBox) -> int:
        """Shared rows of pixels; 0 when one box is wholly above the other."""
        return max(0, min(self.bottom, other.bottom) - max(self.top, other.top))

    def horizontal_overlap(self, other: BoundingBox) -> int:
        """Shared columns of pixels; 0 when one box is wholly beside the other."""
        return max(0, min(self.right, other.right) - max(self.left, other.left))

    def contains(self, point: Point) -> bool:
        """Whether a point (x, y) lies in it; right and bottom edges do not."""
        return self.left <= point[0] < self.right and self.top <= point[1] < self.bottom

    def padded(self, margin: int, width: int, height: int) -> BoundingBox:
        """Grown by ``margin`` pixels on each side, cut at a page of ``width`` x ``height``."""
        left, top = max(0, self.left - margin), max(0, self.top - margin)
        right, bottom = min(width, self.right + margin), min(height, self.bottom + margin)
        return BoundingBox(min(left, width - 1), min(top, height - 1), max(right, left + 1), max(bottom, top + 1))


def checked_confidence(value: float | None) -> float | None:
    """The value itself when it is in 0..1 or unknown (None, never 0); ValueError otherwise."""
    if value is not None and not 0.0 <= value <= 1.0:
        raise ValueError(f"a confidence lies in 0..1 or is None, got {value}")
    return value


@dataclass(frozen=True, slots=True)
class Word:
    """Text between spaces (PAGE ``Word``). ``confidence`` in 0..1 or None when the engine gives none."""

    text: str
    box: BoundingBox
    confidence: float | None = None

    def __post_init__(self) -> None:
        checked_confidence(self.confidence)


Alternative = tuple[str, float]  # what a character may be instead, and its confidence in 0..1


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text (PAGE ``TextLine``).

    ``char_confidences``, where known, has one value in 0..1 per code point of ``text``.
    ``alternatives``, where known, has the engine's or the vote's second thought for each code point, None for none.
    ``polygon``, where known, holds the four corners clockwise from the text's top left (PAGE ``Coords``).
    """

    text: str
    box: BoundingBox
    confidence: float | None = None
    words: tuple[Word, ...] = ()
    char_confidences: tuple[float, ...] | None = None
    polygon: Polygon | None = None
    alternatives: tuple[Alternative | None, ...] | None = None

    def __post_init__(self) -> None:
        checked_confidence(self.confidence)
        if self.char_confidences is not None and len(self.char_confidences) != len(self.text):
            raise ValueError(f"{len(self.char_confidences)} character confidences for {len(self.text)} characters")
