"""Print of which nothing was read: a blurred or dark page, noise, a picture. A page that an engine came to the end of
may hold a whole document and no word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocr_ensemble.document.ink import find_ink, without_letters
from ocr_ensemble.document.page import PageImage
from ocr_ensemble.grey import grey_of
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import PageReading

_FEW_WORDS = 12  # up to which a page is looked at: one with more was read
_BARE = 0.002  # share of the page, as of a blank one: specks, a line
_MARGIN = 4  # pixels of the analysis around a line that belong to it
_SURE = 0.9  # probability of a line from which print like it would have been read elsewhere on the page, too
_FEW_LETTERS = 5  # shapes like letters; a picture has none, or hardly any


@dataclass(frozen=True, slots=True)
class LeftInk:
    """What a page shows outside the lines and codes that were read: ``share`` (0..1) of the page, and ``letters``, how
    many shapes of it have the size of one."""

    share: float
    letters: int


def ink_left(page: PageImage, reading: PageReading) -> LeftInk:
    """The ink that no line tells of. Boxes are pixels of ``page``."""
    boxes = [*(line.line.box for line in reading.lines), *(code.box for code in reading.codes)]
    ink = find_ink(grey_of(page.pixels))
    mask = ink.mask.copy()
    for box in boxes:
        left, top, right, bottom = _scaled(box, ink.scale)
        mask[top:bottom, left:right] = 0
    return LeftInk(float(np.count_nonzero(mask)) / mask.size, len(without_letters(ink, boxes).letters))


def is_bare(page: PageImage, reading: PageReading) -> bool:
    """Whether a page has nothing on it but the words that were read."""
    return page.blank or (not page.dark and ink_left(page, reading).share < _BARE)


def is_illegible(page: PageImage, reading: PageReading) -> bool:
    """Whether a page has print of which hardly a word was read. One whose few words are sure and that shows no other
    letters holds a picture with a caption."""
    words = sum(len(line.line.text.split()) for line in reading.lines)
    if page.blank or words > _FEW_WORDS:
        return False
    if page.dark and not words:
        return True
    left = ink_left(page, reading)
    captioned = any((line.line.confidence or 0.0) >= _SURE for line in reading.lines) and left.letters < _FEW_LETTERS
    return left.share >= _BARE and not captioned


def _scaled(box: BoundingBox, scale: float) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(side * scale) for side in box.as_tuple())
    return max(0, left - _MARGIN), max(0, top - _MARGIN), right + _MARGIN, bottom + _MARGIN
