"""The language of a text: what langdetect says, with n-grams of Latin letters alone where the text has no others."""

from __future__ import annotations

import random

import langdetect
import pytest
from langdetect import DetectorFactory

from invoice_connector.locales import locales
from ocr_ensemble.language import BEYOND_LATIN, _profiles, detect_language

LABELS = {code: [word for words in locale.labels.values() for word in words] for code, locale in locales().items()}


@pytest.mark.parametrize("seed", range(60))
def test_fewer_n_grams_give_the_same_probabilities(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DetectorFactory, "seed", 0)
    rng = random.Random(seed)
    words = rng.choice([found for found in LABELS.values() if found])
    foreign = ["株式会社", "請求書", "Ελλάδα"] if seed % 4 == 0 else []
    text = " ".join([*rng.choices(words, k=rng.randint(8, 40)), *foreign])
    detector = _profiles(latin=max(text) < BEYOND_LATIN).create()
    detector.append(text)
    found = {guess.lang: guess.prob for guess in detector.get_probabilities()}
    expected = {guess.lang: guess.prob for guess in langdetect.detect_langs(text)}
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, abs=1e-9)


def test_languages_of_invoices_are_told() -> None:
    swedish = "Fakturan avser tjänster som har utförts enligt avtal och skall betalas inom trettio dagar från idag"
    german = "Bitte überweisen Sie den Betrag innerhalb von dreißig Tagen nach Erhalt der Rechnung auf unser Konto"
    assert (detect_language(swedish), detect_language(german), detect_language("Total 12")) == ("sv", "de", None)
    assert detect_language("株式会社" * 30) is None
