"""Invoice lines and the VAT breakdown: printed rows whose own arithmetic holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, permutations

from invoice_connector.fields.amounts import find_percents
from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene
from invoice_connector.fields.geometry import Segment, same_row
from invoice_connector.invoice import InvoiceField, InvoiceLine, VatBreakdown
from ocr_ensemble.layout import BoundingBox

CENT = Decimal("0.01")
_SLACK = Decimal("0.05")  # of a sum of rounded amounts
_HIGHEST_RATE = Decimal(30)
_NAMED = frozenset(
    {"total_with_vat", "total_without_vat", "total_vat", "amount_due", "paid_amount", "rounding_amount", "_tender"}
)


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """What stands on one printed line of a page, left to right."""

    context: PageContext
    segments: tuple[Segment, ...]
    amounts: tuple[Candidate, ...]
    percents: tuple[Decimal, ...]

    @property
    def box(self) -> BoundingBox:
        return BoundingBox.union(segment.box for segment in self.segments)


def vat_breakdown(scene: Scene, totals: dict[str, InvoiceField]) -> tuple[VatBreakdown, ...]:
    """Rows of rate, base and tax; rows that are not part of the totals are left out when the totals show it.

    Where one rate is printed without its base, the document's own net and VAT stand for it when they fit.
    """
    found: list[VatBreakdown] = []
    for row in _rows(scene):
        breakdown = _breakdown_of(row)
        if breakdown and all(_key(breakdown) != _key(other) for other in found):
            found.append(breakdown)
    net, vat = totals.get("total_without_vat"), totals.get("total_vat")
    if net is None or vat is None or not isinstance(net.value, Decimal) or not isinstance(vat.value, Decimal):
        return tuple(found)
    for size in range(1, min(len(found), 5) + 1):
        for chosen in combinations(found, size):
            if _fits(chosen, net.value, vat.value):
                return chosen
    return _single_rate(scene, net.value, vat)


def invoice_lines(scene: Scene) -> tuple[InvoiceLine, ...]:
    """Rows in which quantity times price gives the amount at the end, with the words before them."""
    return tuple(line for row in _rows(scene) if (line := _line_of(row)) is not None)


def _rows(scene: Scene) -> list[_Row]:
    rows = []
    for context in scene.contexts:
        amounts = [c for c in scene.candidates if c.kind is Kind.AMOUNT and c.page == context.page.number]
        groups: list[list[Segment]] = []
        for segment in sorted(context.segments, key=lambda s: s.box.center[1]):
            if groups and same_row(groups[-1][-1].box, segment.box):
                groups[-1].append(segment)
            else:
                groups.append([segment])
        for group in groups:
            group.sort(key=lambda s: s.box.left)
            members = set(group)
            inside = sorted((c for c in amounts if c.segment in members), key=lambda c: c.box.left)
            percents = [rate for segment in group for _, _, rate in find_percents(segment.text)]
            rows.append(_Row(context, tuple(group), tuple(inside), tuple(percents)))
    return rows


def _breakdown_of(row: _Row) -> VatBreakdown | None:
    bare = [c.amount for c in row.amounts if c.decimals <= 1 and 0 < c.amount <= _HIGHEST_RATE]
    money = [c for c in row.amounts if c.decimals == 2]
    for rate in (*row.percents, *bare):
        if not 0 < rate <= _HIGHEST_RATE:
            continue
        for base, tax in permutations(money, 2):
            expected = base.amount * rate / 100
            if tax.amount != 0 and abs(base.amount) > abs(tax.amount) and abs(expected - tax.amount) <= CENT:
                return VatBreakdown(rate, base.amount, tax.amount, row.context.page.number, row.box)
    return None


def _single_rate(scene: Scene, net: Decimal, vat: InvoiceField) -> tuple[VatBreakdown, ...]:
    assert isinstance(vat.value, Decimal)
    for row in _rows(scene):
        for rate in row.percents:
            if 0 < rate <= _HIGHEST_RATE and abs(net * rate / 100 - vat.value) <= 2 * CENT:
                return (VatBreakdown(rate, net, vat.value, vat.page, vat.box),)
    return ()


def _fits(chosen: Sequence[VatBreakdown], net: Decimal, vat: Decimal) -> bool:
    taxes, bases = sum(b.tax_amount for b in chosen), sum(b.taxable_amount for b in chosen)
    return abs(taxes - vat) <= _SLACK and (abs(bases - net) <= _SLACK or bases <= net)


def _key(breakdown: VatBreakdown) -> tuple[Decimal, Decimal, Decimal]:
    return breakdown.rate, breakdown.taxable_amount, breakdown.tax_amount


def _line_of(row: _Row) -> InvoiceLine | None:
    if len(row.amounts) < 2 or _is_total(row):
        return None
    money = [c for c in row.amounts if c.decimals == 2 or c.has_mark]
    for net in reversed(money[-2:]):
        before = [c for c in row.amounts if c is not net and c.box.left < net.box.left and c.amount != 0]
        for price, quantity in combinations(reversed(before), 2):  # the nearest columns first
            if abs(quantity.amount * price.amount - net.amount) <= CENT:
                return _line(row, quantity, price, net)
    return None


def _line(row: _Row, quantity: Candidate, price: Candidate, net: Candidate) -> InvoiceLine:
    if quantity.decimals >= 2 and price.decimals == 0:  # the price's column stands first
        quantity, price = price, quantity
    description = " ".join(" ".join(_words_before(row, min(quantity, price, key=lambda c: c.box.left))).split())
    rate = next((rate for rate in row.percents if rate <= _HIGHEST_RATE), None)
    return InvoiceLine(
        description=description,
        quantity=quantity.amount,
        unit_price=price.amount,
        net_amount=net.amount,
        vat_rate=rate,
        page=row.context.page.number,
        box=row.box,
    )


def _words_before(row: _Row, first: Candidate) -> list[str]:
    """The texts left of the first number, without specks of print beside the page and without the number itself."""
    words = []
    for segment in row.segments:
        text = segment.text[: first.start] if segment is first.segment else segment.text
        inside = segment.box.left < first.box.left and segment.height > 0.5 * row.context.line_height
        if inside and sum(character.isalpha() for character in text) >= 2:
            words.append(text)
    return words


def _is_total(row: _Row) -> bool:
    members = set(row.segments)
    return any(
        label.segment in members and label.coverage >= 0.7 and any(m.term in _NAMED for m in label.meanings)
        for label in row.context.labels
    )
