"""What may be booked unseen follows from the wanted error rate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from db.records import JobStatus
from invoice_connector.decision import decide, missing_or_doubtful, threshold
from invoice_connector.fields.model import Ranker
from invoice_connector.invoice import FieldValue, Invoice, InvoiceField
from ocr_ensemble.layout import BoundingBox

BOX = BoundingBox(0, 0, 1, 1)
FITTED = Ranker(risks=((0.005, 0.99), (0.01, 0.97), (0.05, 0.8)))


def invoice(confidence: float = 0.98, **values: FieldValue) -> Invoice:
    return Invoice({n: InvoiceField(n, v, str(v), confidence, 1, BOX) for n, v in values.items()})


def complete(confidence: float) -> Invoice:
    return invoice(confidence, total_with_vat=Decimal("99.00"), issue_date=date(2026, 1, 2), seller_name="Acme AB")


@pytest.mark.parametrize(("risk", "needed"), [(0.001, 1.0), (0.005, 0.99), (0.01, 0.97), (0.02, 0.97), (0.2, 0.8)])
def test_the_wanted_error_rate_sets_the_probability_that_is_needed(risk: float, needed: float) -> None:
    assert threshold(risk, FITTED) == needed


def test_a_sure_document_is_booked_and_a_doubtful_one_is_not() -> None:
    assert decide(missing_or_doubtful(complete(0.98), 0.01, FITTED)) is JobStatus.COMPLETED
    violations = missing_or_doubtful(complete(0.98), 0.005, FITTED)
    assert decide(violations) is JobStatus.NEEDS_REVIEW
    assert {violation.rule for violation in violations} == {"field-doubtful"}
    assert "0.980" in violations[0].message
    assert "0.990" in violations[0].message
    assert "0.5 %" in violations[0].message


def test_a_missing_field_is_named() -> None:
    (violation,) = missing_or_doubtful(invoice(total_with_vat=Decimal(1), seller_name="A"), 0.01, FITTED)
    assert violation.rule == "field-missing"
    assert "issue date" in violation.message
