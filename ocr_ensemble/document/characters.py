"""The characters of a PDF page's text through pdfium, with their places and whether a person sees them."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import compress, groupby, islice
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ocr_ensemble.document.character_table import CharacterTable
from ocr_ensemble.document.covers import covered, is_empty
from ocr_ensemble.document.painted import Picture, PlacedCharacters, differing, painted, switched_off, without
from ocr_ensemble.document.raw import Glyphs
from ocr_ensemble.grey import in_grey, one_channel

_MOST_GLYPHS = 100_000  # a page of print has under 10,000
_MOST_ASKEW, _LONGEST_ASKEW = 50, 200  # texts of a page, characters of one
_LINE_ENDS = (0x0A, 0x0D)
_LOW = 0.25  # of the height of the character beside it: no letter is that low, nor set so far off its line
_SUBPIXELS = 64  # pdfium maps points to whole device pixels: ask for a device this much finer


@dataclass(frozen=True, slots=True)
class View:
    """How a page is rendered: ``size`` (width, height) in pixels, ``turn`` in degrees, ``scale`` in pixels a point,
    with its ``annotations`` or without."""

    page: pypdfium2.PdfPage
    size: tuple[int, int]
    turn: int
    scale: float
    annotations: bool = True

    def picture(self) -> Picture:
        """Shape (H, W, 3), RGB; one array thrice where it has no colour."""
        if is_empty(self.page):
            return in_grey(np.full((self.size[1], self.size[0]), 255, dtype=np.uint8))
        rendered = self.page.render(
            scale=self.scale, rotation=self.turn, draw_annots=self.annotations, rev_byteorder=True, prefer_bgrx=False
        )
        with closing(rendered) as bitmap:
            return one_channel(bitmap.to_numpy()[:, :, :3])

    def to_pixels(self) -> NDArray[np.float64]:
        """Shape (3, 2): (x, y, 1) in points of the page @ this = pixels of the picture."""
        width, height = self.size[0] * _SUBPIXELS, self.size[1] * _SUBPIXELS

        def device(x: float, y: float) -> NDArray[np.float64]:
            column, row = ctypes.c_int(), ctypes.c_int()
            pdfium.FPDF_PageToDevice(self.page, 0, 0, width, height, self.turn // 90, x, y, column, row)
            return np.array([column.value, row.value], dtype=np.float64) / _SUBPIXELS

        reach = 100.0
        origin = device(0, 0)
        return np.array([(device(reach, 0) - origin) / reach, (device(0, reach) - origin) / reach, origin])

    def smaller(self, scale: float) -> View:
        """The same page in ``scale`` times the size."""
        width, height = self.size
        return replace(self, size=(math.ceil(scale * width), math.ceil(scale * height)), scale=scale * self.scale)


def seen_glyphs(characters: Characters, view: View, pixels: Picture) -> Glyphs:
    """All level glyphs; those that nobody sees are marked so.

    pdfium leaves out a text that repeats an earlier one in its place. Where that one is hidden, the page is asked again
    without it, and looked at again where it says more than before.
    """
    glyphs, hidden = characters.glyphs(view, pixels)
    if not hidden:
        return glyphs
    with switched_off(hidden), closing(view.page.get_textpage()) as text_page:
        others = Characters(view.page, text_page)
        if others.count == characters.count - characters.count_of(hidden):
            return glyphs
        seen, _ = others.glyphs(view, pixels)
    return seen.joined(glyphs.where(~glyphs.visible))


class Characters:
    """What pdfium says about each character, in points of the page, y upwards."""

    def __init__(self, page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage) -> None:
        self._page = page
        self._text = text_page
        self._table = CharacterTable(text_page.raw)
        count = min(max(0, text_page.count_chars()), _MOST_GLYPHS)
        self._codes = self._table.codes(count)
        # Generated characters are pdfium's guess at spaces and line ends; geometry decides that here.
        self._indexes: list[int] = np.flatnonzero(~self._table.generated(self._codes)).tolist()
        self._owners = np.zeros(count, dtype=np.int64)
        self._owners[self._indexes] = self._table.owners(self._indexes)
        angles = self._table.angles(self._indexes, self._owners[self._indexes])
        # Clockwise from level: pdfium gives the angle on the page, the page's own rotation comes on top.
        self._angles = np.mod(np.round(np.degrees(angles)) + page.get_rotation(), 360)

    @property
    def count(self) -> int:
        """How many characters the file has, spaces included."""
        return len(self._indexes)

    def count_of(self, objects: Sequence[pdfium.FPDF_PAGEOBJECT]) -> int:
        """How many of them these text objects have."""
        wanted = [ctypes.addressof(item.contents) for item in objects if item]
        return int(np.count_nonzero(np.isin(self._owners[self._indexes], wanted)))

    def most_common_turn(self) -> int:
        """Degrees clockwise (0, 90, 180, 270) that bring most characters level; 0 unless they are a clear majority."""
        quarters = np.mod(np.round(self._angles / 90), 4).astype(int)
        counts = np.bincount(quarters, minlength=4)
        best = int(counts.argmax())
        return (4 - best) % 4 * 90 if counts[best] > 0.7 * counts.sum() and counts[best] >= 50 else 0

    def lack_fonts(self) -> bool:
        """Whether there are characters, and the font of the first of them is not in the file."""
        if not self._indexes:
            return False
        printed = pdfium.FPDFText_GetTextObject(self._text, self._indexes[0])
        font = pdfium.FPDFTextObj_GetFont(printed) if printed else None
        return bool(font) and pdfium.FPDFFont_GetIsEmbedded(font) == 0

    def glyphs(self, view: View, pixels: Picture) -> tuple[Glyphs, list[pdfium.FPDF_PAGEOBJECT]]:
        """Level characters only, in ``pixels`` of the page as ``view`` renders it, and the text objects of which none
        is seen."""
        level = np.flatnonzero(self._is_level(view.turn))
        to_pixels = view.to_pixels()
        indexes, table, characters = self._placed([self._indexes[at] for at in level.tolist()], to_pixels)
        visible = painted(characters, pixels, view.picture)
        fonts, colours = _prints_of(characters)
        baselines = (np.column_stack([table[:, 8:10], np.ones(len(table))]) @ to_pixels)[:, 1]
        glyphs = Glyphs(
            codes=characters.codes,
            tight=characters.boxes,
            loose=_as_high_as_beside(mapped_boxes(table[:, 4:8], to_pixels), characters.boxes, baselines),
            baselines=baselines,
            visible=visible,
            mapped=self._table.mapped(indexes),
            covered=covered(characters, visible, self._page, view.picture),
            fonts=fonts,
            colours=colours,
        )
        return glyphs, characters.hidden(visible)

    def askew(self, view: View, pixels: Picture) -> tuple[str, ...]:
        """The texts at any other angle that a person sees, each as it was set."""
        runs = list(islice(self._askew_runs(view.turn), _MOST_ASKEW))
        if not runs:
            return ()
        to_pixels = view.to_pixels()
        placed = [self._placed(run, to_pixels)[2] for run in runs]
        blank = without([item for run in placed for item in run.objects.values() if item], view.picture)
        seen = [run for run, found in zip(runs, placed, strict=True) if differing(found.boxes, pixels, blank).any()]
        return tuple(text for run in seen for text in self._text_of(run))

    def _askew_runs(self, turn: int) -> Iterator[list[int]]:
        """Characters that follow each other at one angle."""
        level = self._is_level(turn)
        if level.all():
            return
        numbered = zip(self._indexes, self._angles.tolist(), level.tolist(), strict=True)
        for (_, is_level), run in groupby(numbered, key=lambda each: each[1:]):
            if not is_level:
                yield [index for index, _, _ in run][:_LONGEST_ASKEW]

    def _text_of(self, run: Sequence[int]) -> Iterator[str]:
        """Line by line, with the spaces and line ends that pdfium finds."""
        codes = self._codes[run[0] : run[-1] + 1]
        for line in "".join(map(chr, codes.tolist())).splitlines():
            if line.strip():
                yield " ".join(line.split())

    def _is_level(self, turn: int) -> NDArray[np.bool_]:
        angles = self._angles + turn
        return np.asarray(np.minimum(np.mod(angles, 360), np.mod(-angles, 360)) <= 3, dtype=np.bool_)

    def _placed(
        self, indexes: Sequence[int], to_pixels: NDArray[np.float64]
    ) -> tuple[list[int], NDArray[np.float64], PlacedCharacters]:
        """The characters that have a place and are no line ends, with their rows of ``CharacterTable.placed``."""
        codes, (has_place, table) = self._codes[indexes], self._table.placed(indexes)
        kept = has_place & np.isin(codes, _LINE_ENDS, invert=True)
        found = list(compress(indexes, kept.tolist()))
        boxes = mapped_boxes(table[kept, :4], to_pixels)
        return found, table[kept], PlacedCharacters.of(codes[kept].astype(np.int32), boxes, self._owners[found])


def _as_high_as_beside(
    loose: NDArray[np.float64], tight: NDArray[np.float64], baselines: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Advance boxes, shape (n, 4). Of a sign that /ActualText tells pdfium gives the ink alone, and that of a hyphen is
    too low to be legible and to measure gaps by: it is as high as the character before or behind it on its line."""
    found, bare = loose.copy(), (loose == tight).all(axis=1)
    heights = loose[:, 3] - loose[:, 1]
    for step in (1, -1):
        beside, line, height = np.roll(loose, step, axis=0), np.roll(baselines, step), np.roll(heights, step)
        low = bare & (heights < _LOW * height) & (np.abs(line - baselines) < _LOW * height)
        found[low, 1], found[low, 3] = beside[low, 1], beside[low, 3]
    return found


def mapped_boxes(boxes: NDArray[np.float64], to_pixels: NDArray[np.float64]) -> NDArray[Any]:
    """Boxes in points (two opposite corners a row) as left, top, right, bottom in pixels."""
    ones = np.ones((len(boxes), 1))
    first = np.hstack([boxes[:, :2], ones]) @ to_pixels
    second = np.hstack([boxes[:, 2:], ones]) @ to_pixels
    return np.hstack([np.minimum(first, second), np.maximum(first, second)])


def _prints_of(characters: PlacedCharacters) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """``Glyphs.fonts`` and ``Glyphs.colours``."""
    numbers: dict[bytes, int] = {}
    found = [_print_of(item, numbers) for item in characters.objects.values()]
    table = np.array(found, dtype=np.int32).reshape(-1, 2)
    ordered = np.argsort(list(characters.objects))
    places = ordered[np.searchsorted(list(characters.objects), characters.owners, sorter=ordered)]
    return table[places, 0], table[places, 1]


def _print_of(item: pdfium.FPDF_PAGEOBJECT, numbers: dict[bytes, int]) -> tuple[int, int]:
    font = pdfium.FPDFTextObj_GetFont(item) if item else None
    if not font:
        return -1, 0
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFFont_GetBaseFontName(font, name, len(name))
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    pdfium.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)
    return numbers.setdefault(name.value, len(numbers)), red.value << 16 | green.value << 8 | blue.value
