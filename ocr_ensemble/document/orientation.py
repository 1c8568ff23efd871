"""Which way up a page is. An upright page must never be turned: every doubt leaves it as it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ocr_ensemble.document.ink import InkMap

_FEWEST_LETTERS = 20
_CROP_HEIGHT, _CROP_WIDTH = 48, 192  # what PP-OCR's text direction classifier was trained on
_CROPS = 12
_FEWEST_CROPS = 4


@dataclass(frozen=True, slots=True)
class Orientation:
    """``turn``: degrees clockwise that make the page upright, one of 0, 90, 180, 270; ``reason`` for the audit log."""

    turn: int
    reason: str


def horizontal_share(ink: InkMap) -> float | None:
    """Share of letters whose nearest neighbour stands beside rather than above or below them, 0..1.

    About 0.9 on upright pages and 0.1 on pages that lie on their side, as letters stand closer than lines.
    None with too few letters to tell.
    """
    if len(ink.letters) < _FEWEST_LETTERS:
        return None
    boxes = _full_letters(ink).astype(np.float64)
    if len(boxes) < _FEWEST_LETTERS // 2:
        return None
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    distances, neighbours = cKDTree(centres).query(centres, k=2)
    sizes = boxes[:, 2:].max(axis=1)
    near = distances[:, 1] < 3 * sizes
    step = np.abs(centres[neighbours[near, 1]] - centres[near])
    beside = np.count_nonzero(step[:, 0] > 1.5 * step[:, 1])
    above = np.count_nonzero(step[:, 1] > 1.5 * step[:, 0])
    if beside + above < _FEWEST_LETTERS // 2:
        return None
    return beside / (beside + above)


def _full_letters(ink: InkMap) -> NDArray[np.int32]:
    """Boxes (left, top, width, height) of letters of full size: dots of a matrix printer and specks would vote at
    random."""
    sizes = ink.letters[:, 2:4].max(axis=1)
    return ink.letters[sizes >= 0.9 * ink.text_size, :4]


def line_boxes(ink: InkMap, most: int = _CROPS) -> NDArray[np.int32]:
    """Up to ``most`` boxes of words or pieces of lines, widest first; int32, shape (n, 4), columns left, top, width,
    height in analysis pixels, at most four times as wide as high."""
    reach = max(1, round(0.5 * ink.text_size))
    joined = np.zeros_like(ink.mask)
    for left, top, width, height in _full_letters(ink).tolist():
        joined[top : top + height, max(0, left - reach) : left + width + reach] = 255
    stats = np.asarray(cv2.connectedComponentsWithStats(joined, connectivity=4)[2][1:, :4], dtype=np.int32)
    stats[:, 2] -= 2 * reach
    stats[:, 0] += reach
    width, height = stats[:, 2], stats[:, 3]
    wordlike = (height >= 0.8 * ink.text_size) & (height <= 2.5 * ink.text_size) & (width >= 2.5 * height)
    boxes = stats[wordlike]
    boxes = boxes[np.argsort(-boxes[:, 2], kind="stable")][:most]
    boxes[:, 2] = np.minimum(boxes[:, 2], 4 * boxes[:, 3])
    return boxes
