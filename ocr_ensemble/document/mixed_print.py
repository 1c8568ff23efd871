"""Numbers of a text layer whose digits are set unlike each other: in another font, colour, size or on another line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ocr_ensemble.document.raw import Glyphs
from ocr_ensemble.document.spacing import Row

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


def mixed_numbers(glyphs: Glyphs, rows: Iterable[Row]) -> Iterator[list[int]]:
    """The numbers whose digits are not all of one print, given by their glyphs."""
    decimals = [code for code in np.unique(glyphs.codes).tolist() if chr(code).isdecimal()]
    is_digit = np.isin(glyphs.codes, decimals)
    for row in rows:
        if not is_digit[row.printed].any():
            continue
        places = np.insert(row.printed, row.starts[1:], -1).tolist()
        text = "".join(" " if at < 0 else chr(glyphs.codes[at]) for at in places)
        for match in _NUMBER.finditer(text):
            number = [at for at in places[match.start() : match.end()] if at >= 0]
            if _is_mixed([_print_of(glyphs, at) for at in number if is_digit[at]]):
                yield number


def _print_of(glyphs: Glyphs, at: int) -> _Print:
    height = float(glyphs.loose[at, 3] - glyphs.loose[at, 1])
    return _Print(int(glyphs.fonts[at]), int(glyphs.colours[at]), height, float(glyphs.baselines[at]))


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
