"""What may be booked unseen follows from the wanted error rate."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from db.records import JobStatus
from invoice_connector.invoice import Alternative, DocumentKind, Evidence, FieldValue, Invoice, InvoiceField, Witness
from invoice_connector.rules.decision import Wanted, decide, doubts, implausible_date, needed, refusals, unread_pages
from invoice_connector.suppliers.known import Known
from invoice_connector.suppliers.master import Company
from invoice_connector.suppliers.rules import check_parties
from ocr_ensemble.document.page import BLANK, Document, ImageQuality, PageImage
from ocr_ensemble.document.steps import PreprocessingStep
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import Decision, DocumentReading, EngineRun, PageReading, RunStatus
from verifier.verdict import Question, Verdict, Verification

BOX = BoundingBox(0, 0, 1, 1)
FIELDS = Path(__file__).parents[1] / "docs" / "fields.md"


READ_AND_NAMED = (Evidence.ENGINES, Evidence.LABEL)


def field(
    name: str, value: FieldValue, confidence: float = 0.999, kinds: Iterable[Evidence] = READ_AND_NAMED
) -> InvoiceField:
    witnesses = tuple(Witness(kind, "") for kind in kinds)
    return InvoiceField(name, value, str(value), confidence, 1, BOX, witnesses=witnesses)


def invoice(confidence: float = 0.98, **values: FieldValue) -> Invoice:
    return Invoice({n: field(n, v, confidence) for n, v in values.items()})


def complete(confidence: float = 0.999, *changed: InvoiceField) -> Invoice:
    whole = invoice(
        confidence,
        total_with_vat=Decimal("99.00"),
        issue_date=date(2026, 1, 2),
        seller_name="Acme AB",
        invoice_number="1042",
    )
    return Invoice({**whole.fields, **{new.name: new for new in changed}})


@pytest.mark.parametrize(
    ("confidence", "risk", "booked"), [(0.945, 0.01, False), (0.945, 0.02, True), (0.9505, 0.01, True)]
)
def test_the_wanted_error_rate_sets_the_probability_that_is_needed(
    confidence: float, risk: float, booked: bool
) -> None:
    assert (decide(doubts(complete(confidence), Wanted(risk))) is JobStatus.COMPLETED) == booked


def test_a_doubtful_field_is_named_with_both_probabilities() -> None:
    violations = doubts(complete(0.970), Wanted(0.005))
    assert {violation.rule for violation in violations} == {"field-doubtful"}
    assert "0.970" in violations[0].message
    assert "0.975" in violations[0].message
    assert "0.5 %" in violations[0].message


@pytest.mark.parametrize(
    ("kinds", "why"),
    [
        ((Evidence.LABEL,), "wrong bookings, and only one engine read it;"),
        ((Evidence.ENGINES,), "wrong bookings, and nothing on the page says what it is;"),
        ((Evidence.ENGINES, Evidence.PLACE), "wrong bookings;"),
    ],
)
def test_a_doubtful_field_says_what_it_lacks(kinds: tuple[Evidence, ...], why: str) -> None:
    (violation,) = doubts(complete(0.999, field("seller_name", "Acme AB", 0.9, kinds)))
    assert why in violation.message


def test_a_total_that_is_likely_wrong_is_not_booked_beside_a_payable_amount_that_is_right() -> None:
    payable = complete(
        0.999, field("amount_due", Decimal("49.00")), field("total_with_vat", Decimal("49.00"), confidence=0.23)
    )
    (violation,) = doubts(payable)
    assert "total with vat '49.00' is more likely wrong than right (0.230)" in violation.message


def test_one_of_two_different_amounts_in_doubt_is_enough_to_stop() -> None:
    (violation,) = doubts(complete(0.999, field("amount_due", Decimal("150.36"), 0.9)))
    assert violation.fields == ("amount_due",)


def test_a_field_that_one_engine_alone_read_is_stopped() -> None:
    (violation,) = doubts(complete(0.999, field("seller_name", "Acme AB", kinds=[Evidence.PLACE])))
    assert violation.rule == "field-unwitnessed"
    assert "only one engine says that the seller name is 'Acme AB'" in violation.message


def test_a_field_that_nothing_names_is_stopped() -> None:
    (violation,) = doubts(complete(0.999, field("issue_date", date(2026, 1, 2), kinds=[Evidence.ENGINES])))
    assert "no label, place or sum on the page says that the issue date is '2026-01-02'" in violation.message


@pytest.mark.parametrize("kind", list(Evidence))
def test_no_kind_of_evidence_books_a_large_amount_alone_but_a_sum_or_other_data(kind: Evidence) -> None:
    found = doubts(complete(0.999, field("total_with_vat", Decimal("5000.00"), kinds=[kind])))
    proofs = {Evidence.SUM, Evidence.IN_WORDS, Evidence.EMBEDDED, Evidence.EXPECTED, Evidence.CODE}
    assert (not found) == (kind in proofs)


def test_a_large_amount_is_booked_by_its_label_where_one_approved_document_prints_it_so() -> None:
    for kinds, booked in (
        ({Evidence.PICTURE, Evidence.LABEL, Evidence.LAYOUT}, True),
        ({Evidence.PICTURE, Evidence.LAYOUT}, False),
        ({Evidence.LABEL, Evidence.LAYOUT}, False),  # its print has no witness
        ({Evidence.PICTURE, Evidence.LAYOUT, Evidence.LAYOUTS}, True),
    ):
        found = doubts(complete(0.999, field("total_with_vat", Decimal("5000.00"), kinds=kinds)))
        assert (not found) == booked, kinds


def test_up_to_the_settings_amount_a_label_is_enough() -> None:
    large = complete(0.999, field("total_with_vat", Decimal("5000.00")))
    assert [violation.rule for violation in doubts(large)] == ["field-unwitnessed"]
    assert not doubts(large, Wanted(unproven_amount=Decimal(5000)))


def test_an_invoice_needs_its_number_and_what_was_paid_at_a_till_does_not() -> None:
    fields = {name: found for name, found in complete().fields.items() if name != "invoice_number"}
    assert [violation.rule for violation in doubts(Invoice(fields))] == ["field-missing"]
    assert not doubts(Invoice(fields, paid_at_once=True))
    assert not doubts(Invoice(fields, document_kind=DocumentKind("till_receipt", 0.9, 0.01)))


def test_an_account_whose_check_digits_hold_and_that_is_named_needs_no_probability() -> None:
    account = field("payment_account_identifier", "GB29NWBK60161331926819", 0.7, READ_AND_NAMED)
    (violation,) = doubts(complete(0.999, account))
    assert violation.rule == "field-doubtful"
    proven = account.witnessed(Witness(Evidence.CHECK_DIGITS, "hold"))
    assert not doubts(complete(0.999, proven))
    assert not doubts(complete(0.999, replace(proven, confidence=0.3)))


@pytest.mark.parametrize(
    ("name", "kind", "stops"),
    [
        ("seller_name", Evidence.ENGINES, False), ("seller_name", Evidence.PICTURE, False),
        ("seller_name", Evidence.LABEL, True), ("invoice_number", Evidence.ENGINES, True),
        ("invoice_number", Evidence.PICTURE, False), ("invoice_number", Evidence.LABEL, True),
    ],
)  # fmt: skip
def test_a_refusal_stops_what_is_not_read_twice(name: str, kind: Evidence, stops: bool) -> None:
    refused = Verdict(Question(name, 1, BOX, ("Tarsa Kft.",)), (0.2,), 0.8, 1.0, "1")
    verification = Verification(used=True, feedback="", verdicts=(refused,))
    read = complete(0.999, field(name, "Tarsa Kft.", kinds=[kind]))
    assert [violation.rule for violation in refusals(read, verification)] == ["VERIFIER-REFUSED"] * stops


def test_a_missing_field_is_named() -> None:
    found = doubts(invoice(0.999, total_with_vat=Decimal(1), seller_name="A", invoice_number="7"))
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


def test_our_own_number_is_no_sellers() -> None:
    ours = complete(0.999, field("seller_vat_identifier", "SE 556036-0793 01"))
    own, other = (
        Known((Company("own", vat_identifiers=(number,)),)) for number in ("se556036079301", "SE559127408801")
    )
    (violation,) = check_parties(ours, own, None)
    assert (violation.rule, violation.fields) == ("own-number", ("seller_vat_identifier",))
    assert not check_parties(ours, other, None)


def test_a_doubtful_buyer_is_somebody_else_only_where_the_pages_do_not_name_us() -> None:
    ours = Known((Company("own", ("Mill Cafe Ltd",)),))
    for sure, printed, stopped in ((0.7, False, True), (0.7, True, False), (0.95, True, True), (0.4, False, False)):
        found = check_parties(invoice(sure, buyer_name="Otter Bakery Ltd"), replace(ours, own_printed=printed), None)
        assert [violation.rule for violation in found] == ["NOT-ADDRESSED-TO-US"] * stopped


@pytest.mark.parametrize(
    ("issued", "stopped"),
    [
        (date(2026, 7, 2), False),
        (date(2026, 7, 9), False),
        (date(2026, 7, 10), True),
        (date(2096, 7, 2), True),
        (date(2006, 1, 1), False),
        (date(2005, 12, 31), True),
        (date(1926, 7, 2), True),
    ],
)
def test_an_invoice_dated_long_after_or_before_the_day_it_is_read_on_is_stopped(issued: date, stopped: bool) -> None:
    found = implausible_date(invoice(issue_date=issued), date(2026, 7, 2))
    assert [violation.rule for violation in found] == ["DATE-IMPLAUSIBLE"] * stopped


def test_the_settings_say_how_far_from_today_a_date_may_lie() -> None:
    dated = invoice(issue_date=date(2026, 8, 1))
    assert not implausible_date(dated, date(2026, 7, 2), Wanted(days_ahead=31))
    (violation,) = implausible_date(dated, date(2026, 7, 2), Wanted(days_ahead=29))
    assert "30 days after today" in violation.message and violation.fields == ("issue_date",)


def test_an_account_beside_a_likelier_one_is_not_proven_by_its_check_digits() -> None:
    witnesses = (Evidence.PICTURE, Evidence.LABEL, Evidence.CHECK_DIGITS)
    account = field("payment_account_identifier", "NL91ABNA0417164300", 0.28, witnesses)
    other = Alternative("NL02ABNA0123456789", "NL02ABNA0123456789", 0.48, 1, account.box)
    assert not doubts(complete(0.999, account))
    assert doubts(complete(0.999, replace(account, alternatives=(other,))))


def test_the_documents_tell_the_probability_that_is_asked_for() -> None:
    told = re.search(r"at the usual risk of (\d\.\d+), a probability of (\d\.\d+)", FIELDS.read_text("utf-8"))
    assert told is not None
    assert needed(Wanted(float(told[1]))) == pytest.approx(float(told[2]))
