"""From words to lines: cut at wide gaps, joined where they stand close, cut again where a column begins.

A column's left edge is a tab stop: a place at which several rows below each other begin something. The idea is that of
R. Smith, "Hybrid Page Layout Analysis via Tab-Stop Detection", ICDAR 2009. Sorting apart, every step looks at
neighbours only.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.page_layout.model import LOOSE_GAP, LOOSE_LETTERS, LayoutLine, PlacedWord, em, least_em, pitch

# Gaps, in heights of the text beside them.
WIDE_GAP = 1.3  # columns: text beyond it belongs to something else
WIDE_TOWN = 2.5  # between a postal code of two groups and its town, which are set apart
WIDE_LETTERS = 2.2  # in widths of a letter: a full stop fills little of its place in a typewriter's face
OVERLAP = 0.8  # of two pieces of one line, cut where a letter stands
GUTTER = 0.5  # wider than most spaces; a column's edge where the rows beside it begin there, too
EDGE = 0.25  # how far edges of one column lie apart
NEXT_ROW = 1.3  # between rows that count as neighbours
ROWS = 2  # that begin at a place, beside the one in question, before it is a column's edge
SIZES = 1.5  # how much higher one of two rows of a column may be
_UNIT = 3  # characters of a sign, a currency or the first group of a long number
_DAY, _YEAR = re.compile(r"\d{1,2}[^\W\d_]{0,2},"), re.compile(r"(?:19|20)\d\d")
_TOWN = re.compile(r"\d{3} \d{2}")

Piece = list[PlacedWord]


def lines_of(words: Iterable[PlacedWord]) -> tuple[LayoutLine, ...]:
    """The printed lines, from top to bottom; words of two columns never make one line."""
    by_line: dict[int, Piece] = {}
    for word in words:
        by_line.setdefault(word.line, []).append(word)
    pieces = [piece for read in by_line.values() for piece in _split(read)]
    lines = [_line(piece) for piece in _cut_at_columns(_joined(pieces))]
    return tuple(sorted(lines, key=lambda line: (line.box.top + line.box.bottom, line.box.left)))


def same_row(a: BoundingBox, b: BoundingBox) -> bool:
    """Whether two boxes stand on one printed line."""
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)  # written out: this is asked thousands of times a page
    return shared > 0 and shared >= 0.45 * min(a.bottom - a.top, b.bottom - b.top)


def _line(piece: Piece) -> LayoutLine:
    return LayoutLine(tuple(piece), BoundingBox.union(word.box for word in piece))


def _split(words: Piece) -> list[Piece]:
    pieces = [words[:1]]
    for before, word in pairwise(words):
        if _is_apart(pieces[-1], before, word) or not same_row(before.box, word.box):
            pieces.append([])
        pieces[-1].append(word)
    return pieces


def _is_apart(words: Sequence[PlacedWord], before: PlacedWord, word: PlacedWord) -> bool:
    """Whether a column's gap parts a word from those before it; the cheap question comes first."""
    gap = word.word.box.left - before.word.box.right
    if gap <= WIDE_GAP * least_em(before, word):
        return False
    height = em(before, word)
    if gap <= WIDE_GAP * height or gap <= WIDE_LETTERS * pitch(before, word):
        return False
    return not (_heads_town(words, word) or _heads_year(before, word)) or gap > WIDE_TOWN * height


def _heads_town(words: Sequence[PlacedWord], following: PlacedWord) -> bool:
    """Whether a postal code as in "111 22  Stockholm" ends before a word."""
    code = " ".join(placed.word.text for placed in words[-2:])
    town = following.word.text
    return town[:1].isupper() and town.isalpha() and _TOWN.fullmatch(code) is not None


def _heads_year(before: PlacedWord, following: PlacedWord) -> bool:
    """Whether a date as in "May 14,  2026" goes on: two spaces of a typewriter's face are as wide as a column's gap."""
    return bool(_DAY.fullmatch(before.word.text) and _YEAR.fullmatch(following.word.text))


class _Shelves:
    """Pieces by where their last word ends, on shelves as high as most words, so that few are looked at."""

    def __init__(self, height: float) -> None:
        self._height = max(1.0, height)
        self._ends: dict[int, list[tuple[int, int]]] = {}  # by shelf: (right edge, number of the piece)

    def _reach(self, box: BoundingBox) -> range:
        return range(int(box.top // self._height), int((box.bottom - 1) // self._height) + 1)

    def put(self, box: BoundingBox, number: int) -> None:
        for shelf in self._reach(box):
            insort(self._ends.setdefault(shelf, []), (box.right, number))

    def remove(self, box: BoundingBox, number: int) -> None:
        for shelf in self._reach(box):
            ends = self._ends[shelf]
            del ends[bisect_left(ends, (box.right, number))]

    def near(self, box: BoundingBox, first: float, last: float) -> list[int]:
        """The pieces on the box's shelves that end between two places, in the order of their numbers."""
        found: set[int] = set()
        for shelf in self._reach(box):
            ends = self._ends.get(shelf, [])
            inside = ends[bisect_left(ends, (int(first), -1)) : bisect_left(ends, (int(last) + 1, -1))]
            found.update(number for _, number in inside)
        return sorted(found)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Pieces that stand close together on one row, as one."""
    pieces.sort(key=lambda words: words[0].box.left)
    shelves = _Shelves(median(words[0].box.height for words in pieces) if pieces else 1)
    grown: list[Piece] = []
    for piece in pieces:
        first = piece[0].box
        reach = WIDE_TOWN * first.height + LOOSE_LETTERS * max(first.width, first.height)
        near = shelves.near(first, first.left - 4 * reach, first.left + OVERLAP * first.height)
        number = next((n for n in near if _goes_on(grown[n], piece)), len(grown))
        if number == len(grown):
            grown.append([])
        else:
            shelves.remove(grown[number][-1].box, number)
        grown[number].extend(piece)
        shelves.put(piece[-1].box, number)
    return grown


def _goes_on(words: Piece, piece: Piece) -> bool:
    last, first = words[-1].box, piece[0].box
    if not (last.top < first.bottom and first.top < last.bottom):
        return False
    height, gap = min(first.height, last.height), first.left - last.right
    loose = WIDE_TOWN if _heads_town(words, piece[0]) or _heads_year(words[-1], piece[0]) else LOOSE_GAP
    wide = max(loose * height, LOOSE_LETTERS * pitch(words[-1], piece[0]))
    return -OVERLAP * height <= gap <= wide and _level(first, last)


def _level(one: BoundingBox, other: BoundingBox) -> bool:
    """Whether two boxes stand at one height, also when one of them holds the whole line and one only its letters."""
    lower, higher = sorted((one.height, other.height))
    shared = one.vertical_overlap(other)
    return shared >= 0.6 * higher or (shared >= 0.9 * lower and abs(one.center[1] - other.center[1]) <= 0.1 * higher)


def _cut_at_columns(pieces: list[Piece]) -> Iterator[Piece]:
    """The pieces, cut before words that stand at a column's left edge."""
    starts = _Starts([piece[0].box for piece in pieces])
    for piece in pieces:
        start = 0
        for place, (before, word) in enumerate(pairwise(piece), start=1):
            gap = word.word.box.left - before.word.box.right
            if gap < GUTTER * least_em(before, word):
                continue
            wide = gap >= GUTTER * em(before, word) and not _is_one_figure(piece[start:place], word)
            if wide and starts.below_and_above(word.box) == ROWS and starts.below_and_above(piece[start].box):
                yield piece[start:place]
                start = place
        yield piece[start:]


class _Starts:
    """Where pieces begin, in a grid as fine as most words are high, so that few are looked at."""

    def __init__(self, boxes: Sequence[BoundingBox]) -> None:
        self._cell = max(1.0, median(box.height for box in boxes)) if boxes else 1.0
        self._grid: dict[tuple[int, int], list[BoundingBox]] = {}
        for box in boxes:
            self._grid.setdefault((self._at(box.left), self._at(box.top)), []).append(box)

    def _at(self, place: float) -> int:
        return int(place // self._cell)

    def below_and_above(self, box: BoundingBox) -> int:
        """How many rows of the same print begin where the box does, in an unbroken run above and below it."""
        slack, reach = EDGE * box.height, (1 + NEXT_ROW) * box.height
        columns = range(self._at(box.left - slack), self._at(box.left + slack) + 1)
        count = 0
        for step in (1, -1):
            row: BoundingBox | None = box
            while row is not None and count < ROWS:
                shelves = range(self._at(row.top - 0.5 * reach), self._at(row.top + reach) + 1)
                if step < 0:
                    shelves = range(self._at(row.top - reach), self._at(row.top + 0.5 * reach) + 1)
                near = (other for x in columns for y in shelves for other in self._grid.get((x, y), ()))
                row = next((other for other in near if _follows(row, other, step) and _same_print(box, other)), None)
                count += row is not None
        return count


def _follows(row: BoundingBox, other: BoundingBox, step: int) -> bool:
    """Whether ``other`` stands in the next row below (step 1) or above (-1)."""
    gap = other.top - row.bottom if step > 0 else row.top - other.bottom
    return -0.4 * row.height <= gap <= NEXT_ROW * row.height


def _same_print(box: BoundingBox, other: BoundingBox) -> bool:
    aligned = abs(box.left - other.left) <= EDGE * box.height
    return aligned and max(box.height, other.height) <= SIZES * min(box.height, other.height)


def _is_one_figure(words: Sequence[PlacedWord], following: PlacedWord) -> bool:
    """Whether a column's edge can only be chance: inside "1 145,00", "38,89 EUR", "- 5,00" or "111 22  Stockholm"."""
    texts = words[-1].word.text, following.word.text
    if not any(character.isalnum() for character in texts[0]) or _heads_town(words, following):
        return True
    shorter, longer = sorted(texts, key=len)
    return len(shorter) <= _UNIT and is_figure(longer)


def is_figure(text: str) -> bool:
    """Whether a text is a number, an amount, a date or the like: half of its characters are digits and signs."""
    written = len(text) - sum(map(str.isspace, text))
    return any(map(str.isdigit, text)) and 2 * sum(map(str.isalpha, text)) <= written
