"""The words of lines that engines read, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocr_ensemble.layout import BoundingBox, TextLine, Word
from ocr_ensemble.page_layout.model import PlacedWord


def placed_words(lines: Sequence[TextLine]) -> Iterator[PlacedWord]:
    """All words of the lines, line by line; where an engine gave none, cut out of the line's box."""
    for number, line in enumerate(lines):
        behind = 0
        for word in words_of(line):
            start = line.text.find(word.text, behind)
            yield PlacedWord(word, number, start if start >= 0 else None, line.box.height)
            behind = max(behind, start + len(word.text))


def words_of(line: TextLine) -> list[Word]:
    """The line's words; where the engine gave none, cut out of the line's box by share of letters."""
    texts = line.text.split()
    if line.words and [word.text for word in line.words] == texts:
        return list(line.words)
    if line.words and "".join(word.text for word in line.words) == "".join(texts):
        return [word for word in line.words if word.text.strip()]
    words, position, scale = [], 0, line.box.width / max(1, len(line.text))
    for text in texts:
        position = line.text.index(text, position)
        left = line.box.left + scale * position
        right = left + scale * len(text)
        box = BoundingBox.around([(left, line.box.top), (right, line.box.bottom)])
        words.append(Word(text, box, line.confidence))
        position += len(text)
    return words
