"""What stands where on a page, found without looking at everything: a page may hold thousands of words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from ocr_ensemble.layout import BoundingBox

Item = TypeVar("Item")

_SHELF = 32  # pixels


class Shelves(Generic[Item]):
    """Things by height on one page. ``box`` tells where a thing is."""

    def __init__(self, items: Iterable[Item] = (), box: Callable[[Item], BoundingBox] | None = None) -> None:
        self._items: list[Item] = []
        self._shelves: dict[int, list[int]] = {}
        for item in items:
            assert box is not None
            self.put(item, box(item))

    def put(self, item: Item, box: BoundingBox) -> None:
        self._items.append(item)
        for shelf in range(box.top // _SHELF, (box.bottom - 1) // _SHELF + 1):
            self._shelves.setdefault(shelf, []).append(len(self._items) - 1)

    def beside(self, box: BoundingBox) -> list[Item]:
        """What may share rows of pixels with the box, in the order it was put here; some of it only nearly does."""
        reach = range(box.top // _SHELF, (box.bottom - 1) // _SHELF + 1)
        return [self._items[number] for number in sorted({n for s in reach for n in self._shelves.get(s, ())})]
