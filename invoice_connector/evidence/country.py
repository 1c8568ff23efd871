"""The seller's country: every piece of evidence named, and a posterior over countries (naive Bayes in log-odds)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from invoice_connector.evidence.country_clues import Countries, clues_of, tables

Side = Literal["seller", "buyer", "page"]

# How much a text counts for the seller: in full where it stands with the seller, a little with the buyer, since most
# trade is domestic.
_WEIGHT: Mapping[Side, float] = {"seller": 1.0, "page": 0.9, "buyer": 0.15}
_ADDRESS = frozenset({"postal form", "name of a country", "town", "street"})
_MOST_ADDRESS = 9.0  # what the parts of one address add together: it may be another's
# What a party prints of itself; where such clues name several countries, those of nobody's side may be the buyer's.
_OF_PARTIES = _ADDRESS | {"legal form", "VAT number"}
_CONTESTED, _BUYERS_LANGUAGE = 0.35, 0.4  # then the language may be the buyer's, too
_NAMES = 2.0  # by how much a clue's first country leads, if the clue names that country
_SMALL = -4.0  # log-odds of a country that ``countries.toml`` gives no size
_ELSEWHERE = 0.001  # the share of all that the evidence does not speak for: it may be another's
_ACCOUNT = "IBAN"


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
    evidence = tuple(clue for line in lines for clue in _clues(line))
    known = tables()
    scores = {country: known.size.get(country, _SMALL) for country in known.every}
    contested = _contested(evidence)
    for country, points in known.of_language(language).items():
        scores[country] += points * (_BUYERS_LANGUAGE if contested else 1.0)
    strongest = _strongest(evidence, contested)
    for country in {country for _, country in strongest}:
        own = {kind: points for (kind, other), points in strongest.items() if other == country}
        address = min(sum(points for kind, points in own.items() if kind in _ADDRESS), _MOST_ADDRESS)
        rest = sum(points for kind, points in own.items() if kind not in _ADDRESS)
        scores[country] = scores.get(country, _SMALL) + address + rest
    return CountryBelief(_posterior(scores), evidence)


def economies() -> Countries:
    """The countries of which ``countries.toml`` gives the size, in log-odds."""
    return tables().size


def _clues(line: PlacedText) -> Iterable[Clue]:
    text = " ".join(line.text.split())  # a typewriter's face seems to have two spaces behind a comma
    for found in clues_of(text):
        # The account to pay to is the seller's, wherever it is printed.
        side = "page" if found.kind == _ACCOUNT else line.side
        yield Clue(found.kind, text[found.start : found.end], side, found.countries)


def _contested(evidence: Sequence[Clue]) -> bool:
    """Whether what the parties print of themselves names several countries, apart from the buyer's own lines."""
    parties = [clue for clue in evidence if clue.kind in _OF_PARTIES and clue.side != "buyer"]
    return len({country for clue in parties for country in _named(clue)}) > 1


def _strongest(evidence: Sequence[Clue], contested: bool) -> dict[tuple[str, str], float]:
    """The points of the strongest clue by kind and country, weighted by whose the clue is."""
    strongest: dict[tuple[str, str], float] = {}
    for clue in evidence:
        open_side = contested and clue.side == "page" and clue.kind in _OF_PARTIES
        weight = _CONTESTED if open_side else _WEIGHT[clue.side]
        for country, points in clue.countries.items():
            key = (clue.kind, country)
            strongest[key] = max(strongest.get(key, 0.0), points * weight)
    return strongest


def _named(clue: Clue) -> tuple[str, ...]:
    """The country that a clue names, if it names one and not several."""
    first, *others = sorted(clue.countries.items(), key=lambda item: -item[1])
    return (first[0],) if not others or first[1] - others[0][1] >= _NAMES else ()


def _posterior(scores: Countries) -> Countries:
    top = max(scores.values())
    masses = {country: math.exp(points - top) for country, points in scores.items()}
    whole = sum(masses.values())
    odds = {c: (1.0 - _ELSEWHERE) * mass / whole + _ELSEWHERE / len(masses) for c, mass in masses.items()}
    return MappingProxyType(dict(sorted(odds.items(), key=lambda item: -item[1])))
