"""Who sells and who buys, decided together: a party has one role, and an address belongs to one party."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

from invoice_connector.fields.parties import PartyLine

_KEPT = 8  # parties that either role may bring
_UNLIKELY, _UNLIKELY_ON_RECEIPT = -1.5, 0.0  # log-odds below which nobody is named as the buyer


def decide_roles(parties: Sequence[PartyLine], receipt: bool) -> tuple[PartyLine | None, PartyLine | None]:
    """Seller and buyer: the pair with the highest sum of log-odds, None for one that nobody is.

    Somebody always sells; on a receipt that is the likeliest one, whoever else is named.
    """
    lowest = _UNLIKELY_ON_RECEIPT if receipt else _UNLIKELY
    sellers = sorted(parties, key=lambda party: -party.seller_score)[: 1 if receipt else _KEPT]
    buyers = sorted(parties, key=lambda party: -party.buyer_score)[:_KEPT]
    pairs = [
        (seller.seller_score + math.log1p(math.exp(buyer.buyer_score)), seller, buyer)
        for seller, buyer in product(sellers, buyers)
        if buyer.buyer_score >= lowest and _are_two(seller, buyer)
    ]
    alone = [(seller.seller_score, seller, None) for seller in sellers[:1]]
    _, seller, buyer = max([*alone, *pairs], key=lambda pair: pair[0], default=(0.0, None, None))
    return (None if seller is None else _company_of(seller, buyers)), _where_it_pays(buyer, parties)


def _where_it_pays(buyer: PartyLine | None, parties: Sequence[PartyLine]) -> PartyLine | None:
    """The buyer where its own address stands, when goods go to another one under the same name."""
    if buyer is None or not buyer.facts["party_label"]:
        return buyer
    same = (p for p in parties if p.name.casefold() == buyer.name.casefold() and p.address)
    own = [p for p in same if not (p.facts["party_label"] or p.facts["seller_label"])]
    return max(own, key=lambda party: party.buyer_score, default=buyer)


def _company_of(seller: PartyLine, buyers: Sequence[PartyLine]) -> PartyLine:
    """A brand's company where both stand over one address, and the company would have been the likeliest buyer."""
    first = buyers[0]
    shared = {*seller.address} & {*first.address}
    return first if shared and first.facts["legal_form"] and not seller.facts["legal_form"] else seller


def _are_two(one: PartyLine, other: PartyLine) -> bool:
    return one.name.casefold() != other.name.casefold() and not {*one.address} & {*other.address}
