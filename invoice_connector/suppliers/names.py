"""Names of companies as they are compared: without case, accents, signs and legal forms."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.fuzz import ratio, token_sort_ratio

from invoice_connector.evidence.folding import folded
from invoice_connector.locales import words

_TOKEN = re.compile(r"[^\W_]+(?:&[^\W_]+)?")
_PARTS = re.compile(r"\s*[|•·;,(]\s*|\s{2,}|\s+[–—-]\s+")
_OTHER_LATIN = str.maketrans({"ø": "o", "ß": "ss", "æ": "ae", "ł": "l", "đ": "d", "œ": "oe"})
ALIKE = 0.92
"""Similarity from which two names are one company's, whatever was misread."""


def plain_text(text: str) -> str:
    """The text without case and accents."""
    apart = unicodedata.normalize("NFKD", folded(text).translate(_OTHER_LATIN))
    return "".join(char for char in apart if not unicodedata.combining(char))


@lru_cache(maxsize=20_000)
def tokens(name: str) -> tuple[str, ...]:
    """The words of a name without its legal form; all of them where it is nothing else."""
    text = _without_dots(plain_text(name))
    found = _TOKEN.findall(text)
    kept = _without_forms(found)
    return tuple(kept or found)


@lru_cache(maxsize=20_000)
def form(name: str) -> str:
    """The legal form of a name as it is compared, "" for one without: "gmbh" of "Linde GmbH"."""
    found = _TOKEN.findall(_without_dots(plain_text(name)))
    kept = _without_forms(found)
    return "".join(word for word in found if word not in kept)


def pieces(line: str) -> list[str]:
    """The line and what its separators divide it into: names in a sender's line, a name before a department."""
    return list(dict.fromkeys(part for part in (line, *_PARTS.split(line)) if part.strip()))


def similarity(one: str, other: str) -> float:
    """How alike two names are, 0..1, their legal forms left aside unless both have one and they differ (RapidFuzz's
    normalised indel similarity, of the words in order and sorted)."""
    first, second = " ".join(tokens(one)), " ".join(tokens(other))
    if not first or not second:
        return 0.0
    joined = ratio(first.replace(" ", ""), second.replace(" ", ""))
    alike = max(joined, token_sort_ratio(first, second)) / 100
    forms = form(one), form(other)
    return alike * (_OTHER_FORM if all(forms) and forms[0] != forms[1] else 1.0)


_OTHER_FORM = 0.9  # of a company beside its sister: "Linde AB" and "Linde AS"


def is_same(one: str, other: str) -> bool:
    """Whether two names are one company's; short ones must be equal."""
    first, second = "".join(tokens(one)), "".join(tokens(other))
    if min(len(first), len(second)) < _SHORT:
        return first == second and similarity(one, other) >= ALIKE
    return similarity(one, other) >= ALIKE


_SHORT = 5  # letters
_FEWEST_WORDS = 2  # of a company's name that a longer one begins with, if it is not another company's


def is_form_of(printed: str, name: str) -> bool:
    """Whether a print may be another form of a company's name, which is not the same: its beginning ("Bergs Bygg" of
    "Bergs Bygg & Fastighet GmbH"), or with more behind it ("… Niederlassung Ulm")."""
    words, own = tokens(printed), tokens(name)
    first, second = "".join(words), "".join(own)
    if min(len(first), len(second)) < _SHORT or first == second:
        return False
    return second.startswith(first) or (len(own) >= _FEWEST_WORDS and first.startswith(second))


def _without_dots(text: str) -> str:
    """Abbreviations without their dots and spaces between letters: "B.V." as "bv", "s. r. o." as "sro"."""
    return re.sub(r"\b(?:[^\W\d_]\.\s?){2,}", lambda match: re.sub(r"[.\s]", "", match[0]) + " ", f"{text} ")


def _without_forms(found: list[str]) -> list[str]:
    """Without the words of a legal form at the end or beginning: a company may be called after a word that is one."""
    forms, longest = _forms()
    kept = list(found)
    for size in range(longest, 0, -1):
        if len(kept) > size and "".join(kept[-size:]) in forms:
            kept = kept[:-size]
            break
    for size in range(longest, 0, -1):
        if len(kept) > size and "".join(kept[:size]) in forms:
            return kept[size:]
    return kept


@lru_cache(maxsize=1)
def _forms() -> tuple[frozenset[str], int]:
    """The legal forms without signs, and how many words the longest has."""
    listed = [_TOKEN.findall(_without_dots(plain_text(form))) for form in words("legal_forms")]
    return frozenset("".join(parts) for parts in listed), max(map(len, listed))
