"""Page images as small picture files for people who look at a job."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from PIL import Image

from db.pictures import EncodedPicture
from ocr_ensemble.document.page import PageImage

MAX_SIDE = 2000
"""Pixels of the longer side: enough to read small print on a screen."""
_QUALITY = 70


def encoded(pages: Sequence[PageImage]) -> Iterator[EncodedPicture]:
    """One WebP file per page, scaled down to ``MAX_SIDE`` where it is larger."""
    for page in pages:
        image = Image.fromarray(page.pixels)
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
        file = io.BytesIO()
        image.save(file, "WEBP", quality=_QUALITY, method=1)
        yield EncodedPicture(page.number, file.getvalue(), "image/webp", image.width, image.height)
