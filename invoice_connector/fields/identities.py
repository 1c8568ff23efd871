"""Numbers that identify: the invoice, the parties, the account to pay to and what to quote when paying."""

from __future__ import annotations

import re
from collections.abc import Sequence

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene, best_link
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.identifiers import GROUPED_ACCOUNT
from invoice_connector.fields.lines import kind_of
from invoice_connector.fields.ranking import Chosen, Ranked, best_field, rank
from invoice_connector.fields.sides import buyers_segments
from invoice_connector.fields.whose_number import in_iban, in_telephone
from ocr_ensemble.page_layout import same_row

_YOURS = re.compile(
    r"\b(?:ihre|your|kund(?:e|en|ens)?|ert|er|votre|cliente|client|customer|buyer|köparens?|vs|vosso|vossa|vostra|su|"
    r"adquirente|acquirente|acheteur|comprador|destinatario)\b|\bv/",
    re.IGNORECASE,
)
_NAMED_WELL = 0.7  # evidence
_BANK = re.compile(
    r"bank|\b(?:bsb|sort code|swift|bic|ifsc?|routing|aba|transit|clearing|bacs|eft|giro|kontonr|reg\.? ?nr)\b",
    re.IGNORECASE,
)


def number_fields(scene: Scene) -> dict[str, Chosen]:
    """Invoice number, order number, buyer's reference and payment reference; one print serves one of them."""
    fields: dict[str, Chosen] = {}
    for name in ("invoice_number", "purchase_order_reference", "remittance_information"):
        ranked = [item for item in rank(scene, name) if not _is_part_of_another(scene, item, name)]
        apart = [item for item in ranked if not _numbers_a_house(scene, item, name)]
        _keep(fields, best_field(name, apart) or best_field(name, ranked))
    return fields


def account_fields(scene: Scene) -> dict[str, Chosen]:
    """The account to pay to and its bank."""
    fields: dict[str, Chosen] = {}
    ranked = [
        item
        for item in rank(scene, "payment_account_identifier")
        if _named_as_its_kind(scene, item) and not in_iban(scene, item.candidate)
    ]
    swedish = any(context.language == "sv" for context in scene.contexts)
    if swedish:  # where both are printed, a Swedish payer uses the giro
        ranked.sort(key=lambda item: (item.candidate.kind is Kind.IBAN, -item.score))
    _keep(fields, best_field("payment_account_identifier", ranked))
    name = "payment_service_provider_identifier"
    _keep(fields, best_field(name, rank(scene, name)))
    return fields


def registration_fields(scene: Scene, seller: set[Segment], buyer: set[Segment]) -> dict[str, Chosen]:
    """VAT identifiers of both parties and the seller's legal registration."""
    fields: dict[str, Chosen] = {}
    ranked = [item for item in rank(scene, "vat_identifier") if not _is_part_of_another(scene, item, "vat_identifier")]
    theirs = [item for item in ranked if _is_buyers(scene, item.candidate, seller, buyer)]
    ours = [item for item in ranked if item not in theirs]
    _keep(fields, best_field("seller_vat_identifier", ours))
    _keep(fields, best_field("buyer_vat_identifier", theirs))
    name = "seller_legal_registration_identifier"
    registrations = [item for item in rank(scene, name) if not _is_buyers(scene, item.candidate, seller, buyer)]
    _keep(fields, best_field(name, registrations))
    return fields


def _is_part_of_another(scene: Scene, item: Ranked, name: str) -> bool:
    """Whether a number is a piece of an IBAN or, unless a label of its own names it, of a telephone number."""
    candidate = item.candidate
    if in_iban(scene, candidate):
        return True
    return best_link(scene, candidate, name)[1] <= _NAMED_WELL and in_telephone(scene, candidate)


def _numbers_a_house(scene: Scene, item: Ranked, name: str) -> bool:
    """Whether a number stands in an address and nothing but a "No." names it: "No. 37 & 39, Jalan Besar"."""
    candidate = item.candidate
    named = best_link(scene, candidate, name)[1] > _NAMED_WELL
    return not named and kind_of(scene.context(candidate), candidate.segment).address


def _keep(fields: dict[str, Chosen], chosen: Chosen | None) -> None:
    if chosen is not None:
        fields[chosen.field.name] = chosen


def _named_as_its_kind(scene: Scene, item: Ranked) -> bool:
    """A giro number has no form of its own: its label must say so, and an account's that it is one at a bank, since
    customers have accounts, too. An IBAN speaks for itself."""
    candidate = item.candidate
    if candidate.kind is Kind.IBAN:
        return True
    named = best_link(scene, candidate, candidate.kind.value)[1] > 0.35
    has_form = candidate.kind is not Kind.ACCOUNT or re.fullmatch(GROUPED_ACCOUNT, candidate.text) is not None
    return named and (has_form or _is_at_bank(scene.context(candidate), candidate))


def _is_at_bank(context: PageContext, candidate: Candidate) -> bool:
    """Whether its line, or one near above or below it, speaks of a bank."""
    box, reach = candidate.segment.box, 4.0 * context.line_height
    return any(
        _BANK.search(segment.text)
        for segment in context.segments
        if abs(segment.box.center[1] - box.center[1]) <= reach and segment.box.horizontal_overlap(box) > 0
    )


def _is_buyers(scene: Scene, candidate: Candidate, seller: set[Segment], buyer: set[Segment]) -> bool:
    """Whether the number says that it is the customer's, or stands in or right under the customer's address."""
    link, _ = best_link(scene, candidate, "vat_identifier")
    text = candidate.segment.text[: candidate.start] if link is None else link.label.segment.text
    if _YOURS.search(text):
        return True
    context = scene.context(candidate)
    if candidate.segment in buyers_segments(context.segments, context.labels):
        return True
    theirs, ours = _distance(context, candidate, buyer), _distance(context, candidate, seller)
    return theirs < ours and theirs < 4.0


def _distance(context: PageContext, candidate: Candidate, segments: Sequence[Segment] | set[Segment]) -> float:
    """Line heights from the nearest of the segments above the candidate in its column, or before it on its row."""
    anchor, gaps = candidate.segment.box, []
    for segment in segments:
        aside = anchor.left - segment.box.left
        if segment.page == candidate.page and segment.box.top <= anchor.top:
            if abs(aside) <= 4 * context.line_height:
                gaps.append(anchor.top - segment.box.bottom)
            elif aside > 0 and same_row(anchor, segment.box):
                gaps.append(anchor.left - segment.box.right)
    return min((max(0.0, gap / context.line_height) for gap in gaps), default=99.0)
