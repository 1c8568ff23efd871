"""The probability that a chosen field is right, from everything known about it; one fitted model for all fields."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from invoice_connector.fields.familiarity import familiarity
from invoice_connector.fields.features import Scene, agreement
from invoice_connector.fields.ranking import Chosen
from invoice_connector.invoice import (
    AMOUNT_FIELDS,
    CENT,
    DATE_FIELDS,
    FIELD_NAMES,
    Invoice,
    InvoiceField,
    InvoiceLine,
    VatBreakdown,
)
from ocr_ensemble.layer_check import TEXT_LAYER

_FROM_RANKING = (
    "share", "score", "margin", "evidence", "rival", "valid", "repeats", "same", "right", "below", "column",
    "two_decimals", "column_sum", "length", "self_evident", "date_row", "legal_form", "domain", "seller_label",
    "buyer_label", "party_label", "address_below", "top", "place", "sender_line", "contact_near", "lines", "postal",
    "learned", "learned_rival", "name_like", "label_like", "learned_seller", "learned_buyer", "learned_party",
    "tallest", "address_line", "letter_first", "year_inside", "days_later", "titled", "foreign", "echoed",
    "rank", "flush", "crossed", "payee_label", "below_sender", "own_payee_label", "own_domain", "own_buyer_label",
    "own_seller_label", "other_buyer_label", "other_seller_label", "other_domain", "other_contact_near",
    "own_contact_within", "own_vat_below", "own_account_below", "own_sender_line", "own_foot", "own_large", "own_lines",
    "other_legal_form", "other_vat_below", "other_payee_label", "legal_form_below", "continuation", "names",
    "capitals", "digits", "words", "beside", "organisation", "person", "department",
)  # fmt: skip
_OF_DOCUMENT = (
    "letters_sure",  # the least certain word of the print, 0..1
    "text_layer",  # read from the PDF itself
    "engines_agree",  # engines that read it so; a text layer, which the picture is compared with, counts as two
    "runner_up",  # the raw confidence of the best runner-up
    "ambiguous",  # the print has another meaning whose odds are not known
    "sums_held", "sums_failed",  # of the sums that the field is part of
    "fields_found", "receipt", "pages",
    "familiar",  # the share of the pages' labels that a locale has; the others only the label model knows
    "language_known",
)  # fmt: skip
NAMED_FIELDS = tuple(sorted(FIELD_NAMES))
INPUTS = (*_FROM_RANKING, *_OF_DOCUMENT, "is_amount", "is_date", *(f"is_{name}" for name in NAMED_FIELDS))
# More of these never makes a field less likely right, less of the others never more likely.
RISING = frozenset({"share", "letters_sure", "sums_held", "valid"})
FALLING = frozenset({"runner_up", "sums_failed", "ambiguous"})
# Not fitted, for want of labelled pages that a document model read: what its agreement is worth, in log-odds.
_NAMED = {1.0: 1.0, -1.0: -0.7, 0.0: 0.0}
_LAYER_COUNTS = 2.0

_COMPUTED = frozenset({"currency_code"})  # whose probability is that of the odds themselves

Sums = tuple[tuple[frozenset[str], bool], ...]


def trusted(scene: Scene, chosen: Sequence[Chosen], rest: Invoice) -> dict[str, InvoiceField]:
    """The fields by name, their confidence calibrated; as they are where no model was fitted. ``rest`` is the invoice
    without its fields."""
    facts = facts_of(scene, chosen, rest)
    model = scene.ranker.trust
    if model is None or not chosen:
        return {item.field.name: item.field for item in chosen}
    fields = {}
    for item, points in zip(chosen, model.of(facts), strict=True):
        field = item.field
        if field.name in _COMPUTED:
            fields[field.name] = field
            continue
        log_odds = float(points) + _NAMED[agreement(scene, field.name, field.value)]
        fields[field.name] = _with_odds(replace(field, confidence=1.0 / (1.0 + math.exp(-log_odds))))
    return fields


def _with_odds(field: InvoiceField) -> InvoiceField:
    """The field with its probability divided among the meanings of its print, where their odds are known."""
    sure, meanings = field.confidence or 0.0, field.other_meanings
    if not meanings:
        return field
    others = tuple(
        replace(other, confidence=sure * (other.confidence or 0.0)) if other in meanings else other
        for other in field.alternatives
    )
    rest = 1.0 - sum(other.confidence or 0.0 for other in meanings)
    return replace(field, confidence=sure * rest, alternatives=others)


def facts_of(scene: Scene, chosen: Sequence[Chosen], rest: Invoice) -> list[dict[str, float]]:
    """``INPUTS`` of every chosen field."""
    amounts = {c.field.name: c.field.value for c in chosen if isinstance(c.field.value, Decimal)}
    sums = _sums(amounts, rest.vat_breakdown, rest.lines, rest.printed_sums)
    shared = _of_document(scene) | {"fields_found": float(len(chosen))}
    return [_facts(item, sums) | shared for item in chosen]


def _of_document(scene: Scene) -> dict[str, float]:
    return {
        "receipt": float(scene.receipt),
        "pages": float(len(scene.contexts)),
        "familiar": familiarity(scene.contexts),
        "language_known": float(any(context.language for context in scene.contexts)),
    }


def _facts(item: Chosen, sums: Sums) -> dict[str, float]:
    field = item.field
    facts = {name: float(item.facts.get(name, 0.0)) for name in _FROM_RANKING}
    raw, share = field.confidence, facts["share"]
    sure = 1.0 if raw is None or share <= 0 else min(1.0, raw / share)
    others = [other.confidence for other in field.alternatives if other not in field.other_meanings]
    return facts | {
        "letters_sure": sure,
        "text_layer": float(TEXT_LAYER in field.engines),
        "engines_agree": _LAYER_COUNTS if TEXT_LAYER in field.engines else float(len(field.engines)),
        "runner_up": max((confidence for confidence in others if confidence is not None), default=0.0),
        "ambiguous": float(any(confidence is None for confidence in others)),
        "sums_held": float(sum(field.name in names and held for names, held in sums)),
        "sums_failed": float(sum(field.name in names and not held for names, held in sums)),
        "is_amount": float(field.name in AMOUNT_FIELDS),
        "is_date": float(field.name in DATE_FIELDS),
        f"is_{field.name}": 1.0,
    }


def _sums(
    amounts: Mapping[str, Decimal],
    breakdown: Sequence[VatBreakdown],
    lines: Sequence[InvoiceLine],
    outside: Mapping[str, Decimal],
) -> Sums:
    """Every sum whose terms were all found, with the fields it speaks about; ``outside``: ``printed_sums``."""
    net, vat, whole = (amounts.get(n) for n in ("total_without_vat", "total_vat", "total_with_vat"))
    untaxed, carried, withheld = (outside.get(n, Decimal(0)) for n in ("untaxed", "balance_forward", "withheld"))
    due, found = amounts.get("amount_due"), []
    if net is not None and vat is not None and whole is not None:
        names = frozenset({"total_without_vat", "total_vat", "total_with_vat"})
        sums = (net + vat, net + vat + amounts.get("rounding_amount", Decimal(0)))  # the total may be the rounded one
        found.append((names, any(abs(amount + untaxed - whole) <= 2 * CENT for amount in sums)))
    if whole is not None and due is not None:
        rest = whole + carried - withheld - abs(amounts.get("paid_amount", Decimal(0)))
        payable = (rest, rest + amounts.get("rounding_amount", Decimal(0)))
        names = frozenset({"total_with_vat", "amount_due", "paid_amount", "rounding_amount"})
        found.append((names, any(abs(due - amount) <= CENT for amount in payable)))
    if vat is not None and breakdown:
        taxes = sum((row.tax_amount for row in breakdown), Decimal(0))
        found.append((frozenset({"total_vat"}), abs(taxes - vat) <= 2 * CENT))
    if lines and (net is not None or whole is not None):
        total = sum((line.net_amount for line in lines), Decimal(0))
        for name, amount in (("total_without_vat", net), ("total_with_vat", whole)):
            if amount is not None and abs(total - amount) <= CENT * len(lines):
                found.append((frozenset({name}), True))
    return tuple(found)
