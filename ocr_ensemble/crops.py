"""Cutting line pictures out of a page: once per line, shared by every LineReader."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.layout import BoundingBox, Polygon

VERTICAL_ASPECT = 1.5  # taller than this over its width, a line is taken to run downwards


def crop_box(pixels: NDArray[np.uint8], box: BoundingBox, margin: int = 0) -> NDArray[np.uint8]:
    """A copy of the pixels in the box grown by ``margin``; shape (H, W, 3)."""
    height, width = pixels.shape[:2]
    grown = box.padded(margin, width, height)
    return pixels[grown.top : grown.bottom, grown.left : grown.right].copy()


def crop_polygon(pixels: NDArray[np.uint8], polygon: Polygon) -> NDArray[np.uint8]:
    """The quadrilateral (clockwise from the text's top left) straightened to an upright picture, shape (H, W, 3).

    A line much taller than wide is turned by 90 degrees, as PP-OCR does.
    """
    import cv2

    width, height = _sides(polygon)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(polygon, dtype=np.float32), target)
    line = cv2.warpPerspective(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC)
    if height / width >= VERTICAL_ASPECT:
        line = np.rot90(line)
    return np.ascontiguousarray(line, dtype=np.uint8)


def crop_aspect(polygon: Polygon) -> float:
    """Width over height of what ``crop_polygon`` makes of it."""
    width, height = _sides(polygon)
    return height / width if height / width >= VERTICAL_ASPECT else width / height


def _sides(polygon: Polygon) -> tuple[int, int]:
    """Width and height of the straightened quadrilateral, at least one pixel each."""
    top_left, top_right, bottom_right, bottom_left = polygon
    width = max(1, int(max(math.dist(top_left, top_right), math.dist(bottom_left, bottom_right))))
    height = max(1, int(max(math.dist(top_left, bottom_left), math.dist(top_right, bottom_right))))
    return width, height
