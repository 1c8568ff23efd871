"""Which candidates may be which business term, and what labels call it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.features import Scene, best_link
from invoice_connector.fields.geometry import Segment


@dataclass(frozen=True, slots=True)
class Term:
    """``kinds`` of candidates; ``labels`` are the vocabulary's terms for it; ``whole``: no part of a longer print;
    ``shortest`` print in characters; ``digits`` it has at least."""

    kinds: tuple[Kind, ...]
    labels: tuple[str, ...]
    whole: bool = False
    shortest: int = 1
    digits: int = 0


def _amount(name: str) -> Term:
    return Term((Kind.AMOUNT,), (name,))


TERMS: Mapping[str, Term] = {
    "issue_date": Term((Kind.DATE,), ("issue_date",)),
    "due_date": Term((Kind.DATE,), ("due_date",)),
    "total_with_vat": _amount("total_with_vat"),
    "total_without_vat": _amount("total_without_vat"),
    "total_vat": _amount("total_vat"),
    "amount_due": _amount("amount_due"),
    "paid_amount": _amount("paid_amount"),
    "rounding_amount": _amount("rounding_amount"),
    "invoice_number": Term((Kind.TOKEN,), ("invoice_number",)),
    "purchase_order_reference": Term((Kind.TOKEN,), ("purchase_order_reference",)),
    "remittance_information": Term((Kind.RF, Kind.DIGITS, Kind.TOKEN), ("remittance_information",), True, 3),
    "payment_account_identifier": Term(
        (Kind.IBAN, Kind.BANKGIRO, Kind.PLUSGIRO, Kind.ACCOUNT), ("iban", "bankgiro", "plusgiro", "account")
    ),
    "payment_service_provider_identifier": Term((Kind.BIC,), ("bic",)),
    "vat_identifier": Term((Kind.VAT, Kind.TOKEN, Kind.DIGITS), ("vat_identifier",), True, digits=5),
    "seller_legal_registration_identifier": Term(
        (Kind.ORGNR, Kind.TOKEN, Kind.DIGITS, Kind.REGISTER), ("legal_registration",), True, digits=4
    ),
}
_PRICE = re.compile(r"\d{1,3}[.,]\d\d")  # no number of anything
_LABELLED_ONLY = {"vat_identifier": 0.5}  # evidence a number without a form of its own needs


def candidates_of(scene: Scene, name: str) -> list[Candidate]:
    """All candidates of the document that may be ``name``, in the order of the pages."""
    term = TERMS[name]
    found = scene.of_kind(*term.kinds)
    needed = _LABELLED_ONLY.get(name)
    if needed is not None:
        found = [c for c in found if c.kind is term.kinds[0] or best_link(scene, c, term.labels[0])[1] > needed]
    if term.whole:
        found = whole_ones(found)
    if Kind.AMOUNT not in term.kinds:
        found = [c for c in found if not _PRICE.fullmatch(c.text)]
    return [c for c in found if len(c.text) >= term.shortest and sum(map(str.isdigit, c.text)) >= term.digits]


def whole_ones(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Without those whose print is only part of another's: "33" of "33 098 977 329"."""
    spans: dict[Segment, set[tuple[int, int]]] = {}
    for candidate in candidates:
        spans.setdefault(candidate.segment, set()).add((candidate.start, candidate.end))
    return [
        c
        for c in candidates
        if not any(
            start <= c.start and c.end <= end and end - start > c.end - c.start for start, end in spans[c.segment]
        )
    ]
