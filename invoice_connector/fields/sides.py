"""Whose text a line is: the seller's letterhead and foot, what a label gives to the buyer, or the page's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from invoice_connector.evidence.country import PlacedText, Side
from invoice_connector.fields.geometry import Segment, blocks_of, same_row
from invoice_connector.fields.labels import Label

_BUYERS = ("buyer", "_party")
_BUYERS_NUMBER = ("_number", "buyer_reference")  # "your VAT number", "customer number"
_LINES = 7  # of a name with its address
_GAP = 1.8  # in line heights, between the lines of one address
_FOOT = 0.86  # of the page's height; below it a letter prints who sends it


def placed_texts(
    segments: Sequence[Segment], labels: Sequence[Label], page_height: int, first: bool
) -> tuple[PlacedText, ...]:
    """Every segment of a page with whose it is; ``first``: the page is the document's first, with its letterhead."""
    buyers = {segment for label in labels if _announces(label) for segment in _announced(label, segments)}
    buyers |= {label.segment for label in labels if any(label.meaning(term) for term in _BUYERS_NUMBER)}
    head = blocks_of(segments)[0].segments if first and segments else ()
    sides = ((segment, _side(segment, buyers, head, page_height)) for segment in segments)
    return tuple(PlacedText(segment.text, side) for segment, side in sides)


def _side(segment: Segment, buyers: set[Segment], head: Sequence[Segment], page_height: int) -> Side:
    if segment in buyers:
        return "buyer"
    return "seller" if segment in head or segment.box.top > _FOOT * page_height else "page"


def _announces(label: Label) -> bool:
    """Whether a label opens its line and stands alone there or before a colon: "Bill to", "Kunde: Bergs AB"."""
    before, behind = label.segment.text[: label.start], label.segment.text[label.end :]
    alone = not any(character.isalnum() for character in behind) or behind.lstrip(" .").startswith(":")
    return alone and not any(map(str.isalnum, before)) and any(label.meaning(term) for term in _BUYERS)


def _announced(label: Label, segments: Sequence[Segment]) -> Iterator[Segment]:
    """The label's line, what stands beside it, and the lines below either."""
    heading = label.segment
    yield heading
    beside = [
        s for s in segments if s is not heading and s.box.left >= heading.box.right and same_row(s.box, heading.box)
    ]
    last = min(beside, key=lambda s: s.box.left, default=heading)
    below = [s for s in segments if s.box.center[1] > heading.box.bottom and s.box.horizontal_overlap(heading.box) > 0]
    if not below or below[0].box.top - heading.box.bottom > _GAP * heading.height:
        below = [s for s in segments if s.box.center[1] > last.box.bottom and s.box.horizontal_overlap(last.box) > 0]
        if last is not heading:
            yield last
    else:
        last = heading
    for segment in sorted(below, key=lambda s: s.box.top)[:_LINES]:
        if segment.box.top - last.box.bottom > _GAP * max(last.height, segment.height):
            return
        yield segment
        last = segment
