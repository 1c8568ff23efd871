"""What labels call things, ready to be looked up: the phrases of the locales, and a model for what they do not have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from invoice_connector.evidence.cldr import territories
from invoice_connector.fields.label_model import LabelModel, bundled_label_model
from invoice_connector.fields.resemblance import KnownPhrases
from invoice_connector.locales import Locale, locales

PARTY_TERMS = ("seller", "buyer", "_party", "_payee")  # what a party is called
MIN_SIMILARITY = 0.84
FUZZY_FROM = 5  # shorter labels must match letter for letter (after the usual confusions)
_CONFUSIONS = str.maketrans({"l": "i", "j": "i", "|": "i", "1": "i", "0": "o", "5": "s", "8": "b"})
_ASCII_SIGNS = {number: None for number in range(128) if not (chr(number).isalnum() or chr(number) == "#")}
_SIGNS = re.compile(r"[^\w#°]|_")  # accents of decomposed letters among them
_WEAK = 0.5  # strength of a phrase that other things are called, too


@lru_cache(maxsize=1 << 15)  # the same words come again and again
def squeezed(text: str) -> str:
    """Lower case, without accents, spaces and signs except ``#`` and ``°``: "Nº de Factura:" -> "n°defactura"."""
    if text.isascii():  # most texts, in a tenth of the time
        return text.lower().translate(_ASCII_SIGNS)
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("º", "°"))
    return _SIGNS.sub("", decomposed)


def confused(text: str) -> str:
    """Letters that OCR mixes up, made one; very short labels must stand as they are ("le" is not "IE")."""
    return text if len(text) <= 3 else text.translate(_CONFUSIONS).replace("rn", "m")


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing a phrase can be the label of. ``strength``: 1, or 0.5 for phrases that mean other things too, or, with
    the ``language`` "", what the label model holds it for with that probability, below 1."""

    term: str
    language: str
    strength: float


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """``phrases`` by their folded form; ``model`` for phrases that are none of them, None to do without."""

    phrases: Mapping[str, tuple[Meaning, ...]]
    model: LabelModel | None
    long: KnownPhrases  # those in which a misread letter is forgiven


def vocabulary_of(
    known: Mapping[str, Locale], model: LabelModel | None, without: Container[str] = frozenset()
) -> Vocabulary:
    """The vocabulary of the locales but for the folded phrases ``without``, which only the model may know."""
    meanings: dict[str, dict[tuple[str, str], Meaning]] = {}
    for phrase, meaning in label_phrases(known):
        key = confused(squeezed(phrase))
        if key not in without:
            meanings.setdefault(key, {})[meaning.term, meaning.language] = meaning
    phrases = {key: tuple(values.values()) for key, values in meanings.items()}
    return Vocabulary(phrases, model, KnownPhrases.of(key for key in phrases if len(key) >= FUZZY_FROM))


def label_phrases(known: Mapping[str, Locale]) -> Iterator[tuple[str, Meaning]]:
    """Every phrase that the locales have for a label, with what it means; the weak ones after the others."""
    for language, locale in known.items():
        for table, strength in ((locale.labels, 1.0), (locale.weak_labels, _WEAK)):
            for term, phrases in table.items():
                meaning = Meaning(term, language, strength)
                yield from ((phrase, meaning) for phrase in phrases)


@lru_cache(maxsize=1)
def bundled_vocabulary() -> Vocabulary:
    """That of the package's own locales and label model."""
    return vocabulary_of(locales(), bundled_label_model())


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Names of countries in the languages of the locales, squeezed."""
    return frozenset(squeezed(name) for language in locales() for name in territories(language).values())
