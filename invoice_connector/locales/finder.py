"""Finds phrases as whole words in a text.

A pattern is made only of phrases whose beginning stands in a text: one of all phrases takes longer to make than a page
takes to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from invoice_connector.evidence.folding import folded, unaccented

_WORD = re.compile(r"\w+")
_BEGINNING = 4  # letters by which phrases are looked up
# Of phrases in sentences: the ending of an inflected word, and what may stand between two words of a phrase.
_WILD = MappingProxyType({" ": r"\W{1,2}", "*": r"\w*", "…": r"\W+(?:\w+\W+){0,6}?"})


class PhraseFinder:
    """What finds any of some phrases in a text: those that ``in_sentences`` or ``as_printed`` makes."""

    def __init__(self, phrases: Iterable[str], fold: Callable[[str], str], wild: bool) -> None:
        """``fold``: the form of a text's word in which its beginning is looked up; ``wild``: see ``in_sentences``."""
        by_beginning: dict[str, list[str]] = {}
        for phrase in phrases:
            by_beginning.setdefault(_beginning(fold(phrase)), []).append(phrase)
        self._by_beginning = {beginning: tuple(found) for beginning, found in by_beginning.items()}
        self._fold, self._wild = fold, wild

    @classmethod
    def in_sentences(cls, phrases: Iterable[str]) -> PhraseFinder:
        """For texts without accents and case (``folding.unaccented``); in a phrase ``*`` is any ending and ``…`` up to
        six words."""
        return cls((unaccented(phrase).replace(" … ", "…") for phrase in phrases), str, wild=True)

    @classmethod
    def as_printed(cls, phrases: Iterable[str]) -> PhraseFinder:
        """For texts as printed: only case does not count."""
        return cls((phrase.lower() for phrase in phrases), folded, wild=False)

    def search(self, text: str) -> re.Match[str] | None:
        """The first phrase in a text, the longest that begins there; None without one."""
        for word in _WORD.finditer(text):
            if found := self._at(text, word):
                return found
        unbegun = self._by_beginning.get("")
        return _pattern(unbegun, self._wild).search(text) if unbegun else None

    def match(self, text: str) -> re.Match[str] | None:
        """The phrase that a text begins with."""
        word, unbegun = _WORD.match(text), self._by_beginning.get("")
        found = self._at(text, word) if word else None
        return found or (_pattern(unbegun, self._wild).match(text) if unbegun else None)

    def _at(self, text: str, word: re.Match[str]) -> re.Match[str] | None:
        beginning = self._fold(word[0])[:_BEGINNING]
        for length in range(1 if self._wild else len(beginning), len(beginning) + 1):
            phrases = self._by_beginning.get(beginning[:length])
            if phrases and (found := _pattern(phrases, self._wild).match(text, word.start())):
                return found
        return None


@cache
def _pattern(phrases: tuple[str, ...], wild: bool) -> re.Pattern[str]:
    any_phrase = trie(phrases, _WILD) if wild else trie(phrases)
    return re.compile(rf"(?<!\w){any_phrase}(?!\w)", re.NOFLAG if wild else re.IGNORECASE)


def _beginning(phrase: str) -> str:
    """The first letters of its first word, "" for one that begins with something else."""
    match = _WORD.match(phrase)
    return match[0][:_BEGINNING] if match else ""


def trie(endings: Sequence[str], signs: Mapping[str, str] = MappingProxyType({})) -> str:
    """A pattern of the words in which common beginnings stand once, so that a place in a text is given up soon; an
    apostrophe also stands for the typographic one. ``signs``: patterns of characters that stand for more."""
    by_first: dict[str, list[str]] = {}
    for word in filter(None, endings):
        by_first.setdefault(word[0], []).append(word[1:])
    branches = (
        signs.get(first, re.escape(first).replace("'", "['’]")) + trie(rest, signs) for first, rest in by_first.items()
    )
    joined = "|".join(branches)
    if not joined:
        return ""
    return f"(?:{joined})" + ("?" if "" in endings else "")
