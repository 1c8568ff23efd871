"""Pictures in grey."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def grey_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The luminance, uint8, shape (H, W), of RGB ``pixels``, uint8, shape (H, W, 3); without a computation where the
    three channels are one array, as those of pages without a colour are."""
    if pixels.strides[2] == 0:
        return pixels[..., 0]
    import cv2  # only where a picture is at hand

    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
