"""Earlier jobs of the log warn of invoices that come twice and of accounts that change; no value is edited."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from audit_samples import failed_job, fresh_log, sample_job
from pdf_invoices import pdf_invoice
from PIL import Image
from sqlalchemy import Engine, func, select

from db.audit import append_job, erase_job
from db.database import open_database
from db.known import EarlierJobs
from db.queries import get_job
from db.records import StoredJob
from db.reviews import ReviewRequest
from db.tables import JOB_KEYS
from db.transactions import reading
from invoice_connector.connector import InvoiceOCRConnector, ProcessedInvoice
from invoice_connector.invoice import Violation
from invoice_connector.pipeline.page_pictures import fingerprint
from invoice_connector.review.storing import store_review
from invoice_connector.rules.earlier_documents import ACCOUNT_CHANGED, DUPLICATE, Compared, check_known
from invoice_connector.settings import ConnectorSettings
from ocr_ensemble.document.decode import load_document
from ocr_ensemble.document.limits import Limits

VALUES = {
    "seller_name": "Nordisk Kontorsmiljö AB", "seller_vat_identifier": "SE 556036-0793 01", "invoice_number": "10-023",
    "invoice_type_code": "380",
    "issue_date": "2026-11-18", "total_with_vat": "1250.38", "payment_account_identifier": "5050-1055",
}  # fmt: skip
PICTURE = 0x0123456789ABCDEF


def store(engine: Engine, number: int, picture: int | None = None, **changes: str | None) -> str:
    """A stored job with VALUES; None takes a value away."""
    values = {name: value for name, value in {**VALUES, **changes}.items() if value is not None}
    fields = {name: {"value": value, "text": value, "page": 1, "box": [0, 0, 1, 1]} for name, value in values.items()}
    job = sample_job(number, fields=fields, violations=[], keys=Compared("", values, picture).keys())
    append_job(engine, job)
    return job.id


def found(engine: Engine, picture: int | None = None, before: int | None = None, **changes: str | None) -> list[str]:
    """The rules that a new document with VALUES breaks."""
    return [violation.rule for violation in violations(engine, picture, before, **changes)]


def violations(
    engine: Engine, picture: int | None = None, before: int | None = None, **changes: str | None
) -> tuple[Violation, ...]:
    values = {name: value for name, value in {**VALUES, **changes}.items() if value is not None}
    with reading(engine) as connection:
        return check_known(Compared("neu.pdf", values, picture), EarlierJobs(connection), before)


def test_the_same_invoice_again_names_both() -> None:
    engine = fresh_log()
    job = store(engine, 1)
    (violation,) = violations(engine, invoice_number="10 023", seller_vat_identifier="SE556036079301")
    assert violation.rule == DUPLICATE
    for part in ("10 023", "1250.38", "neu.pdf", "faktura-1001.pdf", job):
        assert part in violation.message


@pytest.mark.parametrize(
    "changes",
    [
        {"invoice_number": "10-024"},
        {"total_with_vat": "1250.00", "invoice_type_code": "381"},
        {"seller_vat_identifier": "SE559999999901", "seller_name": "Någon annan"},
        {"invoice_number": None},
    ],
)
def test_another_invoice_is_none(changes: dict[str, str | None]) -> None:
    engine = fresh_log()
    store(engine, 1)
    assert found(engine, **changes) == []


def test_the_same_number_over_another_amount_names_both_amounts() -> None:
    engine = fresh_log()
    store(engine, 1)
    (violation,) = violations(engine, total_with_vat="1250.00")
    assert violation.rule == DUPLICATE
    assert "1250.00" in violation.message
    assert "1250.38" in violation.message


@pytest.mark.parametrize(
    ("number", "again"), [("10 023A", True), ("10023-bis", True), ("10 0231", False), ("10 023ABCD", False)]
)
def test_a_letter_more_makes_no_other_invoice_of_the_same_amount(number: str, again: bool) -> None:
    engine = fresh_log()
    store(engine, 1)
    assert (DUPLICATE in found(engine, invoice_number=number, issue_date="2026-11-29")) is again
    assert found(engine, invoice_number=number, total_with_vat="99.00") == []


def test_the_name_is_enough_where_a_number_of_the_seller_was_not_read() -> None:
    engine = fresh_log()
    store(engine, 1, seller_vat_identifier=None)
    assert found(engine) == [DUPLICATE]


def test_failed_erased_and_rejected_jobs_do_not_count() -> None:
    engine = fresh_log()
    append_job(engine, failed_job(1))
    erase_job(engine, store(engine, 2), "test")
    store_review(engine, ReviewRequest(store(engine, 3), {}, status="rejected"))
    assert found(engine) == []
    with reading(engine) as connection:
        erased = select(func.count()).select_from(JOB_KEYS).where(JOB_KEYS.c.job_id == sample_job(2).id)
        assert connection.execute(erased).scalar_one() == 0


def test_what_a_person_corrected_counts() -> None:
    engine = fresh_log()
    job = store(engine, 1, invoice_number="1O-O23")
    assert found(engine) == []
    store_review(engine, ReviewRequest(job, {"invoice_number": "10-023"}))
    assert found(engine) == [DUPLICATE]
    assert found(engine, invoice_number="1O-O23") == []


def test_a_page_that_looks_the_same_is_one_though_its_number_was_misread() -> None:
    engine = fresh_log()
    store(engine, 1, PICTURE)
    rescanned = PICTURE ^ 0b1001_0001
    (violation,) = violations(engine, rescanned, invoice_number="10-O23")
    assert "looks like" in violation.message
    assert found(engine, rescanned, invoice_number=None, seller_name=None, seller_vat_identifier=None) == [DUPLICATE]
    assert found(engine, rescanned, invoice_number="10-024", issue_date="2026-12-18") == []  # the next month's
    assert found(engine, PICTURE ^ 0xFFFF, invoice_number="10-O23") == []


def test_invoices_of_two_sellers_from_one_program_are_two() -> None:
    engine = fresh_log()
    store(engine, 1, PICTURE)
    stranger = {"seller_name": "Fjordtre AS", "seller_vat_identifier": "NO974760673MVA"}
    assert found(engine, PICTURE, invoice_number="889", **stranger) == []
    assert found(engine, PICTURE, currency_code="NOK", **stranger) == [DUPLICATE]  # a copy under another name


def test_a_changed_account_names_both() -> None:
    engine = fresh_log()
    store(engine, 1)
    (violation,) = violations(engine, invoice_number="10-024", payment_account_identifier="123-4567")
    assert violation.rule == ACCOUNT_CHANGED
    assert "123-4567" in violation.message
    assert "5050-1055" in violation.message
    assert found(engine, invoice_number="10-024", payment_account_identifier="50501055") == []
    assert found(engine, invoice_number="1", seller_name="B AB", seller_vat_identifier=None) == []


def test_an_account_that_was_doubted_becomes_known_only_when_two_documents_with_it_were_approved() -> None:
    engine = fresh_log()
    store(engine, 1)
    other = {"payment_account_identifier": "123-4567"}
    broken = [{"rule": ACCOUNT_CHANGED, "message": "another account"}]
    for number in (2, 3):
        values = {**VALUES, **other, "invoice_number": str(number)}
        fields = {name: {"value": value} for name, value in values.items()}
        doubted = sample_job(number, fields=fields, violations=broken, keys=Compared("", values).keys())
        append_job(engine, doubted)
        assert found(engine, invoice_number="9", payment_account_identifier="123-4567") == [ACCOUNT_CHANGED]
        store_review(engine, ReviewRequest(doubted.id, {}))
    assert found(engine, invoice_number="9", payment_account_identifier="123-4567") == []


def test_an_account_that_one_person_wrote_down_wrongly_is_not_booked() -> None:
    engine = fresh_log()
    for number in (1, 2):
        store(engine, number, invoice_number=str(number))
    poisoned = store(engine, 3, invoice_number="3")
    store_review(engine, ReviewRequest(poisoned, {"payment_account_identifier": "991-2346"}))
    assert found(engine, invoice_number="9", payment_account_identifier="991-2346") == [ACCOUNT_CHANGED]
    assert found(engine, invoice_number="9") == []  # the account that was booked twice stays known


def test_the_master_data_know_an_account_better_than_earlier_documents() -> None:
    engine = fresh_log()
    store(engine, 1)
    values = {**VALUES, "invoice_number": "9", "payment_account_identifier": "123-4567"}
    with reading(engine) as connection:
        document = Compared("neu.pdf", values, account_known=True)
        assert check_known(document, EarlierJobs(connection)) == ()


def test_shops_of_one_name_are_told_apart_by_their_numbers() -> None:
    engine = fresh_log()
    store(engine, 1)
    other = {"seller_vat_identifier": "SE559999999901", "payment_account_identifier": "123-4567"}
    assert found(engine, invoice_number="3", **other) == []


def test_only_what_came_before_the_first_reading_counts() -> None:
    engine = fresh_log()
    first = store(engine, 1, invoice_number="7")
    store(engine, 2)
    sha256 = get_job(engine, first).record.sha256
    with reading(engine) as connection:
        place = EarlierJobs(connection).first_of_content(sha256 or "")
        assert EarlierJobs(connection).first_of_content("f" * 64) is None
    assert place == (first, 1)
    assert found(engine, before=1) == []
    assert found(engine, before=3) == [DUPLICATE]


def text_layer_only(database_url: str) -> ConnectorSettings:
    return ConnectorSettings(database_url=database_url, engines=("pdf_text",), policy="single", verifier="off")


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., ProcessedInvoice]:
    folder = tmp_path_factory.mktemp("known")
    settings = ConnectorSettings(
        database_url=f"sqlite:///{folder / 'audit.db'}",
        engines=("pdf_text",),
        policy="single",
        verifier="off",
        risk=0.99,
    )
    connector = InvoiceOCRConnector(settings)

    def process(name: str, **changes: Any) -> ProcessedInvoice:
        return connector.process_invoice_with_ocr(pdf_invoice(folder / name, **changes))

    return process


def rules(processed: ProcessedInvoice) -> set[str]:
    return {violation.rule for violation in processed.outcome.violations}


def test_from_file_to_decision(read: Callable[..., ProcessedInvoice]) -> None:
    first = read("first.pdf")
    assert not rules(first) & {DUPLICATE, ACCOUNT_CHANGED}
    again = read("first.pdf")
    assert rules(again) == rules(first)  # the same bytes are no duplicate, and the feedback says what they are
    assert f"read before, as job {first.outcome.request.job_id}" in again.outcome.verification.feedback
    sent_twice = read("second.pdf", author="sent twice")
    assert DUPLICATE in rules(sent_twice)
    assert sent_twice.status == "needs_review"
    assert sent_twice.to_dict()["status"] == "needs_review"
    assert {n: f.value for n, f in sent_twice.fields.items()} == {n: f.value for n, f in first.fields.items()}
    assert DUPLICATE in rules(read("second.pdf", author="sent twice"))  # read again, it is judged as the first time
    assert rules(read("first.pdf")) == rules(first)
    elsewhere = read("third.pdf", number="20260918", account="991-2346")
    assert ACCOUNT_CHANGED in rules(elsewhere)
    assert elsewhere.fields["payment_account_identifier"].value == "991-2346"


def test_of_two_that_come_at_once_the_second_sees_the_first(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    open_database(url)
    done: list[ProcessedInvoice] = []

    def work(name: str) -> None:
        done.append(
            InvoiceOCRConnector(text_layer_only(url)).process_invoice_with_ocr(
                pdf_invoice(tmp_path / name, author=name)
            )
        )

    threads = [Thread(target=work, args=(f"{number}.pdf",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(DUPLICATE in rules(processed) for processed in done) == [False, True, True]


def test_the_fingerprint_outlives_a_copier() -> None:
    samples = Path(__file__).parents[1] / "invoice_connector" / "samples"
    pages = [load_document((samples / name).read_bytes(), name, Limits()).pages[0] for name in
             ("faktura.pdf", "faktura-skannad.png")]  # fmt: skip
    copy = Image.fromarray(pages[0].pixels).convert("L").rotate(0.6, fillcolor=250).reduce(2)
    content = io.BytesIO()
    copy.save(content, "JPEG", quality=50)
    copied = load_document(content.getvalue(), "copy.jpg", Limits()).pages[0]
    assert (fingerprint(pages[0]) ^ fingerprint(copied)).bit_count() <= 8
    assert (fingerprint(pages[0]) ^ fingerprint(pages[1])).bit_count() > 8
    blank = replace(pages[0], pixels=pages[0].pixels * 0 + 255)
    assert fingerprint(blank) == fingerprint(blank)


def test_a_stored_job_tells_its_corrections() -> None:
    engine = fresh_log()
    job = store(engine, 1)
    store_review(engine, ReviewRequest(job, {"due_date": None, "invoice_number": "8"}))
    store_review(engine, ReviewRequest(job, {"invoice_number": "9"}))
    stored: StoredJob = get_job(engine, job)
    assert stored.corrections == {"due_date": None, "invoice_number": "9"}
