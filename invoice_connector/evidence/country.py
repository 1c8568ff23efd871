"""The seller's country: every piece of evidence named, and a posterior over countries (naive Bayes in log-odds)."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import regex

Side = Literal["seller", "buyer", "page"]
Countries = Mapping[str, float]

# How much a text counts for the seller: in full where it stands with the seller, a little with the buyer, since most
# trade is domestic.
_WEIGHT: Mapping[Side, float] = {"seller": 1.0, "page": 0.9, "buyer": 0.15}
# What a party prints of itself; where such clues name several countries, those of nobody's side may be the buyer's.
_OF_PARTIES = frozenset({"postal form", "name of a country", "town", "legal form", "VAT number"})
_CONTESTED = 0.35
_VALID_VAT, _VAT_FORM, _IBAN, _DOMAIN, _NAME, _TELEPHONE, _CURRENCY, _TOWN = 7.0, 3.5, 6.0, 4.0, 5.0, 4.5, 3.0, 4.5
_SMALL = -4.0  # log-odds of a country that ``countries.toml`` gives no size
_ELSEWHERE = 0.001  # the share of all that the evidence does not speak for: it may be another's
_VAT = regex.compile(
    r"(?<![A-Z0-9])(?P<country>[A-Z]{2}|CHE)[ -]?(?=[A-Z0-9 .-]*\d{3})[A-Z0-9]+(?:[ .-]?[A-Z0-9]+){0,5}"
)
_IBAN_FORM = regex.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_HOST = regex.compile(r"(?:@|www\.|https?://)[\w.-]+\.(?P<top>[a-z]{2})(?![\w.]\w|\w)", regex.IGNORECASE)
_PREFIX = regex.compile(r"(?<![\w+])(?:\+(?P<digits>\d{1,3})|00(?P<digits>\d{1,3})(?=[ (]))(?=[ ().\d/-]{6})")
_CODE = regex.compile(r"(?<!\w)(?<!SDN\.? ?)(?P<code>[A-Z]{3})(?= ?[-−(]?\d)|(?<=\d ?)(?P<code>[A-Z]{3})(?!\w)")
# Used in trade between others, so that they say nothing of a seller; pounds say something (``countries.toml``).
_WORLDWIDE = frozenset({"USD", "EUR", "GBP", "CHF", "JPY", "CNY"})
_NO_COUNTRYS = frozenset({"co", "io", "ai", "tv", "me", "eu", "cc", "ly", "fm", "to", "sh", "gg"})  # sold to anybody
_ACCOUNT = "IBAN"
_SHORTEST_VAT = 9
_SHORTEST_TOWN = 5
_GREEK, _BRITISH = {"EL": "GR", "CHE": "CH"}, {"uk": "GB"}


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A printed line and whose it is: of the seller, of the buyer (or whom else is delivered to), or of the page."""

    text: str
    side: Side = "page"


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece: its kind, the print, and the log-odds it adds for countries (ISO 3166)."""

    kind: str
    text: str
    side: Side
    countries: Countries


@dataclass(frozen=True, slots=True)
class CountryBelief:
    """``odds``: the probability of each country (they sum to 1), likeliest first; ``evidence``: what it rests on."""

    odds: Countries
    evidence: tuple[Clue, ...] = ()

    def share(self, countries: Iterable[str]) -> float:
        """The probability that the seller's country is one of these."""
        return sum(self.odds.get(country, 0.0) for country in countries)

    @property
    def likeliest(self) -> str:
        return next(iter(self.odds))


def seller_country(lines: Sequence[PlacedText], language: str | None = None) -> CountryBelief:
    """The posterior over the seller's countries. Several prints of one kind count as the strongest of them: a page
    with five telephone numbers has one telephone."""
    evidence = tuple(found for line in lines for found in _clues(line))
    known = _tables()
    strongest: dict[tuple[str, str], float] = {}
    parties = [found for found in evidence if found.kind in _OF_PARTIES and found.side != "buyer"]
    contested = len({max(found.countries, key=lambda c: found.countries[c]) for found in parties}) > 1
    for found in evidence:
        open_side = contested and found.side == "page" and found.kind in _OF_PARTIES
        weight = _CONTESTED if open_side else _WEIGHT[found.side]
        for country, points in found.countries.items():
            key = (found.kind, country)
            strongest[key] = max(strongest.get(key, 0.0), points * weight)
    scores = {country: known.size.get(country, _SMALL) for country in known.every}
    for country, points in known.languages.get(language or "en", {}).items():
        scores[country] += points
    for (_, country), points in strongest.items():
        scores[country] = scores.get(country, 0.0) + points
    return CountryBelief(_posterior(scores), evidence)


def economies() -> Countries:
    """The countries of which ``countries.toml`` gives the size, in log-odds."""
    return _tables().size


def _posterior(scores: Countries) -> Countries:
    top = max(scores.values())
    masses = {country: math.exp(points - top) for country, points in scores.items()}
    whole = sum(masses.values())
    odds = {c: (1.0 - _ELSEWHERE) * mass / whole + _ELSEWHERE / len(masses) for c, mass in masses.items()}
    return MappingProxyType(dict(sorted(odds.items(), key=lambda item: -item[1])))


def _clues(line: PlacedText) -> Iterator[Clue]:
    text = line.text
    for kind, pattern, countries in _tables().clues:
        match = pattern.search(text)
        if match:
            yield Clue(kind, match[0], line.side, countries)
    for kind, printed, country, points in (*_numbers(text), *_hosts(text), *_names(text)):
        # The account to pay to is the seller's, wherever it is printed.
        yield Clue(kind, printed, "page" if kind == _ACCOUNT else line.side, {country: points})
    for match in _CODE.finditer(text):
        tenders = _tables().tenders.get(match["code"])
        if tenders:
            yield Clue("currency", match["code"], line.side, dict.fromkeys(tenders, _CURRENCY))
    for match in _PREFIX.finditer(text):
        called = _tables().telephone(match["digits"])
        if called:
            yield Clue("telephone", match[0], line.side, dict.fromkeys(called, _TELEPHONE))


def _numbers(text: str) -> Iterator[tuple[str, str, str, float]]:
    """VAT numbers and IBANs: those whose check digits hold count most; an IBAN may be of a bank abroad."""
    from stdnum import iban

    ibans = [match for match in _IBAN_FORM.finditer(text) if iban.is_valid(match[0], check_country=False)]
    for match in ibans:
        yield _ACCOUNT, match[0], match[0][:2], _IBAN
    for match in _VAT.finditer(text, overlapped=True):
        country = _GREEK.get(match["country"], match["country"])
        if any(match.start() < other.end() and other.start() < match.end() for other in ibans):
            continue
        found = next(
            (verdict for verdict in map(partial(_vat_valid, country), _heads(match[0])) if verdict is not None), None
        )
        if found is not None:
            yield "VAT number", match[0], country, _VALID_VAT if found else _VAT_FORM


def _heads(printed: str) -> Iterator[str]:
    """The print, and it without the last groups: something else may follow a number, "DE 136695976 HRB 4711"."""
    while len(printed) >= _SHORTEST_VAT:
        yield printed
        printed = regex.split(r"[ .-]", printed[::-1], maxsplit=1)[-1][::-1] if regex.search(r"[ .-]", printed) else ""


def _vat_valid(country: str, printed: str) -> bool | None:
    """The check digits' verdict; None where the print has not the form of that country's VAT numbers."""
    from stdnum import exceptions, get_cc_module

    module = get_cc_module(country, "vat")
    if module is None:
        return None
    try:
        module.validate(printed)
    except exceptions.InvalidChecksum:
        return False
    except exceptions.ValidationError:
        return None
    return True


def _hosts(text: str) -> Iterator[tuple[str, str, str, float]]:
    for match in _HOST.finditer(text):
        top = match["top"].lower()
        country = _BRITISH.get(top, top.upper())
        if top not in _NO_COUNTRYS and country in _tables().every:
            yield "domain", match[0], country, _DOMAIN


def _names(text: str) -> Iterator[tuple[str, str, str, float]]:
    """A country's name as a word of its own, "Cork, Ireland", "SINGAPORE 068895", and a town that CLDR names."""
    pattern, countries = _country_names()
    for match in pattern.finditer(text):
        yield "name of a country", match[0], countries[match[0].casefold()], _NAME
    towns, countries = _town_names()
    for match in towns.finditer(text):
        yield "town", match[0], countries[match[0].casefold()], _TOWN


@lru_cache(maxsize=1)
def _town_names() -> tuple[regex.Pattern[str], Mapping[str, str]]:
    """The towns that time zones are called by."""
    from babel.core import get_global

    zones = {zone: country for zone, country in get_global("zone_territories").items() if zone.count("/") == 1}
    towns = {zone.split("/")[1].replace("_", " ").casefold(): country for zone, country in zones.items()}
    named = {town: country for town, country in towns.items() if len(town) >= _SHORTEST_TOWN and len(country) == 2}
    return regex.compile(rf"(?<!\w)(?:{'|'.join(map(regex.escape, named))})(?!\w)", regex.IGNORECASE), named


@lru_cache(maxsize=1)
def _country_names() -> tuple[regex.Pattern[str], Mapping[str, str]]:
    from babel import Locale

    names: dict[str, str] = {}
    for language in ("en", *_tables().languages):
        for country, name in Locale.parse(language).territories.items():
            if country in _tables().every and len(name) >= 4:
                names.setdefault(name.casefold(), country)
    for country, more in _tables().names.items():
        names |= {name.casefold(): country for name in more}
    longest_first = sorted(map(regex.escape, names), key=len, reverse=True)
    # At the end of an address, not in a sentence: "Made in Germany" says where goods come from.
    pattern = rf"(?:^|[,|·•/(–-] ?|\d +)\K(?:{'|'.join(longest_first)})(?= *(?:$|[,|·•/;.)]|-? ?\d{{5,6}}\b))"
    return regex.compile(pattern, regex.IGNORECASE), names


@dataclass(frozen=True, slots=True)
class _Tables:
    """``countries.toml``, compiled; ``every`` is each country that has a currency of today."""

    every: tuple[str, ...]
    size: Countries
    languages: Mapping[str, Countries]
    prefixes: Mapping[str, tuple[str, ...]]
    names: Mapping[str, tuple[str, ...]]
    tenders: Mapping[str, tuple[str, ...]]
    clues: tuple[tuple[str, regex.Pattern[str], Countries], ...]

    def telephone(self, digits: str) -> tuple[str, ...]:
        """The countries of the longest prefix that ``digits`` begin with; prefixes of one digit come last."""
        found = (self.prefixes.get(digits[:length]) for length in (3, 2, 1))
        return next((countries for countries in found if countries), ())


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    from babel.core import get_global

    data = tomllib.loads(files(__package__).joinpath("countries.toml").read_text(encoding="utf-8"))
    clues = tuple(
        (
            clue["kind"],
            regex.compile(clue["pattern"], regex.IGNORECASE if clue.get("flags") == "i" else 0),
            clue["countries"],
        )
        for clue in data["clue"]
    )
    every = tuple(sorted(country for country in get_global("territory_currencies") if len(country) == 2))
    telephone = {prefix: tuple(countries) for prefix, countries in data["telephone"].items()}
    names = {country: tuple(more) for country, more in data["names"].items()}
    return _Tables(every, data["size"], data["languages"], telephone, names, _tenders(every), clues)


def _tenders(countries: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """The countries of each currency that hardly anybody else bills in."""
    from babel.numbers import get_territory_currencies

    tenders: dict[str, tuple[str, ...]] = {}
    for country in countries:
        for code in get_territory_currencies(country)[:1]:
            if code not in _WORLDWIDE:
                tenders[code] = (*tenders.get(code, ()), country)
    return tenders
