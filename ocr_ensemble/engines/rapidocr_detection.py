"""RapidOCR's detector under a bound: what it would enlarge to any size is cut into strips.

RapidOCR enlarges a picture until its shorter side has ``MIN_SIDE`` pixels, however long the other one becomes then:
32 x 32,800 pixels become 736 x 754,400. The network takes about 150 bytes a pixel, on some processors twice as many.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.engines import deadline
from ocr_ensemble.engines.rapidocr_boxes import line_corners
from ocr_ensemble.engines.rapidocr_models import Network
from ocr_ensemble.engines.strips import joined, moved, strips
from ocr_ensemble.layout import BoundingBox, Polygon

MAX_SIDE, MIN_SIDE = 2000, 736  # pixels; RapidOCR's own limits for detection
STEP = 32  # pixels; the detector wants multiples of it
WHOLE_PIXELS = MAX_SIDE**2  # of a page as the detector sees it: no page up to five times as long as wide has more
STRIP_PIXELS, ALL_STRIPS_PIXELS = 2_000_000, 8_000_000
STRIP_OVERLAP = 160  # pixels as the detector sees them, higher than a line
MAX_ENLARGED = 4.0  # of strips


class BoundedDetector:
    """``network``: PP-OCR's detector, or None where lines are only read."""

    def __init__(self, network: Network | None) -> None:
        self._network = network

    def detect(self, pixels: NDArray[np.uint8]) -> list[Polygon]:
        """Text lines as corner points clockwise from the top left; ``pixels``: uint8, shape (H, W, 3), RGB."""
        assert self._network is not None
        height, width = pixels.shape[:2]
        try:
            if pixels_seen(width, height) <= WHOLE_PIXELS:
                return _detect(self._network, pixels, _scale(width, height), MIN_SIDE)
            scale, parts = cut(width, height)
            return joined([(part, self._lines_of(part, pixels, scale)) for part in parts])
        finally:
            self._network.release()

    def _lines_of(self, part: BoundingBox, pixels: NDArray[np.uint8], scale: float) -> list[Polygon]:
        deadline.check()
        assert self._network is not None
        picture = pixels[part.top : part.bottom, part.left : part.right]
        return [moved(line, part) for line in _detect(self._network, picture, scale)]


def pixels_seen(width: int, height: int) -> float:
    """Of the picture that RapidOCR makes of a page of this size for its detector."""
    scale = _scale(width, height)
    return width * height * max(scale, MIN_SIDE / min(width, height)) ** 2


def cut(width: int, height: int) -> tuple[float, list[BoundingBox]]:
    """The scale at which a page too large for the detector is looked at, and the strips it is cut into.

    Enlarged as RapidOCR would, as far as a strip has ``STRIP_PIXELS`` and all of them together ``ALL_STRIPS_PIXELS``.
    """
    shorter = min(width, height)
    wanted = min(MAX_ENLARGED, max(1.0, MIN_SIDE / shorter), MAX_SIDE / shorter)
    scale = min(wanted, math.sqrt(ALL_STRIPS_PIXELS / (width * height)))
    length = STRIP_PIXELS / (shorter * scale)
    return scale, strips(width, height, math.ceil(length / scale), math.ceil(STRIP_OVERLAP / scale))


def _detect(network: Network, pixels: NDArray[np.uint8], scale: float, shortest: int = 0) -> list[Polygon]:
    """Lines in pixels of the picture, which is scaled before the detector sees it, and enlarged from there until its
    shorter side has ``shortest`` pixels."""
    import cv2

    height, width = pixels.shape[:2]
    image: NDArray[Any] = pixels[:, :, ::-1]
    if scale != 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR)
    seen_height, seen_width = image.shape[:2]
    fitted = _in_steps(np.ascontiguousarray(image), max(1.0, shortest / min(seen_height, seen_width)))
    if fitted is None:
        return []
    corners = line_corners(network(_normalised(fitted))[0, 0], seen_width, seen_height)
    limits = np.array([width, height], dtype=np.float32)
    return [_polygon(np.clip(line / scale, 0, limits)) for line in corners]


def _in_steps(image: NDArray[np.uint8], enlarged: float) -> NDArray[np.uint8] | None:
    """The picture with sides that the detector takes; None for one too thin to have any."""
    import cv2

    height, width = (round(int(side * enlarged) / STEP) * STEP for side in image.shape[:2])
    if not height or not width:
        return None
    return np.asarray(cv2.resize(image, (width, height)), dtype=np.uint8)


def _normalised(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the detector takes of a picture: -1..1, shape (1, 3, H, W)."""
    return ((image.astype(np.float32) / 255.0 - 0.5) / 0.5).transpose(2, 0, 1)[None].astype(np.float32)


def _scale(width: int, height: int) -> float:
    """What a page is made smaller by before lines are sought in it, 0..1."""
    return min(1.0, MAX_SIDE / max(height, width))


def _polygon(corners: NDArray[np.float32]) -> Polygon:
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return a, b, c, d
