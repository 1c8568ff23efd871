"""Numbers of a text layer whose digits are set unlike each other: in another font, colour, size or on another line."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ocr_ensemble.document.painted import PlacedCharacters
from ocr_ensemble.document.raw import Glyphs

_NUMBER = re.compile(r"\d(?:[ .,'’/-]?\d)+")  # also with one space between groups
_COLOUR = 48  # levels of a channel that a person hardly sees
_SIZE = 0.04  # share of the height
_LINE = 0.06  # times the height, off the line
_SMALLER = 0.9  # times the height of the digits before: cents, and notes that are set above the line
_CENTS = 2


def prints_of(characters: PlacedCharacters) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """``Glyphs.fonts`` and ``Glyphs.colours``."""
    numbers: dict[bytes, int] = {}
    found = {owner: _print_of(item, numbers) for owner, item in characters.objects.items()}
    table = np.array([found[owner] for owner in characters.owners.tolist()], dtype=np.int32).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _print_of(item: pdfium.FPDF_PAGEOBJECT, numbers: dict[bytes, int]) -> tuple[int, int]:
    font = pdfium.FPDFTextObj_GetFont(item) if item else None
    if not font:
        return -1, 0
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFFont_GetBaseFontName(font, name, len(name))
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    pdfium.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)
    return numbers.setdefault(name.value, len(numbers)), red.value << 16 | green.value << 8 | blue.value


def mixed_numbers(glyphs: Glyphs, words: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The numbers of a line, given by the glyphs of each of its words, whose digits are not all of one print."""
    places: list[int | None] = []
    for word in words:
        places += [*word, None]
    text = "".join(" " if at is None else chr(glyphs.codes[at]) for at in places)
    for match in _NUMBER.finditer(text):
        digits = [
            at for at in places[match.start() : match.end()] if at is not None and chr(glyphs.codes[at]).isdecimal()
        ]
        if _is_mixed(glyphs, digits):
            yield [at for at in places[match.start() : match.end()] if at is not None]


def _is_mixed(glyphs: Glyphs, digits: list[int]) -> bool:
    if not _differ(glyphs, digits):
        return False
    heights = _heights(glyphs, digits)
    smaller = np.flatnonzero(heights < _SMALLER * heights[0])
    if not len(smaller):
        return True
    head, tail = digits[: smaller[0]], digits[smaller[0] :]
    raised = glyphs.baselines[tail[0]] < glyphs.baselines[head[0]] - _LINE * heights[0]
    is_note_or_cents = len(tail) == _CENTS or (raised and len(tail) < _CENTS)
    return not is_note_or_cents or _differ(glyphs, head) or _differ(glyphs, tail)


def _differ(glyphs: Glyphs, digits: list[int]) -> bool:
    if len(digits) < 2:
        return False
    heights, colours = _heights(glyphs, digits), glyphs.colours[digits]
    channels = np.column_stack([colours >> 16 & 255, colours >> 8 & 255, colours & 255])
    height = float(heights.max())
    return bool(
        len(set(glyphs.fonts[digits].tolist())) > 1
        or np.ptp(channels, axis=0).max() > _COLOUR
        or np.ptp(heights) > _SIZE * height
        or np.ptp(glyphs.baselines[digits]) > _LINE * height
    )


def _heights(glyphs: Glyphs, digits: list[int]) -> NDArray[np.float64]:
    return np.asarray(glyphs.loose[digits, 3] - glyphs.loose[digits, 1], dtype=np.float64)
