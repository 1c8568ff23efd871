"""Words of languages stand in ``locales/`` and nowhere else: what the code compares with a page has none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from words_in_code import names_of, words_of

from invoice_connector.locales import locales

ROOT = Path(__file__).parent.parent
PACKAGES = ("invoice_connector", "verifier", "ocr_ensemble", "db")
# The dashboard's own texts, in the languages of those who look at it, are no words of documents.
ALLOWED = {
    "www": "addresses in the net", "https": "addresses in the net", "com": "ends of domains", "co": "ends of domains",
    "uk": "ends of domains", "de": "ends of domains", "se": "ends of domains", "fr": "ends of domains",
    "es": "ends of domains", "it": "ends of domains", "pt": "ends of domains", "my": "ends of domains",
    "cr": "the sign of a credit behind an amount", "kr": "the sign of a currency",
    "gnr": "the form of a register's number", "令和": "an era of Japan", "平成": "an era of Japan",
    "ic": "what keys of the API begin with", "picture": "a placeholder of a prompt", "toml": "the end of a file's name",
    "fra": "Tesseract's code of a language", "por": "Tesseract's code of a language",
    "spa": "Tesseract's code of a language", "agent": "the name of a header", "route": "a key of RunPod's answers",
    "fecha": "a part of the Spanish tax agency's address", "importe": "a part of the Spanish tax agency's address",
    "noul": "a key of the systemone form",
    "godkänd": "Peppol prescribes the sentence (SE-R-005)", "för": "Peppol prescribes the sentence (SE-R-005)",
}  # fmt: skip


def vocabulary() -> set[str]:
    """The words of the locale files that English has not: its words are the program's, too."""
    words: dict[bool, set[str]] = {True: set(), False: set()}
    for language, locale in locales().items():
        lists = chain(
            *(getattr(locale, table).values() for table in ("labels", "weak_labels", "document_kinds", "words")),
            *(getattr(locale, table).values() for table in ("other_kinds", "kind_signs")),
        )
        words[language == "en"] |= {word for phrases in lists for phrase in phrases for word in _words(phrase)}
    return {word.lower() for word in words[False]} - {word.lower() for word in words[True]}


def _words(phrase: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", phrase)


def sources() -> dict[Path, str]:
    files = chain.from_iterable((ROOT / package).rglob("*.py") for package in PACKAGES)
    return {path.relative_to(ROOT): path.read_text("utf-8") for path in sorted(files)}


@cache
def findings() -> tuple[tuple[str, str], ...]:
    """Every word that is found, with its place."""
    modules, foreign = sources(), vocabulary()
    names = set(chain.from_iterable(map(names_of, modules.values())))
    found = ((path, line, word) for path, text in modules.items() for line, word in words_of(text, foreign, names))
    return tuple((word, f"{path}:{line}: {word}") for path, line, word in found)


def test_no_module_has_a_word_of_any_language() -> None:
    found = [place for word, place in findings() if word not in ALLOWED]
    assert not found, "\n".join(("words that belong into invoice_connector/locales:", *sorted(found)))


def test_what_is_allowed_is_there() -> None:
    """An exception that nothing needs any more goes."""
    assert ALLOWED.keys() == ALLOWED.keys() & {word for word, _ in findings()}


def test_no_table_of_data_has_a_word_of_any_language() -> None:
    """Besides the locales' own; the keys are the program's."""
    foreign = vocabulary()
    tables = [path for path in (ROOT / "invoice_connector").rglob("*.toml") if path.parent.name != "locales"]
    for path in tables:
        texts = _strings(tomllib.loads(path.read_text("utf-8")))
        assert (
            not {word for text in texts for word in _words(text) if len(word) > 2 and not word.isupper()} & foreign
        ), path


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from chain.from_iterable(map(_strings, value))
    elif isinstance(value, dict):
        yield from chain.from_iterable(map(_strings, value.values()))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('import re\nX = re.compile(r"\\b(?:rue|place)\\b")', {"rue", "place"}),
        ('import re\nW = r"gade|vej"\nX = re.compile(rf"(?P<road>{W})\\d{{2}}")', {"gade", "vej"}),
        ('import re\ndef f(t):\n    w = "om"\n    return re.search(rf"{w} [abc]", t)', {"om"}),
        ('import regex\nX = {"x": regex.compile("sum")}', {"sum"}),
        ('import re\nX = re.compile(words("rue"))', set()),
        ('import re\nX = re.compile(r"[A-Za-z]{2}HR\\d\\w(?i:x)")', set()),
        ('X = ("gatan", "total")', {"gatan"}),
        ('X = {"gatan": 1}', {"gatan"}),
        ('"""Gatan"""\nX = f("Straße")', {"straße"}),
        ('def f():\n    """Straße"""', set()),
    ],
)
def test_the_finder(source: str, words: set[str]) -> None:
    assert {word for _, word in words_of(source, {"gatan"}, {"total"})} == words
