"""Where words end in a row of glyphs: at spaces and wide gaps, and in letter-spaced print only at wider ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from ocr_ensemble.document.raw import Glyphs

_WORD_GAP = 0.15  # times the glyph height beyond the usual gap: narrower than a space, wider than between letters
_SPACED_OUT = 0.1  # times the glyph height: letters this far apart are set so on purpose
_LOWEST = 0.01  # pixels: a font without any height is one that gaps can be measured in all the same
_ENOUGH = 3  # gaps from which a row tells its own letter spacing
_SPACES = frozenset({0x20, 0xA0, 0x202F, 0x3000, *range(0x2000, 0x200C)})


@dataclass(frozen=True, slots=True)
class PlainGlyphs:
    """What ``Glyphs`` holds, in lists: taking thousands of single numbers out of arrays costs many times as much.

    ``tight``: left, top, right, bottom of the ink; ``left``, ``right``, ``heights`` of the advance boxes.
    """

    codes: list[int]
    tight: list[list[float]]
    left: list[float]
    right: list[float]
    heights: list[float]
    baselines: list[float]
    spaces: list[bool]

    @classmethod
    def of(cls, glyphs: Glyphs) -> PlainGlyphs:
        left, top, right, bottom = glyphs.loose.T
        codes: list[int] = glyphs.codes.tolist()
        return cls(
            codes=codes,
            tight=glyphs.tight.tolist(),
            left=left.tolist(),
            right=right.tolist(),
            heights=np.maximum(bottom - top, _LOWEST).tolist(),
            baselines=glyphs.baselines.tolist(),
            spaces=[code in _SPACES for code in codes],
        )


def words_of(glyphs: PlainGlyphs, row: Sequence[int], usual: float) -> Iterator[list[int]]:
    """The row's glyphs, left to right, by words and without the spaces between.

    ``usual`` is the gap between letters, in glyph heights, of rows that are too short to tell their own.
    """
    runs = _between_spaces(glyphs, row)
    printed = [index for letters in runs for index in letters]
    gaps = _gaps(glyphs, printed)
    spaced = _is_typed_apart(runs)
    own = gaps if spaced else [gap for letters in runs for gap in _gaps(glyphs, letters)]
    typical = _typical(own) if len(own) >= _ENOUGH else usual
    limit = _WORD_GAP + (typical if typical > _SPACED_OUT else 0.0)
    breaks = set() if spaced else {letters[0] for letters in runs[1:] if letters}
    word: list[int] = []
    for at, index in enumerate(printed):
        if word and (index in breaks or gaps[at - 1] > limit):
            yield word
            word = []
        word.append(index)
    if word:
        yield word


def usual_gap(glyphs: PlainGlyphs, rows: Sequence[Sequence[int]]) -> float:
    """The median gap between neighbouring letters of all rows, in glyph heights; 0 on a page without any."""
    gaps = [gap for row in rows for letters in _between_spaces(glyphs, row) for gap in _gaps(glyphs, letters)]
    return _typical(gaps)


def _typical(gaps: Sequence[float]) -> float:
    return max(0.0, median(gaps)) if gaps else 0.0


def _gaps(glyphs: PlainGlyphs, row: Sequence[int]) -> list[float]:
    """The white between each glyph's place and the next one's, in heights of the next glyph."""
    left, right, heights = glyphs.left, glyphs.right, glyphs.heights
    return [(left[after] - right[before]) / heights[after] for before, after in pairwise(row)]


def _between_spaces(glyphs: PlainGlyphs, row: Sequence[int]) -> list[list[int]]:
    """The row's glyphs before, between and after its spaces."""
    spaces = [at for at, index in enumerate(row) if glyphs.spaces[index]]
    return [list(row[before + 1 : end]) for before, end in pairwise((-1, *spaces, len(row)))]


def _is_typed_apart(runs: Sequence[Sequence[int]]) -> bool:
    """Whether letters were set apart by typing a space after each one."""
    lengths = [len(letters) for letters in runs if letters]
    return len(lengths) > _ENOUGH and max(lengths) == 1
