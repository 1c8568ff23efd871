"""Who of the suppliers sent a document: a conditional logit over the candidates and "none of them".

Weights are fitted by ``scripts/fit_suppliers.py`` on generated documents among invented suppliers, and lie in
``matching.json``. Conditional logit after McFadden (1974).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.invoice import Invoice
from invoice_connector.suppliers.known import Candidate, Known, same_account
from invoice_connector.suppliers.master import Supplier
from invoice_connector.suppliers.names import similarity, tokens
from invoice_connector.suppliers.printed import identifier_keys

FEATURES = (
    "number_of_seller",  # the seller's VAT or organisation number, as extracted, is one of its numbers
    "number_elsewhere",  # one of its numbers stands on the page and is not the buyer's
    "number_of_buyer",
    "other_number",  # the seller has another VAT number than it
    "account", "other_account", "domain",
    "name_equal", "name_alike", "name_unlike",  # the seller's name, as extracted, is one of its names
    "name_on_page", "name_of_buyer",
    "letters",  # of the name that matched, up to 20, as a share: a long one is rarely shared
)  # fmt: skip
SURE = 0.9
"""Probability from which a match counts: the seller is called as the master data write it."""
_EQUAL, _ALIKE, _UNLIKE = 0.995, 0.88, 0.6
_LONG = 20


@dataclass(frozen=True, slots=True)
class SupplierMatch:
    """The supplier that most likely sent a document. ``probability`` in 0..1; ``matched_by``: what it was told by;
    ``names``: what it is called in the master data and on approved documents."""

    supplier: Supplier
    probability: float
    matched_by: tuple[str, ...]
    names: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the contract has it."""
        found = {"id": self.supplier.id, "name": self.supplier.name, "probability": round(self.probability, 4)}
        return {**found, "matched_by": list(self.matched_by)}


def match(invoice: Invoice, known: Known) -> SupplierMatch | None:
    """The likeliest of the candidates; None without any."""
    facts = [facts_of(invoice, candidate, known) for candidate in known.candidates]
    if not facts:
        return None
    weights = bundled_weights()
    shares = probabilities([score(each, weights) for each in facts])
    best = max(range(len(shares)), key=lambda place: shares[place])
    candidate = known.candidates[best]
    return SupplierMatch(candidate.supplier, shares[best], matched_by(facts[best]), candidate.names)


def probabilities(scores: Sequence[float]) -> list[float]:
    """Of each candidate, the rest being that of none of them."""
    highest = max(0.0, *scores)
    weights = [math.exp(each - highest) for each in scores]
    whole = math.exp(-highest) + sum(weights)
    return [weight / whole for weight in weights]


def score(facts: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Log-odds against "none of them"."""
    return weights["bias"] + sum(weights[name] * facts[name] for name in FEATURES)


def matched_by(facts: Mapping[str, float]) -> tuple[str, ...]:
    """What tells the supplier, in the contract's words."""
    told = {
        "identifier": facts["number_of_seller"] or facts["number_elsewhere"],
        "account": facts["account"],
        "domain": facts["domain"],
        "name": facts["name_equal"] or facts["name_alike"] or facts["name_on_page"],
    }
    return tuple(name for name, holds in told.items() if holds)


def facts_of(invoice: Invoice, candidate: Candidate, known: Known) -> dict[str, float]:
    """``FEATURES`` of a candidate for the document."""
    supplier = candidate.supplier
    own = {key for number in supplier.identifiers for key in identifier_keys(number)}
    sellers = _keys(invoice, "seller_vat_identifier", "seller_legal_registration_identifier")
    buyers = _keys(invoice, "buyer_vat_identifier") | known.own_numbers
    vat = invoice.text("seller_vat_identifier")
    other = bool(vat and supplier.vat_identifiers and not known.is_own_number(vat) and not sellers & own)
    return {
        "number_of_seller": float(bool(sellers & own)),
        "number_elsewhere": float(bool((candidate.keys & own) - sellers - buyers)),
        "number_of_buyer": float(bool(own & buyers - sellers)),
        "other_number": float(other and _same_country(str(vat), supplier)),
        **_account_facts(invoice, candidate),
        "domain": float(any(key.startswith("d:") for key in candidate.keys)),
        **_name_facts(invoice, candidate),
    }


def _keys(invoice: Invoice, *names: str) -> set[str]:
    return {key for name in names if (value := invoice.text(name)) for key in identifier_keys(value)}


def _same_country(vat: str, supplier: Supplier) -> bool:
    """Whether the supplier has a VAT number of that country: many have one in several."""
    return any(alphanumeric(own)[:2] == alphanumeric(vat)[:2] for own in supplier.vat_identifiers)


def _account_facts(invoice: Invoice, candidate: Candidate) -> dict[str, float]:
    account, own = invoice.text("payment_account_identifier"), candidate.supplier.accounts
    same = account is not None and any(same_account(account, each) for each in own)
    printed = any(candidate.keys & identifier_keys(each) for each in own if len(alphanumeric(each)) >= _IBAN)
    return {"account": float(same or printed), "other_account": float(bool(account and own and not same))}


_IBAN = 15  # characters of an account that is told by itself


def _name_facts(invoice: Invoice, candidate: Candidate) -> dict[str, float]:
    names, seller, buyer = candidate.names, invoice.text("seller_name"), invoice.text("buyer_name")
    alike = max(similarity(name, seller) for name in names) if seller else 0.0
    whole = {f"n:{''.join(tokens(name))}" for name in names}
    return {
        "name_equal": float(alike >= _EQUAL),
        "name_alike": float(_ALIKE <= alike < _EQUAL),
        "name_unlike": float(seller is not None and alike < _UNLIKE),
        "name_on_page": float(bool(whole & candidate.keys) and alike < _ALIKE),
        "name_of_buyer": float(buyer is not None and max(similarity(name, buyer) for name in names) >= _ALIKE),
        "letters": min(_LONG, max(len("".join(tokens(name))) for name in names)) / _LONG if alike >= _ALIKE else 0.0,
    }


@cache
def bundled_weights() -> Mapping[str, float]:
    """The fitted weights of ``FEATURES`` and of the ``bias``."""
    found = json.loads((files(__package__) / "matching.json").read_text("utf-8"))
    return {name: float(found["weights"][name]) for name in ("bias", *FEATURES)}
