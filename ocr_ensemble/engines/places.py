"""Where the words of a line stand, from the columns a CTC recogniser read its characters in."""

from __future__ import annotations

import numpy as np

from ocr_ensemble.engines.ctc import CTCText
from ocr_ensemble.layout import BoundingBox, Point, Polygon, Word


def corners_of(box: BoundingBox) -> Polygon:
    """Clockwise from the top left."""
    left, top, right, bottom = (float(value) for value in box.as_tuple())
    return (left, top), (right, top), (right, bottom), (left, bottom)


def words_of(decoded: CTCText, polygon: Polygon) -> tuple[Word, ...]:
    """Words between spaces; their ends lie half-way to the neighbouring character's column.

    ``decoded.columns`` are thousandths of the line's width, ``polygon`` its corners clockwise from the text's top left.
    """
    words = []
    start = 0
    for end in [*(at for at, char in enumerate(decoded.text) if char == " "), len(decoded.text)]:
        if end > start:
            left, right = _boundary(decoded.columns, start), _boundary(decoded.columns, end)
            box = BoundingBox.around(_part(polygon, left / 1000, max(right, left + 1) / 1000))
            words.append(Word(decoded.text[start:end], box, float(np.mean(decoded.confidences[start:end]))))
        start = end + 1
    return tuple(words)


def _boundary(columns: tuple[int, ...], index: int) -> int:
    """The thousandth of the width between characters ``index - 1`` and ``index``."""
    if index == 0:
        return 0
    if index == len(columns):
        return 1000
    return (columns[index - 1] + columns[index]) // 2


def _part(polygon: Polygon, start: float, end: float) -> list[Point]:
    """Corners of the part between two shares (0..1) of the reading direction."""
    top_left, top_right, bottom_right, bottom_left = (np.asarray(point) for point in polygon)
    ends = [
        side_start + share * (side_end - side_start)
        for side_start, side_end in ((top_left, top_right), (bottom_left, bottom_right))
        for share in (start, end)
    ]
    return [(float(x), float(y)) for x, y in ends]
