"""The text of a PDF page is what a person sees of it: hidden, covered, switched off, typed into fields, set apart."""

from __future__ import annotations

import os
import random
from contextlib import closing

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from disguised_invoices import KINDS, PAGE, day, drawn, facts, money
from reportlab.pdfgen.canvas import Canvas

from ocr_ensemble.document.character_table import CharacterTable
from ocr_ensemble.document.characters import View
from ocr_ensemble.document.covers import objects_of
from ocr_ensemble.document.decode import load_document
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.messages import pack, unpack
from ocr_ensemble.document.painted import switched_off
from ocr_ensemble.document.raw import RawPage
from ocr_ensemble.grey import one_channel

TOLD_BY_THE_LAYER = (
    "honest", "under_boxes", "white", "transparent", "clipped", "invisible", "tiny", "switched_off", "in_form_fields",
    "in_annotations", "spaced_out", "painted_thrice",
)  # fmt: skip


def words_of(content: bytes) -> list[str]:
    layer = load_document(content, "page.pdf").pages[0].text_layer
    assert layer is not None
    return " ".join(line.text for line in layer.lines).split()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", TOLD_BY_THE_LAYER)
def test_the_words_are_those_that_are_seen(kind: str, seed: int) -> None:
    chance = random.Random(f"{kind} {seed}")
    said = facts(chance)
    words = words_of(KINDS[kind](said, chance))
    expected = [said.number, *(money(value) for value in (said.net, said.vat, said.total)), *said.seller.split()]
    expected += [*day(said.issued).split(), *day(said.due).split(), *said.buyer.split()]
    assert not [word for word in expected if word not in words]
    assert {word for word in words if word.startswith("£")} == {money(v) for v in (said.net, said.vat, said.total)}


@pytest.mark.parametrize("kind", ["under_pictures", "scan_over_text"])
def test_what_lies_under_a_picture_is_not_read(kind: str) -> None:
    chance = random.Random(kind)
    said = facts(chance)
    layer = load_document(KINDS[kind](said, chance), "page.pdf").pages[0].text_layer
    assert not [line.text for line in (layer.lines if layer else ()) if "£" in line.text]


@pytest.mark.parametrize("kind", ["honest", "under_boxes", "in_annotations", "in_form_fields"])
def test_a_page_on_which_all_is_switched_off_is_as_it_would_be_rendered(kind: str) -> None:
    chance = random.Random(kind)
    with closing(pypdfium2.PdfDocument(KINDS[kind](facts(chance), chance))) as document:
        page = document[0]
        view = View(page, (620, 877), 0, 877 / page.get_height())
        texts = [item for item in objects_of(page) if pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_TEXT]
        for left_out in (texts, objects_of(page)):
            with switched_off(left_out):
                rendered = page.render(scale=view.scale, rev_byteorder=True, prefer_bgrx=False).to_numpy()[:, :, :3]
                assert np.array_equal(view.picture(), rendered)


def test_a_label_half_under_a_stamp_is_kept_and_a_number_without_a_digit_is_not() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for row in range(12):
            canvas.drawString(50, 700 - 20 * row, f"Line {row} of the terms that apply")
        canvas.drawString(50, 300, "Amount payable")
        canvas.drawString(200, 300, "1,350.00")
        canvas.setFillGray(0.8)
        canvas.rect(95, 290, 14, 30, stroke=0, fill=1)  # over "aya"
        canvas.rect(209, 290, 7, 30, stroke=0, fill=1)  # over "35"

    words = words_of(drawn(paint))
    assert "payable" in words
    assert "1,350.00" not in words


def test_text_beyond_the_page_is_not_read() -> None:
    def paint(canvas: Canvas) -> None:
        for row in range(12):
            canvas.drawString(50, 700 - 20 * row, f"Line {row} of the terms")
        canvas.drawString(50, PAGE[1] + 40, "Total 9,999.00")

    assert "9,999.00" not in words_of(drawn(paint))


@pytest.mark.parametrize("kind", ["honest", "tiny", "in_form_fields", "spaced_out", "painted_thrice"])
def test_what_is_told_of_many_characters_at_once_is_what_pdfium_says_of_each(kind: str) -> None:
    chance = random.Random(kind)
    with (
        closing(pypdfium2.PdfDocument(KINDS[kind](facts(chance), chance))) as document,
        closing(document[0].get_textpage()) as text,
    ):
        table, every = CharacterTable(text.raw), range(text.count_chars())
        codes, owners = table.codes(len(every)), table.owners(every)
        assert codes.tolist() == [pdfium.FPDFText_GetUnicode(text, at) for at in every]
        assert table.generated(codes).tolist() == [pdfium.FPDFText_IsGenerated(text, at) == 1 for at in every]
        placed = [at for at in every if owners[at]]
        angles = table.angles(placed, owners[placed])
        assert angles.tolist() == [pdfium.FPDFText_GetCharAngle(text, at) for at in placed]


def test_a_page_without_colour_is_one_channel_on_the_way_from_the_child() -> None:
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    colour = np.stack([grey, grey, grey + 1], axis=-1)
    for pixels, channels in ((one_channel(np.stack([grey] * 3, axis=-1)), 1), (one_channel(colour), 3)):
        head, file = pack(RawPage(pixels))
        try:
            received = unpack(head, file, Limits()).pixels
        finally:
            os.close(file)
        assert np.array_equal(received, pixels)
        assert head["channels"] == channels
