"""Invoice lines: rows in which quantity times price gives the amount, and the rows of a receipt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from invoice_connector.fields.candidates import Candidate
from invoice_connector.fields.rows import Row
from invoice_connector.invoice import CENT, InvoiceLine

_HIGHEST_RATE = Decimal(30)
TOTALS = frozenset(
    {"total_with_vat", "total_without_vat", "total_vat", "amount_due", "paid_amount", "rounding_amount", "_tender"}
)
_TO_BE_PAID = frozenset({"due_date", "iban", "bankgiro", "plusgiro", "bic", "payment_terms"})


def invoice_lines(rows: Sequence[Row], receipt: bool, totals: Collection[Decimal] = ()) -> tuple[InvoiceLine, ...]:
    """The document's lines, top to bottom.

    Rows of a name and an amount, as on receipts, count where the document is one, or where they add up to one of its
    ``totals`` and nothing on it says when or where to pay.
    """
    rates = frozenset(rate for row in rows for rate in row.percents if rate <= _HIGHEST_RATE)
    computed = tuple(line for row in rows if (line := _computed(row, rates)) is not None)
    if computed:
        return computed
    if receipt:
        return _receipt_lines(rows)
    if any(row.terms & _TO_BE_PAID for row in rows):
        return ()
    lines = _receipt_lines(rows)
    return lines if lines and sum(line.net_amount for line in lines) in totals else ()


def _computed(row: Row, rates: frozenset[Decimal]) -> InvoiceLine | None:
    """The row as a line; ``rates`` are printed as per cents somewhere, so that a bare one in its column is known."""
    if len(row.amounts) < 2 or _is_total(row):
        return None
    money = [c for c in row.amounts if c.decimals == 2 or c.has_mark]
    for net in reversed(money[-2:]):
        before = [c for c in row.amounts if c is not net and c.box.left < net.box.left and c.amount != 0]
        pairs = list(combinations(reversed(before), 2))  # the nearest columns first
        for price, quantity in pairs:
            if abs(quantity.amount * price.amount - net.amount) <= CENT:
                return _line(row, _Numbers(quantity, price, net), rates)
        for price, quantity in pairs:
            discount = _discount(row, quantity, price, net)
            if discount is not None:
                return _line(row, _Numbers(quantity, price, net, discount), rates)
    return None


def _discount(row: Row, quantity: Candidate, price: Candidate, net: Candidate) -> Decimal | None:
    """The printed per cent that leads from quantity times price to the amount; None where none does."""
    bare = [c.amount for c in row.amounts if c not in (quantity, price, net) and c.decimals < 2]
    for discount in (*row.percents, *bare):
        left = quantity.amount * price.amount * (100 - discount) / 100
        if 0 < discount < 100 and abs(left - net.amount) <= CENT and price.decimals + quantity.decimals >= 2:
            return discount
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _Numbers:
    """The numbers of a line; ``discount`` in per cent."""

    quantity: Candidate
    price: Candidate
    net: Candidate
    discount: Decimal | None = None


def _line(row: Row, numbers: _Numbers, rates: frozenset[Decimal]) -> InvoiceLine:
    quantity, price = numbers.quantity, numbers.price
    if quantity.decimals >= 2 and price.decimals == 0:  # the price's column stands first
        quantity, price = price, quantity
    first = min(quantity, price, key=lambda c: c.box.left)
    taken = (quantity, price, numbers.net)
    bare = [c.amount for c in row.amounts if c not in taken and c.box.left > first.box.left and c.amount in rates]
    left = list(row.percents or bare)
    if numbers.discount in left:
        left.remove(numbers.discount)
    return InvoiceLine(
        description=_words_before(row, first),
        quantity=quantity.amount,
        unit_price=price.amount,
        net_amount=numbers.net.amount,
        vat_rate=next((rate for rate in left if rate <= _HIGHEST_RATE), None),
        page=row.page,
        box=row.box,
    )


def _receipt_lines(rows: Sequence[Row]) -> tuple[InvoiceLine, ...]:
    """Words with one amount at the end, above the first total; "2 x 1.99" on the row before or after explains it."""
    lines: list[InvoiceLine] = []
    for place, row in enumerate(rows):
        if lines and _is_total(row):
            break
        if len(row.money) != 1 or _is_total(row) or row.terms & {"issue_date", "_number", "_amount"}:
            continue
        net = row.money[0]
        words = _words_before(row, net)
        if not words or net.segment.text[net.end :].strip()[1:]:  # a tax letter may follow, nothing longer
            continue
        quantity, price = _explained(rows[max(0, place - 1) : place + 2], net.amount)
        lines.append(InvoiceLine(words, quantity, price, net.amount, None, row.page, row.box))
    return tuple(lines)


def _explained(rows: Sequence[Row], amount: Decimal) -> tuple[Decimal | None, Decimal | None]:
    for row in rows:
        for quantity, price in combinations(row.amounts, 2):
            if quantity.decimals != 2 and abs(quantity.amount * price.amount - amount) <= CENT:
                return quantity.amount, price.amount
    return None, None


def _words_before(row: Row, first: Candidate) -> str:
    """The text left of the first number, without specks of print beside the page and without the number itself."""
    words = []
    for segment in row.segments:
        text = segment.text[: first.start] if segment is first.segment else segment.text
        inside = segment.box.left < first.box.left and segment.height > 0.5 * row.context.line_height
        if inside and sum(character.isalpha() for character in text) >= 2:
            words.append(text)
    return " ".join(" ".join(words).split())


def _is_total(row: Row) -> bool:
    return bool(row.terms & TOTALS)
