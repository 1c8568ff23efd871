"""The page before anything is searched in it: words become lines, lines regions and tables, regions an order.

``layout_of`` is the way in. The names are those of PAGE-XML: ``TextRegion``, ``TableRegion``, ``TextLine``, ``Word``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ocr_ensemble.layout import BoundingBox, TextLine
from ocr_ensemble.page_layout.lines import lines_of, same_row
from ocr_ensemble.page_layout.model import (
    LayoutLine,
    PageLayout,
    PlacedWord,
    Region,
    TableCell,
    TableRegion,
    TextRegion,
    is_loose,
)
from ocr_ensemble.page_layout.order import in_reading_order
from ocr_ensemble.page_layout.regions import stacked
from ocr_ensemble.page_layout.tables import tables_of
from ocr_ensemble.page_layout.words import placed_words

__all__ = [
    "LayoutLine",
    "PageLayout",
    "PlacedWord",
    "Region",
    "TableCell",
    "TableRegion",
    "TextRegion",
    "is_loose",
    "layout_of",
    "lines_of",
    "placed_words",
    "same_row",
    "stacked",
]


def layout_of(lines: Sequence[TextLine]) -> PageLayout:
    """The layout of one page from the lines that engines read on it, whatever they took for a line.

    Words are neither lost nor read twice; a line without text gives none. Boxes are in pixels of the page.
    """
    printed = lines_of(placed_words(lines))
    tables = tables_of(printed)
    inside = {line for table in tables for line in table.lines}
    stacks = stacked(line for line in printed if line not in inside)
    texts = [TextRegion(stack, BoundingBox.union(line.box for line in stack)) for stack in stacks]
    return PageLayout(tuple(in_reading_order([*tables, *texts])))
