"""The probability of a key field once its witnesses are known.

Extraction says how sure a field is by its candidates and their surroundings, before sums, check digits and repetitions
are looked at. What these are worth was fitted by logistic calibration (Platt 1999) with one input per kind of evidence,
by ``scripts/fit_witnesses.py`` on documents that no other model was fitted on; no evidence speaks against its field.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from invoice_connector.invoice import Evidence, Invoice, InvoiceField

KINDS = (
    Evidence.LABEL, Evidence.PLACE, Evidence.ONLY, Evidence.SUM, Evidence.IN_WORDS, Evidence.CHECK_DIGITS,
    Evidence.REPEATED, Evidence.IDENTITY, Evidence.COUNTRY,
)  # fmt: skip
"""Of what a page says of its fields. Data from elsewhere is not in it: what it is worth is told by whoever knows it."""
GROUPS: Mapping[str, str] = {
    "seller_name": "seller",
    "invoice_number": "number",
    "issue_date": "date",
    "currency_code": "currency",
    "payment_account_identifier": "account",
    "total_with_vat": "amount",
    "amount_due": "amount",
}
"""Key fields by what they share their weights with."""
_FARTHEST = 1e-4  # from 0 and 1: what lies nearer counts as this


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds: ``slope`` times those of the field, ``offset``, and ``worth`` of each kind of evidence, at least 0."""

    slope: float
    offset: float
    worth: Mapping[str, float]

    def of(self, field: InvoiceField) -> float:
        """The field's probability, 0..1."""
        inputs = inputs_of(field)
        worth = sum(self.worth[kind] * inputs[kind] for kind in KINDS)
        return 1.0 / (1.0 + math.exp(-(self.slope * inputs["log_odds"] + self.offset + worth)))


def inputs_of(field: InvoiceField) -> dict[str, float]:
    """``log_odds`` of what extraction says, and 1 or 0 for each of ``KINDS``."""
    sure = min(max(field.confidence or 0.0, _FARTHEST), 1.0 - _FARTHEST)
    found = {witness.kind for witness in field.witnesses}
    return {"log_odds": math.log(sure / (1.0 - sure)), **{kind: float(kind in found) for kind in KINDS}}


@cache
def bundled_weights() -> Mapping[str, Weights]:
    """By group, as they come with the package."""
    stored = json.loads((files("invoice_connector.rules") / "calibration.json").read_text("utf-8"))
    return {group: Weights(**own) for group, own in stored["groups"].items()}


def calibrated(invoice: Invoice) -> Invoice:
    """The invoice with the probabilities of its key fields by their witnesses. A print that has other meanings keeps
    its own: no witness tells between a day and a month."""
    weights = bundled_weights()
    fields = {
        name: replace(field, confidence=weights[GROUPS[name]].of(field))
        if name in GROUPS and field.confidence is not None and not field.other_meanings
        else field
        for name, field in invoice.fields.items()
    }
    return replace(invoice, fields=fields)
