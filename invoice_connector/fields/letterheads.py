"""What the seller's letterhead leaves out, from elsewhere in the document: the legal form of the name, the address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from invoice_connector.fields.addresses import address_run
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.legal_forms import legal_form_at
from invoice_connector.fields.lines import sender_address
from invoice_connector.fields.name_lines import link_first
from invoice_connector.fields.parties import PartyLine, label_facts, party_segments
from invoice_connector.fields.party_pages import party_page
from invoice_connector.fields.vocabulary import squeezed

_MORE_WORDS = 2  # of a name than its brand has: "Van Dam", "Van Dam Bloemengroothandel B.V."


def without_own_address(seller: PartyLine, parties: Sequence[PartyLine]) -> PartyLine:
    """The same name where it stands over its address, when the seller's line goes on with that: "Acme Mill Road" in a
    foot, for "Acme" over "Mill Road 5"."""
    whole = squeezed(seller.name)
    shorter = [party for party in parties if party.address and whole != squeezed(party.name)]
    alone = [party for party in shorter if _goes_on_with(whole, party.name, party.address[0].text)]
    return max(alone, key=lambda party: party.seller_score, default=seller)


def _goes_on_with(whole: str, name: str, address: str) -> bool:
    rest = whole.removeprefix(squeezed(name))
    return rest != whole and squeezed(address).startswith(rest)


def with_legal_form(seller: PartyLine, parties: Sequence[PartyLine]) -> PartyLine:
    """The same name in full: over the same address, as a brand's company stands under it, or else over its own, where
    the letterhead has none: "Acme Supplies Inc" beside "acme"."""
    street = {squeezed(line.text) for line in seller.address}
    below = [
        party
        for party in parties
        if street & {squeezed(line.text) for line in party.address} and _completes(party.name, seller.name)
    ]
    if below:
        company = max(below, key=lambda party: party.seller_score)
        return replace(company, facts={**seller.facts, "legal_form": 1.0}, seller_score=seller.seller_score)
    if seller.facts["legal_form"] or seller.facts["postal_below"]:
        return seller
    start = squeezed(seller.name)
    full = [
        party
        for party in parties
        if party.facts["legal_form"]
        and (party.facts["postal_below"] or party.part is not None)
        and not (party.facts["buyer_label"] or party.facts["party_label"])
        and squeezed(party.name).startswith(start)
    ]
    return max(full, key=lambda party: party.seller_score, default=seller)


def _completes(whole: str, name: str) -> bool:
    """Whether a text is the name with its legal form behind it, or with what only goes on: "& Sons"."""
    words, count = whole.split(), len(name.split())
    rest = words[count:]
    if not rest or squeezed(" ".join(words[:count])) != squeezed(name):
        return False
    return legal_form_at(rest) == len(rest) or bool(link_first().match(" ".join(rest)))


def with_foots_legal_form(seller: PartyLine, contexts: Sequence[PageContext]) -> PartyLine:
    """The same name where only another line prints it with its legal form, as a brand's letter does at the foot:
    "Alpenhof GmbH · Sitz Goldegg"."""
    named = seller.facts["seller_label"] and seller.facts["postal_below"]  # by itself, as it wants to be called
    if seller.facts["legal_form"] or named:
        return seller
    printed = r"\s+".join(map(re.escape, seller.name.split()))
    name = re.compile(rf"(?<!\w)(?i:{printed})(?=\s|(?<=[a-zà-ÿ])[A-Z])")  # "BergAB", where a blank was lost
    for segment in (segment for context in contexts for segment in context.segments):
        for found in name.finditer(segment.text):
            words = list(re.finditer(r"\S+", segment.text[found.end() :]))
            count = _to_legal_form([word[0] for word in words])
            if count:
                rest = segment.text[found.end() : found.end() + words[count - 1].end()].rstrip(" ,;")
                comma = "" if rest.startswith(",") else " "
                part = (found.start(), found.end() + len(rest))
                return replace(seller, name=f"{found[0]}{comma}{rest.strip()}", segments=(segment,), part=part)
    return seller


def address_beside(seller: PartyLine, parties: Sequence[PartyLine]) -> tuple[Segment, ...]:
    """The seller's address from the one line over the buyer's that a letter's window shows, or from the foot's line."""
    own = sender_address(seller.segments[0].text)
    if own is not None and seller.part is not None:
        return (seller.segments[0].part(*own),)
    for party in parties:
        place = sender_address(party.segments[0].text)
        if place is not None and squeezed(party.name) == squeezed(seller.name):
            return (party.segments[0].part(*place),)
    return ()


def address_elsewhere(scene: Scene, seller: PartyLine, others: Sequence[PartyLine]) -> tuple[Segment, ...]:
    """The seller's address where it does not stand under the name: under the same name elsewhere, or in the foot.

    ``others`` are all other parties; an address of one that may be the buyer is not taken.
    """
    named = [party for party in others if party.name.casefold() == seller.name.casefold() and party.address]
    if named:
        return max(named, key=lambda party: party.seller_score).address
    rivals = (party for party in others if party.buyer_score > 0)
    taken = {squeezed(segment.text) for party in rivals for segment in party_segments(party)}
    for context in scene.contexts:
        page = party_page(context, scene.kinds)
        for run in reversed(page.runs):
            lines = address_run(page, run)
            labelled = (
                any(label_facts(page, lines[0])[name] for name in ("buyer_label", "party_label")) if lines else True
            )
            if (
                lines
                and not labelled
                and not taken & {squeezed(s.text) for s in lines}
                and seller.segments[0] not in lines
            ):
                return lines
    return ()


def _to_legal_form(words: Sequence[str]) -> int:
    """How many of the first words complete a name: at most two more of it, then its legal form; 0 where none does."""
    for more in range(min(len(words), _MORE_WORDS + 1)):
        if not all(word[:1].isupper() and word.isalpha() for word in words[:more]):
            return 0
        count = legal_form_at(words[more:])
        if count:
            return more + count
    return 0
