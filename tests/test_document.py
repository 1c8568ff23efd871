"""Every kind of file in, every kind of bad file refused with the right error."""

from __future__ import annotations

import io
import struct
import time
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, FloatObject, NameObject
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from invoice_connector.pipeline import page_pictures
from ocr_ensemble.document import Document, Limits, Treatments, load_document, read_source
from ocr_ensemble.document.isolation import Isolation, decoding
from ocr_ensemble.document.sniff import MediaType, sniff
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

UNTREATED = Treatments(orient=False, deskew_from=90.0)


def picture(width: int = 300, height: int = 160, mode: str = "RGB") -> Image.Image:
    """A few printed lines, black on white."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for line in range(6):
        draw.text((12, 10 + 24 * line), "Faktura 4711 Summa 1 250,00", fill="black", font=ImageFont.load_default(16))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def heic(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(image).save(stream, quality=90)
    return stream.getvalue()


def pdf(pages: int = 1, size: tuple[float, float] = (300, 200), **options: Any) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=size, **options)
    for number in range(pages):
        for line in range(5):
            canvas.drawString(20, size[1] - 30 - 24 * line, f"Faktura 4711, sida {number + 1}, rad {line}")
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises far more than it holds."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes(1000))), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def tiff(*images: Image.Image, **options: Any) -> bytes:
    return encoded(images[0], "TIFF", save_all=True, append_images=list(images[1:]), **options)


def pixels_of(document: Document) -> list[NDArray[np.uint8]]:
    return [page.pixels for page in document.pages]


FILES: dict[str, tuple[bytes, MediaType]] = {
    "png": (encoded(picture(), "PNG"), MediaType.PNG),
    "jpeg": (encoded(picture(), "JPEG"), MediaType.JPEG),
    "progressive jpeg": (encoded(picture(), "JPEG", progressive=True), MediaType.JPEG),
    "tiff": (tiff(picture()), MediaType.TIFF),
    "tiff pages": (tiff(picture(), picture(200, 120), compression="tiff_adobe_deflate"), MediaType.TIFF),
    "fax": (tiff(picture(mode="1"), compression="group4"), MediaType.TIFF),
    "webp": (encoded(picture(), "WEBP"), MediaType.WEBP),
    "webp lossless": (encoded(picture(), "WEBP", lossless=True), MediaType.WEBP),
    "bmp": (encoded(picture(), "BMP"), MediaType.BMP),
    "gif": (encoded(picture(), "GIF"), MediaType.GIF),
    "heic": (heic(picture()), MediaType.HEIC),
    "pdf": (pdf(), MediaType.PDF),
    "pdf pages": (pdf(2), MediaType.PDF),
}


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


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    upright = picture()
    inverse = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright if inverse is None else upright.transpose(inverse)
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind in ("PNG", "WEBP"):
        source = encoded(stored, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
        page = load_document(source, "photo", treatments=UNTREATED).pages[0]
        assert np.array_equal(page.pixels, np.asarray(upright))
        assert [step.name for step in page.steps] == ([] if orientation == 1 else ["exif_orientation"])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_modes_become_rgb(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.asarray(picture(mode="L")).astype(np.uint16) * 257)
    else:
        image = picture(mode=mode)
    page = load_document(encoded(image, "PNG"), mode, treatments=UNTREATED).pages[0]
    grey = np.asarray(picture(mode="1" if mode == "1" else "L").convert("L")).astype(int)
    assert np.abs(page.pixels.astype(int).mean(axis=2) - grey).mean() < 6


@pytest.mark.parametrize(("mode", "kind"), [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "JPEG"), ("LAB", "TIFF")])
def test_print_colour_spaces_become_rgb(mode: str, kind: str) -> None:
    image = picture() if mode == "LAB" else picture(mode=mode)
    if mode == "LAB":
        grey = np.asarray(picture(mode="L"))
        image = Image.merge("LAB", [Image.fromarray(grey), *[Image.new("L", image.size, 128)] * 2])
    page = load_document(encoded(image, kind), mode, treatments=UNTREATED).pages[0]
    assert np.abs(page.pixels.astype(int) - np.asarray(picture()).astype(int)).mean() < 6


def test_floating_grey_becomes_rgb() -> None:
    grey = Image.fromarray(np.asarray(picture(mode="L")).astype(np.float32) / 255)
    page = load_document(tiff(grey), "float", treatments=UNTREATED).pages[0]
    assert np.abs(page.pixels.astype(int) - np.asarray(picture()).astype(int)).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_shows_white_paper(mode: str) -> None:
    """Transparent black must not come out as a black page."""
    image = picture(mode="RGBA")
    values = np.asarray(image).copy()
    values[values[:, :, :3].min(axis=2) > 200] = 0
    image = Image.fromarray(values)
    options: dict[str, Any] = {}
    if mode == "P":
        image = Image.fromarray((values[:, :, 3] > 0).astype(np.uint8)).convert("P")
        image.putpalette([0, 0, 0, 0, 0, 0])
        options["transparency"] = 0
    page = load_document(encoded(image if mode == "P" else image.convert(mode), "PNG", **options), mode).pages[0]
    assert np.median(page.pixels) == 255
    assert page.pixels.min() < 80


def bitmap(image: Image.Image, alpha: int) -> bytes:
    """A BMP with a fourth channel that is the same everywhere (version 4 header, bit fields)."""
    values = np.dstack([np.asarray(image.convert("RGB"))[:, :, ::-1], np.full((image.height, image.width), alpha)])
    pixels = values[::-1].astype(np.uint8).tobytes()
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    size = (108, image.width, image.height, 1, 32, 3, len(pixels), 0, 0, 0, 0)
    header = struct.pack("<IiiHHIIiiII", *size) + masks + b"BGRs" + bytes(48)
    return b"BM" + struct.pack("<IHHI", 14 + len(header) + len(pixels), 0, 0, 14 + len(header)) + header + pixels


@pytest.mark.parametrize("alpha", [0, 255])
def test_a_picture_that_is_transparent_everywhere_is_shown(alpha: int) -> None:
    page = load_document(bitmap(picture(), alpha), "scan.bmp", treatments=UNTREATED).pages[0]
    assert np.array_equal(page.pixels, np.asarray(picture()))


def test_a_rare_kind_of_bitmap_is_not_called_corrupt() -> None:
    rare = bytearray(bitmap(picture(), 255))
    rare[30] = 11  # compression: CMYK
    with pytest.raises(UnsupportedDocumentError, match="of a rare kind that cannot be read here"):
        load_document(bytes(rare), "scan.bmp")


def test_a_pdf_whose_fonts_are_missing_is_not_called_empty() -> None:
    registerFont(UnicodeCIDFont("HeiseiMin-W3"))  # Japanese, not embedded
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(300, 200))
    canvas.setFont("HeiseiMin-W3", 14)
    canvas.drawString(20, 150, "\u8acb\u6c42\u66f8")
    canvas.save()
    try:
        document = load_document(stream.getvalue(), "noembed.pdf")
    except BlankDocumentError as error:
        assert "fonts that are neither in the file nor on this computer" in str(error)
    else:
        assert document.pages, "this computer has Japanese fonts"


def form_pdf(levels: int) -> bytes:
    """A page with a text and a field to fill in; the form's fields are each other's children twice, without names."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf()))
    place = ArrayObject(FloatObject(number) for number in (20, 20, 120, 40))
    widget = {
        "/Type": NameObject("/Annot"),
        "/Subtype": NameObject("/Widget"),
        "/FT": NameObject("/Tx"),
        "/Rect": place,
    }
    field = writer._add_object(DictionaryObject({NameObject(name): value for name, value in widget.items()}))
    writer.pages[0][NameObject("/Annots")] = ArrayObject([field])
    for _ in range(levels):
        field = writer._add_object(DictionaryObject({NameObject("/Kids"): ArrayObject([field, field])}))
    form = {NameObject("/Fields"): ArrayObject([field]), NameObject("/NeedAppearances"): BooleanObject(True)}
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject(form)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_a_form_whose_fields_multiply_is_read_without_building_them() -> None:
    limits = Isolation(seconds=10.0, cpu_seconds=10.0)  # thirty million fields take minutes
    page = load_document(form_pdf(levels=25), "form.pdf", decode=decoding(limits)).pages[0]
    assert page.text_layer is not None


def coloured_pdf(red: float, green: float, blue: float) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(300, 200))
    canvas.drawString(20, 150, "Faktura 4711 med en logotyp")
    canvas.setFillColorRGB(red, green, blue)
    canvas.rect(20, 20, 60, 60, stroke=0, fill=1)
    canvas.save()
    return stream.getvalue()


def test_a_page_whose_text_is_known_takes_a_third_of_the_memory_where_it_has_no_colour() -> None:
    files = pdf(), coloured_pdf(0.137, 0.122, 0.125), coloured_pdf(0.8, 0.1, 0.1)
    grey, inks, coloured = (load_document(source, "a.pdf").pages[0] for source in files)
    assert grey.text_layer is not None and coloured.text_layer is not None
    assert grey.pixels.shape == coloured.pixels.shape == (556, 834, 3)
    assert [page.pixels.strides[2] for page in (grey, inks, coloured)] == [0, 0, 1]
    assert not grey.pixels.flags.writeable
    plain = np.ascontiguousarray(grey.pixels)
    same = replace(grey, pixels=plain)
    assert same.digest() == grey.digest()
    shown = (next(page_pictures.encoded([page])) for page in (grey, same))
    one, other = (np.asarray(Image.open(io.BytesIO(file.content)).convert("RGB"), np.int16) for file in shown)
    assert one.shape == other.shape and np.abs(one - other).max() <= 3
    for show in (Image.fromarray, lambda pixels: Image.fromarray(cv2.resize(pixels, (300, 200)))):
        assert show(grey.pixels).tobytes() == show(plain).tobytes()  # type: ignore[no-untyped-call]


def test_resolution_is_kept_where_it_means_something() -> None:
    cases = {300: 300, 72: None, 96: None}
    for stated, kept in cases.items():
        page = load_document(encoded(picture(), "PNG", dpi=(stated, stated)), "scan", treatments=UNTREATED).pages[0]
        assert page.dpi == (None if kept is None else pytest.approx(kept, abs=0.1))


def test_fax_pixels_are_made_square() -> None:
    page = load_document(tiff(picture(300, 160), dpi=(204, 98)), "fax.tif", treatments=UNTREATED).pages[0]
    assert (page.width, page.height) == (300, pytest.approx(333, abs=1))
    assert page.steps[0].name == "square_pixels"


def test_only_content_decides_the_kind() -> None:
    for source, media_type in FILES.values():
        assert sniff(source, "x.doc") is media_type
    assert sniff(b"\r\n junk " + FILES["pdf"][0], "late header") is MediaType.PDF
