"""Orientations, colours and resolutions of files become upright pages in RGB; what is rare is read, too."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pypdf
import pytest
from document_files import FILES, UNTREATED, encoded, pdf, picture, tiff
from PIL import Image
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, FloatObject, NameObject
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from invoice_connector.pipeline import page_pictures
from ocr_ensemble.document import load_document
from ocr_ensemble.document.isolation import Isolation, decoding
from ocr_ensemble.document.sniff import MediaType, sniff
from ocr_ensemble.errors import (
    BlankDocumentError,
    UnsupportedDocumentError,
)


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
