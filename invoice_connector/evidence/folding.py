"""Folds under which texts are compared: without case, and of that the letters and digits alone."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import regex

_WORD = regex.compile(r"[^\W\d_]+")
_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d"})  # which Unicode does not take apart
_DOTS = str.maketrans({"\N{LATIN SMALL LETTER DOTLESS I}": "i"})


def folded(text: str) -> str:
    """Without case, and with one "i": a pattern takes "İ" and "ı" for it, but ``str.casefold`` makes the first two
    characters and leaves the second (Unicode, CaseFolding.txt, status T)."""
    lower = unicodedata.normalize("NFC", text.casefold()).translate(_DOTS)
    return lower.replace("i\N{COMBINING DOT ABOVE}", "i")


def words_of(text: str) -> frozenset[str]:
    """The runs of letters of a text, folded."""
    return frozenset(_WORD.findall(folded(text)))


def by_first_word(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Folded names by their first run of letters: only those can stand in a text, as words of their own, whose first
    word does, which is known much sooner than by a pattern of thousands of names."""
    found: dict[str, list[str]] = {}
    for name in names:
        if match := _WORD.search(name):
            found.setdefault(match[0], []).append(name)
    return {word: tuple(begun) for word, begun in found.items()}


def unaccented(text: str) -> str:
    """Folded, without accents and with single blanks: "Créance  cédée" -> "creance cedee"."""
    letters = unicodedata.normalize("NFD", folded(text).translate(_STROKES))
    return " ".join("".join(char for char in letters if not unicodedata.combining(char)).split())


def alphanumeric(text: str) -> str:
    """The letters and digits of a text without case, as identifiers and repeated prints are compared."""
    return "".join(char for char in text.casefold() if char.isalnum())
