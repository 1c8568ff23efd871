"""Page images as small picture files for people who look at a job, and as fingerprints that tell pages alike."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from db.pictures import EncodedPicture
from ocr_ensemble.document.page import PageImage
from ocr_ensemble.grey import grey_of

MAX_SIDE = 2000
"""Pixels of the longer side: enough to read small print on a screen."""
_QUALITY = 70


def encoded(pages: Sequence[PageImage]) -> Iterator[EncodedPicture]:
    """One JPEG file per page, scaled down to ``MAX_SIDE`` where it is larger.

    A WebP file would be a sixth smaller and take twelve times the processor, a tenth of a second a page.
    """
    for page in pages:
        image = Image.fromarray(_scaled_down(_plain(page.pixels)))
        file = io.BytesIO()
        image.save(file, "JPEG", quality=_QUALITY)
        yield EncodedPicture(page.number, file.getvalue(), "image/jpeg", image.width, image.height)


def _plain(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One channel of a page without colour, whose three are one array: half the time, the same picture."""
    return pixels[..., 0] if pixels.strides[-1] == 0 else pixels


def _scaled_down(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    factor = MAX_SIDE / max(width, height)
    if factor >= 1.0:
        return pixels
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    # Down to half the size, two by two pixels tell as much as all that a new one covers, in an eighth of the time.
    how = cv2.INTER_LINEAR if factor >= 0.5 else cv2.INTER_AREA
    return np.asarray(cv2.resize(pixels, size, interpolation=how), dtype=np.uint8)


def fingerprint(page: PageImage) -> int:
    """A perceptual hash of 64 bits: the signs of the low frequencies of what is printed, its margins cut off.

    A page scanned or saved once more differs in few bits, another one of the same size in about half of them.
    """
    grey = grey_of(page.pixels)
    small = cv2.resize(_printed(grey), (_HASHED, _HASHED), interpolation=cv2.INTER_AREA)
    waves = cv2.dct(small.astype(np.float32))[1:9, 1:9].ravel()
    return int.from_bytes(np.packbits(waves > np.median(waves)).tobytes(), "big")


_HASHED, _SEARCHED = (
    32,
    256,
)  # pixels of the side of the picture that is hashed, and of the one that margins are found in
_INK = 25  # grey levels that print is darker than the paper


def _printed(grey: NDArray[Any]) -> NDArray[Any]:
    """The part of the page that holds print; the whole page where there is none."""
    small = cv2.resize(grey, (_SEARCHED, _SEARCHED), interpolation=cv2.INTER_AREA)
    ink = small < np.median(small) - _INK
    rows, columns = (np.flatnonzero(ink.sum(axis=axis) > 1) for axis in (1, 0))
    if len(rows) < 2 or len(columns) < 2:
        return grey
    height, width = grey.shape
    top, bottom = rows[0] * height // _SEARCHED, (rows[-1] + 1) * height // _SEARCHED
    left, right = columns[0] * width // _SEARCHED, (columns[-1] + 1) * width // _SEARCHED
    return grey[top : max(bottom, top + 1), left : max(right, left + 1)]
