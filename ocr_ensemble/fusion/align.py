"""Progressive alignment of any number of readings into a confusion network (Fiscus 1997, ROVER)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import regex

GAP = ""
GAP_COST = 1.0
SPACE_GAP_COST = 0.6  # engines lose and invent spaces more often than letters
LOOKALIKE_COST = 0.5
SPACE_FOR_GLYPH_COST = 1.9  # nearly never right: leave the space out and put the glyph in instead

# Glyphs that OCR takes for one another; aligning them beats aligning strangers.
LOOKALIKES = tuple(
    frozenset(group)
    for group in (
        "0OoDQ",
        "1lIi|!][",
        "5Ss$",
        "8B&",
        "2Zz",
        "6Gb",
        "9gq",
        ".,·'’`",
        ":;",
        "-–—_~",
        "uv",
        "ceo",
        "\"”“'",
    )
)

_GRAPHEME = regex.compile(r"\X")

Column = tuple[str, ...]


def graphemes(text: str) -> list[str]:
    """The text's grapheme clusters in NFC, as a reader sees characters."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    return _GRAPHEME.findall(unicodedata.normalize("NFC", text))


def align(texts: Sequence[Sequence[str]]) -> list[Column]:
    """Columns with one entry per text, ``GAP`` where a text has nothing in that position.

    ``texts`` are sequences of graphemes. Concatenating one text's entries over all columns gives that text back.
    """
    columns: list[Column] = []
    for count, text in enumerate(texts):
        twin = next((index for index in range(count) if texts[index] == text), None)
        if twin is None:
            columns = align_one_more(columns, text, count)
        else:
            columns = [(*column, column[twin]) for column in columns]
    return columns


def align_one_more(columns: Sequence[Column], text: Sequence[str], count: int) -> list[Column]:
    """The columns of ``count`` texts with one more text aligned to them; columns are only ever inserted."""
    glyphs = [frozenset(column) - {GAP} for column in columns]
    choices = _choices(glyphs, text)
    empty: Column = (GAP,) * count
    merged: list[Column] = []
    row, col = len(columns), len(text)
    while row or col:
        choice = choices[row][col]
        if choice == "both":
            merged.append((*columns[row - 1], text[col - 1]))
            row, col = row - 1, col - 1
        elif choice == "column":
            merged.append((*columns[row - 1], GAP))
            row -= 1
        else:
            merged.append((*empty, text[col - 1]))
            col -= 1
    return merged[::-1]


def _choices(glyphs: Sequence[frozenset[str]], text: Sequence[str]) -> list[list[str]]:
    """Dynamic programming table of the cheapest last step: both, column (gap in text) or text (gap in columns)."""
    skip_column = [min(_gap_cost(glyph) for glyph in column) for column in glyphs]
    skip_text = [_gap_cost(glyph) for glyph in text]
    costs = [0.0]
    for cost in skip_text:
        costs.append(costs[-1] + cost)
    choices = [["text"] * (len(text) + 1)]
    for row, column in enumerate(glyphs):
        current, steps = [costs[0] + skip_column[row]], ["column"]
        for col, glyph in enumerate(text):
            best, step = costs[col] + _substitution_cost(column, glyph), "both"
            if (cost := costs[col + 1] + skip_column[row]) < best:
                best, step = cost, "column"
            if (cost := current[col] + skip_text[col]) < best:
                best, step = cost, "text"
            current.append(best)
            steps.append(step)
        costs = current
        choices.append(steps)
    return choices


def _gap_cost(glyph: str) -> float:
    return SPACE_GAP_COST if glyph == " " else GAP_COST


def _substitution_cost(column: frozenset[str], glyph: str) -> float:
    return 0.0 if glyph in column else min(_pair_cost(other, glyph) for other in column)


@lru_cache(maxsize=1 << 16)
def _pair_cost(one: str, other: str) -> float:
    """Cost of taking two different glyphs for the same print."""
    if " " in (one, other):
        return SPACE_FOR_GLYPH_COST
    alike = one.casefold() == other.casefold() or any(one in group and other in group for group in LOOKALIKES)
    return LOOKALIKE_COST if alike else GAP_COST
