"""The numbers of a printed row, and the arithmetic that leads from some of them to the row's net amount."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from invoice_connector.evidence.vat_rates import highest_rate
from invoice_connector.fields.amounts import find_percents, parse_amount
from invoice_connector.fields.candidates import Candidate
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.rows import Row
from invoice_connector.invoice import CENT
from ocr_ensemble.layout import BoundingBox

_COUNT = re.compile(
    r"(?<!\S)(?P<number>\d{1,6}(?:[.,]\d{1,3})?)(?:(?P<times>\s?[xX×](?!\S))|(?=[^\W\d_]{1,12}\.?(?!\S)))"
)  # "2 x", "6Std."
_MOST = 12  # numbers of a row that are tried; prose has more
_WHOLE = Decimal(100)
_ROUGH = 0.02  # of the currency's unit, twice what a product may be off by; large amounts more, as floats are


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A number at ``start``..``end`` of a segment; ``values``: what its print can mean, the likeliest first;
    ``decimals`` as printed; ``money``: it has two decimals or more, or a currency; ``times``: "x" stands behind it."""

    values: tuple[Decimal, ...]
    segment: Segment
    start: int
    end: int
    box: BoundingBox
    decimals: int
    money: bool
    percent: bool = False
    times: bool = False

    @property
    def value(self) -> Decimal:
        return self.values[0]

    @property
    def alone(self) -> bool:
        """Whether its segment says nothing else but a unit behind it."""
        text = self.segment.text
        return not text[: self.start].strip() and not any(c.isdigit() for c in text[self.end :])


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """Two numbers that make a net amount: ``left`` x ``right``, less ``discount`` (per cent or an amount) or with the
    tax of ``rate`` where the amount is one with VAT. Which factor is the quantity, the row alone does not tell."""

    left: Number
    right: Number
    discount: Number | None = None
    rate: Number | None = None


def numbers_of(row: Row) -> tuple[Number, ...]:
    """All numbers of the row, left to right: amounts, bare numbers, rates, and counts that a unit is glued to."""
    found: list[Number] = []
    for segment in row.segments:
        for start, end, rate in find_percents(segment.text):
            places = -int(rate.as_tuple().exponent)
            found.append(Number((rate,), segment, start, end, segment.box_of(start, end), places, False, True))
        for match in _COUNT.finditer(segment.text):
            value = parse_amount(match["number"], row.context.mark)
            if value is not None:
                start, end = match.start(), match.end()
                box, places = segment.box_of(*match.span("number")), -int(value.as_tuple().exponent)
                found.append(Number((value,), segment, start, end, box, places, False, times=bool(match["times"])))
    counted = {(number.segment, number.start) for number in found}
    found += [_of_candidate(c) for c in row.amounts if (c.segment, c.start) not in counted]
    return tuple(sorted(found, key=lambda number: number.box.left))[:_MOST]


def _of_candidate(found: Candidate) -> Number:
    others = tuple(value for value in found.alternatives if isinstance(value, Decimal))
    money = found.decimals >= 2 or found.currency is not None
    return Number((found.amount, *others), found.segment, found.start, found.end, found.box, found.decimals, money)


def products(numbers: Sequence[Number], net: Decimal) -> Iterator[Product]:
    """Every way in which some of the numbers make ``net``; those with a discount or a rate only where no two do."""
    factors = [number for number in numbers if not number.percent]
    pairs = [(a, b) for at, a in enumerate(factors) for b in factors[at + 1 :]]
    if net:
        pairs = [(a, b) for a, b in pairs if a.value and b.value]
    else:  # for nothing is what has a price of nothing; nothing of something is a tax
        pairs = [(a, b) for a, b in pairs if any(n.money and not n.value for n in (a, b))]
    # Long rows have many pairs: floats tell nearly all that do not fit, in a third of the time.
    sizes = {number: tuple(abs(float(value)) for value in number.values) for number in factors}
    target = abs(float(net))
    rough = _ROUGH + target * 1e-12
    near = [(a, b) for a, b in pairs if any(abs(x * y - target) <= rough for x in sizes[a] for y in sizes[b])]
    plain = [Product(a, b) for a, b in near if any(_is_near(x, net) for x in _made(a, b))]
    yield from plain
    if plain or not net:
        return
    shares = any(n.percent or n.decimals < 2 for n in numbers)
    money = sorted(abs(float(n.value)) for n in numbers if n.money and n.value)
    for a, b in pairs:
        if a.decimals + b.decimals >= 2 and (shares or _leads_on(sizes[a][0] * sizes[b][0], target, money, rough)):
            yield from _with_a_third(a, b, [n for n in numbers if n is not a and n is not b], net)


def _made(one: Number, other: Number) -> Iterator[Decimal]:
    yield from (a * b for a in one.values for b in other.values)


def _leads_on(made: float, net: float, money: Sequence[float], rough: float) -> bool:
    """Whether one of the amounts, in order, may make ``net`` of ``made``: most products of a long row it does not."""
    for wanted in (made - net, made + net):
        at = bisect_left(money, wanted - rough)
        if at < len(money) and money[at] <= wanted + rough:
            return True
    return False


def _with_a_third(a: Number, b: Number, others: Sequence[Number], net: Decimal) -> Iterator[Product]:
    made = abs(a.value * b.value)
    for other in others:
        value = other.value
        share = other.percent or other.decimals < 2
        if share and 0 < value < _WHOLE and _is_near(made * (_WHOLE - value) / _WHOLE, net):
            yield Product(a, b, discount=other)
        elif share and 0 < value <= highest_rate() and _is_near(made * (_WHOLE + value) / _WHOLE, net):
            yield Product(a, b, rate=other)
        elif other.money and value and _is_near(made - abs(value), net):
            yield Product(a, b, discount=other)


def _is_near(made: Decimal, net: Decimal) -> bool:
    return abs(abs(made) - abs(net)) <= CENT


def is_of_vat(numbers: Sequence[Number], net: Decimal) -> bool:
    """Whether the row says what the tax on ``net`` is: a rate and the amount it makes, as in a table of rates."""
    rates = [n.value for n in numbers if 0 < n.value <= highest_rate() and (n.percent or n.decimals < 2)]
    return any(_is_near(net * rate / _WHOLE, n.value) for rate in rates for n in numbers if n.money and n.value != net)
