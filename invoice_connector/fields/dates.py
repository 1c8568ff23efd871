"""Dates as languages print them. Where numbers stand alone, each day that they can mean has its probability."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from invoice_connector.evidence.cldr import months
from invoice_connector.evidence.date_order import ORDERS, DateNumbers, Orders, day_of, meanings, resolved
from invoice_connector.locales import alternatives, locales

DAY_FIRST: Orders = MappingProxyType({"DMY": 0.90, "YMD": 0.06, "MDY": 0.04})  # of a text that nothing is known of

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
_EAST_ASIAN = re.compile(
    r"(?<![\w])(?P<era>令和|平成)? ?(?P<a>\d{1,4}) ?[年년] ?(?P<b>\d{1,2}) ?[月월] ?(?P<c>\d{1,2}) ?[日일]"
)
_ERAS = {"令和": 2018, "平成": 1988}  # the year before an era's first
_NAME = r"[^\W\d_]{2,12}"  # of a month; Catalan's August is "ag."
_YEAR = r"(?:(?P<year>(?:19|20|25)\d\d)|'?(?P<short>\d\d))(?![\d]|[.,/]\d|:\d)"


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date found at ``start``..``end``. ``alternatives`` are the other days the same print can mean, ``shares`` the
    probabilities of the value and of each of them; ``numeric``: written without a month's name."""

    start: int
    end: int
    text: str
    value: date
    alternatives: tuple[date, ...] = ()
    shares: tuple[float, ...] = (1.0,)
    numeric: bool = False


def find_dates(text: str, orders: Orders = DAY_FIRST) -> tuple[PrintedDate, ...]:
    """All dates in ``text``, left to right; ``orders``: how likely each order is where numbers stand alone."""
    found = [named for pattern in _with_month() for named in _named(pattern, text)]
    found += [day for match in _EAST_ASIAN.finditer(text) if (day := _of_era(match))]
    for pattern in (_NUMERIC, _GLUED_TIME, _GLUED_NUMBER, _COMPACT):
        found += [numeric for match in pattern.finditer(text) if (numeric := _numeric(match, orders))]
    found.sort(key=lambda item: (item.start, -item.end))
    kept: list[PrintedDate] = []
    for item in found:
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return tuple(kept)


def parse_date(text: str, orders: Orders = DAY_FIRST) -> date | None:
    """The date that makes up the whole ``text``; None when it is anything else."""
    stripped = text.strip()
    found = find_dates(stripped, orders)
    return found[0].value if found and (found[0].start, found[0].end) == (0, len(stripped)) else None


def numbers_of(text: str) -> tuple[DateNumbers, ...]:
    """The three numbers of every date of numbers alone, left to right, whatever their order means."""
    found = (_numbers(match) for match in _NUMERIC.finditer(text))
    return tuple(numbers for numbers in found if numbers.sign and any(resolved(numbers, order) for order in ORDERS))


def _numbers(match: re.Match[str]) -> DateNumbers:
    sign = match["sep"].strip() if "sep" in match.re.groupindex else "-"
    return DateNumbers(match["a"], match["b"], match["c"].lstrip("'"), sign)


def _numeric(match: re.Match[str], orders: Orders) -> PrintedDate | None:
    numbers = _numbers(match)
    # "10 11 12" is three numbers, "2025 03 01" and "1 3 2025" are dates.
    if not numbers.sign and len(numbers.first) + len(numbers.third) < 6:
        return None
    found = meanings(numbers, orders)
    return _printed(match, found) if found else None


def _printed(match: re.Match[str], found: Sequence[tuple[date, float]]) -> PrintedDate:
    days, shares = [day for day, _ in found], tuple(share for _, share in found)
    return PrintedDate(match.start(), match.end(), match[0], days[0], tuple(days[1:]), shares, numeric=True)


def _of_era(match: re.Match[str]) -> PrintedDate | None:
    """2026年5月14日, 令和8年5月14日, 2026년 5월 14일."""
    began = _ERAS.get(match["era"] or "", 0)
    value = day_of(str(began + int(match["a"])), match["b"], match["c"])
    return _printed(match, [(value, 1.0)]) if value else None


def _named(pattern: re.Pattern[str], text: str) -> list[PrintedDate]:
    found, match = [], pattern.search(text)
    while match is not None:
        month = _month(match["month"])
        value = day_of(match["year"] or match["short"], str(month), match["day"]) if month else None
        if value:
            found.append(PrintedDate(match.start(), match.end(), match[0], value))
        # What is no month may end where a date begins: "n.º 7 de 16 de maio de 2024".
        match = pattern.search(text, match.end() if value else match.start() + 1)
    return found


@lru_cache(maxsize=1)
def _with_month() -> tuple[re.Pattern[str], ...]:
    """Dates with a month's name: the day before it, behind it, and both orders behind the year."""
    ordinal, words = alternatives("ordinals"), alternatives("date_links")
    # A month's name holds a date together over the two spaces that a typewriter's face is read with.
    link = rf"[ ]{{0,2}}(?:[./,\-][ ]{{0,2}}|{words}(?:[ ]{{1,2}}|(?<=['’])))?"
    before = rf"(?<!\w)(?<!\w[.,])(?P<day>\d{{1,2}}){ordinal}?\.?{link}(?P<month>{_NAME})\.?{link}{_YEAR}"
    # "november 2019" is no 20 November; a comma leaves a wide gap in a typewriter's face: "May 14,  2026".
    gap = r"(?:[ ]?[,./-][ ]{0,2}|[ ]|(?=(?:19|20)\d\d(?!\d)))"
    behind = rf"(?<!\w)(?P<month>{_NAME})\.?[ ]?[-/]?(?P<day>\d{{1,2}}){ordinal}?{gap}{_YEAR}"
    era = rf"(?:{alternatives('year_words')}[ ]{{1,2}})?"
    year = rf"(?<![\w./,-])(?P<year>(?:19|20|25)\d\d)(?P<short>)\.?[ ,-]{{0,2}}{era}"
    month_behind = rf"{year}(?P<month>{_NAME})\.?[ -]{{0,2}}(?P<day>\d{{1,2}}){ordinal}?(?![\w/]|[.,:-]\d)"
    day_behind = rf"{year}(?P<day>\d{{1,2}})\.?[ -]{{1,2}}(?P<month>{_NAME})(?!\w)"
    return tuple(re.compile(form, re.IGNORECASE) for form in (before, behind, month_behind, day_behind))


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
    names: dict[str, int] = {}
    for language, locale in locales().items():
        names |= {folded(name): int(number) for number, others in locale.months.items() for name in others}
        for number, name in months(language):
            names.setdefault(folded(name), number)
    return {name: number for name, number in names.items() if len(name) >= 2}


def folded(text: str) -> str:
    """Lower case letters without accents; everything else dropped."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if letter.isalpha() and letter.isascii())
