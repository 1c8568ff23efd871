"""Lines out of the map that PP-OCR's detector makes: Differentiable Binarization (Liao et al., AAAI 2020), with
RapidOCR's own values and order of lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

INK = 0.3  # probability from which a pixel belongs to a line
LINE = 0.5  # mean probability from which an outline is one
MOST = 1000  # outlines that are looked at
GROWTH = 1.6  # the map shows lines shrunk; they grow by this times area over circumference
_LEAST, _LEAST_GROWN = 3, 5  # pixels of the map
_SAME_ROW = 10  # pixels between the tops of neighbouring lines
_DILATED = np.ones((2, 2), dtype=np.uint8)


def line_corners(ink: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Corners of lines clockwise from the top left, in reading order, shape (n, 4, 2), in whole pixels of the picture
    of this size that ``ink``, probabilities of shape (H, W), is the map of."""
    import cv2

    mask = cv2.dilate((ink > INK).astype(np.uint8), _DILATED)
    outlines = cv2.findContours(mask * 255, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]
    scale = np.array([width / ink.shape[1], height / ink.shape[0]])
    limits = np.array([width, height])
    found = []
    for outline in outlines[:MOST]:
        corners, side = _rectangle(np.asarray(outline, dtype=np.int32))
        if side < _LEAST or _mean(ink, corners) < LINE:
            continue
        corners, side = _rectangle(_grown(corners))
        if side < _LEAST_GROWN:
            continue
        placed = np.clip(np.round(corners * scale), 0, limits).astype(np.int32)
        line = np.clip(_clockwise(placed), 0, limits - 1)
        if int(np.linalg.norm(line[0] - line[1])) > _LEAST and int(np.linalg.norm(line[0] - line[3])) > _LEAST:
            found.append(line)
    return _in_reading_order(np.array(found, dtype=np.float32)) if found else np.empty((0, 4, 2), dtype=np.float32)


def _rectangle(points: NDArray[np.int32]) -> tuple[NDArray[np.float32], float]:
    """The corners of the smallest rectangle around points, and its shorter side."""
    import cv2

    rectangle = cv2.minAreaRect(points)
    return _round_about(np.asarray(cv2.boxPoints(rectangle), dtype=np.float32)), min(rectangle[1])


def _round_about(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """The corners one after the other round the rectangle, from the upper one on the left."""
    a, b, c, d = corners[np.argsort(corners[:, 0], kind="stable")]
    top_left, bottom_left = (a, b) if b[1] > a[1] else (b, a)
    top_right, bottom_right = (c, d) if d[1] > c[1] else (d, c)
    return np.array([top_left, top_right, bottom_right, bottom_left])


def _mean(ink: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    """The mean probability within a rectangle."""
    import cv2

    height, width = ink.shape
    left, right = np.clip([np.floor(corners[:, 0].min()), np.ceil(corners[:, 0].max())], 0, width - 1).astype(int)
    top, bottom = np.clip([np.floor(corners[:, 1].min()), np.ceil(corners[:, 1].max())], 0, height - 1).astype(int)
    inside = np.zeros((bottom - top + 1, right - left + 1), dtype=np.uint8)
    shape = (corners - np.array([left, top], dtype=np.float32)).reshape(1, -1, 2).astype(np.int32)
    cv2.fillPoly(inside, shape, 1)  # type: ignore[call-overload]
    return float(cv2.mean(ink[top : bottom + 1, left : right + 1], inside)[0])


def _grown(corners: NDArray[np.float32]) -> NDArray[np.int32]:
    """The outline of a rectangle that is larger on every side, with round corners."""
    import pyclipper

    following = np.roll(corners, -1, axis=0).astype(np.float64)
    area = abs(float(np.sum(corners[:, 0] * following[:, 1] - following[:, 0] * corners[:, 1]))) / 2
    around = float(np.linalg.norm(following - corners, axis=1).sum())
    offset = pyclipper.PyclipperOffset()
    offset.AddPath(corners, pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    return np.array(offset.Execute(area * GROWTH / around), dtype=np.int32).reshape(-1, 1, 2)


def _clockwise(corners: NDArray[np.int32]) -> NDArray[np.float32]:
    """The corners from the top left one, told by the two on the left and the two on the right."""
    by_column = corners[np.argsort(corners[:, 0])]
    left, right = by_column[:2], by_column[2:]
    top_left, bottom_left = left[np.argsort(left[:, 1])]
    top_right, bottom_right = right[np.argsort(right[:, 1])]
    return np.array([top_left, top_right, bottom_right, bottom_left], dtype=np.float32)


def _in_reading_order(lines: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows from the top, each from the left; a row ends where the next line's top lies clearly lower."""
    lines = lines[np.argsort(lines[:, 0, 1], kind="stable")]
    rows = np.concatenate([[0], np.cumsum(np.diff(lines[:, 0, 1]) >= _SAME_ROW)])
    return lines[np.lexsort((lines[:, 0, 0], rows))]
