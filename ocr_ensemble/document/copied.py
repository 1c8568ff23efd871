"""Letters of a scan or photo that were copied from another place of the same page.

No two letters of a page are alike in every pixel once paper, light and sensor have added their grain: where two are,
one is a copy of the other. Pages without grain are not looked at, since equal letters are equal there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.ink import grain, letters_of
from ocr_ensemble.layout import BoundingBox

_ALIKE = 0.0035  # mean squared difference of two letters over the variance of one; honest ones have 0.006 and more
_LEAST_GRAIN = 0.4 / 255  # standard deviation, 0..1, from which equal letters differ
_LEAST_VARIANCE = 400.0  # of a letter's grey levels
_WINDOW, _DARKER = 31, 15  # pixels, grey levels: print is so much darker than what is around it
_SLIMMEST = 0.3  # width over height: strokes are alike by chance
_SMALLEST = 8  # pixels of the height
_MARGIN = 2  # pixels of paper around a letter
_MOST = 3000  # letters of a page
_SHIFTS = tuple((x, y) for x in (-1, 0, 1) for y in (-1, 0, 1))  # the rim of a copy is told a pixel off


def copied_letters(grey: NDArray[np.uint8], boxes: Sequence[BoundingBox]) -> Iterator[BoundingBox]:
    """The letters in the boxes that stand in another place of the page, too, pixel by pixel; ``grey``: shape (H, W)."""
    if not boxes or grain(grey) < _LEAST_GRAIN:
        return
    letters = _letters(grey)
    for letter in letters[_inside(letters, boxes)].tolist():
        if _has_copy(grey, letter, letters):
            left, top, width, height = letter
            yield BoundingBox(left, top, left + width, top + height)


def _letters(grey: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Shape (n, 4): left, top, width, height of what may be letters, with place for their margin."""
    dark = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _WINDOW, _DARKER)
    found = letters_of(np.asarray(dark, dtype=np.uint8))[:, :4]
    left, top, width, height = found.T
    rim = _MARGIN + 2  # of a letter shifted by a pixel and as much larger
    whole = (left >= rim) & (top >= rim) & (left + width + rim <= grey.shape[1]) & (top + height + rim <= grey.shape[0])
    fitting: NDArray[np.int32] = found[whole & (width > _SLIMMEST * height) & (height >= _SMALLEST)][:_MOST]
    return fitting


def _inside(letters: NDArray[np.int32], boxes: Sequence[BoundingBox]) -> NDArray[np.bool_]:
    """Which letters have their middle in one of the boxes."""
    x, y = (letters[:, :2] + letters[:, 2:] / 2).T
    edges = np.array([box.as_tuple() for box in boxes])[:, :, None]
    left, top, right, bottom = edges.transpose(1, 0, 2)
    return np.asarray(((x >= left) & (x < right) & (y >= top) & (y < bottom)).any(axis=0), dtype=np.bool_)


def _has_copy(grey: NDArray[np.uint8], letter: Sequence[int], letters: NDArray[np.int32]) -> bool:
    size, place = np.array(letter[2:]), np.array(letter[:2])
    own = _pixels(grey, letter[0], letter[1], size)
    least = _ALIKE * float(own.var())
    if float(own.var()) < _LEAST_VARIANCE:
        return False
    alike = np.abs(letters[:, 2:] - size).max(axis=1) <= 1
    apart = (np.abs(letters[:, :2] - place) >= size).any(axis=1)
    places = ((x + dx, y + dy) for x, y, *_ in letters[alike & apart].tolist() for dx, dy in _SHIFTS)
    return any(float(np.square(_pixels(grey, x, y, size) - own).mean()) < least for x, y in places)


def _pixels(grey: NDArray[np.uint8], left: int, top: int, size: NDArray[np.int_]) -> NDArray[np.float32]:
    width, height = size.tolist()
    window = grey[top - _MARGIN : top + height + _MARGIN, left - _MARGIN : left + width + _MARGIN]
    return window.astype(np.float32)
