"""Rules name both sides of what does not fit, and never touch a value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from field_pages import GERMAN, SWEDISH

from invoice_connector.fields import extract
from invoice_connector.invoice import Adjustment, FieldValue, Invoice, InvoiceField, InvoiceLine, VatBreakdown
from invoice_connector.rules.consistency import check
from ocr_ensemble.layout import BoundingBox

BOX = BoundingBox(0, 0, 1, 1)


def invoice(
    fields: dict[str, FieldValue],
    breakdown: tuple[VatBreakdown, ...] = (),
    lines: tuple[InvoiceLine, ...] = (),
    language: str | None = None,
) -> Invoice:
    named = {name: InvoiceField(name, value, str(value), 0.9, 1, BOX) for name, value in fields.items()}
    return Invoice(named, lines, breakdown, language)


def money(**amounts: str) -> dict[str, FieldValue]:
    return {name: Decimal(value) for name, value in amounts.items()}


def rules(subject: Invoice) -> list[str]:
    return [violation.rule for violation in check(subject)]


@pytest.mark.parametrize("subject", [extract([GERMAN]), extract([SWEDISH]), Invoice()])
def test_sound_invoices_break_nothing(subject: Invoice) -> None:
    assert check(subject) == ()


def test_totals_that_do_not_add_up() -> None:
    subject = invoice(money(total_without_vat="1420.00", total_vat="269.80", total_with_vat="1589.80"))
    (violation,) = check(subject)
    assert violation.rule == "BR-CO-15"
    assert "1689.80" in violation.message
    assert "1589.80" in violation.message
    assert subject.amount("total_with_vat") == Decimal("1589.80")


def test_the_amount_due() -> None:
    sound = money(total_with_vat="215.14", paid_amount="50.00", amount_due="165.14")
    assert rules(invoice(sound)) == []
    assert rules(invoice(sound | money(amount_due="215.14"))) == ["BR-CO-16"]
    assert rules(invoice(money(total_with_vat="1250.38", rounding_amount="-0.38", amount_due="1250.00"))) == []


def test_a_receipt_total_printed_after_rounding_is_sound() -> None:
    amounts = money(
        total_without_vat="7.00", total_vat="0.42", rounding_amount="-0.02", total_with_vat="7.40", amount_due="7.40"
    )
    assert rules(invoice(amounts)) == []


def test_vat_per_rate() -> None:
    rates = (
        VatBreakdown(Decimal(25), Decimal("100.00"), Decimal("25.00"), 1, BOX),
        VatBreakdown(Decimal(12), Decimal("50.00"), Decimal("6.00"), 1, BOX),
    )
    assert rules(invoice(money(total_vat="31.00"), rates)) == []
    assert rules(invoice(money(total_vat="30.00"), rates)) == ["BR-CO-14"]
    wrong = VatBreakdown(Decimal(25), Decimal("100.00"), Decimal("20.00"), 1, BOX)
    (violation,) = check(invoice({}, (wrong,)))
    assert violation.rule == "BR-CO-17"
    assert "25.00" in violation.message
    assert "20.00" in violation.message
    unknown = VatBreakdown(Decimal(25), None, Decimal("20.00"), 1, BOX)
    assert rules(invoice({}, (unknown,))) == []


def test_lines_above_the_total() -> None:
    lines = tuple(InvoiceLine("x", Decimal(1), Decimal(80), Decimal(80), None, 1, BOX) for _ in range(2))
    amounts = money(total_without_vat="100.00", total_vat="25.00", total_with_vat="125.00")
    assert rules(invoice(amounts, lines=lines)) == ["BR-CO-10"]
    assert rules(invoice(amounts, lines=lines[:1])) == []


def test_lines_that_miss_their_printed_sum() -> None:
    lines = tuple(InvoiceLine("x", Decimal(1), Decimal(80), Decimal(80), None, 1, BOX) for _ in range(2))
    sound = Invoice(lines=lines, printed_sums={"line_total": Decimal(160)})
    assert check(sound) == ()
    (violation,) = check(Invoice(lines=lines, printed_sums={"line_total": Decimal(240)}))
    assert violation.rule == "BR-CO-10"
    assert "160" in violation.message
    assert "240" in violation.message


@pytest.mark.parametrize(
    ("rule", "name", "charge"), [("BR-CO-11", "allowance_total", False), ("BR-CO-12", "charge_total", True)]
)
def test_adjustments_that_miss_their_printed_sum(rule: str, name: str, charge: bool) -> None:
    single = (Adjustment("a", Decimal("5.00"), charge, 1, BOX), Adjustment("b", Decimal("2.50"), charge, 1, BOX))
    assert check(Invoice(adjustments=single, printed_sums={name: Decimal("7.50")})) == ()
    (violation,) = check(Invoice(adjustments=single, printed_sums={name: Decimal("8.50")}))
    assert violation.rule == rule
    assert "7.50" in violation.message
    assert "8.50" in violation.message


def test_net_is_lines_less_allowances_plus_charges() -> None:
    adjusted = (Adjustment("discount", Decimal(20), False, 1, BOX), Adjustment("freight", Decimal(5), True, 1, BOX))
    fields = invoice(money(total_without_vat="85.00")).fields
    assert check(Invoice(fields, adjustments=adjusted, printed_sums={"line_total": Decimal(100)})) == ()
    (violation,) = check(Invoice(fields, adjustments=adjusted[:1], printed_sums={"line_total": Decimal(100)}))
    assert violation.rule == "BR-CO-13"
    assert "80" in violation.message
    assert "85.00" in violation.message


def test_due_before_issued() -> None:
    (violation,) = check(invoice({"issue_date": date(2024, 5, 2), "due_date": date(2024, 5, 1)}))
    assert violation.fields == ("issue_date", "due_date")
    assert "2024-05-01" in violation.message
    assert "2024-05-02" in violation.message


@pytest.mark.parametrize(
    ("name", "good", "bad", "rule"),
    [
        ("payment_account_identifier", "DE34501900000012345678", "DE34501900000012345687", "CHECK-IBAN"),
        ("payment_account_identifier", "5050-1055", "5050-1056", "CHECK-BANKGIRO"),
        ("payment_account_identifier", "286543-4", "286543-5", "CHECK-PLUSGIRO"),
        ("seller_vat_identifier", "DE136695976", "DE136695967", "CHECK-VAT-ID"),
        ("seller_legal_registration_identifier", "556036-0793", "556036-0739", "CHECK-ORGNR"),
        ("remittance_information", "RF18539007547034", "RF19539007547034", "CHECK-RF"),
    ],
)
def test_check_digits(name: str, good: str, bad: str, rule: str) -> None:
    assert rules(invoice({name: good})) == []
    (violation,) = check(invoice({name: bad}))
    assert (violation.rule, violation.fields) == (rule, (name,))
    assert bad in violation.message


def test_an_ocr_number_is_only_checked_where_it_surely_is_one() -> None:
    wrong = {"remittance_information": "1234567"}
    assert rules(invoice(dict(wrong), language="sv")) == ["CHECK-OCR"]
    assert rules(invoice(dict(wrong), language="de")) == []
    assert rules(invoice(wrong | {"invoice_number": "1234567"}, language="sv")) == []
