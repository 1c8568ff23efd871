"""All that one page tells about how to read it: its segments and labels, language, decimal mark, order of dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from invoice_connector.fields.amounts import DecimalMark, infer_decimal_mark
from invoice_connector.fields.dates import DateOrder, infer_orders
from invoice_connector.fields.geometry import Block, Segment, blocks_of, segments_of, typical_height
from invoice_connector.fields.labels import Label, find_labels
from invoice_connector.fields.language import detect_language
from invoice_connector.fields.page import FieldPage

_AMERICAN = re.compile(
    r"\bUSD\b|\b[Ss]ales [Tt]ax\b|\bUSA\b|"
    r"[a-z,] (?:AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV|NY|"
    r"OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VA|VT|WA|WI|WV|WY) \d{5}(?:-\d{4})?\b"
)
_POINT_LANGUAGES = frozenset({"en"})


@dataclass(frozen=True, slots=True, eq=False)
class PageContext:
    """One page, understood as far as its fields need. ``line_height`` in pixels."""

    page: FieldPage
    segments: tuple[Segment, ...]
    blocks: tuple[Block, ...]
    labels: tuple[Label, ...]
    language: str | None
    mark: DecimalMark | None
    orders: tuple[DateOrder, ...]
    line_height: float

    def labels_of(self, segment: Segment) -> list[Label]:
        return [label for label in self.labels if label.segment is segment]


def contexts_of(pages: Sequence[FieldPage], hint: str | None = None) -> tuple[PageContext, ...]:
    """A context per page; decimal mark and date order are inferred from all pages together, language from each."""
    segments = [segments_of(page) for page in pages]
    labels = [find_labels(page_segments) for page_segments in segments]
    texts = [[segment.text for segment in page_segments] for page_segments in segments]
    languages = [detect_language("\n".join(text), found, hint) for text, found in zip(texts, labels, strict=True)]
    main = next((language for language in languages if language), None)
    everything = [text for page_texts in texts for text in page_texts]
    mark: DecimalMark | None = infer_decimal_mark(everything)
    if mark is None and main is not None:
        mark = "." if main in _POINT_LANGUAGES else ","
    american = main == "en" and any(_AMERICAN.search(text) for text in everything)
    orders = infer_orders(everything, main, american)
    return tuple(
        PageContext(
            page=page,
            segments=page_segments,
            blocks=blocks_of(page_segments),
            labels=page_labels,
            language=language,
            mark=mark,
            orders=orders,
            line_height=typical_height(page_segments),
        )
        for page, page_segments, page_labels, language in zip(pages, segments, labels, languages, strict=True)
    )
