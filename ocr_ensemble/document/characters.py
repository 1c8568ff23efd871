"""The characters of a PDF page's text through pdfium, with their places and whether a person sees them."""

from __future__ import annotations

import ctypes
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ocr_ensemble.document.painted import Picture, PlacedCharacters, painted, switched_off
from ocr_ensemble.document.raw import Glyphs

_MOST_GLYPHS = 100_000  # a page of print has under 10,000
_SUBPIXELS = 64  # pdfium maps points to whole device pixels: ask for a device this much finer


@dataclass(frozen=True, slots=True)
class View:
    """How a page is rendered: ``size`` (width, height) in pixels, ``turn`` in degrees, ``scale`` in pixels a point."""

    page: pypdfium2.PdfPage
    size: tuple[int, int]
    turn: int
    scale: float

    def picture(self) -> Picture:
        """Shape (H, W, 3), RGB."""
        rendered = self.page.render(scale=self.scale, rotation=self.turn, rev_byteorder=True, prefer_bgrx=False)
        with closing(rendered) as bitmap:
            return np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8)


def seen_glyphs(characters: Characters, view: View, pixels: Picture) -> Glyphs:
    """All level glyphs; those that nobody sees are marked so.

    pdfium leaves out a text that repeats an earlier one in its place. Where that one is hidden, the page is asked again
    without it.
    """
    glyphs, hidden = characters.glyphs(view, pixels)
    if not hidden:
        return glyphs
    with switched_off(hidden), closing(view.page.get_textpage()) as text_page:
        seen, _ = Characters(view.page, text_page).glyphs(view, pixels)
    return seen.joined(glyphs.where(~glyphs.visible))


class Characters:
    """What pdfium says about each character, in points of the page, y upwards."""

    def __init__(self, page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage) -> None:
        self._page = page
        self._text = text_page
        self._handle = text_page.raw
        self._room = _Room()
        count = min(max(0, text_page.count_chars()), _MOST_GLYPHS)
        # Generated characters are pdfium's guess at spaces and line ends; geometry decides that here.
        self._indexes = [index for index in range(count) if not pdfium.FPDFText_IsGenerated(self._handle, index)]
        angles = [pdfium.FPDFText_GetCharAngle(self._handle, index) for index in self._indexes]
        # Clockwise from level: pdfium gives the angle on the page, the page's own rotation comes on top.
        self._angles = np.mod(np.round(np.degrees(np.array(angles, dtype=np.float64))) + page.get_rotation(), 360)

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
        turn = view.turn
        level = np.flatnonzero(np.minimum(np.mod(self._angles + turn, 360), np.mod(-self._angles - turn, 360)) <= 3)
        placed = [(index, row) for index in (self._indexes[at] for at in level.tolist()) if (row := self._row(index))]
        table = np.array([row for _, row in placed], dtype=np.float64).reshape(-1, 12)
        to_pixels = _affine(self._page, view.size, turn)
        codes, tight = table[:, 0].astype(np.int32), _mapped_boxes(table[:, 1:5], to_pixels)
        objects = [pdfium.FPDFText_GetTextObject(self._handle, index) for index, _ in placed]
        characters = PlacedCharacters.of(codes, tight, objects)
        visible = painted(characters, pixels, view.picture)
        glyphs = Glyphs(
            codes=codes,
            tight=tight,
            loose=_mapped_boxes(table[:, 5:9], to_pixels),
            baselines=(np.column_stack([table[:, 9:11], np.ones(len(table))]) @ to_pixels)[:, 1],
            visible=visible,
            mapped=table[:, 11].astype(np.bool_),
        )
        return glyphs, characters.hidden(visible)

    def _row(self, index: int) -> tuple[float, ...] | None:
        """Code, tight box, loose box, origin, mapped; None for line ends and characters without a place."""
        text, room = self._handle, self._room
        code = pdfium.FPDFText_GetUnicode(text, index)
        if code in (0x0A, 0x0D):
            return None
        left, right, bottom, top = room.tight
        loose, (x, y) = room.loose, room.origin
        placed = (
            pdfium.FPDFText_GetCharBox(text, index, left, right, bottom, top)
            and pdfium.FPDFText_GetLooseCharBox(text, index, loose)
            and pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        )
        if not placed:
            return None
        mapped = pdfium.FPDFText_HasUnicodeMapError(text, index) != 1
        tight = (left.value, bottom.value, right.value, top.value)
        return (code, *tight, loose.left, loose.bottom, loose.right, loose.top, x.value, y.value, mapped)


class _Room:
    """Where pdfium writes what it says of a character; made once, for a page has thousands."""

    def __init__(self) -> None:
        self.tight = tuple(ctypes.c_double() for _ in range(4))
        self.loose = pdfium.FS_RECTF()
        self.origin = ctypes.c_double(), ctypes.c_double()


def _affine(page: pypdfium2.PdfPage, size: tuple[int, int], turn: int) -> NDArray[np.float64]:
    """Shape (3, 2): (x, y, 1) in points of the page @ this = pixels of the image rendered with the same arguments."""
    width, height = size[0] * _SUBPIXELS, size[1] * _SUBPIXELS

    def device(x: float, y: float) -> NDArray[np.float64]:
        column, row = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page, 0, 0, width, height, turn // 90, x, y, column, row)
        return np.array([column.value, row.value], dtype=np.float64) / _SUBPIXELS

    reach = 100.0
    origin = device(0, 0)
    return np.array([(device(reach, 0) - origin) / reach, (device(0, reach) - origin) / reach, origin])


def _mapped_boxes(boxes: NDArray[np.float64], to_pixels: NDArray[np.float64]) -> NDArray[Any]:
    """Boxes in points (two opposite corners a row) as left, top, right, bottom in pixels."""
    ones = np.ones((len(boxes), 1))
    first = np.hstack([boxes[:, :2], ones]) @ to_pixels
    second = np.hstack([boxes[:, 2:], ones]) @ to_pixels
    return np.hstack([np.minimum(first, second), np.maximum(first, second)])
