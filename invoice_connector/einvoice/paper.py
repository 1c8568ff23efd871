"""Sheets of paper on which texts are set from top to bottom, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr_ensemble.document.limits import Limits
from ocr_ensemble.layout import BoundingBox

DPI = 150
WIDTH, HEIGHT = 1240, 1754
"""Pixels of a sheet: A4 at DPI."""
MARGIN = 80
_SIZE, _LEADING, _PADDING = 20, 28, 6
_INK, _PAPER, _RULE = (20, 20, 20), (255, 255, 255), (190, 190, 190)


@dataclass(frozen=True, slots=True)
class Cell:
    """A text to be set from ``left`` over ``width`` pixels, to the right end of them where it is ``right`` aligned."""

    text: str
    left: int
    width: int
    bold: bool = False
    right: bool = False


@dataclass(frozen=True, slots=True)
class Print:
    """A line of text on a sheet; ``page`` counts from 1."""

    text: str
    page: int
    box: BoundingBox


class Paper:
    """Takes rows until ``limits`` are met. Raises DocumentTooLargeError beyond them."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name, self._limits = name, limits
        self._sheets: list[Image.Image] = []
        self._top = HEIGHT
        self.prints: list[Print] = []

    def row(self, *cells: Cell) -> tuple[Print, ...]:
        """Sets the cells beside each other; where each went, its lines as one."""
        texts = [_wrapped(cell) for cell in cells]
        height = max(map(len, texts)) * _LEADING + _PADDING
        if self._top + height > HEIGHT - MARGIN:
            self._next_sheet()
        draw = ImageDraw.Draw(self._sheets[-1])
        places = []
        for cell, lines in zip(cells, texts, strict=True):
            found = [self._line(draw, cell, text, self._top + _LEADING * row) for row, text in enumerate(lines)]
            self.prints += [line for line in found if line.text]
            places.append(Print(cell.text, len(self._sheets), BoundingBox.union(line.box for line in found)))
        self._top += height
        return tuple(places)

    def gap(self) -> None:
        """A rule across the sheet."""
        if self._sheets and self._top < HEIGHT - 2 * MARGIN:
            y = self._top + _LEADING // 2
            ImageDraw.Draw(self._sheets[-1]).line((MARGIN, y, WIDTH - MARGIN, y), fill=_RULE)
            self._top += _LEADING

    def pixels(self) -> list[NDArray[np.uint8]]:
        """The sheets: uint8, shape (HEIGHT, WIDTH, 3), RGB."""
        return [np.asarray(sheet, dtype=np.uint8) for sheet in self._sheets]

    def _line(self, draw: ImageDraw.ImageDraw, cell: Cell, text: str, top: int) -> Print:
        font = _font(cell.bold)
        length = max(1, round(font.getlength(text)))
        left = cell.left + cell.width - length if cell.right else cell.left
        draw.text((left, top), text, fill=_INK, font=font)
        return Print(text, len(self._sheets), BoundingBox(max(0, left), top, max(1, left + length), top + _LEADING - 4))

    def _next_sheet(self) -> None:
        self._limits.check_page_count(len(self._sheets) + 1, self._name)
        self._limits.check_total((len(self._sheets) + 1) * WIDTH * HEIGHT, self._name)
        self._sheets.append(Image.new("RGB", (WIDTH, HEIGHT), _PAPER))
        self._top = MARGIN


def _wrapped(cell: Cell) -> Sequence[str]:
    """The text in lines no wider than its cell; at least one line."""
    font, lines, line = _font(cell.bold), [], ""
    for word in cell.text.split():
        longer = f"{line} {word}".strip()
        if not line or font.getlength(longer) <= cell.width:
            line = longer
        else:
            lines.append(line)
            line = word
        while font.getlength(line) > cell.width and len(line) > 1:
            fitting = max(1, int(len(line) * cell.width / font.getlength(line)) - 1)
            lines.append(line[:fitting])
            line = line[fitting:]
    return [*lines, line]


@cache
def _font(bold: bool) -> ImageFont.FreeTypeFont:
    """DejaVu, which has Latin, Greek and Cyrillic letters and comes with the library that draws the charts."""
    spec = find_spec("matplotlib")
    assert spec is not None and spec.submodule_search_locations
    folder = Path(next(iter(spec.submodule_search_locations))) / "mpl-data" / "fonts" / "ttf"
    return ImageFont.truetype(folder / f"DejaVuSans{'-Bold' if bold else ''}.ttf", _SIZE)
