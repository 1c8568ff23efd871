"""Columns of amounts over all pages of a document, each amount with what its row says about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from invoice_connector.fields.candidates import Candidate
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.item_numbers import Number, is_of_vat, numbers_of, products
from invoice_connector.fields.kind_phrases import says
from invoice_connector.fields.rows import Row
from invoice_connector.invoice import InvoiceField
from ocr_ensemble.layout import BoundingBox

TOTALS = frozenset(
    {"total_with_vat", "total_without_vat", "total_vat", "amount_due", "paid_amount", "rounding_amount", "_tender"}
)
SUMS = TOTALS | {"_line_total", "_allowance_total", "_charge_total", "_balance", "_withheld"}
_BESIDE = frozenset({"_charge", "_allowance", "_untaxed"})
_TO_BE_PAID = frozenset({"due_date", "iban", "bankgiro", "plusgiro", "bic", "payment_terms"})
_HEAD_ROWS, _HEAD_GAP = 4, 7.0  # rows and line heights from the heads of the columns to the first item
_MOST_WORDED = 2  # texts beside each other in a row that goes with another one; heads are more
_EDGE = 0.6  # line heights between the edges of two amounts of one column


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One amount of a column. ``at``: its row's place among all rows; ``made``: quantity times price makes it;
    ``worded``: words stand in its row, or right below or above where it has none; ``total``: its row is named as a sum,
    or it is the print of a chosen total; ``beside``: the row is named as a charge or discount; ``carried``: as what
    another page made; ``taxed``: the row says no more than the tax on it; ``head``: the row of
    the heads of the columns right above."""

    at: int
    net: Candidate
    made: bool
    worded: bool
    total: bool
    beside: bool
    carried: bool
    taxed: bool
    head: int | None


class ItemRows:
    """The rows of a document with what the search for items asks of them more than once. ``payable``: something says
    when or where to pay; ``first_total``: the first row with the print of a chosen total."""

    def __init__(self, rows: Sequence[Row], totals: Mapping[str, InvoiceField]) -> None:
        self.rows = rows
        self.payable = any(row.terms & _TO_BE_PAID for row in rows)  # elsewhere a name and an amount are no total yet
        self._boxes = [(field.page, field.box) for field in totals.values()]
        self._numbers: dict[int, tuple[Number, ...]] = {}
        self.printed: dict[Decimal, list[int]] = {}  # by amount without sign the rows it stands in
        for at, row in enumerate(rows):
            for candidate in row.amounts:
                self.printed.setdefault(abs(candidate.amount), []).append(at)
        prints = (at for at, row in enumerate(rows) if any(map(self.is_total, row.money)))
        self.first_total = next(prints, len(rows))

    def others(self, at: int, net: Candidate) -> list[Number]:
        """The numbers of row ``at`` but ``net``."""
        if at not in self._numbers:
            self._numbers[at] = numbers_of(self.rows[at])
        return [n for n in self._numbers[at] if (n.segment, n.start) != (net.segment, net.start)]

    def is_total(self, net: Candidate) -> bool:
        """Whether the amount is the very print of a chosen total."""
        return any(page == net.page and box.intersection_area(net.box) for page, box in self._boxes)


def amount_columns(table: ItemRows, whole_numbers: bool) -> list[list[Member]]:
    """Amounts with one right edge, left edge or centre, top to bottom, page after page, one of each row.

    ``whole_numbers``: the document's currency is printed without decimals.
    """
    placed = [
        (at, candidate)
        for at, row in enumerate(table.rows)
        for candidate in row.amounts
        if candidate.decimals >= 2 or candidate.currency is not None or whole_numbers
    ]
    members = {candidate: _member(table, at, candidate) for at, candidate in placed}
    columns: dict[tuple[int, ...], list[Member]] = {}
    for edge in range(3):
        for group in _aligned(table, placed, edge):
            one_a_row = dict(sorted(group, key=lambda place: place[0]))
            columns.setdefault(tuple(map(id, one_a_row.values())), [members[c] for c in one_a_row.values()])
    return list(columns.values())


def _aligned(
    table: ItemRows, placed: Sequence[tuple[int, Candidate]], edge: int
) -> Iterator[list[tuple[int, Candidate]]]:
    group: list[tuple[int, Candidate]] = []
    last = 0.0
    for at, candidate in sorted(placed, key=lambda place: _edge(place[1].box, edge)):
        x = _edge(candidate.box, edge)
        if group and x - last > _EDGE * table.rows[at].context.line_height:
            yield group
            group = []
        group.append((at, candidate))
        last = x
    if group:
        yield group


def _edge(box: BoundingBox, edge: int) -> float:
    return (box.right, box.left, box.center[0])[edge]


def _member(table: ItemRows, at: int, net: Candidate) -> Member:
    row, others = table.rows[at], table.others(at, net)
    made = next(products(others, net.amount), None) is not None
    words = [s for s in row.segments if is_worded(s)]
    named = _terms_left(row, net, words)
    beside = bool((named if made else row.terms) & _BESIDE)
    return Member(
        at,
        net,
        made,
        worded=bool(words) or _words_beside(table, at),
        total=(table.payable and table.is_total(net)) or bool(named & SUMS),
        beside=beside,
        carried=any(says(segment.text, "carried_forward") for segment in words),
        taxed=not made and is_of_vat(others, net.amount),
        head=_head(table, at, net.box),
    )


def _head(table: ItemRows, at: int, box: BoundingBox) -> int | None:
    """The row of heads above an amount: several words without amounts, one of them over it."""
    own = table.rows[at]
    height = own.context.line_height
    for above in range(at - 1, max(-1, at - 1 - _HEAD_ROWS), -1):
        row = table.rows[above]
        if row.page != own.page or row.money or own.box.top - row.box.bottom > _HEAD_GAP * height:
            return None
        words = [s for s in row.segments if is_worded(s) and not any(c.isdigit() for c in s.text)]
        over = any(s.box.left < box.right + height and box.left - height < s.box.right for s in words)
        if over and len(words) > 1:
            return above
    return None


def is_worded(segment: Segment) -> bool:
    """Whether the segment is more than a number with its unit or currency: two letters or more that are none."""
    text = segment.text
    letters = sum(character.isalpha() for character in text)
    return letters >= 3 and 2 * letters > sum(character.isdigit() for character in text)


def _terms_left(row: Row, net: Candidate, words: Sequence[Segment]) -> frozenset[str]:
    """What the words nearest to the left of the amount name, a rate of tax beside other words apart; in a row whose
    only words stand elsewhere, what these name."""
    left = [s for s in words if s.box.left < net.box.left]
    if len(left) > 1 and "%" in left[-1].text:
        left.pop()
    nearest = left[-1:] or words[:1]
    labels = [label for segment in nearest for label in row.context.labels_of(segment) if label.coverage >= 0.5]
    return frozenset(meaning.term for label in labels for meaning in label.meanings)


def _words_beside(table: ItemRows, at: int) -> bool:
    """Whether a row without amounts right above or below has words."""
    own = table.rows[at]
    for row in (*table.rows[max(0, at - 1) : at], *table.rows[at + 1 : at + 2]):
        near = abs(row.box.center[1] - own.box.center[1]) <= 3 * own.context.line_height
        words = sum(map(is_worded, row.segments))
        if row.page == own.page and near and not row.money and 0 < words <= _MOST_WORDED:
            return True
    return False
