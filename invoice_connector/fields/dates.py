"""Dates as seven languages print them. Order of day and month comes from the page; the other reading is kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from invoice_connector.locales import locales

DateOrder = Literal["DMY", "MDY", "YMD"]

FIRST_YEAR, LAST_YEAR = 1990, 2099
_SHORT_YEARS_FROM_1900 = 90  # "89" is 2089 here: no invoice is that old, and none is from 1989 either

_SEPARATOR = r"[ ]?[./\-–][ ]?"
_NUMERIC = re.compile(
    rf"(?<![\w/.,-])(?P<a>\d{{4}}|\d{{1,2}})(?P<sep>{_SEPARATOR}|[ ])(?P<b>\d{{1,2}})(?:{_SEPARATOR}|[ ])"
    rf"(?P<c>\d{{4}}|'?\d{{2}}|(?<=\d{{4}}\D\d\D)\d|(?<=\d{{4}}\D\d\d\D)\d)(?![\w]|[/-]\d|[.,]\d)(?!:\d)"
)
_GLUED_TIME = re.compile(r"(?<![\w/.,-])(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})[./-](?P<c>\d{4})(?=\d{1,2}:\d\d)")
_GLUED_NUMBER = re.compile(
    r"(?<=\d{3})(?P<a>[0-3]\d)(?P<sep>[./-])(?P<b>[01]\d)(?P=sep)(?P<c>(?:19|20)\d\d)(?![\w]|[/-]\d|[.,]\d)(?!:\d)"
)  # "#48210315/07/2026"
_COMPACT = re.compile(r"(?<![\w/.,-])(?P<a>(?:19|20)\d\d)(?P<b>[01]\d)(?P<c>[0-3]\d)(?![\w]|[.-]\d|/(?!\d{6})\d|,\d)")
_YEAR = r"(?:(?P<year>(?:19|20)\d\d)|'?(?P<short>\d\d))(?![\d]|[.,/]\d|:\d)"
_LINK = r"[ ]?(?:[./,\-][ ]?|de[l ][ ]?|of[ ])?"
_DAY_FIRST = re.compile(
    rf"(?<!\w)(?<!\w[.,])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|°|ª|:[ae])?\.?{_LINK}"
    rf"(?P<month>[^\W\d_]{{3,12}})\.?{_LINK}{_YEAR}",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"(?<!\w)(?P<month>[^\W\d_]{{3,12}})\.?[ ]?[-/]?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
    rf"(?:[ ]?[,./-][ ]?|[ ]|(?=(?:19|20)\d\d(?!\d))){_YEAR}",  # "november 2019" is no 20 November
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date found at ``start``..``end``. ``alternatives`` are the other days the same print can mean;
    ``numeric`` holds the three printed numbers when they are written without a month name."""

    start: int
    end: int
    text: str
    value: date
    alternatives: tuple[date, ...] = ()
    numeric: tuple[str, str, str] | None = None


def find_dates(text: str, orders: Sequence[DateOrder] = ("DMY", "YMD", "MDY")) -> tuple[PrintedDate, ...]:
    """All dates in ``text``, left to right; ``orders`` are tried in turn for numbers alone."""
    found = [named for pattern in (_DAY_FIRST, _MONTH_FIRST) for named in _named(pattern, text)]
    for pattern in (_NUMERIC, _GLUED_TIME, _GLUED_NUMBER, _COMPACT):
        found += [numeric for match in pattern.finditer(text) if (numeric := _numeric(match, orders))]
    found.sort(key=lambda item: (item.start, -item.end))
    kept: list[PrintedDate] = []
    for item in found:
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return tuple(kept)


def parse_date(text: str, orders: Sequence[DateOrder] = ("DMY", "YMD", "MDY")) -> date | None:
    """The date that makes up the whole ``text``; None when it is anything else."""
    stripped = text.strip()
    found = find_dates(stripped, orders)
    return found[0].value if found and (found[0].start, found[0].end) == (0, len(stripped)) else None


def infer_orders(texts: Iterable[str], language: str | None, american: bool = False) -> tuple[DateOrder, ...]:
    """The orders to try, likeliest first: unambiguous dates of the page outweigh the custom of its language.

    ``american``: the page shows signs of the United States (dollars, sales tax), where the month comes first.
    """
    votes: dict[DateOrder, float] = {"DMY": 1.0, "YMD": 0.0, "MDY": 0.0}
    if language == "sv":
        votes["YMD"] = 1.5
    if american:
        votes["MDY"] = 1.5
    for text in texts:
        for match in _NUMERIC.finditer(text):
            if match["sep"] == " ":  # as likely a telephone number
                continue
            possible = [order for order in votes if _resolve(_parts(match), order)]
            if len(possible) == 1 and len(match["a"]) < 4:
                votes[possible[0]] += 2.0
    return tuple(sorted(votes, key=lambda order: -votes[order]))


def _parts(match: re.Match[str]) -> tuple[str, str, str]:
    return match["a"], match["b"], match["c"].lstrip("'")


def _numeric(match: re.Match[str], orders: Sequence[DateOrder]) -> PrintedDate | None:
    parts = _parts(match)
    spaced = "sep" in match.re.groupindex and match["sep"] == " "
    if spaced and len(parts[0]) + len(parts[2]) < 6:  # "10 11 12" is three numbers, "2025 03 01" and "1 3 2025" dates
        return None
    short_years_first = "sep" not in match.re.groupindex or match["sep"].strip() in (
        "-",
        "–",
    )  # 25-01-31, never 25.01.31
    tried = [order for order in orders if order != "YMD" or short_years_first or len(parts[0]) == 4]
    values = list(dict.fromkeys(value for order in tried if (value := _resolve(parts, order))))
    if not values:
        return None
    return PrintedDate(match.start(), match.end(), match[0], values[0], tuple(values[1:]), parts)


def _resolve(parts: tuple[str, str, str], order: DateOrder) -> date | None:
    a, b, c = parts
    if len(a) == 4:
        return _day(a, b, c)
    if len(c) == 4:
        return {"DMY": _day(c, b, a), "MDY": _day(c, a, b), "YMD": None}[order]
    if order == "YMD" and len(a) == 1:
        return None
    return {"DMY": _day(c, b, a), "MDY": _day(c, a, b), "YMD": _day(a, b, c)}[order]


def _day(year: str, month: str, day: str) -> date | None:
    full = int(year)
    if len(year) <= 2:
        full += 1900 if full >= _SHORT_YEARS_FROM_1900 else 2000
    if not FIRST_YEAR <= full <= LAST_YEAR:
        return None
    try:
        return date(full, int(month), int(day))
    except ValueError:
        return None


def _named(pattern: re.Pattern[str], text: str) -> list[PrintedDate]:
    found = []
    for match in pattern.finditer(text):
        month = _month(match["month"])
        value = _day(match["year"] or match["short"], str(month), match["day"]) if month else None
        if value:
            found.append(PrintedDate(match.start(), match.end(), match[0], value))
    return found


@lru_cache(maxsize=512)
def _month(name: str) -> int | None:
    """1..12 for a month's name in any of the languages, one misread letter forgiven in long names."""
    key = folded(name)
    known = _month_names()
    if key in known:
        return known[key]
    if len(key) < 5:
        return None
    from rapidfuzz.distance import Levenshtein

    close = {number for other, number in known.items() if len(other) >= 5 and Levenshtein.distance(key, other) <= 1}
    return close.pop() if len(close) == 1 else None


@lru_cache(maxsize=1)
def _month_names() -> dict[str, int]:
    from babel.dates import get_month_names

    names: dict[str, int] = {}
    for language, locale in locales().items():
        names |= {folded(name): int(number) for number, others in locale.months.items() for name in others}
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context=context, locale=language).items():
                    names.setdefault(folded(name), int(number))
    return {name: number for name, number in names.items() if len(name) >= 3}


def folded(text: str) -> str:
    """Lower case letters without accents; everything else dropped."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if letter.isalpha() and letter.isascii())
