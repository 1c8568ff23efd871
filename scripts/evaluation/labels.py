"""Which consensus lines and which characters of a network are right, judged against labelled boxes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ocr_ensemble.fusion.align import align_one_more, graphemes
from ocr_ensemble.fusion.vote import Network
from ocr_ensemble.layout import BoundingBox
from scripts.evaluation.measures import plain


def label_of(box: BoundingBox, labels: Iterable[tuple[BoundingBox, str]]) -> str | None:
    """The text of the labelled boxes that lie in this line, left to right.

    None when no label can be assigned with certainty: a labelled box reaches out of the line or covers more than it.
    """
    inside: list[tuple[int, str]] = []
    for labelled, text in labels:
        shared = box.intersection_area(labelled)
        if not shared:
            continue
        if box.vertical_overlap(labelled) < 0.5 * min(box.height, labelled.height):
            continue
        across = box.horizontal_overlap(labelled)
        if across > 0.8 * labelled.width:
            inside.append((labelled.left, text))
        elif across > 0.15 * min(labelled.width, box.width):
            return None
    return " ".join(text for _, text in sorted(inside)) if inside else None


def is_right(text: str, label: str) -> bool:
    """Equal when upper-cased and without spaces."""
    return plain(text) == plain(label)


_BETWEEN_WORDS = re.compile(r"(?<!\d)[^0-9A-Z]+|[^0-9A-Z]+(?!\d)")


def says_the_same(text: str, label: str) -> bool:
    """Equal in letters, digits and what separates digits.

    Many labels of SROIE lack a closing colon or have one that is not printed, so exact equality judges the labels too.
    """
    return _BETWEEN_WORDS.sub("", plain(text)) == _BETWEEN_WORDS.sub("", plain(label))


def true_glyphs(network: Network, label: str) -> list[str]:
    """The label's glyph for every column of the network, as an engine wrote it where only case differs."""
    aligned = align_one_more(network.columns, graphemes(label), len(network.readings))
    return [_as_read(column[:-1], column[-1]) for column in aligned if any(column[:-1])]


def _as_read(column: Sequence[str], truth: str) -> str:
    return next((glyph for glyph in column if glyph.upper() == truth.upper()), truth)
