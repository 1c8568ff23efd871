"""The slope of text lines, and turning a page until they lie level."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.ink import InkMap

_FEWEST_LETTERS = 40
_LARGEST_DEGREES = 15.0


def estimate_skew(ink: InkMap) -> float:
    """Clockwise slope of the text lines in degrees, -15..15; 0 when the page does not say.

    The feet of letters are projected along each candidate slope: where they pile up on the fewest rows, lines lie.
    """
    boxes = ink.letters[ink.letters[:, 2:4].max(axis=1) >= 0.6 * ink.text_size]
    if len(boxes) < _FEWEST_LETTERS:
        return 0.0
    x = boxes[:, 0] + boxes[:, 2] / 2
    feet = (boxes[:, 1] + boxes[:, 3]).astype(np.float64)
    bin_height = max(1.5, 0.2 * ink.text_size)
    coarse = np.arange(-_LARGEST_DEGREES, _LARGEST_DEGREES + 0.01, 0.25)
    scores = np.array([_pile(x, feet, angle, bin_height) for angle in coarse])
    best = float(coarse[scores.argmax()])
    if scores.max() < 1.3 * np.median(scores):
        return 0.0
    fine = np.arange(best - 0.3, best + 0.31, 0.05)
    fine_scores = np.array([_pile(x, feet, angle, bin_height / 2) for angle in fine])
    # Several neighbouring slopes pile up equally well on short lines: their weighted mean is steadier than the first.
    weights = np.maximum(0.0, fine_scores - 0.9 * fine_scores.max())
    return float(np.average(fine, weights=weights))


def _pile(x: NDArray[np.float64], y: NDArray[np.float64], degrees: float, bin_height: float) -> float:
    """Sum of squares of the number of points per bin across the slope, over two bin grids half a bin apart."""
    angle = np.deg2rad(degrees)
    rows = (y * np.cos(angle) - x * np.sin(angle)) / bin_height
    rows -= rows.min()
    total = 0.0
    for shift in (0.0, 0.5):
        total += float((np.bincount((rows + shift).astype(np.intp)).astype(np.float64) ** 2).sum())
    return total


def deskewed_size(height: int, width: int, degrees: float) -> tuple[int, int]:
    """Height and width of the canvas that holds the turned page, in pixels."""
    cosine, sine = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    return round(height * cosine + width * sine), round(height * sine + width * cosine)


def deskew(pixels: NDArray[np.uint8], degrees: float) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The page turned counter-clockwise by ``degrees`` on a canvas that holds all of it, filled with the colour of
    its edge, and the affine map that did it. ``pixels``: uint8, shape (H, W, 3); map: shape (2, 3)."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    new_height, new_width = deskewed_size(height, width, degrees)
    matrix[:, 2] += (new_width - width) / 2, (new_height - height) / 2
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    fill = tuple(float(channel) for channel in np.median(edge, axis=0))
    turned = cv2.warpAffine(
        pixels, matrix, (new_width, new_height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=fill
    )
    return np.asarray(turned, dtype=np.uint8), np.asarray(matrix, dtype=np.float64)
