"""The fields of a party: its name and its address, with the probability that the others leave it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from invoice_connector.fields.addresses import below_name, trimmed_address
from invoice_connector.fields.features import Scene
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.name_kinds import kinds_of_name
from invoice_connector.fields.parties import PartyLine, provenance_of
from invoice_connector.fields.ranking import Chosen
from invoice_connector.fields.vocabulary import squeezed
from invoice_connector.invoice import Alternative, InvoiceField
from ocr_ensemble.layout import BoundingBox


def party_fields(scene: Scene, role: str, party: PartyLine | None, parties: Sequence[PartyLine]) -> dict[str, Chosen]:
    """The name and the address of the ``role``, seller or buyer; nothing without a party.

    ``parties``: all that could be one, whose scores say how sure the choice is.
    """
    if party is None:
        return {}
    weights: dict[str, float] = {}
    for other in parties:
        score = other.seller_score if role == "seller" else other.buyer_score
        key = squeezed(other.name)
        weights[key] = max(weights.get(key, 0.0), math.exp(min(score, 20.0)))
    own = squeezed(party.name)
    weights.setdefault(own, math.exp(min(party.seller_score, 20.0)))  # a name in full from the foot
    share = weights[own] / (1.0 + sum(weights.values()))
    score = party.seller_score if role == "seller" else party.buyer_score
    second = max((weight for name, weight in weights.items() if name != own), default=0.0)
    facts = {**party.facts, "score": score, "share": share, "margin": math.log(weights[own] / (second + 1e-6))}
    facts |= kinds_of_name(party.name)
    confidence, engines = provenance_of(party.segments)
    name = InvoiceField(
        name=f"{role}_name",
        value=party.name,
        text=party.name,
        confidence=share if confidence is None else share * confidence,
        page=party.segments[0].page,
        box=party.box,
        engines=engines,
        alternatives=_other_names(party, parties, weights),
    )
    fields = {name.name: Chosen(name, facts)}
    if party.address:
        lines = below_name(scene, party.segments, party.address) if role == "buyer" else party.address
        address = _address_field(f"{role}_address", trimmed_address(scene.contexts, lines), share)
        shape = {"lines": float(len(party.address)), "postal": float(bool(re.search(r"\d{4,}", address.text)))}
        fields[address.name] = Chosen(address, facts | shape)
    return fields


def _other_names(party: PartyLine, parties: Sequence[PartyLine], weights: dict[str, float]) -> tuple[Alternative, ...]:
    """``weights``: the odds of each name, squeezed."""
    whole, own = 1.0 + sum(weights.values()), squeezed(party.name)
    shares = {squeezed(p.name): (p, weights[squeezed(p.name)] / whole) for p in reversed(parties)}
    likely = sorted((each for name, each in shares.items() if name != own and each[1] >= 0.05), key=lambda e: -e[1])
    return tuple(Alternative(p.name, p.name, min(1.0, share), p.segments[0].page, p.box) for p, share in likely[:3])


def _address_field(name: str, lines: Sequence[Segment], share: float) -> InvoiceField:
    text = ", ".join(line.text.strip().rstrip(",") for line in lines)
    confidence, engines = provenance_of(lines)
    return InvoiceField(
        name=name,
        value=text,
        text="\n".join(line.text.strip() for line in lines),
        confidence=share if confidence is None else share * confidence,
        page=lines[0].page,
        box=BoundingBox.union(line.box for line in lines),
        engines=engines,
    )
