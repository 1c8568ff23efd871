"""What may be booked unseen follows from the wanted error rate; earlier invoices warn of duplicates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from db.records import JobStatus
from invoice_connector.decision import decide, missing_or_doubtful, threshold
from invoice_connector.fields.model import Ranker
from invoice_connector.invoice import FieldValue, Invoice, InvoiceField
from invoice_connector.known import check_known, seller_key
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


class Ledger:
    """Earlier invoices held in memory."""

    def __init__(self, *invoices: tuple[str, str, Decimal, str]) -> None:
        self.invoices = invoices

    def same_invoice(self, seller: str, number: str, amount: Decimal) -> str | None:
        found = [job for job, (s, n, a) in self._jobs() if (s, n, a) == (seller, number, amount)]
        return found[0] if found else None

    def accounts(self, seller: str) -> frozenset[str]:
        return frozenset(account for known, _, _, account in self.invoices if known == seller)

    def _jobs(self) -> list[tuple[str, tuple[str, str, Decimal]]]:
        return [(f"job-{i}", (s, n, a)) for i, (s, n, a, _) in enumerate(self.invoices)]


NEW = invoice(
    seller_vat_identifier="SE 556036-0793 01", invoice_number="10-023", total_with_vat=Decimal("1250.38"),
    payment_account_identifier="5050-1055",
)  # fmt: skip


def test_the_same_invoice_again_is_named_with_its_job() -> None:
    (violation,) = check_known(NEW, Ledger(("SE556036079301", "10023", Decimal("1250.38"), "50501055")))
    assert violation.rule == "DUPLICATE"
    assert "job-0" in violation.message
    assert check_known(NEW, Ledger(("SE556036079301", "10023", Decimal("1250.00"), "5050-1055"))) == ()


def test_a_changed_account_names_both() -> None:
    (violation,) = check_known(NEW, Ledger(("SE556036079301", "9", Decimal(1), "123-4567")))
    assert violation.rule == "ACCOUNT-CHANGED"
    assert "5050-1055" in violation.message
    assert "123-4567" in violation.message


def test_a_new_seller_is_no_suspect() -> None:
    assert check_known(NEW, Ledger()) == ()
    assert check_known(invoice(invoice_number="1"), Ledger()) == ()


def test_a_seller_without_numbers_is_known_by_name() -> None:
    assert seller_key(invoice(seller_name="Café Lingon & Catering HB")) == "CAFÉLINGONCATERINGHB"
