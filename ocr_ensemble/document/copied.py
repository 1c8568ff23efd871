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

_ALIKE = 0.0025  # mean squared difference of two letters over the variance of one: real ones have 0.003 and more
_OF_GRAIN = 0.4  # the same over that of the grain of two letters, which is 1 for the same letter printed twice
_LEAST_GRAIN = 0.4  # standard deviation in grey levels, from which equal letters differ
_LEAST_VARIANCE = 400.0  # of a letter's grey levels
_WINDOW, _DARKER = 31, 15  # pixels, grey levels: print is so much darker than what is around it
_SLIMMEST = 0.3  # width over height: strokes are alike by chance
_SMALLEST = 8  # pixels of the height
_MARGIN = -1  # pixels of paper around a letter
_MOST = 3000  # letters of a page
_SIMILAR = 1.0  # as _ALIKE, of letters that are looked at more closely
_SHIFTS = np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)])  # the rim of a copy is told a pixel off


def copied_letters(grey: NDArray[np.uint8], boxes: Sequence[BoundingBox]) -> Iterator[BoundingBox]:
    """The letters in the boxes that stand in another place of the page, too, pixel by pixel; ``grey``: shape (H, W)."""
    noise = 255 * grain(grey)
    if not boxes or noise < _LEAST_GRAIN:
        return
    letters = _letters(grey)
    for letter in letters[_inside(letters, boxes)].tolist():
        if _has_copy(grey, letter, letters, noise):
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


def _has_copy(grey: NDArray[np.uint8], letter: Sequence[int], letters: NDArray[np.int32], noise: float) -> bool:
    """Whether another letter of about its size differs less from it than grain and print allow."""
    size, place = np.array(letter[2:]), np.array(letter[:2])
    alike = np.abs(letters[:, 2:] - size).max(axis=1) <= 1
    apart = (np.abs(letters[:, :2] - place) >= size).any(axis=1)
    own = _pixels(grey, place[None], size)[0]
    variance = float(own.var())
    others = letters[alike & apart, :2]
    if variance < _LEAST_VARIANCE or not len(others):
        return False
    similar = others[_differences(grey, others, size, own) < _SIMILAR * variance]
    shifted = (similar[:, None] + _SHIFTS).reshape(-1, 2)
    least = float(_differences(grey, shifted, size, own).min(initial=variance))
    return least < min(_ALIKE * variance, _OF_GRAIN * 2 * noise**2)


def _differences(
    grey: NDArray[np.uint8], places: NDArray[np.int32], size: NDArray[np.int_], own: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Mean squared difference of the letters of that size in the places, shape (n, 2), to ``own``, shape (h, w)."""
    return np.asarray(np.square(_pixels(grey, places, size) - own).mean(axis=(1, 2)), dtype=np.float32)


def _pixels(grey: NDArray[np.uint8], places: NDArray[np.int32], size: NDArray[np.int_]) -> NDArray[np.float32]:
    """The letters with their margins, shape (n, h, w)."""
    width, height = (size + 2 * _MARGIN).tolist()
    windows = np.lib.stride_tricks.sliding_window_view(grey, (height, width))
    return windows[places[:, 1] - _MARGIN, places[:, 0] - _MARGIN].astype(np.float32)
