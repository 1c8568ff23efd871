"""The language of a page: what its labels are called decides first, langdetect helps with running text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from invoice_connector.fields.labels import Label
from invoice_connector.locales import locales
from ocr_ensemble.language import MOST_LETTERS, language_shares

_TEXT_WEIGHT = 4.0  # langdetect's whole opinion counts as much as four distinctive labels
_ENOUGH_LETTERS = 60
_ENOUGH_LABELS = 8.0


def detect_language(text: str, labels: Sequence[Label], hint: str | None = None) -> str | None:
    """A language that has a locale, or None for a page that shows too little of any; ``hint`` breaks ties."""
    scores = _label_scores(labels)
    ordered = sorted(scores.values())
    clear = ordered[-1] >= _ENOUGH_LABELS and ordered[-1] >= 2 * ordered[-2]
    if not clear:
        for language, probability in _text_scores(text).items():
            if language in scores:
                scores[language] += _TEXT_WEIGHT * probability
    if hint in scores:
        scores[hint] += 0.5
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] >= 1.0 else None


def _label_scores(labels: Sequence[Label]) -> dict[str, float]:
    """Labels that several languages share ("total", "IBAN") count little for each."""
    scores = dict.fromkeys(locales(), 0.0)
    for label in labels:
        languages = {meaning.language for meaning in label.meanings}
        length = min(1.0, (label.end - label.start) / 8)
        for language in languages:
            scores[language] += label.similarity * label.coverage * length / len(languages) ** 2
    return scores


def _text_scores(text: str) -> Mapping[str, float]:
    """langdetect's probabilities; empty for a text too short or without letters."""
    letters = sum(character.isalpha() for character in text)
    if letters < _ENOUGH_LETTERS:
        return {}
    return language_shares((text.lower() if text.isupper() else text)[:MOST_LETTERS])
