"""Numbers of a text layer whose digits are set unlike each other: in another font, colour, size or on another line."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ocr_ensemble.document.painted import PlacedCharacters
from ocr_ensemble.document.raw import Glyphs

_NUMBER = re.compile(  # days with the month as a word, or groups with one sign between
    r"\d{1,2}[.,]? [^\W\d_]{3,}[.,]? \d{4}|\d{1,2}, \d{4}|\d(?:[ .,'’/-]?\d)+"
)
_COLOUR = 48  # levels of a channel that a person hardly sees
_SIZE = 0.04  # share of the height
_LINE = 0.06  # times the height, off the line
_SMALLER = 0.9  # times the height of the digits before: cents, and notes that are set above the line
_CENTS = 2


class _Print(NamedTuple):
    """How a digit is set; colour, height and baseline as in ``Glyphs``."""

    font: int
    colour: int
    height: float
    baseline: float


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


def mixed_numbers(glyphs: Glyphs, lines: Iterable[Sequence[Sequence[int]]]) -> Iterator[list[int]]:
    """The numbers whose digits are not all of one print, given by the glyphs of each line's words."""
    heights: list[float] = (glyphs.loose[:, 3] - glyphs.loose[:, 1]).tolist()
    columns = (glyphs.fonts.tolist(), glyphs.colours.tolist(), heights, glyphs.baselines.tolist())
    prints = list(map(_Print._make, zip(*columns, strict=True)))
    signs = list(map(chr, glyphs.codes.tolist()))
    for words in lines:
        places = [at for word in words for at in (*word, -1)]
        text = "".join(" " if at < 0 else signs[at] for at in places)
        for match in _NUMBER.finditer(text):
            number = [at for at in places[match.start() : match.end()] if at >= 0]
            if _is_mixed([prints[at] for at in number if signs[at].isdecimal()]):
                yield number


def _is_mixed(digits: Sequence[_Print]) -> bool:
    if not _differ(digits):
        return False
    first = digits[0]
    tail = next((at for at, digit in enumerate(digits) if digit.height < _SMALLER * first.height), len(digits))
    if tail == len(digits):
        return True
    raised = digits[tail].baseline < first.baseline - _LINE * first.height
    count = len(digits) - tail
    is_note_or_cents = count == _CENTS or (raised and count < _CENTS)
    return not is_note_or_cents or _differ(digits[:tail]) or _differ(digits[tail:])


def _differ(digits: Sequence[_Print]) -> bool:
    if len(set(digits)) < 2:
        return False
    fonts, colours, heights, baselines = zip(*digits, strict=True)
    height = max(heights)
    channels = ([colour >> shift & 255 for colour in colours] for shift in (16, 8, 0))
    return (
        len(set(fonts)) > 1
        or max(heights) - min(heights) > _SIZE * height
        or max(baselines) - min(baselines) > _LINE * height
        or any(max(channel) - min(channel) > _COLOUR for channel in channels)
    )
