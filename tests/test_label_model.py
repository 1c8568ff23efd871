"""What an unknown phrase is the label of: learned from the phrases of all locales, never louder than a known one."""

from __future__ import annotations

import pytest
from field_pages import line
from hypothesis import given
from hypothesis import strategies as st

from invoice_connector.fields import FieldPage, label_model
from invoice_connector.fields.extract import scene_of_pages
from invoice_connector.fields.features import features
from invoice_connector.fields.label_model import (
    BUCKETS,
    NO_LABEL,
    LabelModel,
    buckets_of,
    bundled_label_model,
    folded,
)
from invoice_connector.fields.vocabulary import bundled_vocabulary, confused, squeezed, vocabulary_of
from invoice_connector.locales import locales


def bundled() -> LabelModel:
    model = bundled_label_model()
    assert model is not None
    return model


def likeliest(text: str) -> str:
    model = bundled()
    return model.classes[int(model.probabilities([text])[0].argmax())]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Fakturanummeret vårt", "invoice_number"),  # no locale has these as they stand
        ("Invoice serial number", "invoice_number"),
        ("Die Rechnungsnummern", "invoice_number"),
        ("Datum der Fakturierung", "issue_date"),
        ("Grand total payable now", "amount_due"),
        ("Numero della partita iva", "vat_identifier"),
        ("Bergström & Lindqvist Byggnads AB", "name"),
        ("Wiesenstraße 14", "address"),
    ],
)
def test_phrases_that_no_locale_has_are_recognised_by_their_parts(text: str, term: str) -> None:
    assert confused(squeezed(text)) not in bundled_vocabulary().phrases
    assert likeliest(text) == term


@pytest.mark.parametrize(
    ("text", "term"),  # of languages without a locale; the encoder must run
    [("Номер фактури", "invoice_number"), ("Broj računa", "invoice_number"), ("Fatura tarihi", "issue_date")],
)
def test_phrases_are_recognised_by_what_they_mean_elsewhere(text: str, term: str) -> None:
    assert likeliest(text) == term


def test_without_the_encoder_its_spelling_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_model, "encoder_runs", lambda: False)
    assert likeliest("Die Rechnungsnummern") == "invoice_number"


@given(st.lists(st.text(max_size=30), max_size=4))
def test_a_text_means_the_same_in_any_company(texts: list[str]) -> None:
    together = bundled().probabilities(texts)
    assert together.shape == (len(texts), len(bundled().classes))
    for row, text in zip(together, texts, strict=True):
        assert bundled().probabilities([text])[0] == pytest.approx(row, abs=1e-5)


def test_a_model_survives_its_file() -> None:
    model = bundled()
    again = LabelModel.from_bytes(model.to_bytes())
    assert again.classes == model.classes
    texts = ["Fakturadatum", "Total TTC", "Acme Ltd"]
    assert again.probabilities(texts) == pytest.approx(model.probabilities(texts), abs=2e-3)


def test_its_classes_are_the_terms_of_the_locales_and_what_is_no_label() -> None:
    terms = {t for own in locales().values() for table in (own.labels, own.weak_labels) for t in table}
    assert set(bundled().classes) == terms | set(NO_LABEL)


@given(st.text(max_size=60))
def test_any_text_has_probabilities_that_add_up_to_one(text: str) -> None:
    row = bundled().probabilities([text])[0]
    assert row.min() >= 0.0
    assert float(row.sum()) == pytest.approx(1.0, abs=1e-4)


@given(st.text(max_size=60))
def test_folding_is_idempotent_and_buckets_are_within_bounds(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert all(0 <= bucket < BUCKETS for bucket in buckets_of(text))
    assert buckets_of(text) == buckets_of(folded(text))


def test_an_unknown_label_speaks_where_no_known_one_does() -> None:
    def facts(label: str) -> dict[str, float]:
        page = FieldPage(1, 1000, 1400, (line(60, 100, f"{label}: 44-17"), line(60, 160, "Kundennummer: 99-21")))
        scene = scene_of_pages([page])
        number = next(c for c in scene.candidates if c.text == "44-17")
        return features(scene, "invoice_number", number, ("invoice_number",))

    known, unknown = facts("Rechnungsnummer"), facts("Rechnungskennung")
    assert (known["evidence"], known["learned"]) == (1.0, 0.0)
    assert unknown["evidence"] == 0.0
    assert 0.4 < unknown["learned"] < 1.0


def test_without_a_model_nothing_is_learned() -> None:
    page = FieldPage(1, 1000, 1400, (line(60, 100, "Fakturanummeret vårt: 44-17"),))
    scene = scene_of_pages([page], vocabulary=vocabulary_of(locales(), None))
    assert scene.contexts[0].learned == ()
    described = [features(scene, "invoice_number", c, ("invoice_number",)) for c in scene.candidates]
    assert described
    assert all(own["learned"] == 0.0 for own in described)
