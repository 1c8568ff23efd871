"""Folds under which texts are compared: without case, and of that the letters and digits alone."""

from __future__ import annotations

import unicodedata

_DOTS = str.maketrans({"\N{LATIN SMALL LETTER DOTLESS I}": "i"})


def folded(text: str) -> str:
    """Without case, and with one "i": a pattern takes "İ" and "ı" for it, but ``str.casefold`` makes the first two
    characters and leaves the second (Unicode, CaseFolding.txt, status T)."""
    lower = unicodedata.normalize("NFC", text.casefold()).translate(_DOTS)
    return lower.replace("i\N{COMBINING DOT ABOVE}", "i")


def alphanumeric(text: str) -> str:
    """The letters and digits of a text without case, as identifiers and repeated prints are compared."""
    return "".join(char for char in text.casefold() if char.isalnum())
