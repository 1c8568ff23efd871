"""Which rows belong to an item beside that of its net amount: text and figures that stand nearer to it than others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from invoice_connector.fields.item_columns import ItemRows, Member
from invoice_connector.fields.item_numbers import Number, Product, numbers_of, products
from invoice_connector.fields.rows import Row

_CLOSE = 0.8  # of the distance between two items that stand right below each other: rows of one are nearer
_EVEN = 1.3  # how much longer the longest step between two items may be, where all rows stand at one distance
_FAR = 3.0  # line heights between two rows of one item


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A net amount, its row, and all of its rows from top to bottom. ``numbers`` of the rows that ``products`` were
    found in, without the net amount."""

    member: Member
    row: Row
    rows: tuple[Row, ...]
    numbers: tuple[Number, ...]
    products: tuple[Product, ...]


def items_of(table: ItemRows, members: Sequence[Member], passed: Collection[int]) -> list[Item]:
    """The members with what belongs to them; ``passed``: the places of rows that are sub-totals or the like."""
    bands = _bands(table.rows, [member.at for member in members], passed)
    return [_item(table, member, [table.rows[at] for at in band]) for member, band in zip(members, bands, strict=True)]


def _item(table: ItemRows, member: Member, rows: Sequence[Row]) -> Item:
    row, net = table.rows[member.at], member.net
    numbers = table.others(member.at, net)
    found = tuple(products(numbers, net.amount))
    if not found:
        beside = [number for other in rows if other is not row for number in numbers_of(other)]
        found = tuple(products([*numbers, *beside], net.amount))
        numbers = [*numbers, *beside] if found else numbers
    return Item(member, row, tuple(rows), tuple(numbers), found)


def _bands(rows: Sequence[Row], places: Sequence[int], passed: Collection[int]) -> list[list[int]]:
    """For each item's row the rows that go with it, top to bottom."""
    bands = [[at] for at in places]
    reach = _reach(rows, places)
    above = 0.0  # the longest step to a row above its item
    for number, (upper, lower) in enumerate(pairwise(places)):
        between = _free(rows, range(upper + 1, lower), passed)
        if len(between) == lower - upper - 1 and rows[upper].page == rows[lower].page:
            cut = _cut([rows[at] for at in (upper, *between, lower)])
            below, over = between[:cut], between[cut:]
        else:
            below, over = between, []
        bands[number] += _chain(rows, upper, below, reach)
        bands[number + 1][:0] = reversed(_chain(rows, lower, over[::-1], reach))
        above = max([above, *(_step(rows[a], rows[b]) for a, b in pairwise(bands[number + 1]))])
    bands[0][:0] = reversed(_chain(rows, places[0], _run(rows, places[0], -1, passed), above))
    bands[-1] += _chain(rows, places[-1], _run(rows, places[-1], 1, passed), _last_reach(rows, bands, reach))
    return bands


def _reach(rows: Sequence[Row], places: Sequence[int]) -> float:
    """How far rows of one item stand apart at most, in pixels between their middles."""
    far = _FAR * rows[places[0]].context.line_height
    steps = [_step(rows[a], rows[b]) for a, b in pairwise(places) if b == a + 1 and rows[a].page == rows[b].page]
    return min([far, *(_CLOSE * step for step in steps)])


def _last_reach(rows: Sequence[Row], bands: Sequence[Sequence[int]], reach: float) -> float:
    """The same below the last item, where no other one bounds it: as far as rows of the others stand apart."""
    steps = [_step(rows[a], rows[b]) for band in bands[:-1] for a, b in pairwise(band)]
    return min(reach, 1.1 * max(steps)) if steps else min(reach, 1.7 * rows[bands[-1][0]].context.line_height)


def _run(rows: Sequence[Row], place: int, step: int, passed: Collection[int]) -> list[int]:
    """The free rows next to one, upwards (-1) or downwards (1)."""
    stop = max(-1, place - 6) if step < 0 else min(len(rows), place + 6)
    return _free(rows, range(place + step, stop, step), passed)


def _free(rows: Sequence[Row], places: range, passed: Collection[int]) -> list[int]:
    """The rows up to the first that is a sub-total or on another page."""
    found: list[int] = []
    for at in places:
        if at in passed or (found and rows[at].page != rows[found[-1]].page):
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
