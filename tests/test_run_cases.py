"""How a case is judged: right, stopped without need, wrong and stopped, wrong and booked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from db.records import JobStatus, utc_now
from invoice_connector.invoice import Invoice, InvoiceField
from invoice_connector.pipeline.outcome import Failure, Outcome
from invoice_connector.pipeline.request import Request
from ocr_ensemble.layout import BoundingBox
from scripts.run_cases import End, judged

BOX = BoundingBox(0, 0, 10, 10)
TOTAL = InvoiceField("total_with_vat", Decimal("12.50"), "12.50", 0.9, 1, BOX)
COMPLETED = Outcome(
    Request("1", "a.pdf"), JobStatus.COMPLETED, utc_now(), utc_now(), "fallback", "compact",
    invoice=Invoice({"total_with_vat": TOTAL}),
)  # fmt: skip
REVIEWED = replace(COMPLETED, status=JobStatus.NEEDS_REVIEW)
FAILED = replace(COMPLETED, status=JobStatus.FAILED, invoice=None, failure=Failure("EncryptedDocumentError", "..."))


@pytest.mark.parametrize(
    ("expect", "outcome", "end"),
    [
        ({"total_with_vat": "12.5"}, COMPLETED, End.RIGHT),
        ({"total_with_vat": "12.5"}, REVIEWED, End.NEEDLESS),
        ({"total_with_vat": "13"}, REVIEWED, End.STOPPED),
        ({"total_with_vat": "13"}, COMPLETED, End.BOOKED),
        ({"total_with_vat": "12.5", "invoice_number": "4"}, COMPLETED, End.BOOKED),
        ({"total_with_vat": "12.5", "buyer_reference": "B"}, COMPLETED, End.INCOMPLETE),
        ({"total_with_vat": "13", "buyer_reference": "B"}, COMPLETED, End.BOOKED),
        ({"total_with_vat": "12.5", "buyer_reference": "B"}, REVIEWED, End.STOPPED),
        ({"total_with_vat": "(none)"}, COMPLETED, End.BOOKED),
        ({"status": "needs_review"}, COMPLETED, End.BOOKED),
        ({"status": "needs_review"}, REVIEWED, End.RIGHT),
        ({"status": "needs_review", "total_with_vat": "13"}, REVIEWED, End.STOPPED),
        ({"status": "needs_review"}, FAILED, End.STOPPED),
        ({"error": "EncryptedDocumentError"}, FAILED, End.RIGHT),
        ({"error": "BlankPageError"}, FAILED, End.STOPPED),
        ({"error": "a sentence"}, FAILED, End.RIGHT),
        ({"error": "a sentence"}, COMPLETED, End.BOOKED),
        ({"error": "a sentence, or read"}, COMPLETED, End.RIGHT),
    ],
)
def test_every_end(expect: dict[str, str], outcome: Outcome, end: End) -> None:
    assert judged({"file": "a.pdf", "kind": "kind", "expect": expect}, outcome).end is end
