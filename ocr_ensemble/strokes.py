"""Words that are crossed out: a straight stroke through the middle of a word, from its first letter to its last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
_LEVEL_OF = (3 * np.arange(256) // _LEVEL).astype(np.uint8)  # of a grey
_FAINTEST = 30  # grey levels
_FEWEST_SIGNS = 3
_MANY = 6  # words of a line that are faster looked at together than one by one


def without_struck(page: PageReading, pixels: NDArray[np.uint8]) -> PageReading:
    """The reading without crossed-out words, which it keeps apart. ``pixels``: uint8, shape (H, W, 3), of the page."""
    kept: list[Consensus] = []
    struck: list[TextLine] = []
    for consensus in page.lines:
        line = consensus.line
        crossed = struck_words(pixels, line.words)
        if not any(crossed):
            kept.append(consensus)
            continue
        struck.append(_part(line, [word for word, out in zip(line.words, crossed, strict=True) if out]))
        if not all(crossed):
            rest = [word for word, out in zip(line.words, crossed, strict=True) if not out]
            kept.append(replace(consensus, line=_part(line, rest)))
    return replace(page, lines=tuple(kept), struck=tuple(struck)) if struck else page


def struck_words(pixels: NDArray[np.uint8], words: Sequence[Word]) -> list[bool]:
    """Through which of a line's words a stroke runs; never for signs without letters, such as a dash."""
    if not any(map(_may_have_stroke, words)):
        return [False] * len(words)
    whole = BoundingBox.union(word.box for word in words)
    whole = whole.padded(round(_AROUND * whole.height), pixels.shape[1], pixels.shape[0])
    if len(words) > 1 and whole.area > _SPARSE * sum(word.box.area for word in words):
        return [struck for word in words for struck in struck_words(pixels, [word])]
    part = pixels[whole.top : whole.bottom, whole.left : whole.right]
    levels = _levels_of(part)
    open_words = _may_be_struck(levels, words, whole) if len(words) >= _MANY else [True] * len(words)
    if not any(open_words):
        return open_words
    grey = _brightness(part)
    return [is_open and _is_struck(grey, levels, word, whole) for is_open, word in zip(open_words, words, strict=True)]


def _brightness(part: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Sums of three channels, 0..765, so that all is whole."""
    return part[..., 0].astype(np.int16) + part[..., 1] + part[..., 2]


def _levels_of(part: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The brightness in levels; looked up where the three channels are one array, as on pages without a colour."""
    if part.strides[-1] == 0:
        return np.asarray(cv2.LUT(part[..., 0], _LEVEL_OF), dtype=np.uint8)
    return (_brightness(part) // _LEVEL).astype(np.uint8)


def _may_be_struck(levels: NDArray[np.uint8], words: Sequence[Word], whole: BoundingBox) -> list[bool]:
    """False for words on plain paper with white between their letters, told for all words of a line at once, as nearly
    none is struck: a page of terms takes a quarter of the time that looking at each word takes."""
    left, top, right, bottom = (np.array([word.box.as_tuple() for word in words]) - (whole.left, whole.top) * 2).T
    if min(left.min(), top.min()) < 0 or right.max() > levels.shape[1] or bottom.max() > levels.shape[0]:
        return [True] * len(words)
    paper = int(np.bincount(levels[::3, ::3].ravel(), minlength=_LEVELS).argmax())  # a guess that is checked below
    distance = np.abs(levels.astype(np.int8) - np.int8(paper))
    surely = _least_of_ink(int(distance.max()) + 0.5) + 0.5
    starts, ends = (top + np.rint(share * (bottom - top)).astype(int) for share in _BAND)
    if starts.max() >= ends.min():
        return [True] * len(words)
    reached = distance[starts.min() : ends.max()].max(axis=0)
    shared = distance[starts.max() : ends.min()].max(axis=0)
    inked = np.flatnonzero(shared > surely)
    if not len(inked):
        return [True] * len(words)
    first = np.maximum(left, inked[np.minimum(np.searchsorted(inked, left), len(inked) - 1)])
    last = np.minimum(right - 1, inked[np.searchsorted(inked, right) - 1])
    darkest = np.maximum.reduceat(np.append(shared, np.int8(0)), np.column_stack([left, right]).ravel())[::2]
    white = _white_between(reached, first, last, np.floor(_least_of_ink(darkest - 0.5) - 0.5))
    is_paper = _is_paper(levels == paper, left, top, right, bottom)
    struck: list[bool] = (~((white > (1 - _WHOLE) * (right - left)) & is_paper)).tolist()
    return struck


def _least_of_ink(darkest: float | NDArray[np.float64]) -> Any:
    """How many levels from the paper's middle ink begins, where the darkest is so many from it."""
    return np.maximum(3 * _FAINTEST, _CONTRAST * darkest * _LEVEL) / _LEVEL


def _white_between(
    reached: NDArray[np.int8], first: NDArray[np.intp], last: NDArray[np.intp], limits: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Per word how many columns from the ``first`` to the ``last`` have no ink: ``reached`` up to its limit. Most words
    of a line have the same."""
    found = np.zeros(len(first), dtype=np.intp)
    for limit in np.unique(limits):
        sums = np.concatenate([[0], np.cumsum(reached <= limit)])
        found = np.where(limits == limit, sums[last] - sums[first], found)
    return found


def _is_paper(is_plain: NDArray[np.bool_], *boxes: NDArray[np.intp]) -> NDArray[np.bool_]:
    """In and around which boxes, left, top, right and bottom of each, most pixels are plain."""
    left, top, right, bottom = boxes
    margin = np.rint(_AROUND * (bottom - top)).astype(int)
    left, top = np.maximum(0, left - margin), np.maximum(0, top - margin)
    right, bottom = np.minimum(is_plain.shape[1], right + margin), np.minimum(is_plain.shape[0], bottom + margin)
    sums = cv2.integral(is_plain.view(np.uint8))
    plain = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return np.asarray(2 * plain > (right - left) * (bottom - top), dtype=np.bool_)


def _is_struck(grey: NDArray[np.int16], levels: NDArray[np.uint8], word: Word, whole: BoundingBox) -> bool:
    """``grey`` and ``levels`` are those of ``whole``."""
    box = word.box
    if not _may_have_stroke(word):
        return False
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
