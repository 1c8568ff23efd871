"""Where two pictures of one page differ."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.layout import BoundingBox

SEEN = 48  # grey levels
_NEAR = 9  # pixels between differences that are told as one
_SMALLEST = 4  # pixels of a difference
_MOST = 20


def differences(
    before: NDArray[np.uint8], now: NDArray[np.uint8], anything: bool, scale: float
) -> Iterator[BoundingBox]:
    """The boxes in which the two grey pictures differ, in pixels of a picture of which these have ``scale`` times the
    size; where not ``anything`` counts, only print of ``before`` that is gone. At most twenty."""
    mask = np.asarray((cv2.absdiff(now, before) if anything else cv2.subtract(now, before)) >= SEEN, dtype=np.uint8)
    if not mask.any():
        return
    near = cv2.dilate(mask, np.ones((_NEAR, 2 * _NEAR + 1), np.uint8))
    count, labels = cv2.connectedComponents(near)
    for label in range(1, min(count, _MOST + 1)):
        rows, columns = np.nonzero((labels == label) & (mask > 0))
        if len(rows) >= _SMALLEST:
            corners = (int(columns.min()), int(rows.min())), (int(columns.max()) + 1, int(rows.max()) + 1)
            yield BoundingBox.around([(x / scale, y / scale) for x, y in corners])
