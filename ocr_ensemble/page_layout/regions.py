"""From lines to text regions: lines stacked below each other that line up left, right or around one centre."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from ocr_ensemble.layout import BoundingBox

# In heights of the smaller of two lines.
_ABOVE, _BELOW = -0.4, 1.1  # gaps inside a region
_SIDE, _CENTRE = 1.2, 1.5  # how far left or right edges, or centres, lie apart
_SIZES = 2.2  # how much higher one of two lines may be
_LOST = 2.0  # heights of its last line below which nothing belongs to a region any more


class Boxed(Protocol):
    """Anything with a place on the page."""

    @property
    def box(self) -> BoundingBox: ...


Item = TypeVar("Item", bound=Boxed)


def stacked(lines: Iterable[Item]) -> list[tuple[Item, ...]]:
    """The lines in stacks, each from top to bottom, in the order of their first lines' tops.

    A line goes to the nearest stack above it that it continues; stacks too far above are not looked at again.
    """
    stacks: list[list[Item]] = []
    open_stacks = _Open()
    for line in sorted(lines, key=lambda item: (item.box.top, item.box.left)):
        box = line.box
        above: list[tuple[int, int]] = []
        for number in sorted(open_stacks.near(box)):
            last = stacks[number][-1].box
            if box.top - last.bottom > _LOST * last.height:
                open_stacks.drop(last, number)
            elif _continues(last, box):
                above.append((box.top - last.bottom, number))
        number = min(above)[1] if above else len(stacks)
        if above:
            open_stacks.drop(stacks[number][-1].box, number)
        else:
            stacks.append([])
        stacks[number].append(line)
        open_stacks.put(box, number)
    return [tuple(stack) for stack in stacks]


class _Open:
    """Stacks that may go on, by the edges and the centre of their last line."""

    def __init__(self) -> None:
        self._left, self._right, self._centre = _Places(), _Places(), _Places()

    def near(self, box: BoundingBox) -> set[int]:
        """Those whose last line lines up with the box."""
        side, centre = _SIDE * box.height, _CENTRE * box.height
        return {
            *self._left.near(box.left, side),
            *self._right.near(box.right, side),
            *self._centre.near(box.center[0], centre),
        }

    def put(self, box: BoundingBox, number: int) -> None:
        for places, place in self._places_of(box):
            places.put(place, number)

    def drop(self, box: BoundingBox, number: int) -> None:
        for places, place in self._places_of(box):
            places.drop(place, number)

    def _places_of(self, box: BoundingBox) -> tuple[tuple[_Places, float], ...]:
        return (self._left, box.left), (self._right, box.right), (self._centre, box.center[0])


class _Places:
    """Numbers of stacks in the order of one coordinate."""

    def __init__(self) -> None:
        self._places: list[tuple[float, int]] = []

    def near(self, place: float, slack: float) -> Sequence[int]:
        first, last = (
            bisect_left(self._places, (place - slack, -1)),
            bisect_right(self._places, (place + slack, 1 << 62)),
        )
        return [number for _, number in self._places[first:last]]

    def put(self, place: float, number: int) -> None:
        insort(self._places, (place, number))

    def drop(self, place: float, number: int) -> None:
        at = bisect_left(self._places, (place, number))
        if self._places[at : at + 1] == [(place, number)]:
            del self._places[at]


def _continues(above: BoundingBox, below: BoundingBox) -> bool:
    height, gap = min(above.height, below.height), below.top - above.bottom
    if not _ABOVE * height <= gap <= _BELOW * height or max(above.height, below.height) > _SIZES * height:
        return False
    centred = abs(above.center[0] - below.center[0]) <= _CENTRE * height
    sides = abs(above.left - below.left), abs(above.right - below.right)
    return min(sides) <= _SIDE * height or centred
