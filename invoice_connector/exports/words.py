"""The words of a stored line and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocr_ensemble.layout import BoundingBox, Word


def placed_words(line: Mapping[str, Any]) -> tuple[Word, ...]:
    """The words of a line of the log (``db.records.JobRecord.lines``) in pixels of its page.

    Where an engine gave no places for words, each gets the share of the line's box that its length suggests.
    """
    stored = line.get("words") or ()
    texts = str(line["text"]).split()
    if [text for text, *_ in stored] == texts:
        return tuple(Word(text, BoundingBox(*box), confidence) for text, box, confidence in stored)
    return _shared_out(texts, BoundingBox(*line["box"]), line.get("confidence"))


def _shared_out(texts: list[str], box: BoundingBox, confidence: float | None) -> tuple[Word, ...]:
    characters = sum(len(text) for text in texts) + max(0, len(texts) - 1)
    words: list[Word] = []
    start = 0
    for text in texts:
        left = box.left + box.width * start // characters
        right = box.left + box.width * (start + len(text)) // characters
        words.append(Word(text, BoundingBox(left, box.top, max(right, left + 1), box.bottom), confidence))
        start += len(text) + 1
    return tuple(words)
