"""Signs of a changed document: every kind is reported with its place and goes to review, and no honest one is."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import annotated_invoices
import changed_invoices
import pytest
from changed_invoices import COPIES, money, over_a_scan, placed, signed_then_overwritten
from disguised_invoices import facts
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_revisions import overwritten, signed
from PIL import Image
from pypdf import PdfWriter

from db.records import JobStatus
from invoice_connector.fields.extract import extract
from invoice_connector.fields.page import FieldPage
from invoice_connector.invoice import Violation
from invoice_connector.pipeline.process import process
from invoice_connector.pipeline.request import Request
from invoice_connector.rules.tampering import TAMPER, signs_of_change
from ocr_ensemble.document.decode import load_document
from ocr_ensemble.document.isolation import Isolation, decoding
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.errors import DocumentError
from ocr_ensemble.layer_check import TEXT_LAYER
from ocr_ensemble.settings import EnsembleSettings

ATTACKS = changed_invoices.ATTACKS | annotated_invoices.ATTACKS
HONEST = changed_invoices.HONEST | annotated_invoices.HONEST
OF_THE_FILE = ("bytes_changed", "signed_then_longer", "edited")  # what is said of it as a whole


@pytest.fixture(scope="module")
def ensemble() -> Iterator[OCREnsemble]:
    yield OCREnsemble(EnsembleSettings(engines=(TEXT_LAYER, "tesseract"), confirming=()))


def told(kind: str, seed: int, ensemble: OCREnsemble) -> tuple[Violation, ...]:
    chance = random.Random(f"{kind} {seed}")
    content = (ATTACKS | HONEST | COPIES)[kind](facts(chance), chance)
    document = ensemble.load(content, "page.pdf")
    reading = ensemble.read_document(document)
    return signs_of_change(document, reading, extract([FieldPage.of_reading(page) for page in reading.pages]))


def upside_down(pdf: bytes) -> bytes:
    writer = PdfWriter(io.BytesIO(pdf))
    writer.pages[0].transfer_rotation_to_content()
    writer.pages[0].rotate(180)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ATTACKS)
def test_a_changed_document_is_reported_with_the_place(kind: str, ensemble: OCREnsemble) -> None:
    for seed in range(4):
        found = told(kind, seed, ensemble)
        assert {violation.rule for violation in found} == {TAMPER}
        assert kind in ("bytes_changed", "signed_then_longer", "edited") or all(
            each.page == 1 and each.box for each in found
        )


@pytest.mark.slow
@pytest.mark.parametrize("kind", ATTACKS)
def test_changed_documents_are_reported(kind: str, ensemble: OCREnsemble, documents: int) -> None:
    assert all(told(kind, seed, ensemble) for seed in range(100, 100 + documents))


@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_document_is_not_suspected(kind: str, ensemble: OCREnsemble) -> None:
    for seed in range(4):
        assert told(kind, seed, ensemble) == ()


def test_most_digits_that_were_copied_within_a_photo_are_reported(ensemble: OCREnsemble) -> None:
    """Not where the copy touches what stands beside it."""
    found = [told("copied_digit", seed, ensemble) for seed in range(8)]
    assert sum(map(bool, found)) >= 6
    assert all("copy of another letter" in sign.message and sign.box for signs in found for sign in signs)


def test_what_changed_since_the_signature_stops_and_names_the_field(ensemble: OCREnsemble) -> None:
    chance = random.Random(5)
    said = facts(chance)
    outcome = process(signed_then_overwritten(said, chance), Request("job", "page.pdf"), ensemble)
    found = [violation for violation in outcome.violations if violation.rule == TAMPER]
    since, under = sorted(found, key=lambda violation: "under what" in violation.message)
    assert outcome.status is JobStatus.NEEDS_REVIEW
    assert money(said.total + 9000) in since.message
    assert money(said.total) in under.message
    assert "total_with_vat" in since.fields
    stored = [each for each in outcome.to_record().violations if each["rule"] == TAMPER]
    assert [(each["page"], each["box"]) for each in stored] == [
        (1, list(each.box.as_tuple())) for each in found if each.box
    ]


def test_signs_come_out_of_the_decoding_process_as_they_are_found_in_this_one() -> None:
    chance = random.Random(6)
    pdf, places = placed(facts(chance), chance)
    changed = overwritten(signed(pdf, chance), places["total"], "1.00")
    there = load_document(changed, "page.pdf", decode=decoding(Isolation())).pages[0].signs
    assert there
    assert there == load_document(changed, "page.pdf").pages[0].signs


def test_a_place_follows_its_page_when_that_is_turned() -> None:
    """A scan upside down, with white over a number."""
    chance = random.Random(7)
    pdf = over_a_scan(facts(chance), chance)
    upright, turned = (load_document(each, "page.pdf").pages[0] for each in (pdf, upside_down(pdf)))
    ((there,), (here,)) = ([sign.box for sign in page.signs if sign.box] for page in (upright, turned))
    assert [step.name for step in turned.steps].count("turn") == 1
    assert here.intersection_area(there) > 0.8 * here.area


@pytest.mark.parametrize(("program", "kept"), [("Adobe Photoshop 25.0 (Windows)", True), ("Adobe Scan", False)])
def test_a_picture_that_an_editor_wrote_is_told(program: str, kept: bool) -> None:
    exif = Image.Exif()
    exif[0x0131] = program
    stream = io.BytesIO()
    page = Image.new("RGB", (600, 300), "white")
    page.paste("black", (40, 40, 300, 60))
    page.save(stream, "JPEG", exif=exif)
    signs = load_document(stream.getvalue(), "photo.jpg").pages[0].signs
    assert [sign.text for sign in signs] == [program] * kept


@pytest.mark.parametrize(
    "what", [f"startxref\n{10**30}\n%%EOF\n", "startxref\n7\n%%EOF\n", "/Prev 9 startxref\n0\n%%EOF\n"]
)
def test_a_wrong_history_costs_nothing(what: str) -> None:
    chance = random.Random(8)
    pdf, _ = placed(facts(chance), chance)
    head, end = pdf[: pdf.rindex(b"startxref")], pdf[pdf.rindex(b"startxref") :]
    assert load_document(head + what.encode() + end, "page.pdf").pages[0].signs == ()


@given(at=st.integers(0, 1 << 30), junk=st.binary(min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_no_damage_to_a_signed_file_makes_its_history_fail(at: int, junk: bytes) -> None:
    """Whatever pdfium still opens, its pages are told from those of the revision before."""
    chance = random.Random(9)
    pdf, places = placed(facts(chance), chance)
    made = overwritten(signed(pdf, chance), places["total"], "1.00")
    at %= len(made) - 40
    damaged = made[:at] + junk + made[at + len(junk) :]
    try:
        page = load_document(damaged, "page.pdf").pages[0]
    except DocumentError:
        return
    assert all(sign.box is None or sign.box.right <= page.width + 1 for sign in page.signs)
