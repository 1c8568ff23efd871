"""Every picture of a file is a page or is named as not read; a container is what its own signature says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pillow_heif
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, NameObject, NumberObject, TextStringObject
from reportlab.pdfgen.canvas import Canvas

from db.contract import document_json
from db.records import AuditPosition, StoredJob, utc_now
from invoice_connector.pipeline.process import process
from invoice_connector.pipeline.request import Request
from invoice_connector.rules.decision import unread_parts
from ocr_ensemble.document import Document, Treatments, load_document
from ocr_ensemble.document.decoders import raw_pages
from ocr_ensemble.document.isolation import Isolation, decoding
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.sniff import sniff
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.errors import UnsupportedDocumentError
from ocr_ensemble.reading import DocumentReading, EngineRun, RunStatus
from ocr_ensemble.settings import EnsembleSettings

UNTREATED = Treatments(orient=False, deskew_from=90.0)


def page(text: str, size: tuple[int, int] = (360, 200)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((12, 40), text, fill="black", font=ImageFont.load_default(22))
    return image


def saved(kind: str, pictures: list[Image.Image], **options: Any) -> bytes:
    stream = io.BytesIO()
    pictures[0].save(stream, kind, save_all=True, append_images=pictures[1:], **options)
    return stream.getvalue()


def heic(pictures: list[Image.Image]) -> bytes:
    stream, file = io.BytesIO(), pillow_heif.HeifFile()
    for picture in pictures:
        file.add_from_pillow(picture)
    file.save(stream, quality=90)
    return stream.getvalue()


CONTAINERS: dict[str, Callable[[list[Image.Image]], bytes]] = {
    "gif": lambda pictures: saved("GIF", pictures, duration=500),
    "webp": lambda pictures: saved("WEBP", pictures, duration=500, lossless=True),
    "apng": lambda pictures: saved("PNG", pictures, duration=500),
    "apng with a default picture": lambda pictures: saved("PNG", pictures, duration=500, default_image=True),
    "mpo": lambda pictures: saved("MPO", pictures),
    "heic": heic,
    "tiff": lambda pictures: saved("TIFF", pictures, compression="tiff_lzw"),
}


def load(source: bytes, name: str = "file") -> Document:
    return load_document(source, name, treatments=UNTREATED)


@settings(max_examples=10, deadline=None)
@given(data=st.data(), kind=st.sampled_from(sorted(CONTAINERS)))
def test_every_picture_is_a_page(kind: str, data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 3))
    greys = data.draw(st.lists(st.integers(60, 230), min_size=count, max_size=count, unique_by=lambda grey: grey // 8))
    pictures = []
    for number, grey in enumerate(greys):
        picture = page(f"Invoice {number + 1}")
        picture.paste((grey, grey, grey), (200, 120, 340, 190))
        pictures.append(picture)
    source = CONTAINERS[kind](pictures)
    pages = list(raw_pages(source, kind, sniff(source, kind), Limits()))
    assert all(page.not_read == () for page in pages)
    assert [int(page.pixels[150, 270, 0]) for page in pages] == pytest.approx(greys, abs=4)


def test_a_picture_shown_twice_is_one_page_and_named() -> None:
    first, second = page("Invoice 1"), page("Invoice 2")
    document = load(saved("WEBP", [first, second, first, second], duration=[10, 20, 30, 40], lossless=True))
    assert len(document.pages) == 2
    assert [part.part for part in document.not_read] == ["picture 3", "picture 4"]
    assert "the same as picture 1" in document.not_read[0].reason


def test_reduced_copies_and_camera_maps_are_named() -> None:
    full, small = page("Invoice 1", (600, 400)), page("Invoice 1", (150, 100))
    broken = saved("MPO", [full, full])
    load(broken[: broken.index(b"\xff\xd9") + 2])  # the second picture is cut off, the first is there
    reduced = small.copy()
    reduced.encoderinfo = {"tiffinfo": {254: 1}}
    copies = saved("TIFF", [full, reduced])
    maps = saved("MPO", [full, small])
    for source, says in ((copies, "reduced copy"), (maps, "maps of cameras")):
        document = load(source)
        assert [(p.width, p.height) for p in document.pages] == [(600, 400)]
        (part,) = document.not_read
        assert part.part == "picture 2" and says in part.reason and "150 x 100" in part.reason
        assert unread_parts(document) == ()


def simple_pdf() -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(400, 300))
    for line in range(4):
        canvas.drawString(30, 250 - 30 * line, "Open this in a program that shows portfolios")
    canvas.save()
    return stream.getvalue()


def pdf_with(attachment: str | None = None, collection: bool = False, xfa: bool = False) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(simple_pdf()))
    if attachment:
        writer.add_attachment(attachment, simple_pdf())
    if collection:
        writer.root_object[NameObject("/Collection")] = DictionaryObject({NameObject("/View"): NameObject("/T")})
    if xfa:
        packets = ArrayObject([TextStringObject("template"), TextStringObject("<template/>")])
        form = DictionaryObject({NameObject("/XFA"): packets, NameObject("/Fields"): ArrayObject()})
        writer.root_object[NameObject("/AcroForm")] = form
        writer.root_object[NameObject("/NeedsRendering")] = BooleanObject(True)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("source", "part", "says"),
    [
        (pdf_with("bill.pdf", collection=True), "the attachment bill.pdf", "portfolio"),
        (pdf_with(xfa=True), "the XFA form", "print it to a PDF"),
    ],
)
def test_portfolios_and_xfa_forms_stop(source: bytes, part: str, says: str) -> None:
    ensemble = OCREnsemble(EnsembleSettings(engines=("pdf_text",)))
    outcome = process(source, Request("job1", "file.pdf"), ensemble)
    record = outcome.to_record()
    (found,) = record.not_read
    assert found["part"] == part and says in found["reason"]
    assert record.status == "needs_review"
    assert any(broken["rule"] == "PART-NOT-READ" and part in broken["message"] for broken in record.violations)
    contract = document_json(StoredJob(record, AuditPosition(1, "sha256:" + "0" * 64), utc_now()))
    assert contract["not_read"] == [found]


def test_engines_that_gave_nothing_are_on_the_receipt() -> None:
    ensemble = OCREnsemble(EnsembleSettings(engines=("pdf_text",)))
    outcome = process(simple_pdf(), Request("job1", "file.pdf"), ensemble)
    assert outcome.reading is not None and outcome.to_record().not_read == []
    page = outcome.reading.pages[0]
    missing = EngineRun("donut", "1", 1, RunStatus.UNAVAILABLE, 0.0, error="its weights are missing; pull them")
    failed = EngineRun("pdf_text", "1", 1, RunStatus.FAILED, 0.0, error="once, and read later")
    reading = DocumentReading((replace(page, runs=(missing, failed, *page.runs)),))
    record = replace(outcome, reading=reading).to_record()
    assert record.not_read == [{"part": "engine donut", "reason": "its weights are missing; pull them"}]
    unread = DocumentReading((replace(page, runs=(failed,)),))
    parts = {each["part"]: each["reason"] for each in replace(outcome, reading=unread).to_record().not_read}
    assert parts == {"page 1": "once, and read later", "engine pdf_text": "once, and read later"}


def test_a_file_attached_to_an_invoice_is_named_only() -> None:
    document = load(pdf_with("timesheet.pdf"))
    assert [part.part for part in document.not_read] == ["the attachment timesheet.pdf"]
    assert unread_parts(document) == ()
    assert load(pdf_with("factur-x.xml")).not_read == ()


def test_what_is_not_read_comes_through_the_child() -> None:
    source = pdf_with("timesheet.pdf", collection=True)
    here = load(source)
    there = load_document(source, "file", Limits(), UNTREATED, decoding(Isolation()))
    assert there.not_read == here.not_read and here.not_read[0].may_matter


def zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("invoice.pdf", content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (zipped(simple_pdf()), "a ZIP archive"),
        (b"From: a@b.example\r\nTo: c@d.example\r\nMIME-Version: 1.0\r\n\r\n" + simple_pdf(), "an e-mail"),
        (b"<?xml version='1.0'?><file>" + simple_pdf() + b"</file>", "an XML file"),
        (b"<html><body>" + simple_pdf(), "a web page"),
        (b"{\\rtf1 " + simple_pdf(), "an RTF text"),
    ],
)
def test_a_container_with_a_pdf_inside_is_no_pdf(source: bytes, says: str) -> None:
    with pytest.raises(UnsupportedDocumentError, match=says):
        load(source)


def test_what_printers_and_servers_put_before_a_pdf_is_no_container() -> None:
    for head in (b"\x1b%-12345X@PJL JOB\r\n", b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", b"\r\n\r\n"):
        assert load(head + simple_pdf()).media_type == "application/pdf"


def annotated(kind: str, text: str, flags: int = 4) -> bytes:
    """A PDF of one page with an annotation that has no appearance stream."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(300, 200))
    canvas.drawString(40, 150, "Invoice 4711")
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(stream.getvalue()))
    annotation = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject(f"/{kind}"),
            NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (40, 80, 200, 110)]),
            NameObject("/F"): NumberObject(flags),
            NameObject("/Contents"): TextStringObject(text),
        }
    )
    writer.add_annotation(0, annotation)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "stops"), [("FreeText", True), ("Text", False), ("Highlight", False)])
def test_a_note_that_the_picture_does_not_show_is_read_and_named(kind: str, stops: bool) -> None:
    document = load_document(annotated(kind, "Bitte nicht zahlen"), treatments=UNTREATED)
    (part,) = document.not_read
    assert "Bitte nicht zahlen" in part.part
    assert (part.may_matter, bool(unread_parts(document))) == (stops, stops)
    assert document.pages[0].askew == ("Bitte nicht zahlen",)


@pytest.mark.parametrize(("kind", "text", "flags"), [("Text", "hidden", 2), ("Link", "a link", 4), ("Text", " ", 4)])
def test_what_no_viewer_shows_is_no_note(kind: str, text: str, flags: int) -> None:
    document = load_document(annotated(kind, text, flags), treatments=UNTREATED)
    assert (document.not_read, document.pages[0].askew) == ((), ())
