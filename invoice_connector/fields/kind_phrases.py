"""Phrases that tell what kind of paper a page is, found in running text and in what may be a title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from invoice_connector.fields.vocabulary import confused, squeezed
from invoice_connector.locales import locales

_WORD = re.compile(r"n[°º]|[^\W\d_]+|[#№]", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W_](?:[^\s]*[^\W_])?")
_LONGEST = 8  # words of a phrase
_FUZZY_FROM, _ALIKE = 8, 0.86  # letters from which a misread one is forgiven, and how alike they must be
_SHORTEST_END = 6  # letters of a kind's name at the end of a compound
_JOINTS = ("", "s")  # between the two words of a compound: "Rechnungsnummer"
_OFTEN = 2  # kinds that a sign may speak for; what more kinds share says nothing


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase at ``start``..``end`` of the text, and the kinds it names or speaks for."""

    start: int
    end: int
    kinds: tuple[str, ...]
    words: int


@lru_cache(maxsize=4096)  # a segment is asked about once for each part of the document that it may belong to
def titles_in(text: str) -> tuple[Found, ...]:
    """The names of kinds in a short text, the longest first where they overlap; misread letters are forgiven."""
    return tuple(_found(text, _titles(), fuzzy=True))


@lru_cache(maxsize=4096)
def numbers_in(text: str) -> tuple[Found, ...]:
    """The labels of a paper's own number or day, by the kind they name: "Offertnummer", "Invoice date"."""
    return tuple(_found(text, _numbers(), fuzzy=False))


def signs_in(text: str) -> list[Found]:
    """What the text says that papers of some kind say; ``not_invoice`` is one of the kinds."""
    return list(_found(text, _signs(), fuzzy=False))


def says(text: str, sign: str) -> bool:
    """Whether the text has a phrase of the list ``sign`` of ``[kind_signs]``."""
    return any(True for _ in _found(text, _list(sign), fuzzy=False))


@lru_cache(maxsize=1)
def number_words() -> frozenset[str]:
    """What a number's or day's label ends with, "no", "date", folded as labels are."""
    return frozenset(_list("number"))


def corrections_in(text: str) -> list[Found]:
    """The names of a corrective invoice (UNTDID 1001, code 384) in a text."""
    return list(_found(text, _list("correction"), fuzzy=False))


def titles_and_copies(text: str) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """The kinds that a short text names, and the invoice that it calls a copy besides: "Delivery note / Invoice copy";
    a text that names nothing else names the invoice."""
    found, copies = titles_in(text), tuple(_found(text, _list("invoice_copy"), fuzzy=False))
    others = tuple(each for each in found if all(each.end <= c.start or c.end <= each.start for c in copies))
    return (others, copies) if copies and others else (found, ())


def letters(text: str) -> int:
    """Letters that count towards how much of a text a phrase explains: no numbers, and no words such as "no"."""
    words = [squeezed(match[0]) for match in _WORD.finditer(text)]
    return sum(len(word) for word in words if confused(word) not in _list("number"))


def share_named(text: str, found: Iterable[Found]) -> float:
    """The share of a text's letters that phrases in it explain."""
    return sum(letters(text[each.start : each.end]) for each in found) / max(1, letters(text))


def opens(text: str, found: Sequence[Found]) -> bool:
    """Whether no word stands before the first phrase; an ordinal may: "2. Mahnung zu Rechnung Nr. 45"."""
    return not any(character.isalpha() for character in text[: min(each.start for each in found)])


def is_numbered(text: str, found: Sequence[Found]) -> bool:
    """Whether the first phrase opens the text and a number follows at once: "Credit note No. CN-2291 of 3 May", but
    not "To credit note 12" or "Gutschrift zu Rechnung 12"."""
    first = min(found, key=lambda each: each.start)
    if not opens(text, found):
        return False
    for word in _TOKEN.findall(text[first.end :]):
        if any(character.isdigit() for character in word):
            return True
        if confused(squeezed(word)) not in _list("number") and not titles_in(word) and not word.isupper():
            return False
    return False


def _found(text: str, phrases: Mapping[str, tuple[str, ...]], fuzzy: bool) -> Iterator[Found]:
    words = [(m.start(), m.end(), squeezed(m[0])) for m in _WORD.finditer(text)]
    words = [word for word in words if word[2]]
    windows = []
    for first in range(len(words)):
        key = ""
        for last in range(first, min(first + _LONGEST, len(words))):
            key += words[last][2]
            windows.append((last - first + 1, first, last, confused(key)))
    taken: set[int] = set()
    for count, first, last, key in sorted(windows, key=lambda window: (-window[0], window[1])):
        if taken.intersection(range(first, last + 1)):
            continue
        kinds = phrases.get(key) or (_similar(key) or _compound(key, count, phrases) if fuzzy else None)
        if kinds:
            taken.update(range(first, last + 1))
            yield Found(words[first][0], words[last][1], kinds, count)


def _similar(key: str) -> tuple[str, ...] | None:
    """The kinds of the title that ``key`` is a misreading of."""
    if len(key) < _FUZZY_FROM:
        return None
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import extractOne

    titles = _titles_of_about(len(key))
    best = extractOne(key, titles, scorer=Levenshtein.normalized_similarity, score_cutoff=_ALIKE)
    if best is None or len(best[0]) < _FUZZY_FROM:
        return None
    return _titles()[best[0]]


@lru_cache(maxsize=64)
def _titles_of_about(length: int) -> tuple[str, ...]:
    """The titles that a text of that many letters may resemble: no other length is as near."""
    return tuple(t for t in _titles() if abs(len(t) - length) <= (1.0 - _ALIKE) * max(len(t), length) + 1e-6)


def _compound(key: str, count: int, phrases: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """A word that ends in a kind's name is that kind: "Mietrechnung", "Sammelmahnung"."""
    if count > 1:
        return None
    ends = (phrases.get(key[start:]) for start in range(2, len(key) - _SHORTEST_END + 1))
    return next((kinds for kinds in ends if kinds), None)


@lru_cache(maxsize=1)
def _numbers() -> dict[str, tuple[str, ...]]:
    # Each word is squeezed once, and not again in every label that it is part of.
    return _by_squeezed(
        (kind, [f"{name}{joint}{number}" for name in map(squeezed, phrases) for joint in _JOINTS for number in numbers])
        for locale in locales().values()
        for numbers in [[squeezed(number) for number in locale.kind_signs.get("number", ())]]
        for table in (locale.other_kinds, locale.document_kinds)
        for kind, phrases in table.items()
    )


@lru_cache(maxsize=1)
def _titles() -> dict[str, tuple[str, ...]]:
    tables = [(locale.document_kinds, locale.other_kinds) for locale in locales().values()]
    others = _by_phrase((kind, phrases) for _, table in tables for kind, phrases in table.items())
    # What another table calls a receipt is in the first one, too: the finer name counts.
    first = _by_phrase((kind, phrases) for table, _ in tables for kind, phrases in table.items())
    return {**first, **others}


@lru_cache(maxsize=1)
def _signs() -> dict[str, tuple[str, ...]]:
    plain = ("number", "invoice_copy", "page", "carried_forward", "new_account", "correction", "payment_slip")
    found = _by_phrase(
        (kind, phrases)
        for locale in locales().values()
        for kind, phrases in locale.kind_signs.items()
        if kind not in plain
    )
    return {key: kinds for key, kinds in found.items() if len(kinds) <= _OFTEN}


@lru_cache(maxsize=8)
def _list(sign: str) -> dict[str, tuple[str, ...]]:
    return _by_phrase((sign, locale.kind_signs.get(sign, ())) for locale in locales().values())


def _by_phrase(entries: Iterable[tuple[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    return _by_squeezed((kind, [squeezed(phrase) for phrase in phrases]) for kind, phrases in entries)


def _by_squeezed(entries: Iterable[tuple[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for kind, phrases in entries:
        for phrase in phrases:
            kinds = found.setdefault(confused(phrase), [])
            if kind not in kinds:
                kinds.append(kind)
    return {key: tuple(kinds) for key, kinds in found.items() if key}
