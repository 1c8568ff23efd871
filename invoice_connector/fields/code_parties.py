"""Parties that a code names and nothing else showed to be one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from invoice_connector.codes.same import PARTIES, same_name
from invoice_connector.fields.addresses import address_below
from invoice_connector.fields.features import Scene
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.parties import PARTY_FACTS, PartyLine
from invoice_connector.fields.party_pages import PartyPage, party_page

_NEXT_LINE = 1.6  # line heights from one line of a name to the next


def with_code_parties(parties: Sequence[PartyLine], scene: Scene) -> list[PartyLine]:
    """The parties and those that are printed as a code calls its creditor or debtor."""
    lacking = [
        (role, name)
        for role in PARTIES
        for name in scene.said.names(role)
        if not any(same_name(name, party.name) for party in parties)
    ]
    if not lacking:
        return list(parties)
    pages = [party_page(context, scene.kinds) for context in scene.contexts]
    found = (next(_printed(pages, name), None) for _, name in lacking)
    return [*parties, *(party for party in found if party is not None)]


def _printed(pages: Sequence[PartyPage], name: str) -> Iterator[PartyLine]:
    """The places of a name, on one line or two."""
    facts = dict.fromkeys(PARTY_FACTS, 0.0)
    for page in pages:
        for segment in page.context.segments:
            for segments in ((segment,), *_with_next(page, segment)):
                text = " ".join(line.text.strip() for line in segments)
                if same_name(name, text):
                    yield PartyLine(text, segments, address_below(page, segments), facts)


def _with_next(page: PartyPage, segment: Segment) -> Iterator[tuple[Segment, Segment]]:
    reach = _NEXT_LINE * page.context.line_height
    for other in page.context.from_height(segment.box.center[1]):
        if other.box.top - segment.box.bottom > reach:
            return
        if other is not segment and abs(other.box.left - segment.box.left) <= reach and other.box.top > segment.box.top:
            yield segment, other
