"""The printed rows of a document: what stands beside each other across the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from invoice_connector.fields.amounts import find_percents
from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.own_features import usual_decimals
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.page_layout import same_row


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One printed line of a page, left to right. ``terms``: what labels on it (not mere fragments) can mean;
    ``decimals``: how many the document's amounts of money have."""

    context: PageContext
    segments: tuple[Segment, ...]
    amounts: tuple[Candidate, ...]
    percents: tuple[Decimal, ...]
    terms: frozenset[str]
    box: BoundingBox
    decimals: int = 2

    @property
    def page(self) -> int:
        return self.context.page.number

    @property
    def money(self) -> list[Candidate]:
        """The amounts with as many decimals as the document's money has."""
        return [candidate for candidate in self.amounts if candidate.decimals == self.decimals]


def rows_of(scene: Scene) -> tuple[Row, ...]:
    """All rows, top to bottom, page after page."""
    amounts: dict[Segment, list[Candidate]] = {}
    for candidate in scene.candidates:
        if candidate.kind is Kind.AMOUNT:
            amounts.setdefault(candidate.segment, []).append(candidate)
    decimals = usual_decimals(scene.candidates)
    return tuple(row for context in scene.contexts for row in _page_rows(context, amounts, decimals))


def _page_rows(context: PageContext, amounts: Mapping[Segment, Sequence[Candidate]], decimals: int) -> list[Row]:
    groups: list[list[Segment]] = []
    for segment in sorted(context.segments, key=lambda s: s.box.center[1]):
        if groups and same_row(groups[-1][-1].box, segment.box):
            groups[-1].append(segment)
        else:
            groups.append([segment])
    terms: dict[Segment, set[str]] = {}
    for label in context.labels:
        if label.coverage >= 0.5 and not label.segment.text[: label.start].rstrip().endswith(","):  # "red wine, box 6"
            terms.setdefault(label.segment, set()).update(meaning.term for meaning in label.meanings)
    rows = []
    for group in groups:
        group.sort(key=lambda s: s.box.left)
        inside = sorted((c for s in group for c in amounts.get(s, ())), key=lambda c: c.box.left)
        percents = tuple(rate for s in group for _, _, rate in find_percents(s.text))
        named = frozenset(term for s in group for term in terms.get(s, ()))
        box = BoundingBox.union(segment.box for segment in group)
        rows.append(Row(context, tuple(group), tuple(inside), percents, named, box, decimals))
    return rows
