"""Texts that are drawn on a PDF page, as pictures or lines, at any angle, or stamped on paper: stamps above all.

They are looked for in the page's picture without its texts, so that what they lie over does not cut them up. Of a
scan or photo, in which all is one picture, the strokes are left that are thicker than those of its print.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.crops import crop_polygon
from ocr_ensemble.document.ink import InkMap, find_ink
from ocr_ensemble.document.steps import DRAWINGS_SCALE
from ocr_ensemble.layout import BoundingBox, Point, Polygon

_SMALLEST, _LARGEST = 12, 0.15  # pixels, share of the width: the longer side of a letter
_SLIMMEST = 8  # times the shorter side
_THINNEST = 0.08  # share of a letter's box that is inked
_REACH = 0.5  # of a letter's longer side on every side, within which the next letter is
_ALIKE = 2.5  # times the smaller: letters of one text
_FEWEST = 3
_LONG = 2.0  # times a text's height
_STEEPEST = 75.0  # degrees
_APART = 0.6  # of a letter's longer side: white between two lines
_MARGIN = 0.15
_THICK = 0.38  # of the height of a page's letters, from which a stroke is a stamp's: of bold print it is up to 0.3
_TURNED = 5.0  # degrees from which print on paper is none of its lines
_MOST = 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line of print that is drawn: its place on the page, and its levelled picture, ``grey`` in rows of ``width``."""

    box: BoundingBox
    width: int
    grey: bytes

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """Shape (H, W, 3)."""
        grey = np.frombuffer(self.grey, np.uint8).reshape(-1, self.width)
        return np.repeat(grey[:, :, None], 3, axis=2)


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of letters: its corner points, the letters' size in pixels and the line's angle in degrees."""

    polygon: Polygon
    size: float
    angle: float


def drawn_texts(bare: NDArray[np.uint8]) -> tuple[Drawn, ...]:
    """What may be lines of drawn print, the largest letters first.

    ``bare``: uint8, shape (h, w), the page without its texts, at ``DRAWINGS_SCALE``.
    """
    rows = _rows_of(find_ink(bare).mask)
    return tuple(_cut(bare, row.polygon, DRAWINGS_SCALE) for row in rows[:_MOST])


def stamped_texts(ink: InkMap) -> tuple[Drawn, ...]:
    """What may be stamps on a scan or photo: large letters of thick strokes at an angle, the largest first."""
    width = max(3, round(_THICK * ink.text_size))
    core = cv2.morphologyEx(ink.mask, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)))
    thick = np.minimum(cv2.dilate(core, np.ones((3, 3), np.uint8)), ink.mask).astype(np.uint8)
    bare = np.where(thick > 0, ink.grey, np.uint8(255))
    rows = [row for row in _rows_of(thick) if abs(row.angle) >= _TURNED]
    return tuple(_cut(bare, row.polygon, ink.scale) for row in rows[:_MOST])


def _rows_of(mask: NDArray[np.uint8]) -> list[_Row]:
    """The lines of what may be large letters, the largest first."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    boxes = np.asarray(stats[1:], dtype=np.int32)
    letters = boxes[_may_be_letters(boxes, mask.shape[1])]
    if len(letters) < _FEWEST:
        return []
    rows = (row for group in _groups(letters, mask.shape) for row in _rows(group))
    return sorted(rows, key=lambda row: -row.size)


def _may_be_letters(boxes: NDArray[np.int32], width: int) -> NDArray[np.bool_]:
    """Which components, columns left, top, width, height, area, have the size and shape of a drawn letter."""
    longer, shorter = boxes[:, 2:4].max(axis=1), boxes[:, 2:4].min(axis=1)
    fitting = (longer >= _SMALLEST) & (longer <= _LARGEST * width) & (longer <= _SLIMMEST * shorter)
    return np.asarray(fitting & (boxes[:, 4] > _THINNEST * boxes[:, 2] * boxes[:, 3]), dtype=np.bool_)


def _groups(letters: NDArray[np.int32], shape: tuple[int, ...]) -> Iterator[NDArray[np.int32]]:
    """Letters of about one size, nearer to each other than they are large."""
    near = np.zeros(shape, dtype=np.uint8)
    for left, top, width, height, _ in letters.tolist():
        reach = round(_REACH * max(width, height))
        near[max(0, top - reach) : top + height + reach, max(0, left - reach) : left + width + reach] = 1
    _, labels = cv2.connectedComponents(near)
    owners = labels[letters[:, 1] + letters[:, 3] // 2, letters[:, 0] + letters[:, 2] // 2]
    for owner in np.unique(owners):
        group = letters[owners == owner]
        sizes = group[:, 2:4].max(axis=1)
        usual = float(np.median(sizes))
        alike = group[(sizes * _ALIKE >= usual) & (sizes <= _ALIKE * usual)]
        if len(alike) >= _FEWEST:
            yield alike


def _rows(group: NDArray[np.int32]) -> Iterator[_Row]:
    """The lines of a group along its longest direction; nothing of a group that is about as high as it is long."""
    centres = group[:, :2] + group[:, 2:4] / 2
    size = float(np.median(group[:, 2:4].max(axis=1)))
    spread, axes = np.linalg.eigh(np.cov(centres.T))
    along = axes[:, 1] * (1.0 if axes[0, 1] >= 0 else -1.0)
    angle = math.degrees(math.atan2(along[1], along[0]))
    if spread[1] < _LONG**2 * max(spread[0], 1e-6) or abs(angle) > _STEEPEST:
        return
    down = np.array([-along[1], along[0]])
    order = np.argsort(centres @ down)
    breaks = np.flatnonzero(np.diff((centres @ down)[order]) > _APART * size) + 1
    for row in np.split(order, breaks):
        if len(row) >= _FEWEST:
            yield _Row(_around(group[row], along, down), size, angle)


def _around(letters: NDArray[np.int32], along: NDArray[np.float64], down: NDArray[np.float64]) -> Polygon:
    """The turned rectangle around letters, given as level boxes, with a margin."""
    left, top, width, height = letters[:, :4].T
    corners = np.array([(left, top), (left + width, top), (left, top + height), (left + width, top + height)])
    points = corners.transpose(0, 2, 1).reshape(-1, 2)
    margin = _MARGIN * float(np.median(height))
    (x0, x1), (y0, y1) = ((float(v.min()) - margin, float(v.max()) + margin) for v in (points @ along, points @ down))

    def corner(x: float, y: float) -> Point:
        place = x * along + y * down
        return float(place[0]), float(place[1])

    return corner(x0, y0), corner(x1, y0), corner(x1, y1), corner(x0, y1)


def _cut(bare: NDArray[np.uint8], polygon: Polygon, scale: float) -> Drawn:
    line = crop_polygon(bare, polygon)
    box = BoundingBox.around([(max(0.0, x) / scale, max(0.0, y) / scale) for x, y in polygon])
    return Drawn(box, int(line.shape[1]), line.tobytes())
