"""Phrases that a document of a country and kind may use: the locales' and this folder's, less what would be untrue."""

from __future__ import annotations

import functools
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from invoice_connector.locales import Locale, locales
from scripts.synthetic.culture import Country
from scripts.synthetic.deals import Kind

_FOLDER = Path(__file__).parent / "words"
_FOREIGN = {  # words of a label that only belong to some countries
    "gst": "AU NZ SG MY CA IN", "hst": "CA", "abn": "AU", "acn": "AU", "ein": "US", "uen": "SG", "rm": "MY",
    "sst": "MY",
    "gstin": "IN", "cin": "IN", "pan": "IN", "bsb": "AU", "tin": "US", "sales": "US CA MY",
    "uid": "AT CH", "fn": "AT", "hrb": "DE", "hra": "DE", "mwst": "DE CH AT", "ust": "DE AT", "igic": "", "bn": "CA",
}  # fmt: skip
_WITHOUT_VAT = frozenset(("AU", "NZ", "SG", "MY", "CA", "US"))
_ENGLISH_ONLY = frozenset(("gst", "sales", "tin", "cin", "pan", "bn"))
_CURRENCIES = frozenset((
    "sek", "eur", "gbp", "usd", "aud", "chf", "dkk", "nok", "pln", "czk", "huf", "ron", "try", "cad", "nzd", "zar",
    "sgd", "myr", "ltl", "lvl",
))  # fmt: skip
_STEM = 5  # letters of a word that its forms share
_OTHER_PAPERS = ("quotation", "proforma", "delivery_note", "statement", "reminder", "order_confirmation")
_OWN = ("invoice_number", "issue_date", "due_date", "total_with_vat", "amount_due")  # terms that may name the paper


@dataclass(frozen=True)
class Words:
    """One language's phrases: `labels` by name, `spellings` by folded phrase, `sentences` with {places}; `qr_bill` are
    the words that the Swiss standard prescribes for a payment part, none where it has not this language."""

    tax: str
    labels: Mapping[str, tuple[str, ...]]
    spellings: Mapping[str, str]
    sentences: Mapping[str, tuple[str, ...]]
    qr_bill: Mapping[str, str]


@functools.cache
def words_of(language: str) -> Words:
    """The words of a language; `FileNotFoundError` for one that has none."""
    raw = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    sentences = {name: _split(text) for name, text in raw["sentences"].items() if name != "tax"}
    labels = {name: _split(text) for name, text in raw["labels"].items()}
    spellings = {spelt(each): each for each in _split(raw["spellings"])}
    return Words(raw["sentences"]["tax"], labels, spellings, sentences, raw.get("qr_bill", {}))


def folded(text: str) -> str:
    """Letters and digits without accents and case."""
    return "".join(char for char in unicodedata.normalize("NFD", text.casefold()) if char.isalnum())


def spelt(text: str) -> str:
    """Letters and digits without case; accents tell words apart ("du", "dû")."""
    return "".join(char for char in text.casefold() if char.isalnum())


def _split(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(";") if each.strip())


def phrases(country: Country, kind: Kind, name: str, given: Sequence[str]) -> tuple[str, ...]:
    """Those of `given` that are true of the term `name` in a document of the kind; all, where none is."""
    fitting = [each for each in given if not _is_foreign(each, country) and len(each) <= 38]
    if name in _OWN:
        wrong = _other_titles(country.language, kind)
        fitting = [each for each in fitting if not any(title in folded(each) for title in wrong)]
    if name in ("seller_vat_identifier", "buyer_vat_identifier"):
        other = _party_words(locales()[country.language], "buyer" if name.startswith("seller") else "seller")
        fitting = [each for each in fitting if not any(word in folded(each) for word in other)]
    return tuple(fitting) or tuple(given)


@functools.cache
def _other_titles(language: str, kind: Kind) -> frozenset[str]:
    """Beginnings of what papers are called that this one is not."""
    locale, words = locales()[language], words_of(language).labels
    others: list[str] = [each for name in _OTHER_PAPERS for each in locale.other_kinds.get(name, ())]
    if kind != "credit":
        others += locale.document_kinds["credit_note"]
    if kind != "receipt":
        others += words["document_title_receipt"]
    own = [folded(each) for each in (*words["title"], *words["credit_title"] * (kind == "credit"))]
    stems = _stems(others)
    return frozenset(stem for stem in stems if not any(stem in title for title in own))


def _stems(titles: Iterable[str]) -> set[str]:
    return {folded(each)[: _STEM + 1] for each in titles if len(folded(each)) >= _STEM}


def _party_words(locale: Locale, who: str) -> set[str]:
    """Beginnings of the single words that name a party."""
    return _stems(each for each in locale.labels.get(who, ()) if " " not in each and len(each) > _STEM)


def _is_foreign(phrase: str, country: Country) -> bool:
    for word in phrase.casefold().replace(".", " ").replace("/", " ").replace("-", " ").split():
        if word == "vat" and country.code in _WITHOUT_VAT:
            return True
        elsewhere = word in _FOREIGN and country.code not in _FOREIGN[word].split()
        if elsewhere and (word not in _ENGLISH_ONLY or country.language == "en"):
            return True
        if len(word) == 3 and word in _CURRENCIES and word != country.currency.casefold():
            return True
    return False
