"""The order in which a page's regions are read: cut at the white between them, across first, then down.

The recursive X-Y cut of G. Nagy and S. Seth, "Hierarchical representation of optically scanned documents", ICPR 1984.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ocr_ensemble.page_layout.model import Region

_DEEPEST = 12  # cuts inside each other; what they cannot part is read from top to bottom


Edge = Callable[[Region], int]
_DOWN: tuple[Edge, Edge] = (lambda region: region.box.top, lambda region: region.box.bottom)
_ACROSS: tuple[Edge, Edge] = (lambda region: region.box.left, lambda region: region.box.right)


def in_reading_order(regions: Sequence[Region]) -> list[Region]:
    """The regions, each once, as a person reads them."""
    return _ordered(list(regions), 0)


def _ordered(regions: list[Region], depth: int) -> list[Region]:
    if len(regions) < 2 or depth == _DEEPEST:
        return sorted(regions, key=lambda region: (region.box.top, region.box.left))
    for start, end in (_DOWN, _ACROSS):
        parts = _cut(regions, start, end)
        if len(parts) > 1:
            return [region for part in parts for region in _ordered(part, depth + 1)]
    return sorted(regions, key=lambda region: (region.box.top, region.box.left))


def _cut(regions: Sequence[Region], start: Edge, end: Edge) -> list[list[Region]]:
    """The regions in the groups that white all along the page parts."""
    parts: list[list[Region]] = []
    reached = 0
    for region in sorted(regions, key=start):
        if not parts or start(region) >= reached:
            parts.append([])
        parts[-1].append(region)
        reached = max(reached, end(region))
    return parts
