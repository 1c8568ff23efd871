"""Whose text a line is: the seller's letterhead and foot, what a label gives to the buyer, or the page's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from invoice_connector.evidence.country import PlacedText, Side
from invoice_connector.fields.geometry import Segment, blocks_of
from invoice_connector.fields.labels import Label
from ocr_ensemble.page_layout import same_row

_BUYERS = ("buyer", "_party")
_BUYERS_NUMBER = ("_number", "buyer_reference")  # "your VAT number", "customer number"
_LINES = 7  # of a name with its address
_GAP = 1.8  # in line heights, between the lines of one address
_HEAD = 0.05  # of the page's height: how far below the first block another begins that is a letterhead, too
_FOOT = 0.6  # of the print's height; below it only the seller speaks of itself: account, register, tax number


def placed_texts(
    segments: Sequence[Segment], labels: Sequence[Label], page_height: int, first: bool
) -> tuple[PlacedText, ...]:
    """Every segment of a page with whose it is; ``first``: the page is the document's first, with its letterhead."""
    if not segments:
        return ()
    buyers = buyers_segments(segments, labels)
    buyers |= {label.segment for label in labels if label.start == 0 and any(map(label.meaning, _BUYERS_NUMBER))}
    top, bottom = min(s.box.top for s in segments), max(s.box.bottom for s in segments)
    heads = [block for block in blocks_of(segments) if block.box.top <= top + _HEAD * page_height] if first else []
    sellers = {segment for block in heads for segment in block.segments}
    sellers |= {segment for segment in segments if segment.box.top > top + _FOOT * (bottom - top)}
    return tuple(PlacedText(segment.text, _side(segment, buyers, sellers)) for segment in segments)


def buyers_segments(segments: Sequence[Segment], labels: Sequence[Label]) -> set[Segment]:
    """The lines that a label gives to the buyer: its own, what stands beside it, and the block below."""
    return {segment for label in labels if _announces(label) for segment in _announced(label, segments)}


def _side(segment: Segment, buyers: set[Segment], sellers: set[Segment]) -> Side:
    if segment in buyers:
        return "buyer"
    return "seller" if segment in sellers else "page"


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
