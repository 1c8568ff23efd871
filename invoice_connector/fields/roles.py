"""Who sells and who buys, decided together: a party has one role, and an address belongs to one party."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from invoice_connector.fields.features import Scene
from invoice_connector.fields.memory import taught_odds
from invoice_connector.fields.parties import PartyLine
from invoice_connector.suppliers.known import Known

_KEPT = 8  # parties that either role may bring
_UNLIKELY, _UNLIKELY_ON_RECEIPT = -1.5, 0.0  # log-odds below which nobody is named as the buyer
_NEVER = -30.0  # log-odds of what is ruled out
# Log-odds by which an own company looks more like the seller than all others, on its own invoice: where only its own
# numbers stand on the pages, and where its numbers are not known.
_OWN_HEAD, _OWN_HEAD_ALONE = 1.0, 6.0


def with_known(parties: Sequence[PartyLine], scene: Scene) -> list[PartyLine]:
    """The parties with the odds that master data, earlier documents and codes add; an own company never sells, and
    neither does a line of its address."""
    blocks = [party for party in parties if scene.known.own_name(party.name) is not None]
    for party in parties:  # in reading order: each line may go on where the one before ended
        if any(_is_part_of(party, other) for other in blocks):
            blocks.append(party)
    return [_with_known(party, scene, any(party is line for line in blocks)) for party in parties]


def _is_part_of(party: PartyLine, block: PartyLine) -> bool:
    """Whether a line without a legal form belongs to the address under a name, or stands right under its last line."""
    if party is block or party.facts["legal_form"] or party.segments[0].page != block.segments[-1].page:
        return False
    above, below = block.segments[-1].box, party.segments[0].box
    near = 0 <= below.top - above.bottom < below.height and abs(below.left - above.left) < below.height
    return near or not {*block.address}.isdisjoint(party.segments)


def _with_known(party: PartyLine, scene: Scene, is_own: bool) -> PartyLine:
    known, place = scene.known, ((party.segments[0].page, party.box), party.name, party.name)
    own, address = is_own, [line.text for line in party.address]
    seller = party.seller_score + known.seller_odds(party.name) + taught_odds(scene, "seller_name", *place)
    buyer = party.buyer_score + known.buyer_odds(party.name, address) + taught_odds(scene, "buyer_name", *place)
    as_seller, as_buyer = scene.said.role_odds(party.name)
    return replace(party, seller_score=_NEVER if own else seller + as_seller, buyer_score=buyer + as_buyer)


def own_letterhead(parties: Sequence[PartyLine], known: Known, numbers: Sequence[str]) -> PartyLine | None:
    """The own company by which the pages seem to be written: it looks like the seller, and where its ``numbers`` are
    known, only they stand on the pages. ``parties`` with their scores before ``with_known``."""
    if known.own_numbers and not (numbers and all(map(known.is_own_number, numbers))):
        return None
    own = [party for party in parties if known.own_name(party.name) is not None]
    best = max(own, key=lambda party: party.seller_score, default=None)
    if best is None or best.facts["buyer_label"] or best.facts["party_label"]:
        return None
    others = [party.seller_score for party in parties if party not in own]
    needed = _OWN_HEAD if known.own_numbers else _OWN_HEAD_ALONE
    return best if best.seller_score - max(others, default=_NEVER) >= needed else None


def decide_roles(parties: Sequence[PartyLine], receipt: bool) -> tuple[PartyLine | None, PartyLine | None]:
    """Seller and buyer: the pair with the highest sum of log-odds, None for one that nobody is.

    Somebody always sells, unless all are ruled out; on a receipt that is the likeliest one, whoever else is named.
    """
    lowest = _UNLIKELY_ON_RECEIPT if receipt else _UNLIKELY
    possible = [party for party in parties if party.seller_score > _NEVER]
    sellers = sorted(possible, key=lambda party: -party.seller_score)[: 1 if receipt else _KEPT]
    buyers = sorted(parties, key=lambda party: -party.buyer_score)[:_KEPT]
    pairs = [
        (seller.seller_score + math.log1p(math.exp(buyer.buyer_score)), seller, buyer)
        for seller, buyer in product(sellers, buyers)
        if buyer.buyer_score >= lowest and _are_two(seller, buyer)
    ]
    alone = [(seller.seller_score, seller, None) for seller in sellers[:1]]
    _, seller, buyer = max([*alone, *pairs], key=lambda pair: pair[0], default=(0.0, None, None))
    companies = [party for party in buyers if party.seller_score > _NEVER]
    return (None if seller is None else _company_of(seller, companies)), _where_it_pays(buyer, parties)


def _where_it_pays(buyer: PartyLine | None, parties: Sequence[PartyLine]) -> PartyLine | None:
    """The buyer where its own address stands, when goods go to another one under the same name."""
    if buyer is None or not buyer.facts["party_label"]:
        return buyer
    same = (p for p in parties if p.name.casefold() == buyer.name.casefold() and p.address)
    own = [p for p in same if not (p.facts["party_label"] or p.facts["seller_label"])]
    return max(own, key=lambda party: party.buyer_score, default=buyer)


def _company_of(seller: PartyLine, buyers: Sequence[PartyLine]) -> PartyLine:
    """A brand's company where both stand over one address, and the company would have been the likeliest buyer."""
    first = buyers[0] if buyers else seller
    shared = {*seller.address} & {*first.address}
    return first if shared and first.facts["legal_form"] and not seller.facts["legal_form"] else seller


def _are_two(one: PartyLine, other: PartyLine) -> bool:
    return one.name.casefold() != other.name.casefold() and not {*one.address} & {*other.address}
