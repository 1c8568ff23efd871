"""How good a page image is, in numbers that decide what is done to it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.ink import InkMap, grain
from ocr_ensemble.document.page import ImageQuality

_FEWEST_INK_PIXELS = 40
_DARK, _TONES = 40, 4  # grey level, and how many of them a page has at least that is no empty one


def measure_quality(grey: NDArray[np.uint8], ink: InkMap, skew_degrees: float) -> ImageQuality:
    """``grey``: uint8, shape (H, W), the page as it came; ``ink`` and ``skew_degrees`` were found on it."""
    contrast = _contrast(ink)
    return ImageQuality(
        sharpness=_sharpness(ink, contrast),
        contrast=contrast,
        noise=grain(grey),
        skew_degrees=skew_degrees,
        text_height=ink.text_height,
    )


def is_blank(ink: InkMap) -> bool:
    """Nothing on it that could be text: no letter and hardly a stroke. A single printed number is not blank."""
    inked = int(np.count_nonzero(ink.mask))
    return not len(ink.letters) and inked < 0.002 * ink.mask.size


def is_dark(grey: NDArray[np.uint8]) -> bool:
    """Whether most of the page is almost black and not one tone: an underexposed page, which may hold anything."""
    small = grey[::2, ::2]
    return float(np.median(small)) < _DARK and int(np.ptp(small)) >= _TONES


def _contrast(ink: InkMap) -> float:
    """Distance of the median grey of print and of paper, 0..1; 0 for a page without print."""
    counts = cv2.calcHist([ink.grey], [0], ink.mask, [256], [0, 256]).ravel()
    if counts.sum() < _FEWEST_INK_PIXELS:
        return 0.0
    paper = _median(np.bincount(ink.grey[::4, ::4].ravel(), minlength=256))
    return max(0.0, paper - _median(counts)) / 255.0


def _median(counts: NDArray[Any]) -> float:
    """Of grey levels, given how often each is there."""
    ends = np.cumsum(counts, dtype=np.float64)
    middle = (ends[-1] - 1) / 2
    return float(np.searchsorted(ends, [np.floor(middle), np.ceil(middle)], side="right").mean())


def _sharpness(ink: InkMap, contrast: float) -> float:
    """Variance of the Laplacian on and beside print over contrast squared; 0 for a page without print."""
    if contrast <= 0.0:
        return 0.0
    near = cv2.dilate(ink.mask, np.ones((5, 5), dtype=np.uint8))
    _, deviation = cv2.meanStdDev(cv2.Laplacian(ink.grey, cv2.CV_16S), mask=near)
    return float(deviation.item()) ** 2 / (255.0 * contrast) ** 2
