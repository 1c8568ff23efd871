"""Candidate texts as pixels, from the one font that OpenCV carries in its wheel: the same on every machine."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.float32]

FONT = "uni"  # plain, with a serifed I and an open 0, so that look-alikes differ
ROWS = 28  # a glyph's canvas: accents above, descenders below
BASELINE = 21  # the row under the baseline
CAPITAL = 17  # rows of an upper-case letter
_SIZE = 22  # OpenCV's font size for these rows
_PAD = 8


def printable(text: str) -> str:
    """NFC on one line, single spaces, control characters dropped."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(char for char in composed if char.isprintable() or char.isspace()).split())


def draw_text(text: str, size: int) -> NDArray[np.uint8]:
    """Ink 0..255 of one line at a font size in pixels; shape (about 1.5 * size, width of the text)."""
    import cv2

    room = _PAD + size * (len(text) + 1)
    canvas = np.zeros((round(1.5 * size), room, 3), np.uint8)
    cv2.putText(canvas, text, (_PAD, round(1.1 * size)), (255, 255, 255), cv2.FontFace(FONT), size, 400)
    columns = np.flatnonzero(canvas[:, :, 0].any(axis=0))
    right = int(columns[-1]) + 1 if len(columns) else _PAD
    return np.ascontiguousarray(canvas[:, _PAD : max(right, _PAD) + 2, 0])


@lru_cache(maxsize=4096)
def glyph(char: str) -> Ink:
    """One character's ink 0..1 without its side bearings; shape (28, its width, 1 to 28)."""
    import cv2

    canvas = np.zeros((ROWS, 4 * ROWS, 3), np.uint8)
    cv2.putText(canvas, char, (ROWS, BASELINE), (255, 255, 255), cv2.FontFace(FONT), _SIZE, 400)
    ink = canvas[:, :, 0].astype(np.float32) / 255
    columns = np.flatnonzero(ink.max(axis=0) > 0.1)
    if not len(columns):
        return np.zeros((ROWS, 4), np.float32)
    tight = ink[:, columns[0] : columns[-1] + 1]
    if tight.shape[1] > ROWS:
        tight = np.asarray(cv2.resize(tight, (ROWS, ROWS), interpolation=cv2.INTER_AREA), np.float32)
    return np.ascontiguousarray(tight)


@lru_cache(maxsize=16384)
def template(char: str, width: int) -> Ink:
    """The glyph at half height and `width` columns, a little blurred, column after column; shape (14 * width,)."""
    import cv2

    blurred = cv2.GaussianBlur(glyph(char), (0, 0), 0.8)
    small = np.asarray(cv2.resize(blurred, (width, ROWS // 2), interpolation=cv2.INTER_AREA), np.float32)
    return np.ascontiguousarray(small.T).ravel()
