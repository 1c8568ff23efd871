"""Whole numbers spelled in words, by CLDR's rules for spelling numbers (RBNF).

A spelling is compared without case, accents, blanks, hyphens and the words between numbers ("and"), as some write
"two hundred and thirty" and some "zweihundertdreißig". A leading one may be left out: "eintausend", "tausend".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import product
from typing import TYPE_CHECKING

from invoice_connector.evidence.folding import unaccented
from invoice_connector.locales import locales

if TYPE_CHECKING:
    from unicode_rbnf import RbnfEngine

LARGEST = 999_999_999
_CODES = {"nb": "no"}  # of languages that CLDR files under another one's code
# What digits are grouped by; fewer before more, and crores and lakhs last.
_SCALES = ((1000, 1), (10**6, 1000, 1), (10**7, 10**5, 1000, 1))
_LEFT_OUT = (1_000_000, 1000, 100)  # numbers whose "one" may be left out
_MOST_FAULTS, _LETTERS_PER_FAULT = 2, 6  # misread letters that are forgiven, and letters for each
_BEGINNING = 3  # letters that a text of numbers and some number have in common
_COUNTS = (2, 5, 20, 21)  # that take different forms of what they count
_SAMPLES = (*range(21), *range(30, 100, 10), *range(100, 1000, 100), 101, 1000, 2000, 5000, 100_000, 10**6, 2 * 10**6)
_WORD = re.compile(r"[^\W\d_]+")


def is_spelled(language: str) -> bool:
    """Whether the rules of a language (ISO 639-1) are known."""
    return bool(_engines(language))


@lru_cache(maxsize=8192)  # most sets of rules spell a number alike
def joined(text: str, language: str) -> str:
    """The letters by which spellings are compared."""
    between = number_links(language)
    return "".join(word for word in _WORD.findall(unaccented(text)) if word not in between)


@cache
def number_links(language: str) -> frozenset[str]:
    """The folded words that may stand between numbers in words, or between them and what they count."""
    return frozenset(map(unaccented, locales()[language].words.get("number_links", ())))


@cache
def number_words(language: str) -> frozenset[str]:
    """Folded words that numbers are spelled with."""
    texts = (text for number in _SAMPLES for text in _printed(number, language))
    return frozenset(word for text in texts for word in _WORD.findall(unaccented(text)))


@lru_cache(maxsize=8192)
def spellings(number: int, language: str) -> frozenset[str]:
    """All spellings of 0..``LARGEST``, as ``joined``."""
    groups = _groups(number)
    shared = any(_is_shared(count, scale, language) for count, scale in groups)
    whole = () if shared else _styles(number, language)
    if not (shared or any(count * scale in _LEFT_OUT for count, scale in groups)):
        return frozenset(whole)
    parts = (
        [_group_spellings(count, scale, style, language) for count, scale in groups]
        for style in range(len(_styles(number, language)))
    )
    return frozenset((*whole, *("".join(some) for each in parts for some in product(*each))))


def faults(text: str, number: int, language: str) -> int:
    """The letters by which a joined text differs from the nearest spelling of a number; one more than ``forgiven``
    where there are more."""
    from rapidfuzz.distance import Levenshtein

    most = forgiven(text)
    known = spellings(number, language)
    return min((Levenshtein.distance(text, each, score_cutoff=most) for each in known), default=most + 1)


def forgiven(text: str) -> int:
    """The misread letters that a joined text may have."""
    return min(_MOST_FAULTS, len(text) // _LETTERS_PER_FAULT)


@lru_cache(maxsize=256)
def nearest_number(text: str, language: str) -> tuple[int, int] | None:
    """The number that a joined text spells with the fewest faults, and these; None for a text that spells none, even
    with those that are forgiven."""
    if not text.startswith(_beginnings(language)):
        return None
    scales = [each for each in _SCALES if _tells(text, language, each)]
    exact = next((number for each in scales for number in _read(text, language, each)), None)
    if exact is not None:
        return exact, 0
    found = ((faults(text, number, language), number) for number in _alike(text, language))
    count, number = min(found, default=(forgiven(text) + 1, 0))
    return (number, count) if count <= forgiven(text) else None


@cache
def _beginnings(language: str) -> tuple[str, ...]:
    """What numbers begin with: most texts do not, and need no table of numbers."""
    texts = (text for number in _SAMPLES for text in spellings(number, language))
    return tuple({text[:_BEGINNING] for text in texts if len(text) > 1})


def _tells(text: str, language: str, scales: tuple[int, ...]) -> bool:
    """Whether a text has words of larger numbers than thousands, where the scales have such."""
    large = [scale for scale in scales if scale > 1000]
    return not large or any(word in text for scale in large for word in _large_words(scale, language))


def _read(text: str, language: str, scales: tuple[int, ...]) -> Iterator[int]:
    """The numbers whose groups of three digits, spelled one after the other, are the text."""
    if not text or not scales:
        yield from () if text else (0,)
        return
    table, *later = _table(language, scales[0]), *scales[1:]
    for end in range(len(text), 0, -1):
        number = table.get(text[:end])
        if number is not None:
            yield from (number + rest for rest in _read(text[end:], language, tuple(later)))
    yield from _read(text, language, tuple(later))


def _alike(text: str, language: str) -> Iterator[int]:
    """Numbers whose last two groups of digits are spelled nearly as the text ends, and whose millions exactly so."""
    yield from _alike_below_million(text, language)
    if _tells(text, language, (10**6,)):
        millions = _table(language, 10**6)
        for end in range(len(text), 0, -1):
            if head := millions.get(text[:end]):
                yield from (head + rest for rest in (0, *_alike_below_million(text[end:], language)))


def _alike_below_million(text: str, language: str) -> Iterator[int]:
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import extract

    most, ones = forgiven(text) + 1, _table(language, 1)
    heads = {"": 0} | {
        head: number
        for head, number in _table(language, 1000).items()
        if Levenshtein.distance(head, text[: len(head)], score_cutoff=most) <= most
    }
    for head, number in heads.items():
        tails = extract(text[len(head) :], ones.keys(), scorer=Levenshtein.distance, score_cutoff=most, limit=3)
        yield from (number + rest for rest in (0, *(ones[tail] for tail, _, _ in tails)))


@cache
def _table(language: str, scale: int) -> Mapping[str, int]:
    """The spellings of 1..999 times ``scale``, and their numbers."""
    return {text: scale * count for count in range(999, 0, -1) for text in spellings(scale * count, language)}


def _groups(number: int) -> list[tuple[int, int]]:
    """A number as its millions, thousands, hundreds and rest: how many there are of each, and of what."""
    millions, below = divmod(number, 10**6)
    thousands, below = divmod(below, 1000)
    hundreds, rest = divmod(below, 100)
    found = [(millions, 10**6), (thousands, 1000), (hundreds, 100), (rest, 1)]
    return [group for group in found if group[0]]


def _is_shared(count: int, scale: int, language: str) -> bool:
    """Whether the rules spell another number like this one: CLDR's Slovenian has "two thousand" for 3000, its
    Lithuanian "two hundred" for 200,000."""
    if scale < 1000:
        return False
    near = {max(0, count + step) * scale for step in (-2, -1, 1, 2)} | {count}
    own = _styles(count * scale, language)
    return any(_styles(other, language)[0] == own[0] for other in near)


def _group_spellings(count: int, scale: int, style: int, language: str) -> set[str]:
    """Those of a group of digits in one style; with a "one" more or less before a hundred, a thousand or a million."""
    text = _styles(count * scale, language)[style]
    if _is_shared(count, scale, language):
        return {_styles(count, language)[style] + word for word in _scale_words(scale, language)}
    if count * scale not in _LEFT_OUT:
        return {text}
    own, ones = _styles(1, language)[style], set(_styles(1, language))
    left_out = {own} if text.startswith(own) else ones
    bare = {text.removeprefix(one) for one in left_out if text.startswith(one)} - {""} or {text}
    return {text} | bare | {one + each for one in ones for each in bare}


@cache
def _scale_words(scale: int, language: str) -> frozenset[str]:
    """What follows a count of thousands or of millions, in all its forms."""
    counted = (
        (one, many)
        for count in _COUNTS
        for one, many in zip(_styles(count, language), _styles(count * scale, language), strict=True)
    )
    return frozenset(many.removeprefix(one) for one, many in counted if many.startswith(one) and many != one)


@cache
def _large_words(scale: int, language: str) -> frozenset[str]:
    """What a text has that tells of such numbers."""
    alone = (_group_spellings(1, scale, style, language) for style in range(len(_styles(scale, language))))
    return _scale_words(scale, language).union(*alone)


@lru_cache(maxsize=8192)
def _styles(number: int, language: str) -> tuple[str, ...]:
    """The number by every set of rules, as ``joined``; in one order for all numbers."""
    return tuple(joined(text, language) for text in _printed(number, language))


@lru_cache(maxsize=8192)
def _printed(number: int, language: str) -> tuple[str, ...]:
    """The number by every set of rules of the language and its regions, in one order for all numbers."""
    return tuple(
        text.replace("\N{SOFT HYPHEN}", "")
        for engine in _engines(language)
        for text in engine.format_number(number).text_by_ruleset.values()
    )


@cache
def _engines(language: str) -> tuple[RbnfEngine, ...]:
    from unicode_rbnf import RbnfEngine

    code = _CODES.get(language, language)
    known = sorted(name for name in RbnfEngine.get_supported_languages() if name.partition("_")[0] == code)
    return tuple(RbnfEngine.for_language(name) for name in known)
