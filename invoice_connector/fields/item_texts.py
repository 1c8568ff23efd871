"""The words of the items: the description, from the column that has most of them, and the unit beside the quantity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.item_bands import Item
from invoice_connector.fields.item_values import Columns, Values
from invoice_connector.fields.rows import Row
from ocr_ensemble.layout import BoundingBox

_UNIT = 12  # letters of the longest unit


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A text of an item without its numbers, at ``start``..``end`` of a segment."""

    text: str
    segment: Segment
    start: int
    box: BoundingBox

    @property
    def letters(self) -> int:
        return sum(character.isalpha() for character in self.text)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """The pieces of an item's description, top to bottom, and its unit."""

    description: tuple[Piece, ...]
    unit: Piece | None


def texts_of(items: Sequence[Item], values: Sequence[Values]) -> list[Texts]:
    """The texts of each item; ``values``: its numbers."""
    pieces = [list(_pieces(item, own)) for item, own in zip(items, values, strict=True)]
    described = _described(items, [piece for own in pieces for piece in own])
    return [
        _texts(item, own, found, [piece for piece in found if piece in described])
        for item, own, found in zip(items, values, pieces, strict=True)
    ]


def _described(items: Sequence[Item], pieces: Sequence[Piece]) -> frozenset[Piece]:
    """The pieces of the column with most letters: those with one left edge, else those without white between them."""
    slack = 0.6 * items[0].row.context.line_height
    groups: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.segment.box.left):
        if not groups or piece.segment.box.left - groups[-1][-1].segment.box.left > slack:
            groups.append([])
        groups[-1].append(piece)
    columns = Columns(piece.box for piece in pieces)
    spans: dict[int, list[Piece]] = {}
    for piece in pieces:
        spans.setdefault(columns.of(piece.box), []).append(piece)
    aligned, spanned = (max(found, key=_letters, default=[]) for found in (groups, list(spans.values())))
    return frozenset(aligned if 2 * _letters(aligned) > _letters(spanned) else spanned)


def _letters(pieces: Sequence[Piece]) -> int:
    return sum(piece.letters for piece in pieces)


def _texts(item: Item, values: Values, pieces: Sequence[Piece], main: Sequence[Piece]) -> Texts:
    unit = _unit(item.row, values, [p for p in pieces if p not in main or p.segment is _segment(values)])
    described = [p for p in main if p is not unit] or [p for p in pieces if p is not unit]
    return Texts(tuple(described), unit) if described else Texts(tuple(main), None)


def _segment(values: Values) -> Segment | None:
    return None if values.quantity is None else values.quantity.segment


def _pieces(item: Item, values: Values) -> Iterator[Piece]:
    """What stands between the item's numbers and has two letters or more, or is a short text of its own."""
    for row in item.rows:
        for segment in row.segments:
            if segment.height > 0.5 * row.context.line_height:  # no speck of print beside the page
                yield from _free(item, values, segment)


def _free(item: Item, values: Values, segment: Segment) -> Iterator[Piece]:
    net = item.member.net
    used = [(n.start, n.end) for n in values.numbers if n.segment is segment]
    used += [(net.start, net.end)] if net.segment is segment else []
    used += [(n.start, n.end + n.segment.text[n.end :].find("%") + 1) for n in item.numbers
             if n.segment is segment and n.percent]  # fmt: skip
    start = 0
    for begin, end in [*sorted(used), (len(segment.text), len(segment.text))]:
        text = segment.text[start:begin]
        if any(character.isalpha() for character in text):
            offset = start + len(text) - len(text.lstrip())
            length = len(text.strip())
            yield Piece(" ".join(text.split()), segment, offset, segment.box_of(offset, offset + length))
        start = max(start, end)


def _unit(row: Row, values: Values, pieces: Sequence[Piece]) -> Piece | None:
    """The short text without digits right behind the quantity, or in the cell beside it."""
    quantity = values.quantity
    if quantity is None or quantity.times:
        return None
    short = [p for p in pieces if p.letters <= _UNIT and not any(c.isdigit() for c in p.text)]
    behind = next((p for p in short if p.segment is quantity.segment and 0 <= p.start - quantity.end <= 1), None)
    if behind is not None or quantity.segment not in row.segments:
        return behind
    place = row.segments.index(quantity.segment)
    beside = [row.segments[at] for at in (place + 1, place - 1) if 0 <= at < len(row.segments)]
    return next((p for segment in beside for p in short if p.segment is segment), None)
