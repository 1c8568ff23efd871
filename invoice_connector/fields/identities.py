"""Numbers that identify: the invoice, the parties, the account to pay to and what to quote when paying."""

from __future__ import annotations

import re
from collections.abc import Sequence

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene, best_link
from invoice_connector.fields.geometry import Segment, same_row
from invoice_connector.fields.ranking import Ranked, best_field, rank
from invoice_connector.invoice import InvoiceField

_ACCOUNTS = ("iban", "bankgiro", "plusgiro")
_YOURS = re.compile(
    r"\b(?:ihre|your|kundens?|ert|er|votre|cliente|client|customer|buyer|köparens|vs|vostra|su)\b", re.IGNORECASE
)


def number_fields(scene: Scene) -> dict[str, InvoiceField]:
    """Invoice number, order number, buyer's reference and payment reference; one print serves one of them."""
    fields: dict[str, InvoiceField] = {}
    tokens = scene.of_kind(Kind.TOKEN)
    _keep(fields, best_field("invoice_number", rank(scene, "invoice_number", tokens)))
    _keep(fields, best_field("purchase_order_reference", rank(scene, "purchase_order_reference", tokens)))
    references = [c for c in whole_ones(scene.of_kind(Kind.RF, Kind.DIGITS, Kind.TOKEN)) if len(c.text) >= 3]
    _keep(fields, best_field("remittance_information", rank(scene, "remittance_information", references)))
    return fields


def whole_ones(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Without those whose print is only part of another's: "33" of "33 098 977 329"."""
    spans = {(c.segment, c.start, c.end) for c in candidates}
    return [
        c
        for c in candidates
        if not any(
            segment is c.segment and start <= c.start and c.end <= end and end - start > c.end - c.start
            for segment, start, end in spans
        )
    ]


def account_fields(scene: Scene) -> dict[str, InvoiceField]:
    """The account to pay to and its bank."""
    fields: dict[str, InvoiceField] = {}
    candidates = scene.of_kind(Kind.IBAN, Kind.BANKGIRO, Kind.PLUSGIRO)
    ranked = [
        item
        for item in rank(scene, "payment_account_identifier", candidates, _ACCOUNTS)
        if _named_as_its_kind(scene, item)
    ]
    swedish = any(context.language == "sv" for context in scene.contexts)
    if swedish:  # where both are printed, a Swedish payer uses the giro
        ranked.sort(key=lambda item: (item.candidate.kind is Kind.IBAN, -item.score))
    _keep(fields, best_field("payment_account_identifier", ranked, -0.3))
    name = "payment_service_provider_identifier"
    _keep(fields, best_field(name, rank(scene, name, scene.of_kind(Kind.BIC), ("bic",))))
    return fields


def registration_fields(scene: Scene, seller: set[Segment], buyer: set[Segment]) -> dict[str, InvoiceField]:
    """VAT identifiers of both parties and the seller's legal registration."""
    fields: dict[str, InvoiceField] = {}
    labelled = scene.of_kind(Kind.VAT, Kind.TOKEN, Kind.DIGITS)
    candidates = [c for c in labelled if c.kind is Kind.VAT or best_link(scene, c, "vat_identifier")[1] > 0.5]
    candidates = [c for c in whole_ones(candidates) if sum(map(str.isdigit, c.text)) >= 5]
    ranked = rank(scene, "vat_identifier", candidates)
    theirs = [item for item in ranked if _is_buyers(scene, item.candidate, seller, buyer)]
    ours = [item for item in ranked if item not in theirs]
    _keep(fields, best_field("seller_vat_identifier", ours, -0.3))
    _keep(fields, best_field("buyer_vat_identifier", theirs))
    name = "seller_legal_registration_identifier"
    numbers = whole_ones(scene.of_kind(Kind.ORGNR, Kind.TOKEN, Kind.DIGITS, Kind.REGISTER))
    registrations = rank(scene, name, numbers, ("legal_registration",))
    registrations = [item for item in registrations if not _is_buyers(scene, item.candidate, seller, buyer)]
    _keep(fields, best_field(name, registrations))
    return fields


def _keep(fields: dict[str, InvoiceField], field: InvoiceField | None) -> None:
    if field is not None:
        fields[field.name] = field


def _named_as_its_kind(scene: Scene, item: Ranked) -> bool:
    """A giro number has no form of its own: its label must say so. An IBAN speaks for itself."""
    candidate = item.candidate
    return candidate.kind is Kind.IBAN or best_link(scene, candidate, candidate.kind.value)[1] > 0.35


def _is_buyers(scene: Scene, candidate: Candidate, seller: set[Segment], buyer: set[Segment]) -> bool:
    """Whether the number says that it is the customer's, or stands in or right under the customer's address."""
    link, _ = best_link(scene, candidate, "vat_identifier")
    text = candidate.segment.text[: candidate.start] if link is None else link.label.segment.text
    if _YOURS.search(text):
        return True
    context = scene.context(candidate)
    theirs, ours = _distance(context, candidate, buyer), _distance(context, candidate, seller)
    return theirs < ours and theirs < 4.0


def _distance(context: PageContext, candidate: Candidate, segments: Sequence[Segment] | set[Segment]) -> float:
    """Line heights down from the lowest of the segments that stand above the candidate in its column."""
    anchor = candidate.segment.box
    gaps = [
        (anchor.top - segment.box.bottom) / context.line_height
        for segment in segments
        if segment.page == candidate.page
        and segment.box.top <= anchor.top
        and (abs(segment.box.left - anchor.left) <= 4 * context.line_height or same_row(segment.box, anchor))
    ]
    return min((max(0.0, gap) for gap in gaps), default=99.0)
