"""The currency of a document: where currencies are printed, and what the seller's country uses, as probabilities."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import regex
import tomli

from invoice_connector.evidence import cldr
from invoice_connector.evidence.country import CountryBelief, economies
from invoice_connector.evidence.folding import folded
from invoice_connector.evidence.names import Names
from invoice_connector.locales import alternatives, phrase_pattern


class Place(StrEnum):
    """Where a currency is printed, which is what it says of the document."""

    STATED = "stated"  # "All amounts in SGD", "Currency: EUR"
    TOTAL = "total"  # beside a total's own number
    ROW = "row"  # elsewhere on a total's row
    HEADING = "heading"  # over a column or in a title, without a number on its row
    AMOUNT = "amount"  # beside any other amount
    ELSEWHERE = "elsewhere"
    CONVERSION = "conversion"  # "= USD 243.16 at 1.3685"


@dataclass(frozen=True, slots=True)
class Mention:
    """A printed currency; ``codes``: the ISO 4217 codes that the print can mean."""

    codes: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class PrintedCurrency:
    """A sign, code or name at ``start``..``end`` of a text."""

    start: int
    end: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CurrencyBelief:
    """``odds``: the probability of each currency, likeliest first (they sum to 1). ``named``: the likeliest is printed
    in a way that means no other; otherwise it is only the seller's country's."""

    odds: Mapping[str, float]
    named: bool

    @property
    def likeliest(self) -> str:
        return next(iter(self.odds))


_WEIGHTS = {
    Place.STATED: 14.0,
    Place.TOTAL: 12.0,
    Place.ROW: 10.0,
    Place.HEADING: 7.0,
    Place.AMOUNT: 4.0,
    Place.ELSEWHERE: 0.7,
}
_ALONE = 4.0  # what the only currency that the pages name gains by that
_AGAIN, _MOST = 0.5, 5  # what each further print in the same kind of place adds, and how many count
_NATIONAL, _WORLDWIDE = 0.93, {"EUR": 0.02, "USD": 0.02, "GBP": 0.005}  # what sellers bill in, without any print
_EXCLUDED = 8.0  # log-odds against a currency when only others' signs stand beside amounts
_THREE, _SURELY = 3, 0.9
_DOUBT = 0.001  # the share that no evidence takes away: a page may be another's
_REST = 0.005 / 160  # of each other currency
_UNMARKED = 3.5  # log-odds of the national currency where nothing else is named: who bills in another names it


def currency_belief(mentions: Sequence[Mention], country: CountryBelief) -> CurrencyBelief:
    """The posterior over currencies, from the prints and the seller's country; from it alone without any."""
    single = [m for m in mentions if len(m.codes) == 1 and not _is_excluded(m.codes[0], mentions)]
    clear = {m.codes[0] for m in single if m.place in _TELLING}
    rivals = {m.codes[0] for m in single if m.place in _STRONG}
    scores = {code: math.log(share) for code, share in _prior(country, unmarked=not clear).items()}
    if len(rivals) > 1:  # one is that of the amounts, the other that of the tax or the bank: no custom tells which
        scores |= dict.fromkeys(rivals, max(scores.values()))
    alone = len({m.codes for m in single if m.place is not Place.CONVERSION}) == 1
    printed = Counter((mention.place, code) for mention in mentions for code in set(mention.codes))
    for code in scores:
        scores[code] += sum(_points(place, printed[place, code]) for place in _WEIGHTS)
        scores[code] += _ALONE if alone and any(m.codes == (code,) for m in single) else 0.0
        scores[code] -= _EXCLUDED if _is_excluded(code, mentions) else 0.0
    top = max(scores.values())
    masses = {code: math.exp(score - top) for code, score in scores.items()}
    whole = sum(masses.values())
    mentioned = list(dict.fromkeys(code for mention in mentions for code in mention.codes))  # the first of equals
    places = {code: place for place, code in enumerate([*mentioned, *sorted(masses.keys() - set(mentioned))])}
    odds = {
        code: (1.0 - _DOUBT) * mass / whole + _DOUBT / len(masses)
        for code, mass in sorted(masses.items(), key=lambda item: (-item[1], places[item[0]]))
    }
    return CurrencyBelief(MappingProxyType(odds), next(iter(odds)) in clear)


_STRONG = frozenset({Place.STATED, Place.TOTAL, Place.ROW})
_BESIDE = frozenset({Place.TOTAL, Place.AMOUNT})
_TELLING = frozenset({Place.STATED, Place.TOTAL, Place.ROW, Place.HEADING, Place.AMOUNT})


def _is_excluded(code: str, mentions: Sequence[Mention]) -> bool:
    """Whether amounts have signs, but none that can mean ``code``: "kr" is never EUR, "£" never USD."""
    beside = [m for m in mentions if m.place in _BESIDE]
    return bool(beside) and not any(code in m.codes for m in beside)


def _points(place: Place, count: int) -> float:
    return _WEIGHTS[place] + _AGAIN * min(count - 1, _MOST) if count else 0.0


def _prior(country: CountryBelief, unmarked: bool) -> Mapping[str, float]:
    national = _NATIONAL * (math.exp(_UNMARKED) if unmarked else 1.0)
    shares = {code: _WORLDWIDE.get(code, _REST) for code in all_codes()}
    for name, share in country.odds.items():
        for code in national_currencies(name)[:1]:
            shares[code] = shares.get(code, _REST) + national * share
    return shares


@lru_cache(maxsize=512)
def national_currencies(country: str) -> tuple[str, ...]:
    """The currencies that are tender in a country (ISO 3166) today, the usual one first."""
    found = cldr.tender(country)
    return tuple(code for code in found if code != "USD") + (("USD",) if "USD" in found else ())


@lru_cache(maxsize=1)
def all_codes() -> frozenset[str]:
    """ISO 4217 codes of all currencies that are tender somewhere today."""
    return frozenset(code for country in cldr.economies() for code in national_currencies(country))


def has_three_decimals(texts: Iterable[str], country: CountryBelief, language: str | None) -> bool:
    """Whether the pages name a currency with three decimals, or the seller's country surely has one."""
    named = {one.codes for text in texts for one in find_currencies(text, language)}
    if any(len(codes) == 1 and cldr.decimals(codes[0]) == _THREE for codes in named):
        return True
    national = national_currencies(country.likeliest)[:1]
    return not named and country.odds[country.likeliest] > _SURELY and cldr.decimals(national[0]) == _THREE


@lru_cache(maxsize=1)
def signs() -> Mapping[str, tuple[str, ...]]:
    """Signs and abbreviations as printed, with the currencies each can mean."""
    return MappingProxyType({sign: tuple(codes) for sign, codes in _data()["signs"].items()})


@lru_cache(maxsize=1)
def letters() -> Mapping[str, tuple[str, ...]]:
    """Signs of one letter, which are one only before a number with two decimals, with the currencies each can mean."""
    return MappingProxyType({sign: tuple(codes) for sign, codes in _data()["letters"].items()})


@lru_cache(maxsize=1)
def codes_beside_amounts() -> frozenset[str]:
    """The codes that are read as one where an amount stands beside them."""
    words = _data()["no_codes"]
    return all_codes() - (frozenset(words["words"]) - frozenset(words["beside_amounts"]))


@lru_cache(maxsize=4096)
def find_currencies(text: str, language: str | None = None) -> tuple[PrintedCurrency, ...]:
    """The signs, codes and names of currencies in a text, left to right; names as CLDR has them, in English and
    ``language``."""
    found = [PrintedCurrency(*m.span(), _codes(m[0])) for m in _pattern().finditer(text)]
    found += [PrintedCurrency(*match.span(), codes) for match, codes in _names(language or "en").find(text)]
    return tuple(sorted(found, key=lambda item: item.start))


def is_statement(text: str) -> bool:
    """Whether a text with one currency in it says what the amounts are in: "All amounts in SGD"."""
    return bool(phrase_pattern("amounts").search(text))


def is_conversion(text: str) -> bool:
    """Whether a text converts into another currency: by its words, a rate, or "1 EUR ="."""
    return bool(phrase_pattern("conversion").search(text) or _rate().search(text))


@lru_cache(maxsize=1)
def _rate() -> regex.Pattern[str]:
    return regex.compile(rf"(?:@|=|\b{alternatives('rate_at')}) ?\d+[.,]\d{{3,6}}\b|\b1 ?[A-Z]{{3}} ?=")


_NUMBER = r"(?:[-−–(] ?)?[.,]?\d[\d.,' ]*(?![\w/]|-\w)"
_SHORT = 3  # letters of a sign that may be a word or an abbreviation of something else


def _codes(printed: str) -> tuple[str, ...]:
    return signs().get(printed) or (("ZAR",) if printed == "R" else (printed,))


@lru_cache(maxsize=1)
def _pattern() -> regex.Pattern[str]:
    words = _data()["no_codes"]
    plain = {code for country in economies() for code in national_currencies(country)} - set(words["words"])
    beside = (all_codes() - plain - set(words["words"])) | set(words["beside_amounts"])
    short = [sign for sign in signs() if sign.isascii() and sign.isalpha() and len(sign) <= _SHORT]
    letters = [sign for sign in signs() if sign[0].isalpha() and sign not in short]
    other = [sign for sign in signs() if not sign[0].isalpha()]
    named = rf"(?<![^\W\d_])(?:{_any((*letters, *plain))})(?![^\W\d_]|\$)"
    ahead, behind = rf"(?= ?{_NUMBER})", r"(?<=\d[\d.,–-]* ?)"
    amount = rf"(?<![^\W\d_])(?:{_any(beside)}){ahead}|(?<=\d )(?:{_any(beside)})(?![^\W\d_])"
    # Two letters are many things; they are money beside a number, in brackets, or where a heading or a row ends.
    shorts = rf"(?<![^\W\d_])(?:{_any(short)})(?![^\W\d_]|\$)"
    within = rf"(?<=\b{alternatives('stated_in')} )"
    amount += rf"|{shorts}(?:{ahead}|(?=\s*(?:$|[:)/])))|{behind}{shorts}|{within}{shorts}"
    rand = r"(?<![^\W_])R(?= ?\d{1,3}(?:[ ,.]\d{3})*[.,]\d\d(?!\d))"
    return regex.compile(f"{named}|{_any(other)}|{amount}|{rand}")


@lru_cache(maxsize=32)
def _names(language: str) -> Names[tuple[str, ...]]:
    """The names of currencies in English and a language, with the codes that each can mean."""
    names = {name: tuple(codes) for name, codes in _data()["names"].items()}
    for known in (cldr.currency_names(locale) for locale in dict.fromkeys(("en", language))):
        names |= {folded(name): (code,) for code, called in known.items() if code in all_codes() for name in called}
    return Names.of(names, (r"\b", r"\b"))


def _any(words: Iterable[str]) -> str:
    return "|".join(map(regex.escape, sorted(words, key=len, reverse=True)))


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = tomli.loads(
        files("invoice_connector.locales").joinpath("currencies.toml").read_text(encoding="utf-8")
    )
    return data
