"""Amounts of money in words: "one thousand two hundred thirty pounds and 45/100", as cheques spell them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum, auto
from functools import cache

from invoice_connector.evidence.cldr import currency_names
from invoice_connector.evidence.folding import unaccented
from invoice_connector.evidence.number_words import (
    LARGEST,
    faults,
    forgiven,
    nearest_number,
    number_links,
    number_words,
    spellings,
)
from invoice_connector.locales import locales

_FRACTION = re.compile(r"(?:\b(?P<count>\d{1,3}|x+|[o0]{2}))?\s*/\s*(?P<of>1000?|[o0]{2}|\d\d)\b")
_TOKEN = re.compile(r"\w+|[.;!?](?=\s|$)")
_MISREAD = str.maketrans("0158", "olsb")  # digits within a word
_SHORTEST_STEM = 5  # letters from which a misread one of a currency's name is forgiven


class Agreement(Enum):
    """How an amount in words stands to one in digits."""

    SAME = auto()
    WHOLE = auto()  # the same but for hundredths that the words leave out
    OTHER = auto()
    UNKNOWN = auto()  # the words are no number, or nearly several


@dataclass(frozen=True, slots=True)
class SpelledAmount:
    """``words``: of the whole number, and ``parts``: of its hundredths, as ``joined`` letters; ``fraction``: hundredths
    in digits, 0 <= fraction < 1, None without; ``closed``: whether the name of a currency, hundredths or a word such as
    "only" ends the words, so that none of them is missing."""

    language: str
    words: str
    parts: str = ""
    fraction: Decimal | None = None
    closed: bool = False

    def agreement(self, amount: Decimal) -> Agreement:
        """With an amount, whose sign does not count."""
        units, rest = divmod(abs(amount), 1)
        if units > LARGEST:
            return Agreement.UNKNOWN
        whole = _same(self.words, int(units), self.language)
        if self.fraction is None and not self.parts and rest:
            rounded = int(abs(amount).quantize(Decimal(1), ROUND_HALF_UP))
            near = whole or _same(self.words, rounded, self.language)
            return Agreement.WHOLE if near else self._told(whole)
        return self._told(whole if whole is not True else self._has_hundredths(rest))

    @property
    def value(self) -> Decimal | None:
        """The amount, as far as the words tell it."""
        number = nearest_number(self.words, self.language)
        if number is None:
            return None
        cents = nearest_number(self.parts, self.language) if self.parts else None
        return number[0] + (self.fraction or Decimal(cents[0] if cents else 0) / 100)

    def _has_hundredths(self, rest: Decimal) -> bool | None:
        if self.fraction is not None:
            return self.fraction == rest
        return True if not self.parts and not rest else _same(self.parts, int(rest * 100), self.language)

    def _told(self, same: bool | None) -> Agreement:
        if same:
            return Agreement.SAME
        return Agreement.OTHER if same is False and self.closed else Agreement.UNKNOWN


def _same(words: str, number: int, language: str) -> bool | None:
    """Whether the words spell the number, maybe misread; False for those of another, None where neither shows."""
    if words in spellings(number, language):
        return True
    other, own = nearest_number(words, language), faults(words, number, language)
    if own <= forgiven(words) and (other is None or own <= other[1]):
        return True
    return False if other is not None and (other[1] == 0 or own > forgiven(words)) else None


def spelled_amount(text: str, language: str) -> SpelledAmount | None:
    """The amount that a text in words begins with; None for one that begins otherwise."""
    plain = _apart(unaccented(text), language)
    fraction, plain = _without_fraction(plain)
    parser = _Parser(language, fraction)
    for token in _TOKEN.findall(plain):
        if not parser.take(token):
            break
    return parser.amount()


@dataclass(slots=True)
class _Parser:
    """Takes the tokens one by one: words of the number, the currency's name, words of the hundredths."""

    language: str
    fraction: Decimal | None
    words: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    digits: str = ""
    in_parts: bool = False
    closed: bool = False
    named: bool = False  # the hundredths are called so

    def take(self, token: str) -> bool:
        """Whether the amount may go on."""
        if token.isdigit():
            self.digits = token
            return bool(self.words) and len(token) <= 2
        if not token.isalnum():
            return not self.words
        word = token.translate(_MISREAD)
        if _is_named(word, "money_parts", self.language):
            self._name_hundredths()
        elif word in _names("in_words_end", self.language):
            self.closed |= bool(self.words)
        elif word in number_links(self.language):
            return True
        elif _is_currency(word, self.language):
            self.closed |= bool(self.words)
            self.in_parts = bool(self.words)
        else:
            (self.parts if self.in_parts else self.words).append(word)
        return True

    def _name_hundredths(self) -> None:
        self.named = True
        self.in_parts = bool(self.words)
        if self.digits and self.fraction is None:
            self.fraction = Decimal(self.digits) / 100

    def amount(self) -> SpelledAmount | None:
        if not self.words:
            return None
        closed = self.closed or self.named or self.fraction is not None
        parts = "".join(self.parts) if self.named and self.fraction is None else ""
        return SpelledAmount(self.language, "".join(self.words), parts, self.fraction, closed)


def _without_fraction(text: str) -> tuple[Decimal | None, str]:
    """The hundredths that a text has as a fraction, "45/100" or "/45", and the text up to it and after it."""
    found = _FRACTION.search(text)
    if found is None:
        return None, text
    count, of = (found[name] or "" for name in ("count", "of"))
    whole = of if of in ("100", "1000") else "100"
    said = count if of == whole else of
    digits = said.replace("o", "0").replace("x", "0") or "0"
    return Decimal(digits) / int(whole), f"{text[: found.start()]} {text[found.end() :]}"


def _apart(text: str, language: str) -> str:
    """A folded text with blanks around names of money that are written without: "yüzotuztl"."""
    glued = _glued(language)
    return re.sub(rf"({glued})", r" \1 ", text) if glued else text


@cache
def _glued(language: str) -> str:
    names = [*_names("money_units", language), *_names("money_parts", language)]
    own = sorted((name[1:] for name in names if name.startswith("*")), key=len, reverse=True)
    return "|".join(map(re.escape, own))


def _is_currency(word: str, language: str) -> bool:
    return word in _currency_words(language) or _is_named(word, "money_units", language)


def _is_named(word: str, table: str, language: str) -> bool:
    """Whether a word is one of a list, in whose entries ``*`` stands for any ending."""
    if word in number_words(language):
        return False
    return any(_is_like(word, name) for name in _names(table, language))


def _is_like(word: str, name: str) -> bool:
    from rapidfuzz.distance import Levenshtein

    stem = name.strip("*")
    if word == stem or (name.endswith("*") and word.startswith(stem)):
        return True
    begun = word[: len(stem)] if name.endswith("*") else word
    return len(stem) >= _SHORTEST_STEM and Levenshtein.distance(begun, stem) == 1


@cache
def _names(table: str, language: str) -> Sequence[str]:
    return tuple(map(unaccented, locales()[language].words.get(table, ())))


@cache
def _currency_words(language: str) -> frozenset[str]:
    """The words of the names of currencies, and their codes."""
    return frozenset(_words_of_currencies(language)) - number_words(language)


def _words_of_currencies(language: str) -> Iterator[str]:
    for code, names in currency_names(language).items():
        yield code.lower()
        yield from (word for name in names for word in unaccented(name).split())
