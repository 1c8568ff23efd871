"""What field extraction reads: lines with boxes, whoever read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from invoice_connector.codes.families import Code, codes_on
from ocr_ensemble.layout import TextLine
from ocr_ensemble.reading import FieldReading, PageReading, Transcription

NAMED_FROM = 0.95


@dataclass(frozen=True, slots=True)
class FieldPage:
    """One page of text. ``number`` counts from 1; ``width`` and ``height`` in pixels of the image the boxes refer to.

    ``engines`` names, for each line, the engines whose reading supports it; empty when unknown. ``named`` are values
    that document models read under a name but without a place; ``codes`` are those on the page.
    """

    number: int
    width: int
    height: int
    lines: tuple[TextLine, ...]
    engines: tuple[tuple[str, ...], ...] = ()
    named: tuple[FieldReading, ...] = ()
    codes: tuple[Code, ...] = ()

    def __post_init__(self) -> None:
        if self.engines and len(self.engines) != len(self.lines):
            raise ValueError(f"{len(self.engines)} engine lists for {len(self.lines)} lines")

    @classmethod
    def of_transcription(cls, transcription: Transcription, width: int, height: int) -> FieldPage:
        """One engine's reading of one page."""
        engines = ((transcription.engine,),) * len(transcription.lines)
        return cls(transcription.page, width, height, transcription.lines, engines)

    @classmethod
    def of_reading(cls, page: PageReading) -> FieldPage:
        """The consensus of a page; an engine supports a line when it read at least half of its characters."""
        engines = tuple(
            tuple(name for name, share in consensus.support.items() if share >= 0.5) for consensus in page.lines
        )
        lines, codes = tuple(c.line for c in page.lines), codes_on(page.number, page.codes)
        return cls(page.number, page.width, page.height, lines, engines, page.fields, codes)


def named_in(pages: Sequence[FieldPage]) -> dict[str, list[str]]:
    """What document models read, surely enough to count, under each name."""
    named: dict[str, list[str]] = {}
    for found in (found for page in pages for found in page.named):
        if found.text.strip() and (found.confidence is None or found.confidence >= NAMED_FROM):
            named.setdefault(found.name, []).append(found.text)
    return named
