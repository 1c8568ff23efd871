"""One fold for the keys of a table and for what a pattern that ignores case has found of them."""

from __future__ import annotations

import unicodedata

_DOTS = str.maketrans({"\N{LATIN SMALL LETTER DOTLESS I}": "i"})


def folded(text: str) -> str:
    """Without case, and with one "i": a pattern takes "İ" and "ı" for it, but ``str.casefold`` makes the first two
    characters and leaves the second (Unicode, CaseFolding.txt, status T)."""
    lower = unicodedata.normalize("NFC", text.casefold()).translate(_DOTS)
    return lower.replace("i\N{COMBINING DOT ABOVE}", "i")
