"""What pdfium says about single characters, asked about thousands of them: the answers go straight into arrays.

A call that converts pointers and makes objects of Python takes longer than what pdfium does in it, and a page has ten
thousand characters with eight questions each.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

_ADDRESS, _INDEX = ctypes.c_size_t, ctypes.c_int
_UNITS = ctypes.POINTER(ctypes.c_ushort)
_GENERATED = (0x20, 0x0A, 0x0D)  # what pdfium writes where it guesses


class CharacterTable:
    """The characters of one text page by their index, in points of the page, y upwards."""

    def __init__(self, handle: pdfium.FPDF_TEXTPAGE) -> None:
        self._text = handle
        self._handle = ctypes.cast(handle, ctypes.c_void_p).value or 0

    def codes(self, count: int) -> NDArray[np.int64]:
        """Unicode of the first ``count`` characters: those of the page's text, of which pdfium gives one unit for each.

        Where it does not, and for signs that it writes otherwise in a text, each character is asked about.
        """
        units = np.zeros(count + 1, dtype=np.uint16)
        written = pdfium.FPDFText_GetText(self._text, 0, count, units.ctypes.data_as(_UNITS))
        codes = units[:count].astype(np.int64)
        one_for_each = written == count + 1 and not ((codes >= 0xD800) & (codes < 0xE000)).any()
        open_ones = np.flatnonzero((codes < 0x20) | (codes >= 0xFFF0)) if one_for_each else np.arange(count)
        codes[open_ones] = self._asked(_CODE, open_ones.tolist(), np.int64)
        return codes

    def generated(self, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the first characters, of these ``codes``, are pdfium's guess at spaces and line ends."""
        generated = np.isin(codes, _GENERATED)
        generated[generated] = self._asked(_IS_GENERATED, np.flatnonzero(generated).tolist(), np.int32) != 0
        return generated

    def angles(self, indexes: Sequence[int], owners: NDArray[np.int64]) -> NDArray[np.float64]:
        """Radians clockwise, on the page as it is before its own rotation; one question for each of the ``owners``,
        as a text object has one angle."""
        alone = np.where(owners == 0, -1 - np.arange(len(owners)), owners)
        _, firsts, places = np.unique(alone, return_index=True, return_inverse=True)
        return self._asked(_ANGLE, [indexes[at] for at in firsts.tolist()], np.float64)[places]

    def owners(self, indexes: Sequence[int]) -> NDArray[np.int64]:
        """The addresses of the text objects; 0 for none."""
        return self._asked(_OWNER, indexes, np.int64)

    def mapped(self, indexes: Sequence[int]) -> NDArray[np.bool_]:
        """Whether the font says what they mean."""
        mapped: NDArray[np.bool_] = self._asked(_UNMAPPED, indexes, np.int32) != 1
        return mapped

    def placed(self, indexes: Sequence[int]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which of them have a place, shape (n,), and tight box, loose box (both left, bottom, right, top) and origin
        of each, shape (n, 10)."""
        count = len(indexes)
        tight, origin = np.zeros((count, 4)), np.zeros((count, 2))
        loose = np.zeros((count, 4), dtype=np.float32)  # FS_RECTF: left, top, right, bottom
        left, bottom, right, top = (_column(tight, number) for number in range(4))
        answers = [
            self._asked(_TIGHT_BOX, indexes, np.int32, left, right, bottom, top),
            self._asked(_LOOSE_BOX, indexes, np.int32, _column(loose, 0)),
            self._asked(_ORIGIN, indexes, np.int32, _column(origin, 0), _column(origin, 1)),
        ]
        has_place: NDArray[np.bool_] = np.all(answers, axis=0)
        return has_place, np.hstack([tight, loose[:, (0, 3, 2, 1)], origin])

    def _asked(
        self, function: Callable[..., Any], indexes: Sequence[int], kind: type[np.generic], *places: range
    ) -> NDArray[Any]:
        """What the function answers to each index; ``places``: where it writes the rest, an address for each."""
        return np.fromiter(map(function, repeat(self._handle), indexes, *places), dtype=kind, count=len(indexes))


def _column(table: NDArray[Any], number: int) -> range:
    """The addresses of a column's cells."""
    start, row = table.ctypes.data + number * table.itemsize, table.shape[1] * table.itemsize
    return range(start, start + len(table) * row, row)


def _plain(function: Callable[..., Any], answer: type[Any], places: int = 0) -> Callable[..., Any]:
    """A function of pdfium's on a character that takes addresses as numbers, and that other threads wait for: letting
    them run would take longer than the call."""
    address = ctypes.cast(function, ctypes.c_void_p).value  # type: ignore[arg-type]  # a function pointer is one
    return ctypes.PYFUNCTYPE(answer, _ADDRESS, _INDEX, *[_ADDRESS] * places)(address or 0)


_CODE = _plain(pdfium.FPDFText_GetUnicode, ctypes.c_uint)
_IS_GENERATED = _plain(pdfium.FPDFText_IsGenerated, ctypes.c_int)
_UNMAPPED = _plain(pdfium.FPDFText_HasUnicodeMapError, ctypes.c_int)
_ANGLE = _plain(pdfium.FPDFText_GetCharAngle, ctypes.c_float)
_OWNER = _plain(pdfium.FPDFText_GetTextObject, ctypes.c_size_t)
_TIGHT_BOX = _plain(pdfium.FPDFText_GetCharBox, ctypes.c_int, 4)
_LOOSE_BOX = _plain(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, 1)
_ORIGIN = _plain(pdfium.FPDFText_GetCharOrigin, ctypes.c_int, 2)
