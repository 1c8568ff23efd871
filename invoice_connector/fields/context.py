"""All that one page tells about how to read it: its segments and labels, language, decimal mark, order of dates."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from invoice_connector.evidence.country import CountryBelief, seller_country
from invoice_connector.evidence.currency import has_three_decimals
from invoice_connector.evidence.date_order import Orders, order_belief
from invoice_connector.fields.amounts import DecimalMark, infer_decimal_mark
from invoice_connector.fields.dates import numbers_of
from invoice_connector.fields.geometry import Block, Segment, blocks_of, segments_of, typical_height
from invoice_connector.fields.labels import Label, by_segment, find_labels, in_language, learned_labels
from invoice_connector.fields.language import detect_language
from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.sides import buyers_segments, placed_texts
from invoice_connector.fields.vocabulary import Vocabulary, bundled_vocabulary
from ocr_ensemble.shelves import Shelves

_POINT_LANGUAGES = frozenset({"en"})
_OUTER_PAGES = 2  # pages at either end of a document, where labels in unknown words are worth the encoder's time


@dataclass(frozen=True, slots=True, eq=False)
class PageContext:
    """One page, understood as far as its fields need. ``line_height`` in pixels; ``country``: the seller's,
    ``thousandths``: of a currency with three decimals, and
    ``orders``: of dates in numbers alone, as the whole document shows them."""

    page: FieldPage
    segments: tuple[Segment, ...]
    blocks: tuple[Block, ...]
    labels: tuple[Label, ...]
    learned: tuple[Label, ...]
    language: str | None
    mark: DecimalMark | None
    thousandths: bool
    country: CountryBelief
    orders: Orders
    line_height: float
    by_segment: Mapping[Segment, Sequence[Label]]
    by_height: Shelves[Segment]
    buyers: frozenset[Segment]  # the lines that a label gives to the buyer
    vocabulary: Vocabulary

    def labels_of(self, segment: Segment) -> Sequence[Label]:
        return self.by_segment.get(segment, ())

    def from_height(self, y: float) -> Iterator[Segment]:
        """The segments whose middle is at ``y`` or below it, from the top."""
        first = bisect_left(self.segments, 2 * y, key=lambda s: s.box.top + s.box.bottom)
        return islice(self.segments, first, None)


def contexts_of(
    pages: Sequence[FieldPage], hint: str | None = None, vocabulary: Vocabulary | None = None
) -> tuple[PageContext, ...]:
    """A context per page; decimal mark, country and date order are inferred from all pages, language from each.

    ``vocabulary``: what labels call things, the bundled one unless given.
    """
    vocabulary = vocabulary or bundled_vocabulary()
    segments = [segments_of(page) for page in pages]
    labels = [find_labels(page_segments, vocabulary) for page_segments in segments]
    texts = [[segment.text for segment in page_segments] for page_segments in segments]
    languages = [detect_language("\n".join(text), found, hint) for text, found in zip(texts, labels, strict=True)]
    main = next((language for language in languages if language), None)
    labels = [in_language(found, language) for found, language in zip(labels, languages, strict=True)]
    learned = [
        learned_labels(own, found, vocabulary.model, number < _OUTER_PAGES or number >= len(pages) - _OUTER_PAGES)
        for number, (own, found) in enumerate(zip(segments, labels, strict=True))
    ]
    everything = [text for page_texts in texts for text in page_texts]
    mark: DecimalMark | None = infer_decimal_mark(everything)
    buyers = [buyers_segments(own, found) for own, found in zip(segments, labels, strict=True)]
    placed = [
        line
        for number, (page, own, found, theirs) in enumerate(zip(pages, segments, labels, buyers, strict=True))
        for line in placed_texts(own, found, theirs, page.height, number == 0)
    ]
    country = seller_country(placed, main)
    thousandths = has_three_decimals(everything, country, main)
    if mark is None and thousandths:  # nothing else tells 25.750 dinars from 25,750
        mark = "." if main in _POINT_LANGUAGES else ","
    orders = order_belief([day for text in everything for day in numbers_of(text)], country, main, everything)
    return tuple(
        PageContext(
            page=page,
            segments=page_segments,
            blocks=blocks_of(page_segments),
            labels=page_labels,
            learned=page_learned,
            language=language,
            mark=mark,
            thousandths=thousandths,
            country=country,
            orders=orders,
            line_height=typical_height(page_segments),
            by_segment=by_segment(page_labels),
            by_height=Shelves(page_segments, lambda segment: segment.box),
            buyers=theirs,
            vocabulary=vocabulary,
        )
        for page, page_segments, page_labels, page_learned, language, theirs in zip(
            pages, segments, labels, learned, languages, buyers, strict=True
        )
    )
