"""Where words end in a row of glyphs: at spaces and wide gaps, and in letter-spaced print only at wider ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.raw import Glyphs

_WORD_GAP = 0.15  # times the glyph height beyond the usual gap: narrower than a space, wider than between letters
_SPACED_OUT = 0.1  # times the glyph height: letters this far apart are set so on purpose
_LOWEST = 0.01  # pixels: a font without any height is one that gaps can be measured in all the same
_ENOUGH = 3  # gaps from which a row tells its own letter spacing
_SPACES = (0x20, 0xA0, 0x202F, 0x3000, *range(0x2000, 0x200C))


@dataclass(frozen=True, slots=True, eq=False)
class SetGlyphs:
    """Where ``glyphs`` begin and end, how high they are and which are spaces: shapes (n,), of their advance boxes."""

    glyphs: Glyphs
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    heights: NDArray[np.float64]
    spaces: NDArray[np.bool_]

    @classmethod
    def of(cls, glyphs: Glyphs) -> SetGlyphs:
        left, top, right, bottom = glyphs.loose.T
        return cls(glyphs, left, right, np.maximum(bottom - top, _LOWEST), np.isin(glyphs.codes, _SPACES))


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """The printed glyphs of a line from left to right, by their numbers, and where in it each word begins; without
    spaces."""

    printed: NDArray[np.intp]
    starts: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class _Spacing:
    """The ``printed`` glyphs of a row, the white between each and the next in heights of the next, and whether they are
    ``letters`` of one word as far as spaces tell."""

    printed: NDArray[np.intp]
    gaps: NDArray[np.float64]
    letters: NDArray[np.bool_]

    @classmethod
    def of(cls, glyphs: SetGlyphs, row: NDArray[np.intp]) -> _Spacing:
        spaces = glyphs.spaces[row]
        printed, behind = row[~spaces], np.cumsum(spaces)[~spaces]
        before, after = printed[:-1], printed[1:]
        return cls(
            printed, (glyphs.left[after] - glyphs.right[before]) / glyphs.heights[after], behind[1:] == behind[:-1]
        )

    @property
    def is_typed_apart(self) -> bool:
        """Whether letters were set apart by typing a space after each one."""
        return len(self.printed) > _ENOUGH and not self.letters.any()


def words_of(glyphs: SetGlyphs, row: NDArray[np.intp], usual: float) -> Row:
    """The row's glyphs, left to right, by words.

    ``usual`` is the gap between letters, in glyph heights, of rows that are too short to tell their own.
    """
    spacing = _Spacing.of(glyphs, row)
    spaced = spacing.is_typed_apart
    own = spacing.gaps if spaced else spacing.gaps[spacing.letters]
    typical = _typical(own) if len(own) >= _ENOUGH else usual
    ends = spacing.gaps > _WORD_GAP + (typical if typical > _SPACED_OUT else 0.0)
    ends = ends if spaced else ends | ~spacing.letters
    first = [0] if len(spacing.printed) else []
    return Row(spacing.printed, np.concatenate([first, np.flatnonzero(ends) + 1]).astype(np.intp))


def usual_gap(glyphs: SetGlyphs, rows: Iterable[NDArray[np.intp]]) -> float:
    """The median gap between neighbouring letters of all rows, in glyph heights; 0 on a page without any."""
    spacings = [_Spacing.of(glyphs, row) for row in rows]
    return _typical(np.concatenate([[], *(spacing.gaps[spacing.letters] for spacing in spacings)]))


def _typical(gaps: NDArray[np.float64]) -> float:
    return max(0.0, median(gaps.tolist())) if len(gaps) else 0.0
