"""What a page is made of, in PAGE-XML's words: words, lines, text regions, tables with cells. All values are frozen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ocr_ensemble.layout import BoundingBox, Word

LOOSE_GAP = 0.85  # heights of the text; written as two spaces, so that "2  250,00" is never read as 2 250,00
LOOSE_LETTERS = 1.5  # the same in widths of a letter: one space of a typewriter's face is wide, but still one
LINE_SHARE = 0.75  # of a line's box that its letters fill, where a detector drew it


@dataclass(frozen=True, slots=True, eq=False)
class PlacedWord:
    """A word and the line it was read in: the line's number among those given, the word's place in its text (None
    where the text does not show it), and the height of the line's box in pixels as its engine drew it."""

    word: Word
    line: int
    start: int | None
    line_height: int

    @property
    def box(self) -> BoundingBox:
        return self.word.box


@dataclass(frozen=True, slots=True, eq=False)
class LayoutLine:
    """Words of one printed line, left to right, with no wide gap and no column's edge between them (PAGE
    ``TextLine``)."""

    words: tuple[PlacedWord, ...]
    box: BoundingBox

    @property
    def text(self) -> str:
        """The words with one space between them, two where the gap is loose."""
        parts = [self.words[0].word.text]
        for before, word in pairwise(self.words):
            parts += ["  " if is_loose(before, word) else " ", word.word.text]
        return "".join(parts)


@dataclass(frozen=True, slots=True, eq=False)
class TextRegion:
    """Lines stacked below each other that line up left or around one centre (PAGE ``TextRegion``), top to bottom."""

    lines: tuple[LayoutLine, ...]
    box: BoundingBox


@dataclass(frozen=True, slots=True, eq=False)
class TableCell:
    """The lines of one cell, top to bottom; ``row`` and ``column`` count from 0 (PAGE ``TableCellRole``)."""

    row: int
    column: int
    lines: tuple[LayoutLine, ...]
    box: BoundingBox


@dataclass(frozen=True, slots=True, eq=False)
class TableRegion:
    """Cells in rows and columns, by row, then by column (PAGE ``TableRegion``); empty cells are left out."""

    cells: tuple[TableCell, ...]
    box: BoundingBox

    @property
    def lines(self) -> tuple[LayoutLine, ...]:
        return tuple(line for cell in self.cells for line in cell.lines)

    def rows(self) -> list[list[TableCell]]:
        """The cells of each row, left to right."""
        rows: dict[int, list[TableCell]] = {}
        for cell in self.cells:
            rows.setdefault(cell.row, []).append(cell)
        return [rows[number] for number in sorted(rows)]


Region = TextRegion | TableRegion


@dataclass(frozen=True, slots=True, eq=False)
class PageLayout:
    """A page's regions in reading order. Every word of the page stands in one line, every line in one region."""

    regions: tuple[Region, ...]

    @property
    def lines(self) -> Iterator[LayoutLine]:
        """All lines in reading order; those of a table row by row."""
        return (line for region in self.regions for line in region.lines)

    @property
    def text(self) -> str:
        """The text in reading order, a line each; a table's row is one line, with tabs between its cells."""
        return "\n".join(line for region in self.regions for line in _written(region))


def is_loose(before: PlacedWord, word: PlacedWord) -> bool:
    """Whether the gap between two words of a line is wider than a space."""
    gap = word.word.box.left - before.word.box.right
    if gap <= LOOSE_GAP * least_em(before, word):
        return False
    return gap > LOOSE_GAP * em(before, word) and gap > LOOSE_LETTERS * pitch(before, word)


def least_em(one: PlacedWord, other: PlacedWord) -> float:
    """What ``em`` is at least, told by the line alone: most gaps are narrower than any that counts."""
    return LINE_SHARE * min(one.line_height, other.line_height)


def em(one: PlacedWord, other: PlacedWord) -> float:
    """The height gaps are measured in. Boxes of words may hug letters without ascenders while those of others hold the
    whole line, so the line's box counts as well."""
    a, b = one.word.box, other.word.box  # written out, as this is asked about every word
    return max(min(a.bottom - a.top, b.bottom - b.top), least_em(one, other))


def pitch(one: PlacedWord, other: PlacedWord) -> float:
    """Width of a letter of the longer word in pixels."""
    longer = other.word if len(other.word.text) > len(one.word.text) else one.word
    return longer.box.width / len(longer.text)


def _written(region: Region) -> list[str]:
    if isinstance(region, TextRegion):
        return [line.text for line in region.lines]
    return ["\t".join(" ".join(line.text for line in cell.lines) for cell in row) for row in region.rows()]
