"""RapidOCR's detector under a bound: what it would enlarge to any size is cut into strips.

RapidOCR enlarges a picture until its shorter side has ``MIN_SIDE`` pixels, however long the other one becomes then:
32 x 32,800 pixels become 736 x 754,400. The network takes about 150 bytes a pixel, on some processors twice as many.
"""

from __future__ import annotations

import copy
import math
import sys
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.engines import deadline
from ocr_ensemble.engines.strips import joined, moved, strips
from ocr_ensemble.layout import BoundingBox, Polygon

MAX_SIDE, MIN_SIDE = 2000, 736  # pixels; RapidOCR's own limits for detection
WHOLE_PIXELS = MAX_SIDE**2  # of a page as the detector sees it: no page up to five times as long as wide has more
STRIP_PIXELS, ALL_STRIPS_PIXELS = 2_000_000, 8_000_000
STRIP_OVERLAP = 160  # pixels as the detector sees them, higher than a line
MAX_ENLARGED = 4.0  # of strips


class BoundedDetector:
    """``detector``: RapidOCR's TextDetector, or None where lines are only read."""

    def __init__(self, detector: Any) -> None:
        self._whole = detector
        self._strip = copy.copy(detector)
        if detector is not None:
            self._strip.limit_type, self._strip.limit_side_len = "max", sys.maxsize  # strips have their size already

    def detect(self, pixels: NDArray[np.uint8]) -> list[Polygon]:
        """Text lines as corner points clockwise from the top left; ``pixels``: uint8, shape (H, W, 3), RGB."""
        height, width = pixels.shape[:2]
        try:
            if pixels_seen(width, height) <= WHOLE_PIXELS:
                return _detect(self._whole, pixels, _scale(width, height))
            scale, parts = cut(width, height)
            return joined([(part, self._lines_of(part, pixels, scale)) for part in parts])
        finally:
            release(self._whole.session)

    def _lines_of(self, part: BoundingBox, pixels: NDArray[np.uint8], scale: float) -> list[Polygon]:
        deadline.check()
        picture = pixels[part.top : part.bottom, part.left : part.right]
        return [moved(line, part) for line in _detect(self._strip, picture, scale)]


def release(session: Any) -> None:
    """Gives back what the last picture took where the runtime is OpenVINO, which keeps the most it ever needed.

    That is 400 MB after a page of A4; taking it anew costs 3 % of the processor time.
    """
    request: Any = getattr(session, "session", None)
    if hasattr(request, "get_compiled_model"):
        with suppress(RuntimeError):  # another reader of the same model is at work, and gives it back afterwards
            request.get_compiled_model().release_memory()


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


def _detect(detector: Any, pixels: NDArray[np.uint8], scale: float) -> list[Polygon]:
    """Lines in pixels of the picture, which is scaled before the detector sees it."""
    import cv2

    height, width = pixels.shape[:2]
    image: NDArray[Any] = pixels[:, :, ::-1]
    if scale != 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR)
    boxes = detector(np.ascontiguousarray(image)).boxes
    if boxes is None:
        return []
    limits = np.array([width, height], dtype=np.float32)
    return [_polygon(np.clip(box / scale, 0, limits)) for box in boxes]


def _scale(width: int, height: int) -> float:
    """What a page is made smaller by before lines are sought in it, 0..1."""
    return min(1.0, MAX_SIDE / max(height, width))


def _polygon(corners: NDArray[np.float32]) -> Polygon:
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return a, b, c, d
