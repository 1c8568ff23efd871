"""A place that is in doubt, read once more: cut out anew with more around it, enlarged, by every reader of lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.page import PageImage
from ocr_ensemble.engines.protocols import LineCrop, LineReader
from ocr_ensemble.layout import BoundingBox, Word
from ocr_ensemble.reading import Reading

ENLARGED_HEIGHT = 96  # pixels that a small line is enlarged to
LARGEST_FACTOR = 4.0


@dataclass(frozen=True, slots=True)
class Treatment:
    """``across`` and ``down``: what is added on each side, in heights of the box."""

    name: str
    across: float
    down: float


# The box may cut the print off as well as hold too much of it.
TREATMENTS = (Treatment("enlarged", 0.15, 0.15), Treatment("enlarged and wider", 0.6, 0.35))


def read_again(engine: LineReader, page: PageImage, boxes: Sequence[BoundingBox]) -> list[tuple[Reading, ...]]:
    """Per box what the engine reads in it now, empty readings left out; boxes are pixels of the page."""
    grown = [_grown(page, box, treatment) for box in boxes for treatment in TREATMENTS]
    pictures = [_enlarged(page.pixels[g.top : g.bottom, g.left : g.right]) for g in grown]
    names = [treatment.name for _ in boxes for treatment in TREATMENTS]
    crops = [
        LineCrop(BoundingBox(0, 0, picture.shape[1], picture.shape[0]), picture, page.language, name)
        for picture, name in zip(pictures, names, strict=True)
    ]
    readings = engine.read_lines(crops)
    placed = [_placed(reading, crop, box) for reading, crop, box in zip(readings, crops, grown, strict=True)]
    return [
        tuple(reading for reading in _of_box(placed, number) if reading.text.strip()) for number in range(len(boxes))
    ]


def _of_box(placed: Sequence[Reading], number: int) -> Iterable[Reading]:
    return placed[number * len(TREATMENTS) : (number + 1) * len(TREATMENTS)]


def _grown(page: PageImage, box: BoundingBox, treatment: Treatment) -> BoundingBox:
    across, down = (max(2, round(share * box.height)) for share in (treatment.across, treatment.down))
    return BoundingBox(
        max(0, box.left - across),
        max(0, box.top - down),
        min(page.width, box.right + across),
        min(page.height, box.bottom + down),
    )


def _enlarged(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    factor = min(LARGEST_FACTOR, max(1.0, ENLARGED_HEIGHT / pixels.shape[0]))
    size = (max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _placed(reading: Reading, crop: LineCrop, box: BoundingBox) -> Reading:
    """The reading with its words' boxes in pixels of the page instead of the enlarged crop."""
    across, down = box.width / crop.box.width, box.height / crop.box.height
    words = tuple(
        Word(
            word.text,
            BoundingBox.around(
                (box.left + x * across, box.top + y * down)
                for x, y in ((word.box.left, word.box.top), (word.box.right, word.box.bottom))
            ),
            word.confidence,
        )
        for word in reading.words
    )
    return replace(reading, box=box, words=words, preparation=crop.preparation)
