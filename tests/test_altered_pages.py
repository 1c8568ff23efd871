"""Digital pages that were altered or stamped: values pasted over others, stamps drawn or set at an angle."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from disguised_invoices import FONTS, Facts, draw, drawn, facts, layout
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from db.records import JobStatus
from invoice_connector.pipeline.outcome import Outcome
from invoice_connector.pipeline.process import process
from invoice_connector.pipeline.request import Request
from invoice_connector.rules.decision import HIDDEN
from invoice_connector.rules.sentences import RULE as SENTENCE
from invoice_connector.rules.tampering import TAMPER
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.settings import EnsembleSettings

OLD, NEW = "GB33 BUKB 2020 1555 5555 55", "GB94 BARC 1020 1530 0934 59"


@pytest.fixture(scope="module")
def ensemble() -> Iterator[OCREnsemble]:
    yield OCREnsemble(EnsembleSettings(engines=("pdf_text", "rapidocr", "tesseract", "rapidocr_again")))


def outcome_of(paint: Callable[[Canvas, Facts], None], ensemble: OCREnsemble, seed: int = 1) -> Outcome:
    """An honest invoice on which ``paint`` goes on drawing."""
    said = facts(random.Random(seed))

    def page(canvas: Canvas) -> None:
        draw(canvas, said, layout(random.Random(seed)))
        paint(canvas, said)

    return process(drawn(page), Request("job", "page.pdf"), ensemble)


def sentences(outcome: Outcome, rule: str) -> list[str]:
    return [broken.message for broken in outcome.violations if broken.rule == rule]


def account(canvas: Canvas, text: str) -> None:
    canvas.setFillGray(0)
    canvas.setFont("Helvetica", 10)
    canvas.drawString(50, 200, f"IBAN {text}")


def picture_of(text: str) -> ImageReader:
    picture = Image.new("RGB", (1300, 120), "white")
    ImageDraw.Draw(picture).text((10, 10), text, "black", ImageFont.truetype(FONTS / "DejaVuSans.ttf", 70))
    return ImageReader(picture)


def under_a_box(canvas: Canvas, _said: Facts) -> None:
    account(canvas, OLD)
    canvas.setFillGray(1)
    canvas.rect(48, 196, 220, 14, stroke=0, fill=1)
    account(canvas, NEW)


def under_a_picture(canvas: Canvas, _said: Facts) -> None:
    account(canvas, OLD)
    canvas.drawImage(picture_of(f"IBAN {NEW}"), 48, 195, 220, 18)


def partly_under_a_box(canvas: Canvas, _said: Facts) -> None:
    """Only the digits are covered, the word before them is still the old one."""
    account(canvas, OLD)
    canvas.setFillGray(1)
    canvas.rect(73, 196, 220, 14, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.drawString(75, 200, NEW)


@pytest.mark.parametrize("paint", [under_a_box, under_a_picture, partly_under_a_box])
def test_an_account_under_another_one_is_named_and_stops(
    paint: Callable[[Canvas, Facts], None], ensemble: OCREnsemble
) -> None:
    outcome = outcome_of(paint, ensemble)
    (sentence,) = sentences(outcome, TAMPER)
    assert "2020 1555" in sentence
    assert outcome.status is JobStatus.NEEDS_REVIEW


def box_before_its_text(canvas: Canvas, _said: Facts) -> None:
    canvas.setFillGray(0.9)
    canvas.rect(48, 196, 220, 14, stroke=0, fill=1)
    account(canvas, NEW)


def same_under_a_box(canvas: Canvas, _said: Facts) -> None:
    account(canvas, NEW)
    canvas.setFillGray(1)
    canvas.rect(48, 196, 220, 14, stroke=0, fill=1)
    account(canvas, NEW)


@pytest.mark.parametrize("paint", [box_before_its_text, same_under_a_box])
def test_what_nothing_covers_or_the_page_shows_all_the_same_is_no_conflict(
    paint: Callable[[Canvas, Facts], None], ensemble: OCREnsemble
) -> None:
    outcome = outcome_of(paint, ensemble)
    assert sentences(outcome, TAMPER) == []
    assert outcome.status is JobStatus.COMPLETED


def white(canvas: Canvas, _said: Facts) -> None:
    account(canvas, NEW)
    canvas.setFillGray(1)
    canvas.drawString(300, 200, "Reference of the program 4711-2026")


def white_beside_a_sentence(canvas: Canvas, said: Facts) -> None:
    white(canvas, said)
    canvas.setFillGray(0)
    canvas.drawString(50, 150, "Your company card was charged on collection.")


def test_what_nobody_sees_stops_nothing_and_spares_no_other_check(ensemble: OCREnsemble) -> None:
    outcome = outcome_of(white, ensemble)
    assert (outcome.status, [broken.rule for broken in outcome.violations]) == (JobStatus.COMPLETED, [HIDDEN])
    outcome = outcome_of(white_beside_a_sentence, ensemble)
    assert outcome.status is JobStatus.NEEDS_REVIEW
    assert [broken.rule for broken in outcome.violations] == [HIDDEN, SENTENCE]


def slanting(canvas: Canvas, text: str) -> None:
    canvas.translate(150, 480)
    canvas.rotate(30)
    canvas.setFillColorRGB(0.8, 0.2, 0.2)


def as_text(canvas: Canvas, text: str) -> None:
    slanting(canvas, text)
    canvas.setFont("Helvetica-Bold", 60)
    canvas.drawString(0, 0, text)


def as_picture(canvas: Canvas, text: str) -> None:
    picture = Image.new("RGBA", (900, 200), (255, 255, 255, 0))
    font = ImageFont.truetype(FONTS / "DejaVuSans.ttf", 130)
    ImageDraw.Draw(picture).text((20, 20), text, (200, 30, 30, 255), font)
    slanting(canvas, text)
    canvas.drawImage(ImageReader(picture), 0, 0, 250, 55, mask="auto")


def as_level_picture(canvas: Canvas, text: str) -> None:
    picture = Image.new("RGB", (900, 200), "white")
    ImageDraw.Draw(picture).text((20, 20), text, (200, 30, 30), ImageFont.truetype(FONTS / "DejaVuSans.ttf", 130))
    canvas.drawImage(ImageReader(picture), 120, 550, 200, 45)


@pytest.mark.parametrize("stamp", [as_text, as_picture, as_level_picture])
@pytest.mark.parametrize(
    ("text", "rule"), [("PAID", "ALREADY-PAID"), ("BEZAHLT", "ALREADY-PAID"), ("ANNULLATA", "VOID")]
)
def test_a_stamp_beside_the_text_layer_is_read(
    stamp: Callable[[Canvas, str], None], text: str, rule: str, ensemble: OCREnsemble
) -> None:
    outcome = outcome_of(lambda canvas, _said: stamp(canvas, text), ensemble, seed=2)
    assert len(sentences(outcome, rule)) == 1
    assert outcome.status is JobStatus.NEEDS_REVIEW


@pytest.mark.parametrize("stamp", [as_text, as_picture, as_level_picture])
@pytest.mark.parametrize("text", ["COPY", "OAKMERE"])
def test_other_words_at_an_angle_are_no_conflict(
    stamp: Callable[[Canvas, str], None], text: str, ensemble: OCREnsemble
) -> None:
    outcome = outcome_of(lambda canvas, _said: stamp(canvas, text), ensemble, seed=2)
    assert not [broken for broken in outcome.violations if broken.rule in ("ALREADY-PAID", "VOID")]


STAMPS = ("PAID", "BEZAHLT", "BETALD", "PAGADO", "PAGATO", "BETAALD", "BETALT", "VOID", "STORNIERT", "CANCELLED")


def anywhere(canvas: Canvas, text: str, chance: random.Random) -> None:
    """A stamp of any size, angle, colour and place, mostly over text."""
    size, colour = chance.uniform(24, 60), (chance.uniform(0.5, 0.9), chance.uniform(0, 0.4), chance.uniform(0, 0.4))
    canvas.translate(chance.uniform(80, 200), chance.uniform(250, 600))
    canvas.rotate(chance.uniform(-35, 40))
    width = ImageFont.truetype(FONTS / "DejaVuSans-Bold.ttf", 100).getlength(text) * size / 100
    if chance.random() < 0.5:
        canvas.setStrokeColorRGB(*colour)
        canvas.setLineWidth(size / 15)
        canvas.rect(-0.25 * size, -0.35 * size, width + 0.5 * size, 1.4 * size)
    picture = Image.new("RGBA", (round(4 * width), round(5 * size)), (255, 255, 255, 0))
    ink = (*(round(255 * part) for part in colour), chance.choice((255, 160)))
    ImageDraw.Draw(picture).text((0, 0), text, ink, ImageFont.truetype(FONTS / "DejaVuSans-Bold.ttf", 4 * size))
    canvas.drawImage(ImageReader(picture), 0, -0.2 * size, width, 1.25 * size, mask="auto")


@pytest.mark.slow
def test_hardly_a_drawn_stamp_is_missed(ensemble: OCREnsemble, documents: int) -> None:
    """A twentieth of the stamps may be missed."""
    missed = []
    for seed in range(documents):
        chance = random.Random(f"stamp {seed}")
        text = chance.choice(STAMPS)
        outcome = outcome_of(partial(_stamped, text, chance), ensemble, seed)
        if outcome.status is JobStatus.COMPLETED:
            missed.append(f"{seed} {text}")
    assert len(missed) <= 0.05 * documents, missed


def _stamped(text: str, chance: random.Random, canvas: Canvas, _said: Facts) -> None:
    anywhere(canvas, text, chance)
