"""How good a page image is, in numbers that decide what is done to it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.ink import InkMap, grain
from ocr_ensemble.document.page import ImageQuality

_FEWEST_INK_PIXELS = 40


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


def _contrast(ink: InkMap) -> float:
    """Distance of the median grey of print and of paper, 0..1; 0 for a page without print."""
    printed = ink.grey[ink.mask > 0]
    if printed.size < _FEWEST_INK_PIXELS:
        return 0.0
    paper = float(np.median(ink.grey[::4, ::4]))
    return max(0.0, paper - float(np.median(printed))) / 255.0


def _sharpness(ink: InkMap, contrast: float) -> float:
    """Variance of the Laplacian on and beside print over contrast squared; 0 for a page without print."""
    if contrast <= 0.0:
        return 0.0
    near = cv2.dilate(ink.mask, np.ones((5, 5), dtype=np.uint8)) > 0
    edges = cv2.Laplacian(ink.grey, cv2.CV_16S)[near].astype(np.float32)
    return float(edges.var()) / (255.0 * contrast) ** 2
