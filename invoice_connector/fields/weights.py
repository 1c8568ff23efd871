"""Hand-set weights over ``features.FEATURE_NAMES``; a fitted model may replace ``score`` without touching the rest.

A score of 0 is as likely as "not on the page"; scores are log-odds against that.
"""

from __future__ import annotations

from collections.abc import Mapping

_COMMON = {
    "evidence": 7.0,
    "rival": -4.0,
    "bias": -3.0,
}
_AMOUNT = _COMMON | {
    "two_decimals": 0.9,
    "currency_mark": 0.3,
    "integer": -1.2,
    "last_on_row": 0.5,
    "position": 0.5,
    "column_sum": 1.2,
}
_DATE = _COMMON | {
    "bias": -2.4,
}
_NUMBER = _COMMON | {
    "length": 1.5,
    "digits": 0.5,
    "from_segment_start": 0.2,
}

WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "invoice_number": _NUMBER | {"bias": -3.0, "top": 1.2, "first_page": 0.8, "repeats": 0.4, "same": 0.2},
    "issue_date": _DATE
    | {
        "bias": -1.4,
        "top": 1.3,
        "first_page": 1.0,
        "date_rank": -0.6,
        "repeats": 0.6,
        "relative_height": 0.8,
        "whole_segment": 0.2,
    },
    "due_date": _DATE | {"date_rank": 0.8, "bias": -3.2},
    "total_with_vat": _AMOUNT
    | {"addend": -1.0, "share_of_largest": 1.5, "relative_height": 0.4, "repeats": 0.6, "negative": -1.0, "zero": -1.5},
    "total_without_vat": _AMOUNT | {"share_of_largest": 0.8, "negative": -1.0, "zero": -1.5},
    "total_vat": _AMOUNT | {"share_of_largest": -0.8, "negative": -1.0},
    "amount_due": _AMOUNT
    | {"addend": -1.0, "share_of_largest": 1.0, "relative_height": 0.4, "negative": -1.0, "zero": -0.3},
    "paid_amount": _AMOUNT | {"bias": -3.4},
    "rounding_amount": _AMOUNT | {"bias": -2.4, "share_of_largest": -6.0},
    "buyer_reference": _NUMBER | {"bias": -3.5},
    "purchase_order_reference": _NUMBER | {"bias": -3.5},
    "remittance_information": _NUMBER | {"bias": -3.5, "valid": 1.0, "self_evident": 4.0},
    "payment_account_identifier": _COMMON | {"bias": -2.0, "evidence": 4.0, "valid": 1.0, "length": 2.5, "rival": -3.0},
    "payment_service_provider_identifier": _COMMON | {"bias": -3.0, "evidence": 6.0, "valid": 0.8},
    "vat_identifier": _COMMON
    | {"bias": -2.6, "evidence": 5.0, "valid": 0.6, "length": 1.0, "rival": -2.0, "self_evident": 2.5},
    "seller_legal_registration_identifier": _COMMON
    | {"bias": -3.0, "evidence": 5.5, "valid": 1.0, "length": 1.0, "self_evident": 3.5},
}
# Names of parties, by the facts of ``parties.py``.
SELLER_WEIGHTS: Mapping[str, float] = {
    "seller_label": 5.0,
    "buyer_label": -6.0,
    "party_label": -4.0,
    "legal_form": 2.2,
    "top": 1.6,
    "first_page": 1.0,
    "relative_height": 0.9,
    "contact_near": 1.1,
    "address_below": 0.9,
    "domain": 2.0,
    "repeats": 0.7,
    "first_of_block": 0.8,
    "sender_line": 2.5,
    "address_like": -2.5,
    "continuation": -4.0,
    "legal_form_below": -1.5,
    "addressed": -1.4,
    "first_text": 1.6,
    "bias": -3.2,
    "prose": -2.5,
}
BUYER_WEIGHTS: Mapping[str, float] = {
    "seller_label": -6.0,
    "buyer_label": 6.0,
    "party_label": -3.0,
    "legal_form": 0.7,
    "top": 0.8,
    "first_page": 0.8,
    "relative_height": -0.4,
    "contact_near": -1.2,
    "address_below": 2.0,
    "domain": -2.0,
    "repeats": -0.2,
    "first_of_block": 1.2,
    "sender_line": -4.0,
    "address_like": -2.5,
    "continuation": -4.0,
    "legal_form_below": -1.5,
    "addressed": 2.0,
    "first_text": -1.5,
    "bias": -4.0,
    "prose": -2.5,
}


def score(term: str, features: Mapping[str, float]) -> float:
    """Log-odds that the candidate is ``term``."""
    return sum(weight * features[name] for name, weight in WEIGHTS[term].items())
