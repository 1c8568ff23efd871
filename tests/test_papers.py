"""Papers that are no invoice are never booked unseen, whatever their amounts; an invoice that mentions them is one."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.records import JobStatus
from invoice_connector.fields.kind_phrases import numbers_in, signs_in, titles_in
from invoice_connector.fields.kinds import BOOKED
from invoice_connector.locales import locales
from invoice_connector.pipeline.outcome import Outcome
from invoice_connector.pipeline.process import process
from invoice_connector.pipeline.request import Request
from invoice_connector.rules.kinds import NOT_AN_INVOICE
from ocr_ensemble.document.isolation import Isolation
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.settings import EnsembleSettings
from tests.paper_documents import KINDS, Press, pdf


@cache
def ensemble() -> OCREnsemble:
    return OCREnsemble(EnsembleSettings(engines=("pdf_text",), isolation=Isolation(enabled=False)))


def read(source: bytes) -> Outcome:
    return process(source, Request("job1", "paper.pdf"), ensemble())


def rules(outcome: Outcome) -> set[str]:
    assert outcome.failure is None
    return {broken.rule for broken in outcome.violations}


def paper(kind: str, seed: int) -> Outcome:
    press = Press(random.Random(f"{kind} {seed}"))
    return read(pdf(press, [press.paper(kind)]))


def invoice(seed: int) -> Outcome:
    press = Press(random.Random(f"invoice {seed}"))
    return read(pdf(press, [press.invoice()]))


@settings(max_examples=3, deadline=None, derandomize=True)  # what holds of nearly all holds of these
@given(seed=st.integers(0, 2**32))
@pytest.mark.parametrize("kind", KINDS)
def test_other_papers_are_not_booked(kind: str, seed: int) -> None:
    outcome = paper(kind, seed)
    assert outcome.status is JobStatus.NEEDS_REVIEW
    assert outcome.invoice is not None and outcome.invoice.document_kind is not None
    if NOT_AN_INVOICE in rules(outcome):
        assert "invoice_type_code" not in outcome.invoice.fields or outcome.invoice.document_kind.value in BOOKED
        record = outcome.to_record()
        assert record.document_kind is not None
        assert record.document_kind["value"] == outcome.invoice.document_kind.value


@settings(max_examples=10, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_an_invoice_that_mentions_other_papers_is_one(seed: int) -> None:
    outcome = invoice(seed)
    assert NOT_AN_INVOICE not in rules(outcome)
    assert outcome.invoice is not None and outcome.invoice.document_kind is not None
    assert outcome.invoice.document_kind.value == "invoice"
    assert outcome.invoice.document_kind.code == outcome.invoice.text("invoice_type_code") == "380"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_of_other_papers_hardly_any_is_booked(kind: str, documents: int) -> None:
    outcomes = [paper(kind, seed) for seed in range(documents)]
    assert sum(NOT_AN_INVOICE not in rules(outcome) for outcome in outcomes) <= ceil(0.03 * documents)
    assert sum(outcome.status is JobStatus.COMPLETED for outcome in outcomes) <= 0.005 * documents


@pytest.mark.slow
def test_of_invoices_hardly_any_is_taken_for_another_paper(documents: int) -> None:
    assert sum(NOT_AN_INVOICE in rules(invoice(seed)) for seed in range(documents)) <= 0.005 * documents


@pytest.mark.parametrize(
    ("text", "find", "kind"),
    [
        ("PROFORMA INVOICE", titles_in, "proforma"),
        ("Werkstattangebot", titles_in, "quotation"),
        ("Bestätigung Ihrer Bestellung", titles_in, "order_confirmation"),
        ("ORDERBEKRAFTELSE", titles_in, "order_confirmation"),
        ("Pymuistutus", titles_in, "reminder"),
        ("Facture n°", numbers_in, "invoice"),
        ("Offertnummer", numbers_in, "quotation"),
        ("Detta är ingen faktura.", signs_in, "not_invoice"),
        ("Dies ist keine Rechnung.", signs_in, "not_invoice"),
        ("Tämä ei ole lasku", signs_in, "not_invoice"),
    ],
)
def test_phrases(text: str, find: Callable[..., list], kind: str) -> None:  # type: ignore[type-arg]
    assert [kinds for found in find(text) for kinds in found.kinds] == [kind]


def test_every_language_names_every_kind() -> None:
    wanted = {"proforma", "delivery_note", "reminder", "statement", "quotation", "order_confirmation", "order"}
    for language, locale in locales().items():
        if locale.labels:  # of Malay there are words of streets alone
            assert wanted <= locale.other_kinds.keys(), language
            assert locale.kind_signs.get("not_invoice"), language
