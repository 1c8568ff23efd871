"""What may be booked unseen follows from the wanted error rate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from db.records import JobStatus
from invoice_connector.decision import decide, missing_or_doubtful, unread_pages
from invoice_connector.invoice import FieldValue, Invoice, InvoiceField
from ocr_ensemble.document.page import BLANK, Document, ImageQuality, PageImage, PreprocessingStep
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import Decision, DocumentReading, EngineRun, PageReading, RunStatus

BOX = BoundingBox(0, 0, 1, 1)


def invoice(confidence: float = 0.98, **values: FieldValue) -> Invoice:
    return Invoice({n: InvoiceField(n, v, str(v), confidence, 1, BOX) for n, v in values.items()})


def complete(confidence: float) -> Invoice:
    return invoice(confidence, total_with_vat=Decimal("99.00"), issue_date=date(2026, 1, 2), seller_name="Acme AB")


@pytest.mark.parametrize(
    ("confidence", "risk", "booked"), [(0.98, 0.01, False), (0.98, 0.03, True), (0.9905, 0.01, True)]
)
def test_the_wanted_error_rate_sets_the_probability_that_is_needed(
    confidence: float, risk: float, booked: bool
) -> None:
    assert (decide(missing_or_doubtful(complete(confidence), risk)) is JobStatus.COMPLETED) == booked


def test_a_doubtful_field_is_named_with_both_probabilities() -> None:
    violations = missing_or_doubtful(complete(0.98), 0.005)
    assert {violation.rule for violation in violations} == {"field-doubtful"}
    assert "0.980" in violations[0].message
    assert "0.995" in violations[0].message
    assert "0.5 %" in violations[0].message


def test_a_total_that_is_likely_wrong_is_not_booked_beside_a_payable_amount_that_is_right() -> None:
    payable = complete(0.999).fields | {
        "amount_due": InvoiceField("amount_due", Decimal("49.00"), "49.00", 0.999, 1, BOX),
        "total_with_vat": InvoiceField("total_with_vat", Decimal("49.00"), "49.00", 0.23, 1, BOX),
    }
    (violation,) = missing_or_doubtful(Invoice(payable))
    assert "total with vat '49.00' is right with probability 0.230" in violation.message


def test_a_missing_field_is_named() -> None:
    found = missing_or_doubtful(invoice(0.999, total_with_vat=Decimal(1), seller_name="A"), 0.01)
    assert [violation.rule for violation in found] == ["field-missing"]
    assert "issue date" in found[0].message


def test_a_page_that_no_engine_read_is_named_with_the_reason() -> None:
    page = PageImage(1, np.full((40, 40, 3), 255, np.uint8), ImageQuality(1.0, 1.0, 0.0, 0.0))
    blank = replace(page, number=4, steps=(PreprocessingStep(BLANK, ""),))
    pages = (page, replace(page, number=2), replace(page, number=3), blank)
    read, failed = (EngineRun("a", "1", 1, status, 1.0) for status in (RunStatus.OK, RunStatus.FAILED))
    readings = (
        PageReading(1, 40, 40, (), runs=(read,)),
        PageReading(2, 40, 40, (), runs=(replace(failed, error="a failed: boom"),)),
        PageReading(3, 40, 40, (), decisions=(Decision(3, "a", False, "no time was left"),)),
        PageReading(4, 40, 40, ()),
    )
    found = unread_pages(Document("pile.pdf", "application/pdf", "0" * 64, pages), DocumentReading(readings))
    assert [violation.rule for violation in found] == ["page-unread", "page-unread"]
    assert "page 2 of 4 was not read (a failed: boom)" in found[0].message
    assert "page 3 of 4 was not read (no time was left)" in found[1].message
