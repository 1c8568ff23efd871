"""What invoices call things: one TOML file per language, and nothing about a language anywhere else.

A file ``xx.toml`` is named by its language (ISO 639-1). ``docs/locales.md`` says what each table and key means; all of
them may be left out. ``INVOICE_CONNECTOR_LOCALES`` names plug-ins (names of entry points, with commas between), and
``INVOICE_CONNECTOR_LOCALES_PATH`` a folder of further files: of new languages, or with more words of those that are
here. ``countries.toml`` and ``currencies.toml`` hold what countries print, and how currencies are.

Phrases are compared without case, accents, spaces and signs other than ``#`` and ``°`` (``fields/labels.py``), so one
spelling is enough; the lists of ``[words]`` are searched for as printed, but for case. A phrase in both tables of
labels is weak.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any

import tomli

from invoice_connector.locales.finder import PhraseFinder, trie
from ocr_ensemble.errors import PluginError
from ocr_ensemble.plugins import Found, Plugin, find_plugins

Phrases = Mapping[str, tuple[str, ...]]  # by the key of their table
Texts = Mapping[str, str]
PATH_VARIABLE = "INVOICE_CONNECTOR_LOCALES_PATH"
PLUGIN_VARIABLE = "INVOICE_CONNECTOR_LOCALES"
ENTRY_POINT_GROUP = "invoice_connector.locales"
_LISTS = ("labels", "weak_labels", "document_kinds", "words", "months", "other_kinds", "kind_signs")
_TEXTS = ("sentences", "term_names")
_PLACEHOLDERS = frozenset({"what", "readings", "count", "reason"})  # of sentences
_FILE = re.compile(r"([a-z]{2})\.toml")
_NOTHING = "(?!)"  # the pattern of an empty list


@dataclass(frozen=True, slots=True)
class Locale:
    """One language's words, as its file has them; a key that it lacks has no phrases.

    ``sentences``: what is said to the user, with placeholders; ``term_names``: what business terms are called there.
    """

    language: str
    labels: Phrases
    weak_labels: Phrases
    document_kinds: Phrases
    words: Phrases
    months: Phrases
    other_kinds: Phrases
    kind_signs: Phrases
    sentences: Texts
    term_names: Texts

    def joined(self, more: Locale) -> Locale:
        """These words and then ``more`` of the same language; a sentence of ``more`` takes the place of its own."""
        lists: Iterator[Any] = (_joined(getattr(self, name), getattr(more, name)) for name in _LISTS)
        texts = (MappingProxyType({**getattr(self, name), **getattr(more, name)}) for name in _TEXTS)
        return Locale(self.language, *lists, *texts)


class LocaleError(ValueError):
    """A locale file has a form that this package does not know; the message names file, table and key."""


@lru_cache(maxsize=1)
def locales() -> Mapping[str, Locale]:
    """Every language's words by language, in the order of the codes: the package's, those of ``own_plugins`` and those
    of ``own_folder``.

    Read once per process. Raises ``LocaleError``.
    """
    found = read_locales(files(__package__))
    for _, given in own_plugins():
        found = _with(found, read_locales(given))
    folder = own_folder()
    if folder is None:
        return found
    if not folder.is_dir():
        raise LocaleError(f"{PATH_VARIABLE} is {folder}, which is no folder; name one with files xx.toml in it")
    return _with(found, read_locales(folder))


def _with(first: Mapping[str, Locale], more: Mapping[str, Locale]) -> Mapping[str, Locale]:
    joined = {language: first[language].joined(more[language]) for language in first.keys() & more.keys()}
    return MappingProxyType(dict(sorted({**first, **more, **joined}.items())))


def own_folder() -> Path | None:
    """The folder of the user's own locale files, which the environment names; None without one."""
    named = os.environ.get(PATH_VARIABLE)
    return Path(named) if named else None


def own_plugins() -> tuple[tuple[Plugin, Traversable], ...]:
    """The plug-ins that the environment names, each with the folder of its locale files. Raises ``LocaleError``."""
    named = dict.fromkeys(name for part in os.environ.get(PLUGIN_VARIABLE, "").split(",") if (name := part.strip()))
    return tuple(_plugin(name) for name in named)


def plugins() -> Found:
    """The locales of other packages."""
    return find_plugins(ENTRY_POINT_GROUP)


def _plugin(name: str) -> tuple[Plugin, Traversable]:
    try:
        plugin = plugins().get(name)
        if plugin is None:
            known = ", ".join(plugins().plugins) or "none"
            raise LocaleError(f"{PLUGIN_VARIABLE} names {name!r}, which no installed package gives; known are {known}")
        return plugin, files(plugin.load())
    except (PluginError, TypeError, ModuleNotFoundError) as error:
        raise LocaleError(f"{PLUGIN_VARIABLE} names {name!r}, which is no package of locale files: {error}") from error


def read_locales(folder: Traversable) -> Mapping[str, Locale]:
    """The locale files of a folder by language. Raises ``LocaleError`` for one that is no such file."""
    names = sorted(match[1] for entry in folder.iterdir() if (match := _FILE.fullmatch(entry.name)))
    return MappingProxyType({name: parse_locale(name, (folder / f"{name}.toml").read_text("utf-8")) for name in names})


def parse_locale(language: str, text: str) -> Locale:
    """The words that ``text``, the content of the language's TOML file, lists. Raises ``LocaleError``."""
    try:
        tables = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise LocaleError(f"{language}.toml is no TOML: {error}; correct it there") from error
    unknown = tables.keys() - {*_LISTS, *_TEXTS}
    if unknown:
        raise LocaleError(f"{language}.toml has a table [{min(unknown)}]; there are {', '.join((*_LISTS, *_TEXTS))}")
    lists: Iterator[Any] = (_phrases(language, name, tables.get(name, {})) for name in _LISTS)
    return Locale(language, *lists, *(_texts(language, name, tables.get(name, {})) for name in _TEXTS))


@cache
def words(*names: str) -> tuple[str, ...]:
    """The words of the lists ``names`` in all languages, each once, in the order of the languages."""
    lists = (locale.words.get(name, ()) for name in names for locale in locales().values())
    return tuple(dict.fromkeys(word for listed in lists for word in listed))


@cache
def alternatives(*names: str) -> str:
    """The words of the lists ``names`` in lower case, as a group of a regular expression; of two that begin alike the
    longer one is tried first."""
    return trie([word.lower() for word in words(*names)]) or _NOTHING


@cache
def phrase_pattern(*names: str) -> PhraseFinder:
    """Finds any phrase of the lists ``names`` as whole words in a text as printed, the longest first."""
    return PhraseFinder.as_printed(words(*names))


@cache
def sentence_pattern(name: str, language: str | None = None) -> PhraseFinder:
    """Finds the phrases of the list ``name`` of one language, or of all, in a sentence without accents and case."""
    return PhraseFinder.in_sentences(words(name) if language is None else locales()[language].words.get(name, ()))


def _joined(first: Phrases, second: Phrases) -> Phrases:
    keys = dict.fromkeys((*first, *second))
    return MappingProxyType({key: (*first.get(key, ()), *second.get(key, ())) for key in keys})


def _phrases(language: str, table: str, entries: object) -> Phrases:
    for key, phrases in (entries := _table(language, table, entries)).items():
        if not isinstance(phrases, list) or not all(isinstance(phrase, str) and phrase for phrase in phrases):
            raise LocaleError(f'{key} in [{table}] of {language}.toml is no list of phrases; write it as ["..."]')
    return MappingProxyType({key: tuple(phrases) for key, phrases in entries.items()})


def _texts(language: str, table: str, entries: object) -> Texts:
    for key, text in (entries := _table(language, table, entries)).items():
        if not isinstance(text, str):
            raise LocaleError(f'{key} in [{table}] of {language}.toml is no text; write it as "..."')
        if unknown := _placeholders(text) - _PLACEHOLDERS:
            known = ", ".join(sorted(_PLACEHOLDERS))
            raise LocaleError(f"{key} in [{table}] of {language}.toml has {{{min(unknown)}}}; there are {known}")
    return MappingProxyType(dict(entries))


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _table(language: str, table: str, entries: object) -> dict[str, Any]:
    if not isinstance(entries, dict):
        raise LocaleError(f"{table} of {language}.toml is no table; write [{table}] above its keys")
    return entries
