"""What the numbers and words of the items are, decided over all of them: the columns of quantity and price that make
most of the net amounts are those of every item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from invoice_connector.evidence.vat_rates import highest_rate
from invoice_connector.fields.item_bands import Item
from invoice_connector.fields.item_numbers import Number, Product
from ocr_ensemble.layout import BoundingBox


class Columns:
    """Places beside each other, parted by the white between them."""

    def __init__(self, boxes: Iterable[BoundingBox]) -> None:
        self._spans: list[tuple[int, int]] = []
        for box in sorted(boxes, key=lambda box: box.left):
            if self._spans and box.left < self._spans[-1][1]:
                self._spans[-1] = (self._spans[-1][0], max(self._spans[-1][1], box.right))
            else:
                self._spans.append((box.left, box.right))

    def of(self, box: BoundingBox) -> int:
        """The number of the column that the box stands in, -1 for none."""
        middle = box.center[0]
        return next((at for at, (left, right) in enumerate(self._spans) if left <= middle < right), -1)


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """The numbers of one item; None for what is not printed. ``discount``: per cent or an amount."""

    quantity: Number | None = None
    price: Number | None = None
    discount: Number | None = None
    rate: Number | None = None

    @property
    def numbers(self) -> tuple[Number, ...]:
        return tuple(n for n in (self.quantity, self.price, self.discount, self.rate) if n is not None)


def values_of(items: Sequence[Item], rates: Collection[Decimal]) -> list[Values]:
    """The values of each item; ``rates``: those of tax that the document prints in per cent somewhere."""
    columns = Columns(number.box for item in items for number in item.numbers)
    votes = Counter(pair for item in items for pair in {_pair(columns, product) for product in item.products})
    best = max(votes, key=lambda pair: (votes[pair], pair), default=None)
    if best is None:
        return _with_rates(columns, items, _counted(columns, items), rates)
    chosen = [_product(columns, item, votes, best) for item in items]
    swapped = _price_first([product for product in chosen if product is not None])
    found = [_factors(columns, item, product, best, swapped) for item, product in zip(items, chosen, strict=True)]
    return _with_rates(columns, items, found, rates)


def _counted(columns: Columns, items: Sequence[Item]) -> list[Values]:
    """The quantities where no prices are printed: the bare numbers, with no more than a unit, that most items have in
    one column, and that do not just count the items."""
    bare = [[n for n in item.numbers if not n.percent and not n.money and n.alone] for item in items]
    votes = Counter(columns.of(number.box) for numbers in bare for number in numbers)
    for column in sorted(votes, key=lambda column: -votes[column]):
        own = [next((n for n in numbers if columns.of(n.box) == column), None) for numbers in bare]
        counts = [n is not None and n.value == at for at, n in enumerate(own, start=1)]
        if 2 * votes[column] > len(items) and not all(counts):
            return [Values(quantity=number) for number in own]
    return [Values(quantity=next((n for n in item.numbers if n.times), None)) for item in items]


def _pair(columns: Columns, product: Product) -> tuple[int, int]:
    return columns.of(product.left.box), columns.of(product.right.box)


def _product(
    columns: Columns, item: Item, votes: Counter[tuple[int, int]], best: tuple[int, int] | None
) -> Product | None:
    """The item's product in the columns that most have, else its own most usual one."""
    if not item.products:
        return None
    return max(item.products, key=lambda p: (_pair(columns, p) == best, votes[_pair(columns, p)], p.discount is None))


def _price_first(products: Sequence[Product]) -> bool:
    """Whether the price stands left of the quantity: prices have decimals and a currency, quantities are whole."""
    score = 0
    for product in products:
        left, right = product.left, product.right
        score += 2 * (left.money - right.money) + (_is_whole(right) - _is_whole(left))
    return score > 0


def _is_whole(number: Number) -> int:
    return int(number.value == number.value.to_integral())


def _factors(
    columns: Columns, item: Item, product: Product | None, best: tuple[int, int] | None, swapped: bool
) -> Values:
    times = next((n for n in item.numbers if n.times), None)
    if product is not None:
        left: Number | None = product.left
        right: Number | None = product.right
    elif times is not None:
        return Values(quantity=times)
    else:  # nothing makes the amount; what stands in the columns of the others is still what they are
        left, right = (_alone(columns, item, column) for column in best or (-1, -1))
    discount, rate = (None, None) if product is None else (product.discount, product.rate)
    return Values(right, left, discount, rate) if swapped else Values(left, right, discount, rate)


def _alone(columns: Columns, item: Item, column: int) -> Number | None:
    found = [n for n in item.numbers if not n.percent and column >= 0 and columns.of(n.box) == column]
    return found[0] if len(found) == 1 else None


def _with_rates(
    columns: Columns, items: Sequence[Item], found: Sequence[Values], rates: Collection[Decimal]
) -> list[Values]:
    """The values with the rate of tax: of the numbers that may be one, those in the column that most items have."""
    discounts = {columns.of(values.discount.box) for values in found if values.discount is not None}
    offered = []
    for item, values in zip(items, found, strict=True):
        first = min((n.box.left for n in values.numbers), default=0)
        free = [n for n in item.numbers if n not in values.numbers and columns.of(n.box) not in discounts]
        percents = [n for n in free if n.percent and n.value <= highest_rate()]
        bare = [n for n in free if n.value in rates and n.decimals < 2 and n.box.left > first]
        offered.append(percents or bare)
    votes = Counter(column for numbers in offered for column in {columns.of(number.box) for number in numbers})
    with_rate = []
    for values, numbers in zip(found, offered, strict=True):
        own = max(numbers, key=lambda number: votes[columns.of(number.box)], default=None)
        with_rate.append(Values(values.quantity, values.price, values.discount, values.rate or own))
    return with_rate
