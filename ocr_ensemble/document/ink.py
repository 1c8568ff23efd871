"""Where the ink is: one cheap analysis that orientation, skew, quality and blankness all read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.layout import BoundingBox

ANALYSIS_PIXELS = 2_000_000
_WINDOW = 41  # background is the mean of this many pixels each way: wider than a letter, narrower than a shadow
_WEAKEST_INK = 14  # grey levels below the paper; faint thermal print has 30, paper grain under 10
_FAINTEST_INK = 6  # the same on clean paper without any stronger print
_FEWEST_LETTERS = 5
# Immerkaer (1996): blind to edges and slopes, has a standard deviation of 6 times that of the noise.
_GRAIN_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
_GRAIN_SAMPLE = 400  # pixels a side
_SMALLEST_LETTER, _LARGEST_LETTER = 5, 100  # longer side in analysis pixels


@dataclass(frozen=True, slots=True, eq=False)
class InkMap:
    """``grey`` and ``mask``: uint8, shape (h, w), scaled by ``scale`` (at most 1) from the page; mask is 0 or 255.

    ``letters``: int32, shape (N, 5), columns left, top, width, height, area of the connected components that have the
    size and shape of a letter, in the pixels of ``mask``.
    """

    grey: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    letters: NDArray[np.int32]
    scale: float

    @property
    def page_size(self) -> tuple[float, float]:
        """Width and height in pixels of the page."""
        return self.mask.shape[1] / self.scale, self.mask.shape[0] / self.scale

    @property
    def text_height(self) -> float | None:
        """Median letter height in pixels of the page; None when fewer than five letters were found."""
        if len(self.letters) < _FEWEST_LETTERS:
            return None
        return _median_by_size(self.letters[:, 3]) / self.scale

    @property
    def text_size(self) -> float:
        """Median of the letters' longer sides in pixels of ``mask``, for pages that lie on their side, too; 12 without
        letters."""
        if not len(self.letters):
            return 12.0
        return _median_by_size(self.letters[:, 2:4].max(axis=1))


def find_ink(grey: NDArray[np.uint8]) -> InkMap:
    """Ink is what is darker than the paper around it. ``grey``: uint8, shape (H, W)."""
    height, width = grey.shape
    scale = min(1.0, (ANALYSIS_PIXELS / (height * width)) ** 0.5)
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if np.median(grey[::8, ::8]) < 90:  # light print on a dark page
        grey = np.asarray(255 - grey, dtype=np.uint8)
    around = cv2.blur(grey, (_WINDOW, _WINDOW), borderType=cv2.BORDER_REPLICATE)
    depth = np.asarray(cv2.subtract(around, grey), dtype=np.uint8)
    threshold = max(_WEAKEST_INK, 0.4 * _percentile_99(depth))
    mask = _darker(depth, threshold)
    letters = letters_of(mask)
    if len(letters) < _FEWEST_LETTERS:
        # Nearly nothing: before a page counts as blank, look for print as faint as its grain allows.
        mask = _darker(depth, min(threshold, max(_FAINTEST_INK, 5 * 255 * grain(grey))))
        letters = letters_of(mask)
    return InkMap(grey, mask, letters, scale)


def without_letters(ink: InkMap, boxes: Sequence[BoundingBox]) -> InkMap:
    """The map without the letters whose middle lies in one of the ``boxes``, in pixels of the page."""
    x = (ink.letters[:, 0] + ink.letters[:, 2] / 2) / ink.scale
    y = (ink.letters[:, 1] + ink.letters[:, 3] / 2) / ink.scale
    inside = np.zeros(len(ink.letters), dtype=np.bool_)
    for box in boxes:
        inside |= (x >= box.left) & (x < box.right) & (y >= box.top) & (y < box.bottom)
    return replace(ink, letters=ink.letters[~inside])


def grain(grey: NDArray[np.uint8]) -> float:
    """Standard deviation of the noise, 0..1, from the middle of the page.

    The median of the filter's response, which print does not move while it covers under half.
    """
    top, left = max(0, (grey.shape[0] - _GRAIN_SAMPLE) // 2), max(0, (grey.shape[1] - _GRAIN_SAMPLE) // 2)
    sample = np.ascontiguousarray(grey[top : top + _GRAIN_SAMPLE, left : left + _GRAIN_SAMPLE])
    response = np.abs(cv2.filter2D(sample, cv2.CV_32F, _GRAIN_KERNEL))
    return float(np.median(response)) / 0.6745 / 6.0 / 255.0


def _percentile_99(values: NDArray[np.uint8]) -> int:
    """By histogram, ten times as fast as sorting."""
    counts = np.cumsum(cv2.calcHist([values], [0], None, [256], [0, 256]).ravel())
    return int(np.searchsorted(counts, 0.99 * counts[-1]))


def _darker(depth: NDArray[np.uint8], threshold: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.threshold(depth, threshold, 255, cv2.THRESH_BINARY)[1], dtype=np.uint8)


def letters_of(mask: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Components shaped like a letter, standing or lying; see ``InkMap.letters``."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    boxes = np.asarray(stats[1:], dtype=np.int32)
    longer, shorter = boxes[:, 2:4].max(axis=1), boxes[:, 2:4].min(axis=1)
    density = boxes[:, 4] / np.maximum(1, boxes[:, 2] * boxes[:, 3])
    plausible = (
        (longer >= _SMALLEST_LETTER)
        & (longer <= _LARGEST_LETTER)
        & (longer <= 6 * shorter)
        & (shorter >= 2)
        & (density > 0.12)
    )
    return np.asarray(boxes[plausible], dtype=np.int32)


def _median_by_size(sizes: NDArray[np.int32]) -> float:
    """The size above which half of all ``sizes`` added up lies: specks and dots must not outvote letters."""
    ordered = np.sort(sizes)
    total = np.cumsum(ordered)
    return float(ordered[np.searchsorted(total, total[-1] / 2)])
