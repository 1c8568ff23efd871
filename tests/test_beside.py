"""What came beside a document: the PDF of an e-invoice is compared with it, terms are read before they are left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from export_samples import stored_invoice
from mail_samples import mail, zipped
from pdf_invoices import pdf_invoice
from reportlab.pdfgen.canvas import Canvas
from test_scale import Workshop

from db.ids import new_job_id
from db.queries import get_job, list_jobs
from db.records import JobStatus
from invoice_connector.arrivals.arriving import Opening
from invoice_connector.arrivals.bundle import Beside, Bundle, Why, bundle_of, bundled
from invoice_connector.arrivals.parts import Bounds
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.exports.pages import page_pictures
from invoice_connector.exports.ubl import Customization, to_ubl
from invoice_connector.pipeline.process import Stage
from invoice_connector.pipeline.request import Request
from invoice_connector.settings import ConnectorSettings
from invoice_connector.workers.batch import BatchOrder
from invoice_connector.workers.watching import FolderWatch
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.settings import EnsembleSettings

PRINTED = {
    "invoice_number": "20260917", "issue_date": "2026-10-14", "due_date": "2026-11-13", "buyer_vat_identifier": None,
    "seller_name": "Norrviks Snickeri & Bygg AB", "seller_vat_identifier": "SE559987456601",
    "seller_address": "Hantverkargatan 114, 112 38 Stockholm", "seller_legal_registration_identifier": "559987-4566",
    "payment_account_identifier": "5050-1055", "remittance_information": None, "total_without_vat": "1000.00",
    "total_vat": "250.00", "total_with_vat": "1250.00", "amount_due": "1250.00",
}  # fmt: skip
DIFFERS = "EINVOICE-DIFFERS"


def e_invoice(**changes: str | None) -> bytes:
    record = stored_invoice(
        {**PRINTED, **changes}, (("Trappa av ek", "1", "1000.00", "1000.00", "25"),), (("25", "1000.00", "250.00"),)
    ).record
    return to_ubl(record, Customization.CORE)


def printed(folder: Path, **changes: str) -> bytes:
    return pdf_invoice(folder / "printed.pdf", **changes).read_bytes()


def terms(folder: Path) -> bytes:
    canvas = Canvas(str(folder / "terms.pdf"), pagesize=(595, 842))
    for row in range(25):
        text = f"{row + 1}. The buyer pays within the time that the invoice states, else interest of 8 % is due."
        canvas.drawString(50, 790 - 20 * row, text)
    canvas.save()
    return (folder / "terms.pdf").read_bytes()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> ConnectorSettings:
    url = f"sqlite:///{tmp_path_factory.mktemp('beside') / 'audit.db'}"
    return ConnectorSettings(database_url=url, engines=("pdf_text",), verifier="off")


@pytest.fixture
def connector(settings: ConnectorSettings, tmp_path: Path) -> InvoiceOCRConnector:
    return InvoiceOCRConnector(settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'audit.db'}"}))


def read(connector: InvoiceOCRConnector, content: bytes, name: str = "post.zip") -> dict[str, dict[str, Any]]:
    done = connector.process_all(content, Request(new_job_id(), name))
    return {document["file"]: document for document in (each.to_dict() for each in done)}


def rules(document: dict[str, Any]) -> list[str]:
    return [violation["rule"] for violation in document["violations"]]


def reason(document: dict[str, Any], part: str) -> str:
    return next(each["reason"] for each in document["not_read"] if each["part"] == part)


def test_a_bundle_keeps_what_it_holds_and_any_other_file_is_a_document_alone() -> None:
    first, second = Beside("a/b.pdf", b"%PDF", Why.PICTURE), Beside("ü.pdf", b"\n\n", Why.TERMS)
    once = bundled(b"<Invoice/>\n", [first])
    assert bundle_of(once) == Bundle(b"<Invoice/>\n", (first,))
    assert bundle_of(bundled(once, [second])) == Bundle(b"<Invoice/>\n", (first, second))
    broken = once.replace(b'"main"', b'"none"')
    assert bundle_of(broken) == Bundle(broken)


def test_a_pdf_that_shows_the_same_is_compared_and_booked(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    found = read(connector, zipped({"r.xml": e_invoice(), "r.pdf": printed(tmp_path)}))
    assert list(found) == ["r.xml"] and found["r.xml"]["status"] == "completed"
    assert reason(found["r.xml"], "r.pdf").endswith("it was read and compared with it")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"account": "5402-9681"}, "payment account identifier"), ({"number": "20260918"}, "invoice number")],
)
def test_a_pdf_that_shows_something_else_stops_with_both_sides(
    connector: InvoiceOCRConnector, tmp_path: Path, changes: dict[str, str], field: str
) -> None:
    found = read(connector, mail({"r.xml": e_invoice(), "r.pdf": printed(tmp_path, **changes)}).as_bytes(), "p.eml")
    assert list(found) == ["r.xml"] and found["r.xml"]["status"] == "needs_review"
    (said,) = [each["message"] for each in found["r.xml"]["violations"] if each["rule"] == DIFFERS]
    assert said.startswith(f"The {field} is {next(iter(changes.values()))} in r.pdf, but ") and "in r.xml" in said


def test_a_pdf_that_is_another_invoice_is_a_job_of_its_own(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    data = e_invoice(
        invoice_number="77", seller_name="Muster GmbH", seller_vat_identifier="DE136695976",
        seller_legal_registration_identifier=None,
    )  # fmt: skip
    found = read(connector, zipped({"r.xml": data, "r.pdf": printed(tmp_path)}))
    assert list(found) == ["r.xml", "r.pdf"]
    assert DIFFERS not in rules(found["r.xml"])
    assert found["r.pdf"]["fields"]["invoice_number"]["value"] == "20260917"
    assert found["r.pdf"]["container"] == {"file": "post.zip", "part": "r.pdf"}
    assert f"job {found['r.pdf']['job_id']}" in reason(found["r.xml"], "r.pdf")


def test_a_pdf_that_cannot_be_read_or_says_nothing_stops(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    broken = read(connector, zipped({"r.xml": e_invoice(), "r.pdf": b"%PDF-1.7 broken"}))
    assert list(broken) == ["r.xml"] and "PART-NOT-READ" in rules(broken["r.xml"])
    assert reason(broken["r.xml"], "r.pdf").startswith("it was not read")
    silent = read(connector, zipped({"r.xml": e_invoice(), "r.pdf": terms(tmp_path)}))
    assert any("neither its number" in each["message"] for each in silent["r.xml"]["violations"])


def test_what_is_named_as_terms_is_read_first(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    first, second = printed(tmp_path), printed(tmp_path, number="20260918")
    message = mail({"faktura.pdf": first, "conditions.pdf": second, "Allmänna villkor.pdf": terms(tmp_path)})
    found = read(connector, message.as_bytes(), "post.eml")
    assert list(found) == ["faktura.pdf", "conditions.pdf"]
    assert found["conditions.pdf"]["fields"]["invoice_number"]["value"] == "20260918"
    said = "it was read and holds terms or a notice, no invoice"
    assert reason(found["faktura.pdf"], "Allmänna villkor.pdf") == said


def test_a_watched_pair_is_read_once_and_its_pages_found_again(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    inbox, opening = tmp_path / "inbox", Opening(EnsembleSettings(), Bounds())
    inbox.mkdir()
    order = BatchOrder(connector.settings, None, tuple(str(status) for status in JobStatus))
    watch = FolderWatch(inbox, order, opening, settle=0.0)

    def look() -> list[dict[str, Any] | None]:
        (inbox / "r.xml").write_bytes(e_invoice())
        (inbox / "r.pdf").write_bytes(printed(tmp_path, account="5402-9681"))
        list(watch.look())
        return [document for _, document in watch.look()]

    (document,) = look()
    assert document is not None and DIFFERS in rules(document)
    assert look() == [None]
    done = sorted(path.name for path in (inbox / "done").iterdir())
    assert done == ["r (2).pdf", "r (2).xml", "r.pdf", "r.xml"]
    record = get_job(connector.database, document["job_id"]).record
    assert page_pictures(record, inbox / "done" / "r.xml", Limits())


def test_workers_read_what_came_beside(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path, engines=("pdf_text",))
    data = e_invoice(
        invoice_number="77", seller_name="Muster GmbH", seller_vat_identifier="DE136695976",
        seller_legal_registration_identifier=None,
    )  # fmt: skip
    content = zipped({"r.xml": data, "r.pdf": printed(tmp_path)})
    (arrival,) = workshop.connector.opening.arrivals(content, Request("pair-1", "post.zip"))
    assert isinstance(arrival.source, bytes)
    workshop.line.accept(arrival.source, arrival.request)
    while workshop.messages:
        job_id, stage, _ = workshop.messages.pop(0)
        workshop.line.work(job_id, Stage(stage))
    jobs = {job.source_name: job.id for job in list_jobs(workshop.connector.database, 5)}
    assert set(jobs) == {"r.xml", "r.pdf"} and jobs["r.xml"] == "pair-1"
