"""Crossed-out words are no values, whether a line of the PDF or a pen strikes them."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from disguised_invoices import FONTS, draw, drawn, facts, layout, money
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

from db.records import JobStatus
from invoice_connector.pipeline.process import process
from invoice_connector.pipeline.request import Request
from invoice_connector.rules.picture_check import STRUCK_OUT
from ocr_ensemble import strokes
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.layout import BoundingBox, Word
from ocr_ensemble.settings import EnsembleSettings
from ocr_ensemble.strokes import struck_words

SIZES = st.integers(18, 40)
TEXTS = st.text("ABCDEGHKMNPRSTUVXabcdefghkmnoprstuvxyz0123456789", min_size=3, max_size=12)


def picture(text: str, size: int, font: str = "DejaVuSans.ttf") -> tuple[Image.Image, Word]:
    face = ImageFont.truetype(FONTS / font, size)
    image = Image.new("RGB", (size * len(text) + 80, 3 * size), "white")
    pen = ImageDraw.Draw(image)
    pen.text((40, size), text, "black", face)
    left, top, right, bottom = (round(edge) for edge in pen.textbbox((40, size), text, face))
    return image, Word(text, BoundingBox(left, top, right, bottom))


@settings(max_examples=60, deadline=None)
@given(TEXTS, SIZES, st.sampled_from(["DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf"]))
def test_words_as_they_are_printed_are_not_struck(text: str, size: int, font: str) -> None:
    image, word = picture(text, size, font)
    assert struck_words(np.asarray(image), [[word]]) == [[False]]


@settings(max_examples=60, deadline=None)
@given(TEXTS, SIZES, st.floats(0.4, 0.6), st.floats(-0.04, 0.04), st.sampled_from(["black", "red", "navy"]))
def test_a_stroke_through_the_middle_strikes(text: str, size: int, height: float, slope: float, colour: str) -> None:
    image, word = picture(text, size)
    box = word.box
    middle = box.top + height * box.height
    rise = min(abs(slope) * box.width, 0.1 * box.height) * (1 if slope > 0 else -1)
    line = ((box.left - 4, middle - rise), (box.right + 4, middle + rise))
    ImageDraw.Draw(image).line(line, colour, max(2, size // 12))
    assert struck_words(np.asarray(image), [[word]]) == [[True]]


@given(TEXTS, SIZES)
@settings(max_examples=30, deadline=None)
def test_an_underlined_word_is_not_struck(text: str, size: int) -> None:
    assume(not set(text.lower()) <= set("fjrtz"))  # their bars join to a stroke through the whole word
    image, word = picture(text, size)
    box = word.box
    ImageDraw.Draw(image).line(((box.left - 9, box.bottom + 1), (box.right + 9, box.bottom + 1)), "black", 2)
    assert struck_words(np.asarray(image), [[word]]) == [[False]]


PAPERS = [("white", "black"), ("white", "lightgrey"), ("khaki", "navy"), ("black", "white"), ("lightgrey", "red")]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.sampled_from(PAPERS), st.booleans()), min_size=6, max_size=9), SIZES)
def test_the_quick_look_at_a_line_says_what_the_look_at_each_word_says(
    line: list[tuple[str, tuple[str, str], bool]], size: int
) -> None:
    face, left = ImageFont.truetype(FONTS / "DejaVuSans.ttf", size), 10
    image, words = Image.new("RGB", (size * sum(len(text) + 2 for text, _, _ in line), 3 * size), "white"), []
    pen = ImageDraw.Draw(image)
    for text, (paper, ink), struck in line:
        box = tuple(round(edge) for edge in pen.textbbox((left, size), text, face))
        if paper != "white":
            pen.rectangle((box[0] - 3, box[1] - 3, box[2] + 3, box[3] + 3), paper)
        pen.text((left, size), text, ink, face)
        if struck:
            pen.line((box[0] - 2, (box[1] + box[3]) / 2, box[2] + 2, (box[1] + box[3]) / 2), ink, 2)
        words.append(Word(text, BoundingBox(*box)))
        left = box[2] + size // 2
    pixels = np.asarray(image)
    quick = struck_words(pixels, [words])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strokes, "_surely_free", lambda _pixels, lines: [[False] * len(words) for words in lines])
        assert struck_words(pixels, [words]) == quick


@pytest.mark.parametrize("scanned", [False, True])
def test_a_crossed_out_total_is_no_value_and_stops(scanned: bool, tmp_path: Path) -> None:
    chance = random.Random(8)
    said, place = facts(chance), layout(chance)

    def put(canvas: Canvas, x: float, y: float, name: str, text: str) -> None:
        canvas.drawString(x, y, text)
        if name == "total":
            canvas.line(x - 3, y + 3.5, x + canvas.stringWidth(text) + 3, y + 4)

    path = tmp_path / "struck.pdf"
    path.write_bytes(drawn(lambda canvas: draw(canvas, said, place, put)))
    if scanned:
        with pypdfium2.PdfDocument(path) as pdf:
            pdf[0].render(scale=200 / 72).to_pil().save(path := tmp_path / "struck.png")
    ensemble = OCREnsemble(EnsembleSettings(engines=("pdf_text", "rapidocr", "tesseract")))
    outcome = process(path, Request("job", path.name), ensemble)
    assert outcome.status is JobStatus.NEEDS_REVIEW
    struck = [violation.message for violation in outcome.violations if violation.rule == STRUCK_OUT]
    assert len(struck) == 1
    assert scanned or money(said.total) in struck[0]
    assert outcome.invoice is not None
    assert all(field.text != money(said.total) for field in outcome.invoice.fields.values())
