"""Whose text a line is: the seller's letterhead and foot, what a label gives to the buyer, or the page's."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set

from invoice_connector.evidence.country import PlacedText, Side
from invoice_connector.fields.geometry import Segment, blocks_of
from invoice_connector.fields.labels import Label, by_segment, stands_alone
from ocr_ensemble.page_layout import same_row
from ocr_ensemble.shelves import Shelves

_BUYERS = ("buyer", "_party")
_BUYERS_NUMBER = ("_number", "buyer_reference")  # "your VAT number", "customer number"
_LINES = 7  # of a name with its address
_GAP = 1.8  # in line heights, between the lines of one address
_HEAD = 0.05  # of the page's height: how far below the first block another begins that is a letterhead, too
_FOOT = 0.6  # of the print's height; below it only the seller speaks of itself: account, register, tax number


def placed_texts(
    segments: Sequence[Segment], labels: Sequence[Label], announced: Set[Segment], page_height: int, first: bool
) -> tuple[PlacedText, ...]:
    """Every segment of a page with whose it is; ``first``: the page is the document's first, with its letterhead;
    ``announced``: what ``buyers_segments`` found on it."""
    if not segments:
        return ()
    numbers = {label.segment for label in labels if label.start == 0 and any(map(label.meaning, _BUYERS_NUMBER))}
    buyers = announced | numbers
    top, bottom = min(s.box.top for s in segments), max(s.box.bottom for s in segments)
    heads = [block for block in blocks_of(segments) if block.box.top <= top + _HEAD * page_height] if first else []
    sellers = {segment for block in heads for segment in block.segments}
    sellers |= {segment for segment in segments if segment.box.top > top + _FOOT * (bottom - top)}
    return tuple(PlacedText(segment.text, _side(segment, buyers, sellers)) for segment in segments)


def buyers_segments(segments: Sequence[Segment], labels: Sequence[Label]) -> frozenset[Segment]:
    """The lines that a label gives to the buyer: its own, what stands beside it, and the block below."""
    on_line = by_segment(labels)
    headings = [label for label in labels if _announces(label, on_line[label.segment])]
    if not headings:
        return frozenset()
    rows = Shelves(segments, lambda segment: segment.box)
    headings = [label for label in headings if not _numbers_buyer(label, rows)]
    return frozenset(segment for label in headings for segment in _announced(label, segments, rows))


def _side(segment: Segment, buyers: Set[Segment], sellers: Set[Segment]) -> Side:
    if segment in buyers:
        return "buyer"
    return "seller" if segment in sellers else "page"


def _announces(label: Label, others: Sequence[Label]) -> bool:
    """Whether a label opens its line and stands alone there or before a colon: "Bill to", "Kunde: Bergs AB"."""
    before, behind = label.segment.text[: label.start], label.segment.text[label.end :]
    if not any(map(label.meaning, _BUYERS)):
        return False
    alone = stands_alone(label, others) or behind.lstrip(" .").startswith(":")
    return alone and not any(map(str.isalnum, before))


def _numbers_buyer(label: Label, rows: Shelves[Segment]) -> bool:
    """Whether a label that may as well call a number has one beside it: "Customer  OR117"."""
    beside = _right_of(label.segment, rows) if any(map(label.meaning, _BUYERS_NUMBER)) else None
    return beside is not None and " " not in beside.text and any(map(str.isdigit, beside.text))


def _right_of(segment: Segment, rows: Shelves[Segment]) -> Segment | None:
    """What stands next on the segment's row."""
    box = segment.box
    right = [s for s in rows.beside(box) if s.box.left >= box.right and same_row(s.box, box)]
    return min(right, key=lambda s: s.box.left, default=None)


def _announced(label: Label, segments: Sequence[Segment], rows: Shelves[Segment]) -> Iterator[Segment]:
    """The label's line, what stands beside it, and the lines below either."""
    heading = label.segment
    yield heading
    below = _stack_below(heading, segments)
    if not below or below[0].box.top - heading.box.bottom > _GAP * heading.height:
        value = _right_of(heading, rows)
        if value is not None:
            yield value
            below = _stack_below(value, segments)
    yield from below


def _stack_below(heading: Segment, segments: Sequence[Segment]) -> list[Segment]:
    """The lines of one address under a heading. ``segments`` are ordered by the height of their middle."""
    stack: list[Segment] = []
    last = heading
    first = bisect_right(segments, 2 * heading.box.bottom, key=lambda s: s.box.top + s.box.bottom)
    for at in range(first, len(segments)):
        segment = segments[at]
        if segment.box.top - last.box.bottom > _GAP * max(last.height, segment.height) or len(stack) == _LINES:
            break
        if segment.box.horizontal_overlap(heading.box) > 0:
            stack.append(segment)
            last = segment
    return stack
