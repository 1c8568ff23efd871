"""Invoice lines whose amount is not their quantity times their price: by the heads of the columns, or by what holds of
most lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from invoice_connector.evidence.folding import unaccented
from invoice_connector.fields.item_numbers import Number, numbers_of
from invoice_connector.fields.rows import Row
from invoice_connector.fields.statements import shortened
from invoice_connector.invoice import CENT, Invoice, InvoiceLine, Violation
from invoice_connector.locales import sentence_pattern
from ocr_ensemble.layout import BoundingBox

RULE = "LINE-AMOUNT"
_QUANTITY, _PRICE = "quantity_head", "price_head"
_BAND = 4  # rows of one line
_HOLDING = 2  # times as many lines hold as do not, where no heads name their columns
_WHOLE = Decimal(100)
_UNITS = (Decimal(10), Decimal(100), Decimal(1000))  # that a price may be of


@dataclass(frozen=True, slots=True, eq=False)
class _Factors:
    """What a line says that it is made of; ``others``: the further numbers on its rows."""

    line: InvoiceLine
    quantity: Decimal
    price: Decimal
    others: tuple[Number, ...]


def line_conflicts(rows: Sequence[Row], rest: Invoice) -> Iterator[Violation]:
    """LINE-AMOUNT: the amount of a line is not its quantity times its price, and no discount, unit of the price or tax
    explains the difference. Nothing is said of receipts."""
    if rest.is_receipt or not rest.lines:
        return
    rates = {rate for row in rows for rate in row.percents}
    wrong = next((each for each in _headed(rows, rest.lines) if not _holds(each, rates)), None)
    if wrong is None:
        usual = list(_usual(rows, rest.lines))
        off = [each for each in usual if not _holds(each, rates)]
        wrong = off[0] if off and _HOLDING * len(off) <= len(usual) - len(off) else None
    if wrong is not None:
        line, made = wrong.line, wrong.quantity * wrong.price
        message = (
            f"{wrong.quantity:f} times {wrong.price:f} makes {made:f}, but the line {shortened(line.description)!r} "
            f"says {line.net_amount:f}, and no discount, unit or tax explains the difference; ask the seller which of "
            "them is right."
        )
        yield Violation(RULE, message, ("total_without_vat",), line.page, line.box)


def _usual(rows: Sequence[Row], lines: Sequence[InvoiceLine]) -> Iterator[_Factors]:
    """The lines by the columns that make most of the amounts."""
    for line, own in _rows_of(rows, lines):
        if line.quantity and line.unit_price:
            known = [line.boxes[name] for name in ("quantity", "unit_price") if name in line.boxes]
            yield _Factors(line, line.quantity, line.unit_price, tuple(_others(own, line, known)))


def _headed(rows: Sequence[Row], lines: Sequence[InvoiceLine]) -> Iterator[_Factors]:
    """The lines that have one number below each of the heads of quantity and price."""
    for line, own in _rows_of(rows, lines):
        heads = _heads_above(rows, own[0])
        numbers = [n for n in numbers_of(own[0]) if abs(n.value) != abs(line.net_amount)]
        below = [[n for n in numbers if n.box.horizontal_overlap(head) > 0] for head in heads or ()]
        if not below or any(len(found) != 1 for found in below):
            continue
        quantity, price = (found[0] for found in below)
        if quantity is not price and not quantity.percent and price.money and quantity.value and price.value:
            others = _others(own, line, (quantity.box, price.box))
            yield _Factors(line, quantity.value, price.value, tuple(others))


def _rows_of(rows: Sequence[Row], lines: Sequence[InvoiceLine]) -> Iterator[tuple[InvoiceLine, Sequence[Row]]]:
    """Each line with its own row and those below it that are no other line's."""
    places = {(row.page, row.box): at for at, row in enumerate(rows)}
    found = [(line, places[line.page, line.box]) for line in lines if (line.page, line.box) in places]
    ends = [at for _, at in found[1:]] + [len(rows)]
    for (line, at), end in zip(found, ends, strict=True):
        yield line, rows[at : max(at + 1, min(end, at + _BAND))]


def _heads_above(rows: Sequence[Row], row: Row) -> tuple[BoundingBox, BoundingBox] | None:
    """The places of the heads of quantity and price nearest above a row on its page."""
    above = (each for each in reversed(rows) if each.page == row.page and each.box.bottom <= row.box.top)
    for each in above:
        quantity, price = (_head(each, name) for name in (_QUANTITY, _PRICE))
        if quantity is not None and price is not None and not quantity.intersection_area(price):
            return quantity, price
    return None


def _head(row: Row, name: str) -> BoundingBox | None:
    """The place of the only text of a row that has a phrase of the list and no number."""
    found = []
    for segment in row.segments:
        plain = unaccented(segment.text)
        match = sentence_pattern(name).search(plain) if not any(map(str.isdigit, plain)) else None
        if match is not None:
            same = len(plain) == len(segment.text)
            found.append(segment.box_of(match.start(), match.end()) if same else segment.box)
    return found[0] if len(found) == 1 else None


def _others(rows: Sequence[Row], line: InvoiceLine, known: Collection[BoundingBox]) -> Iterator[Number]:
    for row in rows:
        for number in numbers_of(row):
            taken = any(number.box.intersection_area(box) for box in known)
            if not taken and abs(number.value) != abs(line.net_amount):
                yield number


def _holds(found: _Factors, rates: Collection[Decimal]) -> bool:
    """Whether quantity and price make the amount, as they are printed rounded, by themselves or with what may change
    it: a discount, a unit of the price, further factors, tax."""
    made, net = abs(found.quantity * found.price), abs(found.line.net_amount)
    slack = CENT + _rounding(found.price) * abs(found.quantity) + _rounding(found.quantity) * abs(found.price)
    return any(abs(each - net) <= max(slack, slack * each / made) for each in _reached(made, found, rates))


def _reached(made: Decimal, found: _Factors, rates: Collection[Decimal]) -> Iterator[Decimal]:
    yield made
    yield from (each for unit in _UNITS for each in (made * unit, made / unit))
    for number in found.others:
        value = abs(number.value)
        if value:
            yield from (made * value, made / value, made - value, made + value)
        if value < _WHOLE:
            yield made * (_WHOLE - value) / _WHOLE
    for rate in rates:
        yield from (made * (_WHOLE + rate) / _WHOLE, made * _WHOLE / (_WHOLE + rate), made * (_WHOLE - rate) / _WHOLE)


def _rounding(number: Decimal) -> Decimal:
    """Half of the last printed place of a number with decimals; of a whole one nothing is rounded."""
    places = int(number.as_tuple().exponent)
    return Decimal(1).scaleb(places) / 2 if places < 0 else Decimal(0)
