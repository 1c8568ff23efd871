"""Pictures in grey."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def one_channel(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A copy of a picture, uint8, shape (H, W, 3): its channels one array where they are equal, as on most pages of
    print, in a third of the memory."""
    import cv2  # only where a picture is at hand

    first, *others = cv2.split(pixels)
    if any(not np.array_equal(first, other) for other in others):
        return np.array(pixels, dtype=np.uint8)
    return in_grey(np.asarray(first, dtype=np.uint8))


def in_grey(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture, shape (H, W, 3), of one channel, shape (H, W), which is all three."""
    return np.broadcast_to(grey[:, :, None], (*grey.shape, 3))


def is_one_tone(pixels: NDArray[np.uint8]) -> bool:
    """Whether all pixels and channels of a picture, uint8, shape (H, W, 3), are one grey."""
    looked_at = pixels[..., :1] if pixels.strides[-1] == 0 else pixels
    return bool(looked_at.min() == looked_at.max())


def grey_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The luminance, uint8, shape (H, W), of RGB ``pixels``, uint8, shape (H, W, 3); without a computation where the
    three channels are one array, as those of pages without a colour are."""
    if pixels.strides[2] == 0:
        return pixels[..., 0]
    import cv2  # only where a picture is at hand

    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
