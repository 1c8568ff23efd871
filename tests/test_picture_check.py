"""A PDF's text layer against its picture: what a person sees decides, and what cannot be settled stops."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from disguised_invoices import KINDS, facts, honest
from hypothesis import given
from hypothesis import strategies as st

from db.records import JobStatus
from invoice_connector.fields.extract import extract
from invoice_connector.fields.page import FieldPage
from invoice_connector.invoice import Invoice, plain
from invoice_connector.pipeline.outcome import Outcome
from invoice_connector.pipeline.process import process
from invoice_connector.pipeline.request import Request
from invoice_connector.rules.picture_check import RULE, compare_with_picture
from ocr_ensemble.confirming import contradiction, same_print, sample
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.layout import BoundingBox, TextLine
from ocr_ensemble.reading import DocumentReading, Reading
from ocr_ensemble.settings import EnsembleSettings

ENGINES = ("pdf_text", "rapidocr", "tesseract", "rapidocr_again")
BOX = BoundingBox(0, 0, 100, 20)
DIGITS = st.text("0123456789", min_size=1, max_size=9)


@pytest.fixture(scope="module")
def ensemble() -> Iterator[OCREnsemble]:
    yield OCREnsemble(EnsembleSettings(engines=ENGINES))


def outcome_of(kind: str, seed: int, ensemble: OCREnsemble) -> tuple[Outcome, dict[str, str]]:
    """The outcome, and of the expected values those that are read otherwise."""
    chance = random.Random(f"{kind} {seed}")
    said = facts(chance)
    outcome = process(KINDS[kind](said, chance), Request("job", f"{kind}.pdf"), ensemble)
    assert outcome.invoice is not None, outcome.failure
    found = {name: plain(field.value) for name, field in outcome.invoice.fields.items()}
    return outcome, {name: found.get(name, "") for name, value in said.truth().items() if found.get(name) != value}


@pytest.mark.parametrize("kind", ["one_digit_lies", "all_digits_lie", "cipher", "scan_over_text", "under_pictures"])
def test_the_picture_decides(kind: str, ensemble: OCREnsemble) -> None:
    outcome, wrong = outcome_of(kind, 1, ensemble)
    assert not wrong or outcome.status is JobStatus.NEEDS_REVIEW
    assert outcome.invoice is not None and outcome.reading is not None
    total = outcome.invoice.fields["total_with_vat"]
    assert "pdf_text" not in total.engines
    assert any(decision.engine == "pdf_text" and decision.reason for decision in outcome.reading.pages[0].decisions)


def test_a_key_field_that_stays_open_is_a_conflict(ensemble: OCREnsemble) -> None:
    chance = random.Random(11)
    said = facts(chance)
    document = ensemble.load(KINDS["one_value_lies"](said, chance), "page.pdf")
    believed = OCREnsemble(EnsembleSettings(engines=ENGINES, confirming=())).read_document(document)

    def extracted(reading: DocumentReading) -> Invoice:
        return extract([FieldPage.of_reading(page) for page in reading.pages])

    assert extracted(believed).amount("total_with_vat") != said.total
    strict = compare_with_picture(document, believed, ensemble, extracted, risk=0.0)
    assert {conflict.rule for conflict in strict.conflicts} == {RULE}
    assert any("total with vat" in conflict.message for conflict in strict.conflicts)
    lenient = compare_with_picture(document, believed, ensemble, extracted, risk=0.5)
    assert lenient.conflicts == ()
    assert lenient.invoice.amount("total_with_vat") == said.total


def test_an_honest_layer_has_the_picture_as_its_witness(ensemble: OCREnsemble) -> None:
    outcome, wrong = outcome_of("honest", 3, ensemble)
    assert not wrong
    assert outcome.status is JobStatus.COMPLETED
    assert outcome.invoice is not None
    for name in ("invoice_number", "issue_date", "total_with_vat", "seller_name"):
        engines = set(outcome.invoice.fields[name].engines)
        assert "pdf_text" in engines, name
        assert engines & {"easyocr", "tesseract"}, name


def test_a_text_layer_that_no_engine_compares_has_no_witness_and_no_conflict() -> None:
    alone = OCREnsemble(EnsembleSettings(engines=("pdf_text",)))
    outcome = process(honest(facts(random.Random(5)), random.Random(5)), Request("job", "a.pdf"), alone)
    rules = {violation.rule for violation in outcome.violations}
    assert "field-unwitnessed" in rules
    assert rules <= {"field-unwitnessed", "field-doubtful"}  # nothing but the want of witnesses
    assert outcome.invoice is not None
    assert outcome.invoice.fields["total_with_vat"].engines == ("pdf_text",)


@given(DIGITS, DIGITS)
def test_a_number_is_the_same_print_only_with_the_same_digits(one: str, other: str) -> None:
    assert same_print(f"Total {one}", f"Total {other}") is (one == other)


@given(st.text("ABCDEFGHIKLMNOPRSTUVabcdefghiklmnoprstuv ", min_size=4, max_size=30))
def test_accents_case_and_spaces_are_no_difference(text: str) -> None:
    assert same_print(text, "".join(text.upper().split()))


def test_what_engines_read_differently_contradicts_nothing() -> None:
    sure = [Reading("a", "Total 7,00", BOX, 0.95), Reading("b", "Total 7,00", BOX, 0.9)]
    assert contradiction("Total 1,00", sure) == "Total 7,00"
    assert contradiction("Total 1,00", [sure[0], replace(sure[1], text="Total 1,00")]) is None
    assert contradiction("Total 1,00", [sure[0], replace(sure[1], text="Total 4,00")]) is None
    assert contradiction("Total 1,00", [sure[0], replace(sure[1], confidence=0.3)]) is None
    assert contradiction("Total 1,00", []) is None


@given(st.lists(st.text("abcdefgh0123456789 ", min_size=1, max_size=20), max_size=12))
def test_a_sample_holds_what_few_lines_can(texts: list[str]) -> None:
    lines = [TextLine(text, BOX) for text in texts]
    chosen = sample(lines, most=len(lines) or 1)
    assert {char for line in chosen for char in line.text} - {" "} == {char for text in texts for char in text} - {" "}
    assert len(sample(lines)) <= 4


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_wrong_is_booked(kind: str, ensemble: OCREnsemble, documents: int) -> None:
    """A tenth of the documents: there are many kinds."""
    booked = [seed for seed in range(documents // 10) if _is_booked_wrongly(kind, seed, ensemble)]
    assert booked == []


def _is_booked_wrongly(kind: str, seed: int, ensemble: OCREnsemble) -> bool:
    outcome, wrong = outcome_of(kind, seed, ensemble)
    return outcome.status is JobStatus.COMPLETED and bool(wrong)
