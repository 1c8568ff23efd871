"""Words that are crossed out: a straight stroke through the middle of a word, from its first letter to its last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.layout import BoundingBox, TextLine, Word
from ocr_ensemble.reading import Consensus, PageReading

_BAND = (0.25, 0.75)  # of the word's height: underlines and frames lie outside
_WHOLE = 0.98  # of the word's width that a stroke covers; letters leave gaps between them
_CONTRAST = 0.55  # of the distance between paper and print
_SLOPE = 0.1  # rise of a stroke over its length
_LEVELS = 16  # of grey, to tell the paper by the most common
_AROUND = (
    0.25  # of the height of bold print, in which there may be more ink than paper: paper is looked for this far off
)
_SPARSE = 4  # times the words' own pixels: where they stand so far apart, each is looked at by itself
_LEVEL = 3 * 256 // _LEVELS
_FAINTEST = 30  # grey levels
_FEWEST_SIGNS = 3


def without_struck(page: PageReading, pixels: NDArray[np.uint8]) -> PageReading:
    """The reading without crossed-out words, which it keeps apart. ``pixels``: uint8, shape (H, W, 3), of the page."""
    kept: list[Consensus] = []
    struck: list[TextLine] = []
    found = struck_words(pixels, [consensus.line.words for consensus in page.lines])
    for consensus, crossed in zip(page.lines, found, strict=True):
        line = consensus.line
        if not any(crossed):
            kept.append(consensus)
            continue
        struck.append(_part(line, [word for word, out in zip(line.words, crossed, strict=True) if out]))
        if not all(crossed):
            rest = [word for word, out in zip(line.words, crossed, strict=True) if not out]
            kept.append(replace(consensus, line=_part(line, rest)))
    return replace(page, lines=tuple(kept), struck=tuple(struck)) if struck else page


def struck_words(pixels: NDArray[np.uint8], lines: Sequence[Sequence[Word]]) -> list[list[bool]]:
    """Through which of the lines' words a stroke runs; never for signs without letters, such as a dash."""
    candidates = [[_may_have_stroke(word) for word in words] for words in lines]
    looked_at = [number for number, found in enumerate(candidates) if any(found)]
    for number, free in zip(looked_at, _surely_free(pixels, [lines[at] for at in looked_at]), strict=True):
        open_words = [may and not is_free for may, is_free in zip(candidates[number], free, strict=True)]
        candidates[number] = _struck_of(pixels, lines[number], open_words)
    return candidates


def _struck_of(pixels: NDArray[np.uint8], words: Sequence[Word], open_words: Sequence[bool]) -> list[bool]:
    """Which of a line's open words are struck."""
    if not any(open_words):
        return [False] * len(words)
    boxes = _boxes_of(words)
    whole = _around(boxes, pixels)
    if len(words) > 1 and _is_sparse(boxes, whole):
        alone = (_struck_of(pixels, [word], [is_open]) for word, is_open in zip(words, open_words, strict=True))
        return [struck for (struck,) in alone]
    # Sums of three channels, 0..765, so that all is whole.
    grey = _brightness(pixels[whole.top : whole.bottom, whole.left : whole.right])
    levels = (grey // _LEVEL).astype(np.uint8)
    return [is_open and _is_struck(grey, levels, word, whole) for is_open, word in zip(open_words, words, strict=True)]


def _boxes_of(words: Sequence[Word]) -> NDArray[np.intp]:
    """Left, top, right and bottom, shape (n, 4)."""
    return np.array([word.box.as_tuple() for word in words])


def _around(boxes: NDArray[np.intp], pixels: NDArray[np.uint8]) -> BoundingBox:
    """The words and what is looked at around them."""
    whole = BoundingBox(*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
    return whole.padded(round(_AROUND * whole.height), pixels.shape[1], pixels.shape[0])


def _is_sparse(boxes: NDArray[np.intp], whole: BoundingBox) -> bool:
    return bool(whole.area > _SPARSE * (boxes[:, 2:] - boxes[:, :2]).prod(axis=1).sum())


def _brightness(part: NDArray[np.uint8]) -> NDArray[np.int16]:
    return part[..., 0].astype(np.int16) + part[..., 1] + part[..., 2]


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """The columns of pixels of all lines of a page, one line's behind the other's. ``reached``: how many levels from
    the paper's the pixel farthest from it is, in the middle of the highest word; ``shared``: in the rows that are the
    middle of every word; ``other``: how many pixels of the line are not of the paper's level."""

    reached: NDArray[np.uint8]
    shared: NDArray[np.uint8]
    other: NDArray[np.int32]

    @classmethod
    def of(cls, distance: NDArray[np.uint8], middle: NDArray[np.intp]) -> _Columns:
        """Of one line; ``middle``: where the middle of each word starts and ends, shape (2, n)."""
        starts, ends = middle
        return cls(
            distance[starts.min() : ends.max()].max(axis=0),
            distance[starts.max() : ends.min()].max(axis=0),
            cv2.reduce(np.minimum(distance, 1), 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0],
        )


def _surely_free(pixels: NDArray[np.uint8], lines: Sequence[Sequence[Word]]) -> list[list[bool]]:
    """Which words stand on plain paper with white between their letters, so that no stroke can run through them: told
    for all words of a page at once, as nearly none is struck and a page of terms has two thousand."""
    free = [[False] * len(words) for words in lines]
    # Of the whole page most often; what stands on another paper is looked at by itself.
    paper = int(np.bincount(_brightness(pixels[::8, ::8]).ravel() // _LEVEL, minlength=_LEVELS).argmax())
    placed: list[NDArray[np.intp]] = []
    columns: list[_Columns] = []
    told: list[int] = []
    begin = 0
    for number, words in enumerate(lines):
        boxes = _boxes_of(words)
        whole = _around(boxes, pixels)
        middle = boxes[:, 1] + np.rint(np.outer(_BAND, boxes[:, 3] - boxes[:, 1])).astype(np.intp) - whole.top
        outside = (boxes[:, :2] < 0).any() or (boxes[:, 2:] > (pixels.shape[1], pixels.shape[0])).any()
        if outside or middle[0].max() >= middle[1].min() or _is_sparse(boxes, whole):
            continue
        part = pixels[whole.top : whole.bottom, whole.left : whole.right]
        columns.append(_Columns.of(_distance(part, paper), middle))
        placed.append(np.hstack([boxes, np.full((len(boxes), 1), begin - whole.left)]))
        told.append(number)
        begin += whole.width
    if told:
        found = iter(_are_free(np.concatenate(placed), _joined(columns), pixels.shape).tolist())
        for number in told:
            free[number] = list(islice(found, len(lines[number])))
    return free


def _joined(columns: Sequence[_Columns]) -> _Columns:
    return _Columns(
        np.concatenate([each.reached for each in columns]),
        np.concatenate([each.shared for each in columns]),
        np.concatenate([each.other for each in columns]),
    )


def _distance(part: NDArray[np.uint8], paper: int) -> NDArray[np.uint8]:
    """How many levels each pixel is from the paper's; looked up where the three channels are one array."""
    table = np.abs(np.arange(3 * 255 + 1) // _LEVEL - paper).astype(np.uint8)
    if part.strides[-1] == 0:
        return np.asarray(cv2.LUT(part[..., 0], table[::3]), dtype=np.uint8)
    return table[_brightness(part)]


def _are_free(placed: NDArray[np.intp], columns: _Columns, page: tuple[int, ...]) -> NDArray[np.bool_]:
    """``placed``: boxes of words, and how much farther right each is in ``columns``. White columns hold no stroke; a
    word without enough of them may have one."""
    boxes, shift = placed[:, :4], placed[:, 4]
    margin = np.rint(_AROUND * (boxes[:, 3] - boxes[:, 1])).astype(np.intp)[:, None] * (-1, -1, 1, 1)
    around = np.clip(boxes + margin, 0, (page[1], page[0]) * 2)
    left, right, first_around, last_around = (edges + shift for edges in (*boxes.T[::2], *around.T[::2]))
    inked = np.flatnonzero(columns.shared > _least_of_ink(float(columns.reached.max()) + 0.5) + 0.5)
    if not len(inked):
        return np.zeros(len(placed), dtype=np.bool_)
    first = np.maximum(left, inked[np.minimum(np.searchsorted(inked, left), len(inked) - 1)])
    last = np.minimum(right - 1, inked[np.searchsorted(inked, right) - 1])
    darkest = np.maximum.reduceat(np.append(columns.shared, np.uint8(0)), np.column_stack([left, right]).ravel())[::2]
    white = _white_between(columns.reached, first, last, np.floor(_least_of_ink(darkest - 0.5) - 0.5))
    sums = np.concatenate([[0], np.cumsum(columns.other)])
    other = sums[last_around] - sums[first_around]  # of all rows of the line: more than the word's own
    is_paper = 2 * other < (around[:, 2:] - around[:, :2]).prod(axis=1)
    return np.asarray((white > (1 - _WHOLE) * (right - left)) & is_paper, dtype=np.bool_)


def _least_of_ink(darkest: float | NDArray[np.float64]) -> Any:
    """How many levels from the paper's middle ink begins, where the darkest is so many from it."""
    return np.maximum(3 * _FAINTEST, _CONTRAST * darkest * _LEVEL) / _LEVEL


def _white_between(
    reached: NDArray[np.uint8], first: NDArray[np.intp], last: NDArray[np.intp], limits: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Per word how many columns from the ``first`` to the ``last`` have no ink: ``reached`` up to its limit, which most
    words share."""
    found = np.zeros(len(first), dtype=np.intp)
    for limit in np.unique(limits):
        sums = np.concatenate([[0], np.cumsum(reached <= limit)])
        found = np.where(limits == limit, sums[last] - sums[first], found)
    return found


def _is_struck(grey: NDArray[np.int16], levels: NDArray[np.uint8], word: Word, whole: BoundingBox) -> bool:
    """``grey`` and ``levels`` are those of ``whole``."""
    box = word.box
    top, bottom = (box.top + round(share * box.height) for share in _BAND)
    around = box.padded(round(_AROUND * box.height), whole.right, whole.bottom)
    paper = int(np.bincount(levels[_inside(around, whole)].ravel(), minlength=_LEVELS).argmax())
    ink = _ink(grey[_inside(box, whole)], paper * _LEVEL + _LEVEL // 2)
    inked = np.flatnonzero(ink.any(axis=0))
    if not len(inked):
        return False
    ink = ink[top - box.top : bottom - box.top, inked[0] : inked[-1] + 1]
    if not ink.size or ink.any(axis=0).mean() < _WHOLE:
        return False
    return _longest_line(ink) >= _WHOLE


def _may_have_stroke(word: Word) -> bool:
    """Whether it is long enough that a stroke through it is no dash and no part of a letter."""
    return word.box.width >= word.box.height and sum(map(str.isalnum, word.text)) >= _FEWEST_SIGNS


def _inside(box: BoundingBox, whole: BoundingBox) -> tuple[slice, slice]:
    top, left = max(0, box.top - whole.top), max(0, box.left - whole.left)
    return slice(top, box.bottom - whole.top), slice(left, box.right - whole.left)


def _ink(grey: NDArray[np.int16], paper: int) -> NDArray[np.bool_]:
    """Where pixels are unlike their paper."""
    distance = np.abs(grey - paper)
    return np.asarray(distance > max(3 * _FAINTEST, _CONTRAST * int(distance.max())), dtype=np.bool_)


def _longest_line(ink: NDArray[np.bool_]) -> float:
    """The largest share of the width that one nearly level, straight line through all columns is inked on, give or
    take a pixel."""
    height, width = ink.shape
    thick = ink.copy()
    thick[1:] |= ink[:-1]
    starts, ends = np.meshgrid(np.arange(height), np.arange(height), indexing="ij")
    level = np.abs(starts - ends) <= max(1.0, _SLOPE * width)
    share = np.arange(width) / max(1, width - 1)
    rows = np.rint(starts[level][:, None] * (1 - share) + ends[level][:, None] * share).astype(int)
    return float(thick[rows, np.arange(width)].mean(axis=1).max())


def _part(line: TextLine, words: Sequence[Word]) -> TextLine:
    box = BoundingBox.union(word.box for word in words)
    return TextLine(" ".join(word.text for word in words), box, line.confidence, tuple(words))
