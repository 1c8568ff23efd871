"""Print that a page's text layer does not tell: letters of pictures, stamps and drawings outside of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.ink import InkMap
from ocr_ensemble.layout import BoundingBox, TextLine

_MARGIN = 2  # analysis pixels around a line: accents and descenders
_FEWEST_LETTERS = 3
_REACH = 1.0  # letter heights between letters of one line
_HIGHEST = 2.5  # letter heights of one line
_MOST_REGIONS = 8


def told(lines: Iterable[TextLine], ink: InkMap) -> NDArray[np.bool_]:
    """Shape of the ink's mask: what lies inside the lines."""
    inside = np.zeros(ink.mask.shape, dtype=np.bool_)
    for line in lines:
        left, top, right, bottom = (edge * ink.scale for edge in line.box.as_tuple())
        rows = slice(max(0, int(top) - _MARGIN), int(bottom) + _MARGIN + 1)
        inside[rows, max(0, int(left) - _MARGIN) : int(right) + _MARGIN + 1] = True
    return inside


def untold_lines(lines: Iterable[TextLine], ink: InkMap) -> tuple[BoundingBox, ...]:
    """The places of letters in a row that no line holds, those with most letters first, in pixels of the page."""
    letters = ink.letters[:, :4]
    x, y = letters[:, 0] + letters[:, 2] // 2, letters[:, 1] + letters[:, 3] // 2
    free = letters[~told(lines, ink)[y, x]] if len(letters) else letters
    if len(free) < _FEWEST_LETTERS:
        return ()
    found = sorted(_rows(free, ink.mask.shape), key=len, reverse=True)[:_MOST_REGIONS]
    return tuple(_box(row, ink.scale) for row in found)


def _rows(letters: NDArray[np.int32], shape: tuple[int, ...]) -> list[NDArray[np.int32]]:
    """Letters that stand side by side, as few as make a word or more."""
    near = np.zeros(shape, dtype=np.uint8)
    for left, top, width, height in letters.tolist():
        reach = round(_REACH * height / 2)
        near[top : top + height, max(0, left - reach) : left + width + reach] = 1
    _, labels = cv2.connectedComponents(near)
    owners = labels[letters[:, 1] + letters[:, 3] // 2, letters[:, 0] + letters[:, 2] // 2]
    rows = [letters[owners == owner] for owner in np.unique(owners)]
    return [row for row in rows if len(row) >= _FEWEST_LETTERS and _is_level(row)]


def _is_level(row: NDArray[np.int32]) -> bool:
    high = int((row[:, 1] + row[:, 3]).max() - row[:, 1].min())
    return high <= _HIGHEST * float(np.median(row[:, 3]))


def _box(row: Sequence[Sequence[int]] | NDArray[np.int32], scale: float) -> BoundingBox:
    letters = np.asarray(row)
    left, top = letters[:, :2].min(axis=0) / scale
    right, bottom = (letters[:, :2] + letters[:, 2:]).max(axis=0) / scale
    return BoundingBox.around([(float(left), float(top)), (float(right), float(bottom))])
