"""Which label stands where to which value: before it on the line, right of it, below, further down its column."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.labels import Label
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.page_layout import same_row
from ocr_ensemble.shelves import Shelves

_AMOUNTS = frozenset({Kind.AMOUNT})
_DATES = frozenset({Kind.DATE})
_TOKENS = frozenset({Kind.TOKEN})
KINDS: Mapping[str, frozenset[Kind]] = {
    "invoice_number": _TOKENS,
    "issue_date": _DATES,
    "due_date": _DATES,
    "_date": _DATES,
    "total_with_vat": _AMOUNTS,
    "total_without_vat": _AMOUNTS,
    "total_vat": _AMOUNTS,
    "amount_due": _AMOUNTS,
    "paid_amount": _AMOUNTS,
    "rounding_amount": _AMOUNTS,
    "_amount": _AMOUNTS,
    "_tender": _AMOUNTS,
    "_allowance": _AMOUNTS,
    "_charge": _AMOUNTS,
    "_balance": _AMOUNTS,
    "_untaxed": _AMOUNTS,
    "_withheld": _AMOUNTS,
    "_line_total": _AMOUNTS,
    "_allowance_total": _AMOUNTS,
    "_charge_total": _AMOUNTS,
    "buyer_reference": _TOKENS,
    "purchase_order_reference": _TOKENS,
    "_number": _TOKENS | {Kind.DIGITS, Kind.BANKGIRO, Kind.PLUSGIRO},
    "remittance_information": frozenset({Kind.DIGITS, Kind.RF, Kind.TOKEN}),
    "iban": frozenset({Kind.IBAN}),
    "bankgiro": frozenset({Kind.BANKGIRO}),
    "plusgiro": frozenset({Kind.PLUSGIRO}),
    "account": frozenset({Kind.ACCOUNT}),
    "bic": frozenset({Kind.BIC}),
    "vat_identifier": frozenset({Kind.VAT, Kind.TOKEN, Kind.ORGNR, Kind.DIGITS}),
    "legal_registration": frozenset({Kind.ORGNR, Kind.TOKEN, Kind.DIGITS, Kind.REGISTER}),
}
_NOUN = re.compile(r"[^\W\d_]{4,}")  # between a number and a date: what else may be dated
_FEWEST_ROWS = 3  # dates under a label that make it the head of a table's column
_HINT = re.compile(r"\([^()]*\)")  # "Date (dd/mm/yyyy):"
_MAX_BELOW = 2.6  # line heights between a label and the value under it
_MAX_CELL = 1.2  # line heights between a label and the value in the same cell of a form
_MAX_LEADING = 1.2  # line heights between two lines of a paragraph
_NEAR, _FARTHER = 20.0, 10.0  # line heights, and times the way down: a value further right does not cross one below
_MAX_COLUMN = 16.0  # line heights a table's heading reaches down


class Relation(StrEnum):
    SAME = "same"  # before the value in the same run of text
    RIGHT = "right"  # the value stands to the right, on the same printed line
    BELOW = "below"
    COLUMN = "column"


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """A label and a value it may belong to.

    ``gap`` in line heights; ``between`` counts values of the same kind and labels that stand between the two;
    ``words_between`` counts letters between them on one line but those in brackets; ``crossed``: a value of this kind
    stands right of the label although this one is below it, and no further away; ``rank``: how many values of this
    kind are nearer to the label; ``flush``: the value begins where the label does; ``titled``: the label follows the
    document's own name, as in "Invoice no. 7 of 3 May 2024"; ``foreign``: it follows that of another, "your order 12
    of 3 May 2024", or heads the rows of a table that have dates of their own.
    """

    label: Label
    candidate: Candidate
    relation: Relation
    gap: float
    between: int
    words_between: int = 0
    crossed: bool = False
    rank: int = 0
    flush: bool = False
    titled: bool = False
    foreign: bool = False


def find_links(
    labels: Sequence[Label], candidates: Sequence[Candidate], line_height: float
) -> dict[Candidate, list[Link]]:
    """For each candidate of one page the labels that may name it, nearest first."""
    links: dict[Candidate, list[Link]] = {candidate: [] for candidate in candidates}
    near = _Near.of(labels)
    values = {kind: _Values.of([c for c in candidates if c.kind is kind]) for kind in {c.kind for c in candidates}}
    for label in labels:
        kinds = frozenset().union(*(KINDS.get(meaning.term, frozenset()) for meaning in label.meanings))
        for kind in kinds & values.keys():
            for link in _label_links(label, values[kind], near, line_height):
                links[link.candidate].append(link)
    for found in links.values():
        found.sort(key=lambda link: (list(Relation).index(link.relation), link.gap))
    return links


@dataclass(frozen=True, slots=True)
class _Near:
    """Labels by row and by segment."""

    rows: Shelves[Label]
    segments: dict[Segment, list[Label]]

    @classmethod
    def of(cls, labels: Sequence[Label]) -> _Near:
        segments: dict[Segment, list[Label]] = {}
        for label in labels:
            segments.setdefault(label.segment, []).append(label)
        return cls(Shelves(labels, lambda label: label.box), segments)


@dataclass(frozen=True, slots=True)
class _Values:
    """Candidates of one kind by row, by segment, and in the order of their tops."""

    rows: Shelves[Candidate]
    segments: dict[Segment, list[Candidate]]
    from_top: list[tuple[int, int, Candidate]]

    @classmethod
    def of(cls, candidates: Sequence[Candidate]) -> _Values:
        segments: dict[Segment, list[Candidate]] = {}
        for candidate in candidates:
            segments.setdefault(candidate.segment, []).append(candidate)
        ordered = sorted(((c.box.top, number, c) for number, c in enumerate(candidates)), key=lambda item: item[:2])
        return cls(Shelves(candidates, lambda candidate: candidate.box), segments, ordered)

    def between(self, top: float, bottom: float) -> list[Candidate]:
        """Those that begin at these heights, as they came."""
        start = bisect_left(self.from_top, top, key=lambda item: item[0])
        end = bisect_right(self.from_top, bottom, key=lambda item: item[0])
        return [candidate for _, _, candidate in sorted(self.from_top[start:end], key=lambda item: item[1])]


def _label_links(label: Label, values: _Values, near: _Near, line_height: float) -> list[Link]:
    same = [c for c in values.segments.get(label.segment, ()) if c.start >= label.end]
    row = [
        c
        for c in values.rows.beside(label.box)
        if c.segment is not label.segment
        and c.box.left >= label.box.right - line_height / 2
        and same_row(label.box, c.box)
    ]
    beside = near.rows.beside(label.box)
    links = [_link_in_segment(label, c, same, near.segments[label.segment]) for c in same]
    links += [_link_in_row(label, c, same + row, beside, line_height) for c in row]
    crossed = min((link.gap for link in links if link.between == 0), default=math.inf)
    height = max(line_height, label.box.height)
    below = values.between(label.box.bottom - 0.36 * height, label.box.bottom + (_MAX_COLUMN + 0.01) * height)
    links += _links_below(label, below, _cell(label, beside), line_height, crossed)
    if _heads_dates(label, links, near):
        links = [replace(link, foreign=True) if _is_dated_below(link) else link for link in links]
    gaps = sorted(link.gap for link in links)
    return [replace(link, rank=bisect_left(gaps, link.gap), flush=_is_flush(link, line_height)) for link in links]


def _heads_dates(label: Label, links: Sequence[Link], near: _Near) -> bool:
    """Whether a label is the head of a table's column of dates: the rows of three or more stand under it, and no other
    label between them. The first of them is the document's as little as the others are."""
    rows = sorted((link.candidate.box for link in links if _is_dated_below(link)), key=lambda box: box.top)
    if len(rows) < _FEWEST_ROWS:
        return False
    top, bottom = label.box.bottom, rows[_FEWEST_ROWS - 1].top
    between = near.rows.beside(BoundingBox(label.box.left, top, label.box.right, max(top + 1, bottom)))
    return not any(
        other is not label and top <= other.box.center[1] < bottom and other.box.horizontal_overlap(label.box) > 0
        for other in between
    )


def _is_dated_below(link: Link) -> bool:
    return link.candidate.kind is Kind.DATE and link.relation in (Relation.BELOW, Relation.COLUMN)


def _is_flush(link: Link, line_height: float) -> bool:
    return abs(link.candidate.box.left - link.label.box.left) <= line_height


def _cell(label: Label, labels: Sequence[Label]) -> tuple[float, float] | None:
    """Where the label's cell of a ruled row begins and ends, in pixels; None when it stands alone on its row."""
    beside = [other.box.left for other in labels if other is not label and same_row(other.box, label.box)]
    if not beside:
        return None
    return label.box.left, min((left for left in beside if left > label.box.right), default=math.inf)


def _link_in_segment(label: Label, candidate: Candidate, others: Sequence[Candidate], labels: Sequence[Label]) -> Link:
    between = sum(other.start < candidate.start for other in others)
    between += sum(
        other.segment is label.segment and label.end <= other.start < candidate.start and other.coverage > 0.2
        for other in labels
    )
    text = _HINT.sub("", label.segment.text[label.end : candidate.start])
    letters = sum(character.isalpha() for character in text)
    before = [o for o in labels if o.segment is label.segment and o.start < label.start and _names_document(o)]
    last = max(before, key=lambda other: other.start, default=None)
    own = last is not None and last.meaning("invoice_number") is not None
    foreign = last is not None and not own
    titled = last is not None and own and not _NOUN.search(label.segment.text[last.end : label.start])
    return Link(label, candidate, Relation.SAME, len(text) / 4, between, letters, titled=titled, foreign=foreign)


def _names_document(label: Label) -> bool:
    return any(label.meaning(term) for term in ("invoice_number", "purchase_order_reference", "_number", "_date"))


def _link_in_row(
    label: Label, candidate: Candidate, others: Sequence[Candidate], labels: Sequence[Label], line_height: float
) -> Link:
    left, right = label.box.right, candidate.box.left
    between = sum(
        other is not candidate and label.box.left < other.box.left < right and same_row(other.box, candidate.box)
        for other in others
    )
    between += sum(
        other is not label
        and left <= other.box.left + 1
        and other.box.right <= right + 1
        and same_row(other.box, label.box)
        for other in labels
    )
    trailing = sum(character.isalpha() for character in _HINT.sub("", label.segment.text[label.end :]))
    leading = sum(character.isalpha() for character in candidate.segment.text[: candidate.start])
    return Link(label, candidate, Relation.RIGHT, max(0, right - left) / line_height, between, trailing + leading)


def _links_below(
    label: Label,
    candidates: Sequence[Candidate],
    cell: tuple[float, float] | None,
    line_height: float,
    crossed: float,
) -> list[Link]:
    """``crossed``: how far right of the label the next value on its row stands, in line heights."""
    box = label.box
    ends_line = not any(character.isalnum() for character in label.segment.text[label.end :])
    column = []
    for candidate in candidates:
        height = max(line_height, min(box.height, candidate.box.height))  # of large type
        gap = (candidate.box.top - box.bottom) / height
        if not -0.35 <= gap <= _MAX_COLUMN:
            continue
        aligned = (
            candidate.box.horizontal_overlap(box) > 0
            or abs(candidate.box.left - box.left) <= height
            or abs(candidate.box.right - box.right) <= height
            or (
                ends_line
                and gap < _MAX_LEADING
                and candidate.start == 0
                and candidate.box.left - label.segment.box.left <= height
                and candidate.segment.box.horizontal_overlap(label.segment.box) > 0
            )
            # A form's cell: its label at the left edge, its value at the right one.
            or (
                cell is not None
                and gap < _MAX_CELL
                and cell[0] <= candidate.box.left
                and candidate.box.right <= cell[1]
            )
        )
        if aligned:
            column.append((gap, candidate))
    column.sort(key=lambda pair: pair[0])
    links, gaps = [], [gap for gap, _ in column]
    for gap, candidate in column:
        above = bisect_left(gaps, gap - 0.5)
        relation = Relation.BELOW if gap <= _MAX_BELOW and not above else Relation.COLUMN
        leading = sum(character.isalpha() for character in candidate.segment.text[: candidate.start])
        near = max(0.0, gap)
        links.append(Link(label, candidate, relation, near, above, leading, crossed <= max(_NEAR, _FARTHER * near)))
    return links
