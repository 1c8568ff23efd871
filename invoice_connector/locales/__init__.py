"""What invoices call things: one TOML file per language, and nothing about a language anywhere else.

A file ``xx.toml`` is named by its language (ISO 639-1). All of its tables may be left out, and so may any key:

``[labels]``           phrases that announce a value, by what they announce: a business term by its name in the contract
                       (``invoice_number``), a kind of identifier (``iban``, ``vat_identifier``), a party (``seller``,
                       ``buyer``), or, with a leading ``_``, something that no field is taken from: a negative label,
                       which keeps its value from being taken for another ("Cash 50.00", "Delivery date 1 May").
``[weak_labels]``      the same for phrases that other things are called, too ("Date", "No", "Total").
``[document_kinds]``   how a document names itself, by kind (``invoice``, ``credit_note``).
``[other_kinds]``      the same for papers that are no invoice or may be none (``proforma``, ``receipt``, ``reminder``).
``[kind_signs]``       what is said on a paper of a kind, by kind ("valid until"), and on any that is no invoice
                       (``not_invoice``); ``number``: words beside a kind's name that make it a label; ``copy``,
                       ``page`` and ``carried_forward``: what pages of one document call themselves;
                       ``new_account``: what announces that an account is another than before.
``[words]``            further lists of words, each by what it is for (``legal_forms``, ``address``).
``[months]``           names of months that CLDR does not have, by number: ``"3" = ["maerz"]``.

Phrases are compared without case, accents, spaces and signs other than ``#`` and ``°`` (``fields/labels.py``), so one
spelling is enough. A phrase in both tables of labels is weak.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

Phrases = Mapping[str, tuple[str, ...]]  # by the key of their table
_TABLES = ("labels", "weak_labels", "document_kinds", "words", "months", "other_kinds", "kind_signs")


@dataclass(frozen=True, slots=True)
class Locale:
    """One language's words, as its file has them; a key that it lacks has no phrases."""

    language: str
    labels: Phrases
    weak_labels: Phrases
    document_kinds: Phrases
    words: Phrases
    months: Phrases
    other_kinds: Phrases
    kind_signs: Phrases


class LocaleError(ValueError):
    """A locale file has a form that this package does not know; the message names file, table and key."""


@lru_cache(maxsize=1)
def locales() -> Mapping[str, Locale]:
    """Every language's words by language, in the order of the languages' codes."""
    return read_locales(files(__package__))


def read_locales(folder: Traversable) -> Mapping[str, Locale]:
    """The locale files of a folder by language. Raises ``LocaleError`` for one that is no such file."""
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return MappingProxyType({name[:-5]: parse_locale(name[:-5], (folder / name).read_text("utf-8")) for name in names})


def parse_locale(language: str, text: str) -> Locale:
    """The words that ``text``, the content of the language's TOML file, lists. Raises ``LocaleError``."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LocaleError(f"{language}.toml is no TOML: {error}; correct it there") from error
    unknown = tables.keys() - set(_TABLES)
    if unknown:
        raise LocaleError(f"{language}.toml has a table [{min(unknown)}]; there are {', '.join(_TABLES)}")
    return Locale(language, *(_phrases(language, name, tables.get(name, {})) for name in _TABLES))


def words(name: str) -> tuple[str, ...]:
    """The words of the list ``name`` in all languages, each once, in the order of the languages."""
    return tuple(dict.fromkeys(word for locale in locales().values() for word in locale.words.get(name, ())))


@lru_cache(maxsize=16)
def phrase_pattern(name: str) -> re.Pattern[str]:
    """Finds any phrase of the list ``name`` as whole words in a text as printed, the longest first."""
    longest_first = sorted(words(name), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def _phrases(language: str, table: str, entries: object) -> Phrases:
    if not isinstance(entries, dict):
        raise LocaleError(f"{table} of {language}.toml is no table; write [{table}] above its keys")
    for key, phrases in entries.items():
        if not isinstance(phrases, list) or not all(isinstance(phrase, str) and phrase for phrase in phrases):
            raise LocaleError(f'{key} in [{table}] of {language}.toml is no list of phrases; write it as ["..."]')
    return MappingProxyType({key: tuple(phrases) for key, phrases in entries.items()})
