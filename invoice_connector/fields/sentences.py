"""Running text: sentences over the lines of a paragraph, each with the places that it is printed in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from invoice_connector.fields.candidates import Candidate
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Block, Segment

_STOP = re.compile(r"[.!?;](?=\s+[^\W\d_])")  # not the one of "27.03." or "1.250,00"
_ENDS = (".", "!", "?", ":", ";")
_WORD = re.compile(r"\S+")
_NEXT = 1.2  # heights of a line between two lines of one paragraph
_FULL = 0.7  # of the widest line of its block, from which a line goes on in the next one
_FEWEST = 3  # words of a line that goes on


@dataclass(frozen=True, slots=True, eq=False)
class Sentence:
    """``text`` with single blanks; ``parts``: the segments that it is printed in, with beginning and end in each."""

    text: str
    parts: tuple[tuple[Segment, int, int], ...]

    def has(self, candidate: Candidate) -> bool:
        """Whether the value stands in the sentence."""
        return any(
            segment is candidate.segment and start <= candidate.start and candidate.end <= end
            for segment, start, end in self.parts
        )

    def places(self, start: int, end: int) -> tuple[tuple[Segment, int, int], ...]:
        """The segments that ``text[start:end]`` is printed in, with beginning and end in each."""
        at, found = 0, dict[Segment, tuple[int, int]]()
        for segment, first, last in self.parts:
            for word in _WORD.finditer(segment.text, first, last):
                begin, stop = max(start - at, 0), min(end - at, len(word[0]))
                at += len(word[0]) + 1
                if begin < stop:
                    left, _ = found.get(segment, (word.start() + begin, 0))
                    found[segment] = left, word.start() + stop
        return tuple((segment, *span) for segment, span in found.items())


def sentences_of(context: PageContext) -> Iterator[Sentence]:
    """The sentences of a page, block by block; a row of a table is one by itself."""
    for block in context.blocks:
        for lines in _paragraphs(block):
            yield from _divided(lines)


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text begin and end."""
    start = 0
    for stop in _STOP.finditer(text):
        yield start, stop.end()
        start = stop.end()
    yield start, len(text)


def _paragraphs(block: Block) -> Iterator[list[Segment]]:
    widest = max(segment.box.width for segment in block.segments)
    lines: list[Segment] = []
    for segment in block.segments:
        if lines and not _goes_on(lines[-1], segment, widest):
            yield lines
            lines = []
        lines.append(segment)
    yield lines


def _goes_on(upper: Segment, lower: Segment, widest: int) -> bool:
    """Whether a sentence may go on from one line to the next: it has not ended, and there was no room or no capital."""
    text, below = upper.text.rstrip(), lower.text[:1]
    if lower.box.top - upper.box.bottom > _NEXT * upper.height or text.endswith(_ENDS):
        return False
    if below.islower():
        return True
    words = len(text.split()) >= _FEWEST
    return words and (below.isdigit() or (len(lower.text.split()) > 1 and upper.box.width >= _FULL * widest))


def _divided(lines: Sequence[Segment]) -> Iterator[Sentence]:
    text, starts = "", []
    for line in lines:
        text += " " if text else ""
        starts.append(len(text))
        text += line.text
    for start, end in sentence_spans(text):
        parts = tuple(
            (line, max(0, start - first), min(len(line.text), end - first))
            for line, first in zip(lines, starts, strict=True)
            if first < end and start < first + len(line.text)
        )
        if said := " ".join(text[start:end].split()):
            yield Sentence(said, parts)
