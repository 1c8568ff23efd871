"""From pages of text to an Invoice: candidates by form, named by labels and place, settled by sums."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from invoice_connector.fields.candidates import Kind, find_candidates
from invoice_connector.fields.codes import currency_field, type_code_field
from invoice_connector.fields.context import contexts_of
from invoice_connector.fields.features import Scene, scene_of
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.identities import account_fields, number_fields, registration_fields
from invoice_connector.fields.items import invoice_lines
from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.parties import PartyLine, address_elsewhere, find_parties, party_segments, provenance_of
from invoice_connector.fields.phrases import phrase_fields
from invoice_connector.fields.ranking import best_field, rank
from invoice_connector.fields.rows import rows_of
from invoice_connector.fields.totals import choose_totals, is_receipt
from invoice_connector.fields.vat import vat_breakdown
from invoice_connector.invoice import Alternative, Invoice, InvoiceField
from ocr_ensemble.layout import BoundingBox


def extract(pages: Sequence[FieldPage], language: str | None = None) -> Invoice:
    """Reads the terms of one document; ``language`` (a hint such as "sv") only breaks ties.

    A value is always printed on a page: nothing is computed or corrected. Without pages the invoice is empty.
    """
    if not pages:
        return Invoice()
    contexts = contexts_of(pages, language)
    scene = scene_of(contexts, [find_candidates(context) for context in contexts])
    totals = choose_totals(scene)
    parties = find_parties(contexts)
    seller = max(parties, key=lambda party: party.seller_score, default=None)
    rest = [party for party in parties if seller is None or party.name.casefold() != seller.name.casefold()]
    buyer = max(rest, key=lambda party: party.buyer_score, default=None)
    if buyer is not None and buyer.buyer_score < 0:
        buyer = None
    if seller is not None and not seller.address:
        others = [party for party in parties if party is not seller]
        seller = replace(seller, address=address_elsewhere(contexts, seller, others))
    fields = totals | _dates(scene) | number_fields(scene) | account_fields(scene)
    fields |= phrase_fields(contexts)
    fields |= registration_fields(scene, party_segments(seller), party_segments(buyer))
    fields |= _party_fields("seller", seller, parties) | _party_fields("buyer", buyer, parties)
    for field in (currency_field(scene, totals), type_code_field(contexts)):
        if field is not None:
            fields[field.name] = field
    rows = rows_of(scene)
    languages = tuple(context.language for context in contexts)
    main = next((name for name in languages if name), None)
    return Invoice(
        fields=fields,
        lines=invoice_lines(rows, is_receipt(scene)),
        vat_breakdown=vat_breakdown(rows, totals),
        language=main,
        page_languages=languages,
    )


def _dates(scene: Scene) -> dict[str, InvoiceField]:
    days = scene.of_kind(Kind.DATE)
    fields = {}
    for name in ("issue_date", "due_date"):
        field = best_field(name, rank(scene, name, days))
        if field is not None:
            fields[name] = field
    return fields


def _party_fields(role: str, party: PartyLine | None, parties: Sequence[PartyLine]) -> dict[str, InvoiceField]:
    if party is None:
        return {}
    weights: dict[str, float] = {}
    for other in parties:
        score = other.seller_score if role == "seller" else other.buyer_score
        weights[other.name] = max(weights.get(other.name, 0.0), math.exp(min(score, 20.0)))
    share = weights[party.name] / (1.0 + sum(weights.values()))
    confidence, engines = provenance_of(party.segments)
    fields = {
        f"{role}_name": InvoiceField(
            name=f"{role}_name",
            value=party.name,
            text=party.name,
            confidence=share if confidence is None else share * confidence,
            page=party.segments[0].page,
            box=party.box,
            engines=engines,
            alternatives=_other_names(party, parties, weights),
        )
    }
    if party.address:
        fields[f"{role}_address"] = _address_field(f"{role}_address", party.address, share)
    return fields


def _other_names(party: PartyLine, parties: Sequence[PartyLine], weights: dict[str, float]) -> tuple[Alternative, ...]:
    whole = 1.0 + sum(weights.values())
    names = {p.name: p for p in parties if p.name != party.name and weights[p.name] / whole >= 0.05}
    ordered = sorted(names.values(), key=lambda p: -weights[p.name])[:3]
    return tuple(
        Alternative(p.name, p.name, min(1.0, weights[p.name] / whole), p.segments[0].page, p.box) for p in ordered
    )


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
