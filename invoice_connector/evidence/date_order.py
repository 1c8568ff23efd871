"""The order of day, month and year in dates of numbers alone: what the country, the language, other dates of the
document and its terms of payment say, as the probability of each order."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import combinations
from types import MappingProxyType
from typing import Literal

from invoice_connector.evidence.cldr import short_date
from invoice_connector.evidence.country import CountryBelief
from invoice_connector.locales import alternatives

DateOrder = Literal["DMY", "MDY", "YMD"]
Orders = Mapping[DateOrder, float]
ORDERS: tuple[DateOrder, ...] = ("DMY", "MDY", "YMD")

# The shares of the orders where CLDR writes the short date so. Of the countries that write the year first, most turn
# a date with the year last into day and month; those listed apart use both.
_CUSTOM: Mapping[DateOrder, Orders] = MappingProxyType(
    {
        "DMY": {"DMY": 0.9975, "MDY": 0.002, "YMD": 0.0005},
        "MDY": {"DMY": 0.004, "MDY": 0.994, "YMD": 0.002},
        "YMD": {"DMY": 0.20, "MDY": 0.001, "YMD": 0.799},
    }
)
_MIXED: Mapping[str, Orders] = MappingProxyType(
    {
        "CA": {"DMY": 0.35, "MDY": 0.45, "YMD": 0.20},
        "PH": {"DMY": 0.10, "MDY": 0.88, "YMD": 0.02},
        "JP": {"DMY": 0.10, "MDY": 0.15, "YMD": 0.75},
        "CN": {"DMY": 0.15, "MDY": 0.10, "YMD": 0.75},
        "TW": {"DMY": 0.10, "MDY": 0.20, "YMD": 0.70},
        "KR": {"DMY": 0.10, "MDY": 0.15, "YMD": 0.75},
        "ZA": {"DMY": 0.78, "MDY": 0.02, "YMD": 0.20},
        "PA": {"DMY": 0.75, "MDY": 0.25, "YMD": 0.00},
        "PR": {"DMY": 0.05, "MDY": 0.95, "YMD": 0.00},
    }
)
_MONTH_FIRST_LANGUAGES = frozenset({"en", None})  # in other languages hardly anybody writes the month first
_OTHER_LANGUAGE = 0.15
# Points go with the day first, hyphens with the year first.
_SIGNS: Mapping[tuple[DateOrder, str], float] = MappingProxyType({("MDY", "."): 0.01, ("YMD", "-"): 5.0})
_CONTRADICTED = 0.002  # that a document whose dates go in one order has one that only goes in another
_MOST_PROOFS = 2  # dates that fix the order; more prove no more
_TERM_HOLDS = 15.0  # how much likelier an order is under which two dates lie the printed days apart
_USUAL_TERM = 2.0  # the same, of days that many terms have
_BACKWARDS = 0.3  # the second date before the first: due before it was issued
_USUAL_DAYS = frozenset({7, 8, 10, 14, 15, 20, 21, 28, 30, 31, 45, 60, 90})
_MOST_DATES = 6


@dataclass(frozen=True, slots=True)
class DateNumbers:
    """The three numbers of a printed date, as strings, in the order of print, and the sign between them."""

    first: str
    second: str
    third: str
    sign: str


def order_belief(
    prints: Sequence[DateNumbers], country: CountryBelief, language: str | None, texts: Iterable[str] = ()
) -> Orders:
    """The probability of each order, from the custom of the country and language, the dates themselves (in reading
    order) and the days of payment that ``texts`` name."""
    odds = dict.fromkeys(ORDERS, 0.0)
    for name, share in country.odds.items():
        for order, custom in _custom(name).items():
            odds[order] += share * custom
    if language not in _MONTH_FIRST_LANGUAGES:
        odds["MDY"] *= _OTHER_LANGUAGE
    short = [found for found in dict.fromkeys(prints) if len(found.first) < 4]
    days = set(_printed_days(texts))
    for order in ORDERS:
        odds[order] *= _contradictions(order, short)
        odds[order] *= _terms(order, short, days)
    whole = sum(odds.values())
    return MappingProxyType({order: odds[order] / whole for order in sorted(ORDERS, key=lambda order: -odds[order])})


def with_taught(orders: Orders, taught: Sequence[DateOrder]) -> Orders:
    """The belief after earlier documents of the same seller, of each of which ``taught`` has the order: it writes its
    dates in one way from document to document, as within one."""
    odds = {order: orders.get(order, 0.0) * _without(order, taught) for order in ORDERS}
    whole = sum(odds.values())
    return MappingProxyType({o: odds[o] / whole for o in sorted(ORDERS, key=lambda o: -odds[o])}) if whole else orders


def _without(order: DateOrder, taught: Sequence[DateOrder]) -> float:
    return math.pow(_CONTRADICTED, min(sum(other != order for other in taught), _MOST_PROOFS))


def order_told(prints: Sequence[DateNumbers], day: date) -> DateOrder | None:
    """The one order in which prints say that day, None where none or several do; a year of four digits before the
    others tells nothing."""
    found = {o for numbers in prints if len(numbers.first) < 4 for o in ORDERS if resolved(numbers, o) == day}
    return found.pop() if len(found) == 1 else None


def meanings(numbers: DateNumbers, orders: Orders) -> tuple[tuple[date, float], ...]:
    """The days that a print can mean and their probabilities (summing to 1), likeliest first; () for no date."""
    if len(numbers.first) == 4:
        day = day_of(numbers.first, numbers.second, numbers.third)
        return () if day is None else ((day, 1.0),)
    shares: dict[date, float] = {}
    for order in ORDERS:
        found = resolved(numbers, order)
        if found is not None:
            weight = orders.get(order, 0.0) * _SIGNS.get((order, numbers.sign), 1.0)
            shares[found] = shares.get(found, 0.0) + weight
    whole = sum(shares.values())
    if not whole:
        return tuple((found, 1.0 / len(shares)) for found in shares)
    return tuple(sorted(((found, share / whole) for found, share in shares.items()), key=lambda item: -item[1]))


def resolved(numbers: DateNumbers, order: DateOrder) -> date | None:
    """The day that the numbers are in this order; a year of two digits stands first only before hyphens, and with a
    leading zero's place: 25-01-31, never 25.01.31."""
    a, b, c = numbers.first, numbers.second, numbers.third
    if order == "YMD":
        year_first = len(a) == 4 or (len(a) == 2 and len(c) <= 2 and numbers.sign in ("-", "–"))
        return day_of(a, b, c) if year_first else None
    if len(a) == 4:
        return None
    return day_of(c, b, a) if order == "DMY" else day_of(c, a, b)


FIRST_YEAR, LAST_YEAR = 1990, 2099
_SHORT_YEARS_FROM_1900 = 90  # "89" is 2089 here: no invoice is that old, and none is from 1989 either
_BUDDHIST = 543  # years that Thailand's calendar is ahead


def day_of(year: str, month: str, day: str) -> date | None:
    """The day; None where there is none, or one that no invoice has. Years of the Buddhist era are converted."""
    full = int(year)
    if len(year) <= 2:
        full += 1900 if full >= _SHORT_YEARS_FROM_1900 else 2000
    if full - _BUDDHIST >= FIRST_YEAR:
        full -= _BUDDHIST
    if not FIRST_YEAR <= full <= LAST_YEAR:
        return None
    try:
        return date(full, int(month), int(day))
    except ValueError:
        return None


@lru_cache(maxsize=512)
def _custom(country: str) -> Orders:
    """The shares of the orders in a country, by CLDR's short date in its first language."""
    if country in _MIXED:
        return _MIXED[country]
    printed = short_date(country)
    return next((shares for order, shares in _CUSTOM.items() if order == printed), _CUSTOM["DMY"])


def _contradictions(order: DateOrder, prints: Sequence[DateNumbers]) -> float:
    """The likelihood of the dates that go in one order only."""
    fixed = [found for found in prints if len({o for o in ORDERS if resolved(found, o)}) == 1]
    against = sum(resolved(found, order) is None for found in fixed)
    return math.pow(_CONTRADICTED, min(against, _MOST_PROOFS))


def _terms(order: DateOrder, prints: Sequence[DateNumbers], printed: set[int]) -> float:
    """The likelihood of the days that lie between the dates, in this order."""
    days = [found for numbers in prints[:_MOST_DATES] if (found := resolved(numbers, order))]
    gaps = [(later - earlier).days for earlier, later in combinations(days, 2)]
    if any(gap in printed for gap in gaps):
        return _TERM_HOLDS
    if any(gap in _USUAL_DAYS for gap in gaps):
        return _USUAL_TERM
    return _BACKWARDS if gaps and all(gap < 0 for gap in gaps) else 1.0


@cache
def _days() -> re.Pattern[str]:
    """Days of payment: "30 days", "net 30"."""
    days, net = alternatives("days"), alternatives("net_days")
    return re.compile(rf"(?<![\d.,])(\d{{1,3}}) ?{days}\b|\b{net} ?(\d{{1,3}})\b", re.IGNORECASE)


def _printed_days(texts: Iterable[str]) -> Iterator[int]:
    for text in texts:
        for match in _days().finditer(text):
            days = int(match[1] or match[2])
            if days:
                yield days
