"""Whose account it is: a payee other than the seller is a factor, a collector or a fraud, and a person has to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz.fuzz import partial_ratio, token_set_ratio

from invoice_connector.fields.labels import is_label
from invoice_connector.fields.parties import PartyLine
from invoice_connector.fields.vocabulary import squeezed
from invoice_connector.invoice import InvoiceField, Violation

_LABELLED = 0.9  # fact of a payee's label on the name's own line or right above it
_ALIKE = 85  # of 100, from which two names are forms of one
_HEAD = 0.5  # fact of standing in the first third of a page, where letterheads are
_NEAR = 8.0  # line heights between an account and the line that says who receives the money
_DIGITS = 0.05  # share of a text that is rather a number than a name


def other_payee(
    seller: PartyLine | None, buyer: PartyLine | None, parties: Sequence[PartyLine], account: InvoiceField | None
) -> Iterator[Violation]:
    """PAYEE-DIFFERS: the account's holder is neither the seller nor, where money is collected, the buyer; or it was
    taken for the seller, and another company writes.

    A company that the pages also name without such a label may be the seller's own under another name.
    """
    if seller is None:
        return
    collected = [] if buyer is None else [buyer.name]
    companies = [party for party in parties if party.facts["legal_form"] and not party.facts["payee_label"]]
    named = [party.name for party in companies]
    sellers = [p.name for p in companies if p.facts["top"] > _HEAD and not _is_among(p.name, collected)]
    for party in parties:
        receives = account is not None and _receives(party, account) and party is not buyer
        known = collected if receives else [*collected, *named]
        if not (receives or _is_payee(party)) or _is_among(party.name, known):
            continue
        taken = are_alike(party.name, seller.name)
        if taken and (not seller.facts["payee_label"] or not sellers):
            continue
        other = sellers[0] if taken else seller.name
        message = (
            f"The money goes to {party.name!r} by the page, and the seller is {other!r}; ask the seller, by a "
            "telephone number known from before, whether that is right."
        )
        yield Violation("PAYEE-DIFFERS", message, ("payment_account_identifier",))
        return


def _is_among(name: str, names: Sequence[str]) -> bool:
    return any(are_alike(name, other) for other in names)


def are_alike(one: str, other: str) -> bool:
    """Whether two names are forms of one: words in another order, with or without some of them, or a misread letter."""
    words = token_set_ratio(one.casefold(), other.casefold())
    return max(words, partial_ratio(squeezed(one), squeezed(other))) >= _ALIKE


def _is_payee(party: PartyLine) -> bool:
    return party.facts["payee_label"] >= _LABELLED and _is_name(party)


def _receives(party: PartyLine, account: InvoiceField) -> bool:
    """Whether a company beside the account is called by a word that also means who receives an invoice: "Recipient"."""
    place, line = party.segments[0], party.box
    near = abs(line.center[1] - account.box.center[1]) <= _NEAR * line.height
    called = party.facts["buyer_label"] >= _LABELLED and party.facts["legal_form"] > 0
    return called and near and place.page == account.page and _is_name(party)


def _is_name(party: PartyLine) -> bool:
    plain = party.facts["digits"] <= _DIGITS and not party.facts["address_like"] and len(party.name.split()) > 1
    return plain and not is_label(party.name)
