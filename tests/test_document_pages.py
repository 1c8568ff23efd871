"""Pages come out upright, level and with a text layer whose boxes hold ink, or with the reason why not."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ocr_ensemble.document import Document, PageImage, Treatments, load_document
from ocr_ensemble.document.ink import find_ink
from ocr_ensemble.document.skew import deskew, estimate_skew
from ocr_ensemble.document.textlayer import Glyphs, JudgedText, LayerText, judge_text_layer

LETTER = (
    "Nordisk Kontorsvaror AB",
    "Fakturanummer 2025-0417",
    "Fakturadatum 2025-03-14",
    "Bankgiro 5050-1055 Plusgiro 4711-2",
    "Pappersprodukter leverans vecka elva",
    "Kopieringspapper A4 fem kartonger 1 250,00",
    "Skrivbordslampa med klämfäste 2 st 798,00",
    "Moms tjugofem procent 512,00",
    "Summa att betala inom trettio dagar 2 560,00",
    "Betalningsvillkor trettio dagar netto",
    "Dröjsmålsränta enligt räntelagen",
    "Organisationsnummer 556677-8899",
)


def printed_page() -> NDArray[np.uint8]:
    image = Image.new("RGB", (900, 1200), "white")
    draw = ImageDraw.Draw(image)
    for row in range(24):
        draw.text((70, 60 + 44 * row), LETTER[row % len(LETTER)], fill=(20, 20, 30), font=ImageFont.load_default(22))
    return np.asarray(image)


def grey_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def encoded_png(pixels: NDArray[np.uint8]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def loaded(pixels: NDArray[np.uint8]) -> PageImage:
    return load_document(encoded_png(pixels), "page.png").pages[0]


def letter_pdf(rotation: int = 0, columns: bool = False, mode: int = 0) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(842, 842))  # reportlab swaps the sides of a rotated page
    canvas.setPageRotation(rotation)
    for row, text in enumerate(LETTER):
        line = canvas.beginText(60, 760 - 30 * row)
        line.setTextRenderMode(mode)
        line.textOut(text)
        canvas.drawText(line)
        if columns:
            canvas.drawRightString(530, 760 - 30 * row, f"{row},50")
    canvas.save()
    return stream.getvalue()


def text_of(document: Document) -> list[str]:
    layer = document.pages[0].text_layer
    assert layer is not None
    return [line.text for line in layer.lines]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_pages_are_turned_upright(turn: int) -> None:
    upright = printed_page()
    page = loaded(np.ascontiguousarray(np.rot90(upright, turn // 90)))
    assert np.array_equal(page.pixels, upright)
    assert [step.name for step in page.steps] == (["turn"] if turn else [])


def test_an_upright_table_of_numbers_is_left_alone() -> None:
    image = Image.new("RGB", (600, 900), "white")
    draw = ImageDraw.Draw(image)
    for row in range(30):
        for column in range(6):
            draw.text(
                (40 + 90 * column, 20 + 29 * row), str((row * 7 + column) % 10), "black", ImageFont.load_default(20)
            )
    assert loaded(np.asarray(image)).steps == ()


@pytest.mark.parametrize("degrees", [-11.0, -4.0, -1.4, 1.3, 2.5, 7.0, 14.0])
def test_deskew_leaves_less_than_a_third_of_a_degree(degrees: float) -> None:
    sloped, _ = deskew(printed_page(), -degrees)
    assert estimate_skew(find_ink(grey_of(sloped))) == pytest.approx(degrees, abs=0.3)
    page = loaded(sloped)
    assert "deskew" in [step.name for step in page.steps]
    assert abs(estimate_skew(find_ink(grey_of(page.pixels)))) < 0.3
    assert page.quality.skew_degrees == pytest.approx(degrees, abs=0.3)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_pixels_of_the_file_can_be_found_on_the_page(turn: int) -> None:
    pixels = deskew(np.ascontiguousarray(np.rot90(printed_page(), turn // 90)), 3.0)[0]
    page = loaded(pixels)
    matrix = np.array(page.from_source).reshape(2, 3)
    ys, xs = np.nonzero(pixels[:, :, 0] < 90)
    moved = np.column_stack([xs, ys, np.ones(len(xs))]) @ matrix.T
    columns, rows = np.rint(moved).astype(int).T
    dark = [
        page.pixels[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].min() < 128
        for x, y in zip(columns, rows, strict=True)
    ]
    assert np.mean(dark) > 0.99


def test_a_level_page_comes_through_untouched() -> None:
    pixels = printed_page()
    page = loaded(pixels)
    assert page.steps == ()
    assert np.array_equal(page.pixels, pixels)


def test_deskew_fills_with_the_colour_of_the_edge() -> None:
    pixels = np.full((200, 300, 3), (240, 230, 200), dtype=np.uint8)
    before = pixels.copy()
    assert np.array_equal(np.unique(deskew(pixels, 5)[0].reshape(-1, 3), axis=0), [[240, 230, 200]])
    assert np.array_equal(pixels, before)


def test_quality_tells_sharp_from_blurred_and_clean_from_noisy() -> None:
    pixels = printed_page()
    noise = np.random.default_rng(0).normal(0, 25, pixels.shape[:2])[:, :, None]
    faint = loaded(np.asarray(200 - (255 - pixels) * 0.15, dtype=np.uint8)).quality
    clean = loaded(pixels).quality
    blurred = loaded(np.asarray(cv2.GaussianBlur(pixels, (0, 0), 4))).quality
    assert clean.sharpness > 0.3
    assert blurred.sharpness < 0.05
    grainy = loaded(np.asarray(np.clip(pixels * 0.8 + 25 + noise, 0, 255), dtype=np.uint8)).quality
    assert clean.noise == 0.0
    assert grainy.noise == pytest.approx(25 / 255, rel=0.3)
    assert clean.contrast > 0.7
    assert 0.05 < faint.contrast < 0.2
    assert clean.text_height is not None
    assert 10 <= clean.text_height <= 20


def test_large_print_on_a_large_page_is_reduced() -> None:
    large = np.asarray(cv2.resize(printed_page(), None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC))
    page = loaded(large)
    assert [step.name for step in page.steps] == ["downscale"]
    assert page.width < large.shape[1]
    untouched = load_document(encoded_png(large), "p", treatments=Treatments(downscale_above=1e9)).pages[0]
    assert untouched.width == large.shape[1]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_text_layer_boxes_hold_the_ink(rotation: int) -> None:
    """Whatever the page's /Rotate says, text comes out level and its boxes lie on it."""
    document = load_document(letter_pdf(rotation), "brev.pdf")
    page = document.pages[0]
    assert text_of(document) == list(LETTER)
    assert page.text_layer is not None
    covered = np.zeros((page.height, page.width), dtype=bool)
    for line in page.text_layer.lines:
        assert " ".join(word.text for word in line.words) == line.text
        for word in line.words:
            left, top, right, bottom = word.box.as_tuple()
            patch = page.pixels[top:bottom, left:right]
            assert patch.min() < 100
            covered[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = True
    dark = page.pixels.min(axis=2) < 128
    assert np.count_nonzero(dark & covered) == np.count_nonzero(dark)


def test_columns_are_lines_of_their_own() -> None:
    texts = text_of(load_document(letter_pdf(columns=True), "tabell.pdf"))
    assert texts[:4] == [LETTER[0], "0,50", LETTER[1], "1,50"]


def test_born_digital_pages_are_not_treated() -> None:
    page = load_document(letter_pdf(), "brev.pdf").pages[0]
    assert [step.name for step in page.steps] == ["text_layer"]
    assert page.dpi == pytest.approx(200)
    assert page.text_layer is not None
    assert page.text_layer.engine == "pdf_text"
    assert page.text_layer.version.startswith("pypdfium2 ")
    assert all(line.confidence is None for line in page.text_layer.lines)


def test_invisible_text_over_a_scan_is_not_trusted() -> None:
    """A scanner's own reading, or text that somebody planted: the picture decides."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, 793))
    canvas.drawImage(ImageReader(Image.fromarray(printed_page())), 0, 0, 595, 793)
    text = canvas.beginText(50, 700)
    text.setTextRenderMode(3)
    text.textOut("Pay 1 000 000 to somebody else")
    canvas.drawText(text)
    canvas.save()
    page = load_document(stream.getvalue(), "scan.pdf").pages[0]
    assert page.text_layer is None
    assert "invisible" in page.steps[0].detail


def test_a_scan_with_a_typed_header_is_not_trusted() -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, 842))
    canvas.drawImage(ImageReader(Image.fromarray(printed_page())), 0, 0, 595, 793)
    canvas.drawString(50, 815, "Received 2025-03-14")
    canvas.save()
    page = load_document(stream.getvalue(), "stamped.pdf").pages[0]
    assert page.text_layer is None
    assert "of the print only" in page.steps[0].detail


def test_white_text_on_white_is_not_part_of_the_text() -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, 842))
    for row, text in enumerate(LETTER):
        canvas.drawString(60, 760 - 30 * row, text)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(60, 300, "Pay somebody else")
    canvas.save()
    assert text_of(load_document(stream.getvalue(), "brev.pdf")) == list(LETTER)


def test_scanned_pages_of_a_pdf_are_turned_and_levelled() -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(793, 595))
    canvas.drawImage(ImageReader(Image.fromarray(np.rot90(printed_page()))), 0, 0, 793, 595)
    canvas.save()
    page = load_document(stream.getvalue(), "scan.pdf").pages[0]
    assert page.height > page.width
    assert [step.name for step in page.steps] == ["text_layer", "turn"]


def test_text_that_runs_sideways_turns_the_page() -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(842, 595))
    canvas.rotate(90)
    for row, text in enumerate(LETTER):
        canvas.drawString(60, -60 - 30 * row, text)
    canvas.save()
    document = load_document(stream.getvalue(), "landscape.pdf")
    assert document.pages[0].height > document.pages[0].width
    assert text_of(document) == list(LETTER)


def glyphs_of(text: str, **changes: NDArray[Any]) -> Glyphs:
    """One row of glyphs, ten pixels each, at (20, 20)."""
    left = 20.0 + 10 * np.arange(len(text))
    boxes = np.column_stack([left, np.full_like(left, 20), left + 9, np.full_like(left, 36)])
    yes, no = np.ones(len(text), dtype=bool), np.zeros(len(text), dtype=bool)
    same = np.zeros(len(text), dtype=np.int32)
    everything = {"visible": yes, "mapped": yes, "covered": no, "fonts": same, "colours": same} | changes
    return Glyphs(np.array([ord(c) for c in text]), boxes, boxes, np.full(len(text), 34.0), **everything)


def row_of_ink(count: int) -> NDArray[np.uint8]:
    grey = np.full((80, 600), 255, dtype=np.uint8)
    for index in range(count):
        grey[20:36, 21 + 10 * index : 27 + 10 * index] = 0
    return grey


def judged_over(glyphs: Glyphs, grey: NDArray[np.uint8]) -> JudgedText:
    ink = find_ink(grey)
    return judge_text_layer(LayerText.of(glyphs, ink.page_size), ink)


@pytest.mark.parametrize(
    ("glyphs", "reason"),
    [
        (glyphs_of(""), "empty"),
        (glyphs_of("     "), "empty"),
        (glyphs_of("\ue001\ue002\ue003ab"), "no meaning"),
        (glyphs_of("\ufffd\ufffd\x05\x06ab"), "no meaning"),
        (glyphs_of("Summa", mapped=np.array([0, 0, 1, 1, 1], dtype=bool)), "no meaning"),
        (glyphs_of("Summa", visible=np.zeros(5, dtype=bool)), "invisible"),
        (glyphs_of(" ".join(["xkcd"] * 10)), "no vowels"),
    ],
)
def test_garbage_is_not_trusted(glyphs: Glyphs, reason: str) -> None:
    judged = judged_over(glyphs, row_of_ink(49))
    assert not judged.trusted
    assert reason in judged.reason
    assert judged.lines == ()


def test_hidden_glyphs_without_any_height_are_no_failure() -> None:
    line = glyphs_of("Total 12", visible=np.arange(8) < 5)
    flat = line.loose.copy()
    flat[5:, 3] = flat[5:, 1]
    judged = judged_over(replace(line, loose=flat), row_of_ink(5))
    assert [line.text for line in judged.lines] == ["Total"]


def test_glyphs_painted_twice_for_bold_are_read_once() -> None:
    once = glyphs_of("Total")
    shifted = once.tight + np.array([0.4, 0, 0.4, 0])
    doubled = Glyphs(
        np.tile(once.codes, 2),
        np.vstack([once.tight, shifted]),
        np.vstack([once.loose, shifted]),
        np.tile(once.baselines, 2),
        np.tile(once.visible, 2),
        np.tile(once.mapped, 2),
        np.tile(once.covered, 2),
        np.tile(once.fonts, 2),
        np.tile(once.colours, 2),
    )
    judged = judged_over(doubled, row_of_ink(5))
    assert [line.text for line in judged.lines] == ["Total"]


def test_a_faint_page_is_not_blank_and_its_contrast_is_stretched() -> None:
    pixels = np.asarray(np.rint(210 - (255 - printed_page().astype(np.float64)) * 0.06), dtype=np.uint8)
    page = loaded(pixels)
    assert [step.name for step in page.steps] == ["stretch_contrast"]
    assert int(page.pixels.max()) - int(page.pixels.min()) > 150


def test_signs_that_a_file_tells_by_another_text_than_their_glyphs_are_read() -> None:
    """Tagged files and fonts with forms of their own between digits name such signs by /ActualText."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(400, 200), pageCompression=0)
    canvas.setFont("Helvetica", 12)
    said = "/Span <</ActualText (%s)>> BDC (%s) Tj EMC"
    parts = ("(Invoice PL) Tj", said % ("-", "-"), "(2026) Tj", said % ("-", "-"), "(88120 over 1 250) Tj",
             said % (",", ","), "(50) Tj")  # fmt: skip
    canvas.addLiteral(f"BT /F1 12 Tf 40 150 Td {' '.join(parts)} ET")
    canvas.drawString(40, 100, "Nordisk Kontorsvaror AB, Storgatan")
    canvas.save()
    document = load_document(stream.getvalue(), "invoice.pdf")
    assert text_of(document)[0] == "Invoice PL-2026-88120 over 1 250,50"
