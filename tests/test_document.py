"""Every kind of file in, every kind of bad file refused with the right error."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pytest
from document_files import FILES, UNTREATED, encoded, pdf, picture, pixels_of, png_header, tiff
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from ocr_ensemble.document import Limits, load_document, read_source
from ocr_ensemble.document.sniff import MediaType
from ocr_ensemble.errors import (
    BlankDocumentError,
    DamagedDocumentError,
    DocumentError,
    DocumentNotFoundError,
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    PageTooSmallError,
    UnsupportedDocumentError,
)


@pytest.mark.parametrize("kind", FILES)
def test_every_supported_kind_is_read(kind: str) -> None:
    source, media_type = FILES[kind]
    document = load_document(source, kind)
    assert document.media_type == media_type
    assert [page.number for page in document.pages] == list(range(1, len(document.pages) + 1))
    assert len(document.pages) == (2 if "pages" in kind else 1)
    for page in document.pages:
        assert page.pixels.dtype == np.uint8
        assert page.pixels.shape == (page.height, page.width, 3)
        assert page.pixels.min() < 80
        assert page.pixels.max() > 240
        assert not page.pixels.flags.writeable


def test_a_file_is_read_by_its_path_and_named_after_it(tmp_path: Path) -> None:
    path = tmp_path / "faktura.pdf"  # a PNG in spite of its name: content decides
    path.write_bytes(FILES["png"][0])
    document = load_document(path)
    assert (document.name, document.media_type) == ("faktura.pdf", MediaType.PNG)
    assert document.sha256 == load_document(path.read_bytes()).sha256


@settings(max_examples=100)
@given(kind=st.sampled_from(sorted(FILES)), share=st.floats(0.0, 1.0, exclude_max=True))
def test_a_file_cut_anywhere_is_an_error_or_complete(kind: str, share: float) -> None:
    source = FILES[kind][0]
    try:
        document = load_document(source[: int(share * len(source))], kind, treatments=UNTREATED)
    except DocumentError:
        return
    whole = pixels_of(load_document(source, kind, treatments=UNTREATED))
    assert len(document.pages) == len(whole)
    assert all(np.array_equal(a, b) for a, b in zip(pixels_of(document), whole, strict=True))


@settings(max_examples=60)
@given(kind=st.sampled_from(sorted(FILES)), place=st.floats(0.0, 1.0, exclude_max=True), junk=st.binary(min_size=1))
def test_flipped_bytes_never_raise_anything_else(kind: str, place: float, junk: bytes) -> None:
    source = bytearray(FILES[kind][0])
    at = int(place * len(source))
    source[at : at + len(junk)] = junk
    try:
        load_document(bytes(source), kind, Limits(max_pixels=2_000_000), UNTREATED)
    except DocumentError as error:
        assert str(error)


@settings(max_examples=50)
@given(source=st.binary(max_size=200))
def test_noise_never_raises_anything_else(source: bytes) -> None:
    with pytest.raises(DocumentError):
        load_document(source, "noise")


@pytest.mark.parametrize("kind", ["png", "jpeg", "pdf", "tiff", "webp", "bmp", "heic"])
def test_a_file_cut_in_half_is_damaged(kind: str) -> None:
    source = FILES[kind][0]
    with pytest.raises(DamagedDocumentError, match=f"{kind} is cut short"):
        load_document(source[: len(source) // 2], kind)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (b"Hello, this is the invoice you asked for", "a text file"),
        (b"PK\x03\x04 invoices/may.bin", "a ZIP archive.*unpack it"),
        (b"PK\x03\x04 word/document.xml", "an Office document.*print it to a PDF"),
        (b"PK\x03\x04 [Content_Types].xml", "an Office document.*print it to a PDF"),
        (b"<?xml version='1.0'?><Invoice/>", r"an e-invoice as XML \(UBL\).*import it as data"),
        (b"<?xml version='1.0'?><note/>", "an XML file"),
        (b"From: a@b.example\r\nSubject: your invoice\r\n\r\nHello", "an e-mail.*save its attachments"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html></html>", "a web page"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1", "an AVIF picture"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1miaf", "a HEIF picture of another kind than HEIC"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "a video"),
        (b"BM is how this letter begins", "a text file"),
        (bytes(100), "unknown kind"),
    ],
)
def test_foreign_files_are_named_and_refused(source: bytes, says: str) -> None:
    with pytest.raises(UnsupportedDocumentError, match=says) as caught:
        load_document(source, "faktura.pdf")
    assert "PNG, JPEG, TIFF, WebP, BMP, GIF, HEIC and PDF" in str(caught.value)


def test_an_empty_file_is_said_to_be_empty() -> None:
    with pytest.raises(EmptyDocumentError, match="is empty"):
        load_document(b"", "faktura.pdf")


def test_missing_files_folders_and_impossible_paths(tmp_path: Path) -> None:
    for path, says in ((tmp_path / "no.pdf", "does not exist"), (tmp_path, "is a folder"), (Path("a\0b"), "a")):
        with pytest.raises(DocumentNotFoundError, match=says):
            load_document(path)


def test_a_device_is_not_read() -> None:
    with pytest.raises(DocumentNotFoundError, match="not a regular file"):
        read_source(Path("/dev/zero"))


def test_too_many_bytes_are_refused_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as stream:
        stream.truncate(10**12)  # a sparse file: reading it would take all memory
    with pytest.raises(DocumentTooLargeError, match="max_bytes"):
        load_document(path)
    with pytest.raises(DocumentTooLargeError, match="max_bytes"):
        load_document(FILES["png"][0], "png", Limits(max_bytes=100))


@pytest.mark.parametrize("side", [50_000, 60_000])
def test_huge_pictures_are_refused_by_their_header(side: int) -> None:
    started = time.perf_counter()
    with pytest.raises(DocumentTooLargeError, match=f"{side:,} x {side:,}"):
        load_document(png_header(side, side), "bomb.png")
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize("size", [(31_000, 20), (20, 31_000)])
def test_a_side_that_no_page_has_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(DocumentTooLargeError, match="no side may have more than 30,000; cut it into several pages"):
        load_document(encoded(Image.new("RGB", size, "white"), "PNG"), "strip.png")


def test_a_pdf_page_longer_than_any_side_may_be_is_rendered_at_lower_resolution() -> None:
    page = load_document(pdf(size=(60, 14_000)), "strip.pdf").pages[0]
    assert page.height <= Limits().max_side
    assert page.steps[0].name == "lower_resolution"


def test_tiny_pages_are_refused() -> None:
    with pytest.raises(PageTooSmallError, match="1 x 1"):
        load_document(encoded(Image.new("RGB", (1, 1)), "PNG"), "dot.png")
    with pytest.raises(PageTooSmallError):
        load_document(pdf(size=(2, 2)), "dot.pdf")


def test_very_wide_and_very_tall_pictures_are_fine() -> None:
    for size in ((6000, 60), (60, 6000)):
        image = Image.new("RGB", size, "white")
        ImageDraw.Draw(image).text((5, 20), "Total 12", fill="black", font=ImageFont.load_default(14))
        page = load_document(encoded(image, "PNG"), "strip").pages[0]
        assert (page.width, page.height) == size


@pytest.mark.parametrize("colour", ["white", "black", (200, 180, 120)])
def test_blank_documents_are_refused(colour: Any) -> None:
    blank = Image.new("RGB", (400, 300), colour)
    with pytest.raises(BlankDocumentError, match="nothing that is printed"):
        load_document(tiff(blank, blank), "blank.tif")


def test_a_scanned_empty_sheet_is_blank() -> None:
    grain = np.random.default_rng(1).normal(235, 3, (600, 400))
    light = np.linspace(-20, 5, 400)[None, :]
    with pytest.raises(BlankDocumentError):
        load_document(encoded(Image.fromarray(np.clip(grain + light, 0, 255).astype(np.uint8)), "PNG"), "sheet.png")


def test_a_blank_back_page_stays_among_printed_ones() -> None:
    document = load_document(tiff(picture(), Image.new("RGB", (300, 160), "white")), "two-sided.tif")
    assert [[step.name for step in page.steps] for page in document.pages] == [[], ["blank"]]


def test_one_short_number_is_not_blank() -> None:
    image = Image.new("RGB", (800, 600), "white")
    ImageDraw.Draw(image).text((300, 200), "7", fill="black", font=ImageFont.load_default(20))
    assert load_document(encoded(image, "PNG"), "seven.png").pages


def test_page_limits_hold_for_pdf_and_tiff() -> None:
    for source in (pdf(4), tiff(*[picture(100, 60)] * 4)):
        with pytest.raises(DocumentTooLargeError, match="pages"):
            load_document(source, "long", Limits(max_pages=3))
        with pytest.raises(DocumentTooLargeError, match="max_total_pixels"):
            load_document(source, "long", Limits(max_total_pixels=15_000))
    assert len(load_document(tiff(*[picture(100, 60)] * 3), "short", Limits(max_pages=3)).pages) == 3


def test_limits_must_make_sense() -> None:
    with pytest.raises(ValueError, match="max_pages"):
        Limits(max_pages=0)


def test_encrypted_pdfs_are_refused_unless_they_open_without_a_password() -> None:
    with pytest.raises(EncryptedDocumentError, match="password"):
        load_document(pdf(encrypt=StandardEncryption("secret")), "locked.pdf")
    assert load_document(pdf(encrypt=StandardEncryption("", ownerPassword="o")), "printable.pdf").pages


def test_a_pdf_without_pages_is_damaged() -> None:
    stream = io.BytesIO()
    pypdf.PdfWriter().write(stream)
    with pytest.raises(DamagedDocumentError):
        load_document(stream.getvalue(), "hollow.pdf")


def test_a_pdf_cut_inside_its_second_revision_is_damaged() -> None:
    """The first revision is a complete file, and pdfium would show it as if nothing were missing."""
    source = pdf() + b"9 0 obj\n<< /Type /Annot >>\nendob"
    with pytest.raises(DamagedDocumentError, match="cut short"):
        load_document(source, "signed.pdf")


def test_a_huge_media_box_is_rendered_at_lower_resolution() -> None:
    source = io.BytesIO()
    canvas = Canvas(source, pagesize=(14_000, 14_000))
    canvas.setFont("Helvetica", 900)
    canvas.drawString(300, 7000, "Faktura 4711")
    canvas.save()
    page = load_document(source.getvalue(), "poster.pdf", Limits(max_render_pixels=1_000_000), UNTREATED).pages[0]
    assert page.width * page.height <= 1_000_000
    assert "lower_resolution" in [step.name for step in page.steps]
