"""The other ways out, looked at as the programs that take them would."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from audit_samples import sample_job
from export_samples import stored_invoice
from lxml import etree
from PIL import Image, ImageDraw, ImageFont

from db.audit import append_job
from db.database import open_database
from db.queries import get_job
from db.records import Review, StoredJob
from db.reviews import ReviewRequest, add_review
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.exports.errors import InvoiceIncompleteError, JobRejectedError, SourceMissingError
from invoice_connector.exports.formats import EXPORTERS, ExportOptions, file_stem, together
from invoice_connector.exports.layout_xml import to_alto, to_hocr
from invoice_connector.exports.picture import CORRECTED
from invoice_connector.exports.table import INVOICE_COLUMNS, to_csv, to_xlsx
from invoice_connector.exports.words import placed_words
from invoice_connector.settings import ConnectorSettings

ROWS = ("Exempel Handel AB", "Faktura", "Fakturadatum 2026-03-17", "Att betala 1 250,00 kr")
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("export")


@pytest.fixture(scope="module")
def connector(folder: Path) -> Iterator[InvoiceOCRConnector]:
    url = f"sqlite:///{folder / 'audit.db'}"
    settings = ConnectorSettings(database_url=url, engines=("tesseract",), policy="single", verifier="off")
    yield InvoiceOCRConnector(settings)


@pytest.fixture(scope="module")
def job(folder: Path, connector: InvoiceOCRConnector) -> StoredJob:
    """A drawn invoice, read by a real engine."""
    image = Image.new("RGB", (800, 420), "white")
    draw = ImageDraw.Draw(image)
    for row, text in enumerate(ROWS):
        draw.text((60, 40 + 80 * row), text, fill="black", font=ImageFont.load_default(size=32))
    image.save(folder / "god faktura.png")
    processed = connector.process_invoice_with_ocr(folder / "god faktura.png")
    return get_job(connector.database, processed.outcome.request.job_id)


def exported(job: StoredJob, name: str, options: ExportOptions | None = None) -> bytes:
    [(_, content)] = EXPORTERS[name](job, options or ExportOptions())
    return content


def test_a_searchable_pdf_shows_the_page_and_gives_its_words_where_they_stand(job: StoredJob) -> None:
    document = pypdfium2.PdfDocument(exported(job, "pdf"))
    page = document[0]
    scale = page.get_width() / job.record.pages[0]["width"]
    text_page = page.get_textpage()
    found = text_page.get_text_range()
    assert found.split() == job.record.text.split()
    for line in job.record.lines:
        for word in [word for word in placed_words(line) if len(word.text) > 4]:  # short ones stand in longer ones
            [place] = [text_page.search(word.text, match_case=True).get_next()]
            assert place is not None
            left, bottom, right, top = text_page.get_charbox(place[0])
            x, y = (left + right) / 2 / scale, (page.get_height() - (bottom + top) / 2) / scale
            assert word.box.left - 8 < x < word.box.right, word
            assert word.box.top - 8 < y < word.box.bottom + 8, word
    pixels = page.render(scale=1 / scale).to_numpy()
    assert pixels.min() < 60  # the print
    assert pixels[:20].min() > 230  # and no painted text in the margin
    for item in (text_page, page, document):
        item.close()


def test_a_searchable_pdf_can_hold_any_letter(job: StoredJob) -> None:
    texts = ("Försäljning €", "Łódź ΑΒΓ 発票")
    lines = [{**line, "text": text, "words": []} for line, text in zip(job.record.lines, texts, strict=False)]
    changed = replace(job, record=replace(job.record, lines=lines))
    with pypdfium2.PdfDocument(exported(changed, "pdf")) as document:
        assert document[0].get_textpage().get_text_range().split() == " ".join(texts).split()


def test_hocr_and_alto_carry_every_word_with_its_box(job: StoredJob) -> None:
    words = [word for line in job.record.lines for word in placed_words(line)]
    hocr = etree.fromstring(to_hocr(job.record))
    spans = hocr.findall(".//{*}span[@class='ocrx_word']")
    assert [span.text for span in spans] == [word.text for word in words]
    assert spans[0].get("title").startswith("bbox {} {} {} {}".format(*words[0].box.as_tuple()))
    assert hocr.find(".//{*}div[@class='ocr_page']").get("title").endswith("bbox 0 0 800 420; ppageno 0")
    alto = etree.fromstring(to_alto(job.record))
    strings = alto.findall(f".//{ALTO}String")
    assert [string.get("CONTENT") for string in strings] == [word.text for word in words]
    assert [int(strings[0].get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")] == [
        words[0].box.left,
        words[0].box.top,
        words[0].box.width,
        words[0].box.height,
    ]
    assert [child.tag for child in alto] == [f"{ALTO}Description", f"{ALTO}Layout"]
    identifiers = [element.get("ID") for element in alto.iter() if element.get("ID")]
    assert len(identifiers) == len(set(identifiers))


def test_words_without_places_share_their_line() -> None:
    line = {"text": "ab c", "box": [10, 0, 50, 9], "confidence": 0.5, "words": []}
    assert [(word.text, word.box.left, word.box.right) for word in placed_words(line)] == [
        ("ab", 10, 30),
        ("c", 40, 50),
    ]


def test_an_annotated_picture_frames_the_fields(job: StoredJob) -> None:
    image = Image.open(io.BytesIO(exported(job, "picture")))
    assert image.size == (800, 420)
    found = job.record.fields["amount_due"]
    left, top, right, _ = found["box"]
    red, green, blue = image.convert("RGB").getpixel(((left + right) // 2, top))  # type: ignore[misc]
    assert max(red, green, blue) - min(red, green, blue) > 60, "the frame has a colour"


def test_the_picture_comes_from_the_file_that_was_read_or_not_at_all(job: StoredJob, folder: Path) -> None:
    source, moved = folder / "god faktura.png", folder / "flyttad.png"
    source.rename(moved)
    try:
        with pytest.raises(SourceMissingError, match="does not exist"):
            exported(job, "pdf")
        assert exported(job, "pdf", ExportOptions(source=moved)).startswith(b"%PDF")
        Image.new("RGB", (800, 420), "white").save(source)
        with pytest.raises(SourceMissingError, match="SHA-256 differs"):
            exported(job, "picture")
    finally:
        moved.replace(source)


SMUGGLED = ("=1+1", "+46 8 123", "-2+3", "@SUM(A1)", "\tx", "\r=1", "＝1")


def test_no_formula_can_be_smuggled_into_a_spreadsheet() -> None:
    jobs = [stored_invoice({"seller_name": text, "rounding_amount": "-0.19"}) for text in SMUGGLED]
    rows = list(csv.DictReader(io.StringIO(to_csv(jobs).decode(), newline="")))
    assert [row["seller_name"] for row in rows] == [f"'{text}" for text in SMUGGLED]
    assert {row["rounding_amount"] for row in rows} == {"-0.19"}
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(jobs)))["Invoices"]
    column = INVOICE_COLUMNS.index("seller_name") + 1
    cells = [sheet.cell(row, column) for row in range(2, len(SMUGGLED) + 2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert str(cells[0].value) == "=1+1"


def test_a_workbook_has_numbers_and_dates() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx([stored_invoice()])))
    assert book.sheetnames == ["Invoices", "Lines", "VAT"]
    row = dict(zip(INVOICE_COLUMNS, (cell.value for cell in book["Invoices"][2]), strict=True))
    assert row["total_with_vat"] == 13162.5
    assert row["issue_date"] == datetime(2026, 11, 18)
    assert row["invoice_number"] == "2026-1187"
    assert [cell.value for cell in book["Lines"][2]][2:] == ["Höj- och sänkbart skrivbord", 2, 4200, 8400, 25]
    assert [cell.value for cell in book["VAT"][2]][2:] == [25, 10530, 2632.5]


def test_the_command_filters_and_writes(job: StoredJob, connector: InvoiceOCRConnector, folder: Path) -> None:
    other = sample_job(1, customer_id="other", source_name="../../etc/passwd")
    append_job(connector.database, other)
    database = ("--db", f"sqlite:///{folder / 'audit.db'}")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "invoice_connector", "export", *arguments, *database]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)

    printed = run("--all", "--format", "csv", "--customer-id", "other")
    assert [row["job_id"] for row in csv.DictReader(io.StringIO(printed.stdout))] == [other.id]
    printed = run(job.record.id, "--format", "json")
    assert json.loads(printed.stdout)["fields"]["amount_due"]["value"] == "1250.00"
    assert Decimal(json.loads(printed.stdout)["fields"]["amount_due"]["value"]) == 1250
    done = run("--all", "--format", "hocr", "--to", "out")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (folder / "out").iterdir()} == {f"{file_stem(r)}.hocr" for r in (job.record, other)}
    assert not any(".." in path.name for path in (folder / "out").iterdir())
    refused = run(job.record.id, "--format", "ubl", "--to", "x.xml")
    assert refused.returncode == 1
    assert "BT-1 invoice number: not found" in refused.stderr
    assert not (folder / "x.xml").exists()
    assert run("--format", "csv").returncode == 2


def test_what_people_corrected_is_what_goes_out(folder: Path) -> None:
    engine = open_database(f"sqlite:///{folder / 'reviewed.db'}")
    record = stored_invoice({"total_with_vat": "13162.60"}, status="needs_review").record
    append_job(engine, record)
    with pytest.raises(InvoiceIncompleteError, match="BR-CO-15"):
        exported(get_job(engine, record.id), "ubl")
    right = {"total_with_vat": "13162.50", "due_date": None, "purchase_order_reference": "4711"}
    add_review(engine, ReviewRequest(record.id, right, "Anna"))
    job = get_job(engine, record.id)
    [row] = csv.DictReader(io.StringIO(to_csv([job]).decode()))
    assert (row["total_with_vat"], row["due_date"], row["purchase_order_reference"]) == ("13162.50", "", "4711")
    assert (row["status"], row["review"]) == ("completed", "approved")
    assert b"13162.60" not in exported(job, "ubl")
    [line] = together([job], "json").splitlines()
    document = json.loads(line)
    assert document["fields"]["total_with_vat"]["value"] == "13162.60"  # what was read stays, the correction beside it
    assert document["corrections"]["total_with_vat"]["value"] == "13162.50"
    add_review(engine, ReviewRequest(record.id, {}, "Bo", status="rejected"))
    with pytest.raises(JobRejectedError, match="rejected by Bo"):
        exported(get_job(engine, record.id), "peppol")


def test_a_file_that_is_gone_is_shown_from_the_kept_pictures(
    job: StoredJob, connector: InvoiceOCRConnector, folder: Path
) -> None:
    gone = replace(job, record=replace(job.record, source_path=str(folder / "gone.png")))
    kept = ExportOptions(pictures=connector.pictures)
    page = job.record.pages[0]
    for name in ("picture", "pdf"):
        assert exported(gone, name, kept)
        with pytest.raises(SourceMissingError):
            exported(gone, name)
        with pytest.raises(SourceMissingError):  # a file that was named has to be the one
            exported(gone, name, replace(kept, source=folder / "gone.png"))
    with Image.open(io.BytesIO(exported(gone, "picture", kept))) as picture:
        assert picture.size == (page["width"], page["height"])


def test_a_corrected_field_is_framed_as_such(job: StoredJob) -> None:
    name = next(iter(job.record.fields))
    changes = {name: {"value": "X", "original": None}, "buyer_reference": {"value": "Y", "original": None}}
    review = Review(job.record.id, 1, "approved", job.recorded_at, changes=changes)
    reviewed = replace(job, reviews=(review,))
    with Image.open(io.BytesIO(exported(reviewed, "picture"))) as picture:
        assert CORRECTED in {color for _, color in picture.convert("RGB").getcolors(1 << 24)}
