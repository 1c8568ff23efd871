"""Which rows belong to an item beside that of its net amount: text and figures that stand nearer to it than others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from invoice_connector.fields.item_columns import ItemRows, Member
from invoice_connector.fields.item_numbers import Number, Product, numbers_of, products
from invoice_connector.fields.item_runs import Run
from invoice_connector.fields.rows import Row

_CLOSE = 0.8  # of the distance between two items that stand right below each other: rows of one are nearer
_EVEN = 1.3  # how much longer the longest step between two items may be, where all rows stand at one distance
_MOST = 6  # rows of an item
_FAR, _NEXT = 3.0, 1.7  # line heights between two rows of one item at most, and of one text


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A net amount, its row, and all of its rows from top to bottom. ``numbers`` of the rows that ``products`` were
    found in, without the net amount."""

    member: Member
    row: Row
    rows: tuple[Row, ...]
    numbers: tuple[Number, ...]
    products: tuple[Product, ...]


def items_of(table: ItemRows, run: Run) -> list[Item]:
    """The items with what belongs to them."""
    rows = table.rows
    bands = _bands(rows, [member.at for member in run.items], run)
    return [_item(table, member, [rows[at] for at in band]) for member, band in zip(run.items, bands, strict=True)]


def _item(table: ItemRows, member: Member, rows: Sequence[Row]) -> Item:
    row, net = table.rows[member.at], member.net
    numbers = table.others(member.at, net)
    found = tuple(products(numbers, net.amount))
    if not found:
        beside = [number for other in rows if other is not row for number in numbers_of(other)]
        found = tuple(products([*numbers, *beside], net.amount))
        numbers = [*numbers, *beside] if found else numbers
    return Item(member, row, tuple(rows), tuple(numbers), found)


def _bands(rows: Sequence[Row], places: Sequence[int], run: Run) -> list[list[int]]:
    """For each item's row the rows that go with it, top to bottom."""
    bands = [[at] for at in places]
    reach = _reach(rows, places)
    barred = run.passed if run.head is None else run.passed | {run.head}
    for number, (upper, lower) in enumerate(pairwise(places)):
        between = _free(rows, range(upper + 1, lower), barred)
        whole = len(between) == lower - upper - 1 and rows[upper].page == rows[lower].page
        cut = _cut([rows[at] for at in (upper, *between, lower)]) if whole else len(between)
        bands[number] += _chain(rows, upper, between[:cut], reach)
        bands[number + 1][:0] = reversed(_chain(rows, lower, between[cut:][::-1], reach))
    _close_ends(rows, bands, barred, reach)
    return bands


def _close_ends(rows: Sequence[Row], bands: Sequence[list[int]], barred: Collection[int], reach: float) -> None:
    """Adds the rows above the first item and below the last: as near as rows of the others stand to each other, else
    as lines of one text, in one cell beside its amount (above) or without a label of their own (below)."""
    inner = 1.1 * max((_step(rows[a], rows[b]) for band in bands for a, b in pairwise(band)), default=0.0)
    first, last = bands[0][0], bands[-1][-1]
    line = rows[first].context.line_height
    above = _free(rows, range(first - 1, first - _MOST, -1), barred)
    below = _free(rows, range(last + 1, last + _MOST), barred)
    if not inner:
        below = [at for at in below if not rows[at].terms]
    bands[0][:0] = reversed(_chain(rows, first, above, min(reach, max(inner, line))))
    bands[-1] += _chain(rows, last, below, min(reach, inner or _NEXT * line))


def _reach(rows: Sequence[Row], places: Sequence[int]) -> float:
    """How far rows of one item stand apart at most, in pixels between their middles."""
    far = _FAR * rows[places[0]].context.line_height
    steps = [_step(rows[a], rows[b]) for a, b in pairwise(places) if b == a + 1 and rows[a].page == rows[b].page]
    return min([far, *(_CLOSE * step for step in steps)])


def _free(rows: Sequence[Row], places: range, passed: Collection[int]) -> list[int]:
    """The rows up to the first that is a sub-total or on another page."""
    found: list[int] = []
    for at in places:
        if at in passed or not 0 <= at < len(rows) or (found and rows[at].page != rows[found[-1]].page):
            break
        found.append(at)
    return found


def _cut(rows: Sequence[Row]) -> int:
    """How many of the rows between the first and the last belong to the first: up to the widest step."""
    steps = [_step(a, b) for a, b in pairwise(rows)]
    if max(steps) <= _EVEN * min(steps):
        return len(rows) - 2
    return steps.index(max(steps))


def _chain(rows: Sequence[Row], place: int, others: Sequence[int], reach: float) -> list[int]:
    """The rows that follow on ``place`` one after the other without a wide step."""
    found: list[int] = []
    for at in others:
        if rows[at].page != rows[place].page or _step(rows[place], rows[at]) > reach:
            break
        found.append(at)
        place = at
    return found


def _step(one: Row, other: Row) -> float:
    return abs(one.box.center[1] - other.box.center[1])
