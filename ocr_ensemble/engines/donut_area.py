"""The part of a page that a compact Donut is given: rows that begin with a label it knows, cut out and stacked.

A whole page is far too large for a network of a few million parameters. Such a checkpoint says in ``area.json`` beside
it which labels it learnt; each row of its picture is one label with what stands to the right of it, and below it where
nothing to the right is a figure. What is read stays the model's business: only where to look is given.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.layout import BoundingBox, TextLine, Word

AREA_FILE = "area.json"
_PATCH = 4  # pixels
_LONGEST = 6  # words of a label
_FUZZY_FROM = 6  # letters from which one of them may be misread
_GAP = 0.5  # of the row height, between pieces from different places
_MARGIN = 0.12  # of a word's height, above and below
_BELOW = 2.5  # line heights
_AFTER_LABEL = tuple(":.#°º")  # between a label and a number that no space parts
_CURRENCY = 3  # letters
_ASIDE = 8.0  # line heights: how far a value below may reach to the right of its label's left edge

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the page, ``source`` in its pixels, and where it goes in the picture; rows are of one height."""

    source: BoundingBox
    row: int
    left: int
    width: int


@dataclass(frozen=True, slots=True)
class _Hit:
    """A label: words ``start`` to ``end`` of a line."""

    line: TextLine
    start: int
    end: int

    @property
    def box(self) -> BoundingBox:
        return BoundingBox.union(word.box for word in self.line.words[self.start : self.end])


@dataclass(frozen=True)
class FigureArea:
    """``labels`` as phrases; the picture is ``rows * row_height`` pixels high and ``width`` wide."""

    labels: tuple[str, ...]
    rows: int = 6
    row_height: int = 24
    width: int = 384
    pictures: int = 3

    @classmethod
    def load(cls, folder: Path) -> FigureArea | None:
        """The area of a checkpoint; None when it wants the whole page."""
        path = folder / AREA_FILE
        if not path.is_file():
            return None
        stored = json.loads(path.read_text("utf-8"))
        return cls(tuple(stored.pop("labels")), **stored)

    def save(self, folder: Path) -> None:
        """Written beside a checkpoint; ``load`` gives it back."""
        names = ("labels", "rows", "row_height", "width", "pictures")
        stored = {name: getattr(self, name) for name in names}
        (folder / AREA_FILE).write_text(json.dumps(stored, ensure_ascii=False, indent=0) + "\n", "utf-8")

    @cached_property
    def _phrases(self) -> frozenset[str]:
        return frozenset(folded for label in self.labels if (folded := _folded(label)))

    @cached_property
    def _near_phrases(self) -> frozenset[str]:
        """Long labels, also with one letter left out."""
        long = [phrase for phrase in self._phrases if len(phrase) >= _FUZZY_FROM]
        return frozenset(near for phrase in long for near in (phrase, *_shortened(phrase)))

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._phrases), default=0) + 1

    def layout(self, lines: Iterable[TextLine]) -> list[list[Piece]]:
        """The pieces of each picture, rows from top to bottom; an empty list when no label is found."""
        rows = self._rows([line for line in lines if line.words])
        kept = rows[: self.rows * self.pictures]
        return [
            [piece for number, row in enumerate(kept[start : start + self.rows]) for piece in self._placed(row, number)]
            for start in range(0, len(kept), self.rows)
        ]

    def draw(self, pixels: Grey, pieces: Sequence[Piece]) -> Grey:
        """The picture of these pieces of a grey page; shape (rows * row_height, width)."""
        import cv2

        paper = int(np.median(pixels[:: max(1, len(pixels) // 64), :: max(1, pixels.shape[1] // 64)]))
        picture = np.full((self.rows * self.row_height, self.width), paper, np.uint8)
        for piece in pieces:
            part = pixels[piece.source.top : piece.source.bottom, piece.source.left : piece.source.right]
            if part.size:
                shrunk = part.shape[0] > self.row_height
                how = cv2.INTER_AREA if shrunk else cv2.INTER_LINEAR
                top = piece.row * self.row_height
                fitted = cv2.resize(part, (piece.width, self.row_height), interpolation=how)
                picture[top : top + self.row_height, piece.left : piece.left + piece.width] = fitted
        return picture

    def _rows(self, lines: Sequence[TextLine]) -> list[list[BoundingBox]]:
        """Per label the boxes of the page that make its row, from left to right."""
        hits = [hit for line in lines for hit in self._hits(line)]
        starts = {id(hit.line.words[hit.start]) for hit in hits}
        taken: set[int] = set()
        rows = []
        for hit in hits:
            if id(hit.line.words[hit.start]) in taken:
                continue
            words = _to_the_right(hit, lines, starts)
            if any(map(_is_figure, words)):
                taken.update(map(id, words))
            else:
                below = _below(hit, lines)
                if not any(map(_is_figure, below)):
                    continue
                words = [*hit.line.words[hit.start : hit.end], *below]
            rows.append([_grown(BoundingBox.union(word.box for word in run)) for run in _runs(words)])
        return rows

    def _hits(self, line: TextLine) -> list[_Hit]:
        """The labels of a line, longest first from the left, none inside another."""
        folded = ["" if _is_number(word.text) else _folded(word.text) for word in line.words]
        hits, start = [], 0
        while start < len(folded):
            ends = range(min(len(folded), start + _LONGEST), start, -1)
            whole = (end for end in ends if folded[start] and folded[end - 1])
            known = (end for end in whole if self._is_label("".join(folded[start:end])))
            end = next(known, None)
            if end is not None:
                hits.append(_Hit(line, start, end))
            start = end or start + 1
        return hits

    def _is_label(self, phrase: str) -> bool:
        if phrase in self._phrases:
            return True
        if not _FUZZY_FROM <= len(phrase) <= self._longest:
            return False
        return phrase in self._near_phrases or any(near in self._near_phrases for near in _shortened(phrase))

    def _placed(self, row: Sequence[BoundingBox], number: int) -> list[Piece]:
        """Side by side in the row's height; what does not fit is squeezed in."""
        gap = round(_GAP * self.row_height)
        widths = [box.width * self.row_height / box.height for box in row]
        squeeze = min(1.0, (self.width - gap * (len(row) - 1)) / sum(widths))
        pieces, left = [], 0
        for box, width in zip(row, widths, strict=True):
            fitted = max(1, min(int(width * squeeze), self.width - left))
            pieces.append(Piece(box, number, left, fitted))
            left += fitted + gap
            if left >= self.width:
                break
        return pieces


def with_places(picture: Grey) -> NDArray[np.uint8]:
    """A grey picture (H, W) as colour (H, W, 3) whose green and blue say where each 4 x 4 patch is.

    Sine waves of the patch's column and row, one of them a pixel: DonutSwin has no place embeddings of its own that
    work, and a decoder that does not know where a letter stands cannot find the next one.
    """
    return np.dstack([picture, _place_waves(*picture.shape)])


@lru_cache(maxsize=4)
def _place_waves(height: int, width: int) -> NDArray[np.uint8]:
    """(H, W, 2), 0..255."""
    rates = 2.0 ** -np.arange(8)
    channels = []
    for index, (axis, count) in enumerate(((1, width // _PATCH), (0, height // _PATCH))):
        angles = np.arange(count)[:, None] * rates * (2.0 if index else 1.5)
        waves = np.concatenate([np.sin(angles), np.cos(angles)], axis=1).reshape(count, _PATCH, _PATCH)
        tiles = np.broadcast_to(
            waves[None] if axis else waves[:, None], (height // _PATCH, width // _PATCH, _PATCH, _PATCH)
        )
        channels.append(tiles.transpose(0, 2, 1, 3).reshape(height, width))
    return np.round(np.stack(channels, axis=2) * 127.5 + 127.5).astype(np.uint8)


def _folded(text: str) -> str:
    """Letters only, lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if char.isalpha())


def _shortened(phrase: str) -> list[str]:
    return [phrase[:at] + phrase[at + 1 :] for at in range(len(phrase))]


def _is_figure(word: Word) -> bool:
    """A number that is not a rate."""
    return any(char.isdigit() for char in word.text) and not word.text.endswith("%")


def _is_number(text: str) -> bool:
    """INV-2025-17 is no label, though its letters are one; Moms25% and Nr.17 are."""
    digit = re.search(r"\d", text)
    return digit is not None and not text.endswith("%") and text[: digit.start()][-1:] not in _AFTER_LABEL


def _same_row(one: BoundingBox, other: BoundingBox) -> bool:
    return one.vertical_overlap(other) > 0.5 * min(one.height, other.height)


def _to_the_right(hit: _Hit, lines: Sequence[TextLine], starts: set[int]) -> list[Word]:
    """The label's words and those after it in its row, up to the next label or other text that follows a figure."""
    words = list(hit.line.words[hit.start :])
    edge = hit.line.box.right - hit.line.box.height
    beside = [line for line in lines if line.box.left >= edge and _same_row(line.box, hit.line.box)]
    for line in sorted(beside, key=lambda line: line.box.left):
        words += line.words
    kept = list(words[: hit.end - hit.start])
    for run in _runs(words[len(kept) :]):
        figures = any(map(_is_figure, kept))
        if figures and not any(map(_is_figure, run)) and len(_folded("".join(word.text for word in run))) > _CURRENCY:
            break
        for word in run:
            if id(word) in starts and any(map(_is_figure, kept)):
                return kept
            kept.append(word)
    return kept


def _below(hit: _Hit, lines: Sequence[TextLine]) -> list[Word]:
    """The words under the label in the nearest row below it that follow each other, from the run that is nearest."""
    box, height = hit.box, hit.line.box.height
    runs = [
        (BoundingBox.union(word.box for word in run), run)
        for line in lines
        if box.bottom - 0.3 * height <= line.box.top <= box.bottom + _BELOW * height
        for run in _runs(line.words)
    ]
    reach = box.left + round(_ASIDE * height)
    under = [
        (place, run)
        for place, run in runs
        if place.left < max(box.right + height, reach) and place.right > box.left - height
    ]
    if not under:
        return []
    first = min(place.top for place, _ in under)
    row = [(place, run) for place, run in under if place.top < first + 0.5 * height]
    _, nearest = min(row, key=lambda found: (_apart(found[0], box), abs(found[0].left - box.left)))
    return list(nearest)


def _apart(one: BoundingBox, other: BoundingBox) -> int:
    """Pixels between two boxes from left to right, 0 where one is below the other."""
    return max(0, one.left - other.right, other.left - one.right)


def _runs(words: Sequence[Word]) -> list[list[Word]]:
    """Words that follow each other in one line together; a wide gap begins a new run."""
    runs: list[list[Word]] = []
    for word in words:
        last = runs[-1][-1].box if runs else None
        if last and _same_row(last, word.box) and -last.height < word.box.left - last.right < 1.2 * last.height:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _grown(box: BoundingBox) -> BoundingBox:
    margin = max(1, round(_MARGIN * box.height))
    return BoundingBox(max(0, box.left - margin), max(0, box.top - margin), box.right + margin, box.bottom + margin)
