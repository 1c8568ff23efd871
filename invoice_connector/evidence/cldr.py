"""What this package needs of CLDR, the Unicode Consortium's locale data, from a file of its own.

Babel unpacks all that a language has to read one name of a country: half a second and 90 MB for the languages here.
``cldr.json`` is made by ``scripts/make_cldr.py`` out of Babel; languages that it lacks are read from Babel.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

WIDTHS: tuple[Literal["wide", "abbreviated"], ...] = ("wide", "abbreviated")
CONTEXTS: tuple[Literal["format", "stand-alone"], ...] = ("format", "stand-alone")
DAY_FIRST = "DMY"
_PLENTY = (None, 1, 2)  # numbers of a currency's units by which its name is inflected
_OLDEST = (2020, 1, 1)  # currencies that ended before are no longer billed in
_DECIMALS = 2  # of most currencies
Period = tuple[str, str, str]  # a currency's code, and the first and last day on which it is tender, "" without one


def territories(language: str) -> Mapping[str, str]:
    """Names of countries and regions in the language, by ISO 3166 and UN M.49 codes."""
    known: Mapping[str, str] | None = _table()["territories"].get(language)
    return babel_territories(language) if known is None else known


def months(language: str) -> tuple[tuple[int, str], ...]:
    """Numbers 1..12 and names of months in the language, in full first."""
    known = _table()["months"].get(language)
    return tuple(babel_months(language)) if known is None else tuple((number, name) for number, name in known)


def short_date(country: str) -> str:
    """The order of day, month and year in the short date of the country's first language, such as "DMY"."""
    order: str = _table()["short_dates"].get(country, DAY_FIRST)
    return order


def currency_names(language: str) -> Mapping[str, Sequence[str]]:
    """The names of several words that currencies of today have in the language, by their code (ISO 4217); none in a
    language that nobody has described."""
    known: Mapping[str, Sequence[str]] | None = _table()["currency_names"].get(language)
    return babel_currency_names(language) if known is None else known


def economies() -> tuple[str, ...]:
    """The countries (ISO 3166, or longer codes of what is none) whose currencies are known."""
    return tuple(_table()["tender"])


def tender(country: str) -> tuple[str, ...]:
    """The currencies that are tender in the country today, the oldest first."""
    today, periods = date.today().isoformat(), _table()["tender"].get(country, ())
    return tuple(code for code, first, last in periods if first <= today and (not last or today <= last))


def decimals(code: str) -> int:
    """The digits that the currency's amounts have behind the decimal mark."""
    digits: int = _table()["decimals"].get(code, _DECIMALS)
    return digits


def towns() -> Mapping[str, str]:
    """The countries of the towns that time zones are called by."""
    found: Mapping[str, str] = _table()["towns"]
    return found


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(files("invoice_connector.evidence").joinpath("cldr.json").read_text("utf-8"))
    return table


def babel_territories(language: str) -> Mapping[str, str]:
    """The same from Babel. Raises UnknownLocaleError."""
    from babel import Locale

    return dict(Locale.parse(language).territories)


def babel_months(language: str) -> Iterator[tuple[int, str]]:
    """The same from Babel. Raises UnknownLocaleError."""
    from babel.dates import get_month_names

    for width in WIDTHS:
        for context in CONTEXTS:
            for number, name in get_month_names(width, context=context, locale=language).items():
                yield int(number), str(name)


def babel_short_date(country: str) -> str:
    """The same from Babel, which knows the languages of all countries."""
    from babel import Locale
    from babel.core import UnknownLocaleError, get_global

    languages = get_global("territory_languages").get(country, {})
    for language in sorted(languages, key=lambda language: -languages[language]["population_percent"]):
        try:
            pattern = str(Locale.parse(f"{language}_{country}").date_formats["short"].pattern)
        except (UnknownLocaleError, ValueError):
            continue
        return "".join(dict.fromkeys(letter.upper() for letter in pattern if letter in "yMd"))
    return DAY_FIRST


def babel_currency_names(language: str) -> dict[str, list[str]]:
    """The same from Babel."""
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_currency_name

    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return {}
    codes = sorted({code for periods in babel_tender().values() for code, _, _ in periods})
    forms = {code: [get_currency_name(code, count=count, locale=locale) for count in _PLENTY] for code in codes}
    return {code: [name for name in dict.fromkeys(names) if " " in name] for code, names in forms.items()}


def babel_tender() -> dict[str, list[Period]]:
    """The currencies of every country from Babel, but for those of former times."""
    from babel.core import get_global

    return {
        country: [
            (code, date(*first).isoformat() if first else "", date(*last).isoformat() if last else "")
            for code, first, last, is_tender in currencies
            if is_tender and (last is None or last >= _OLDEST)
        ]
        for country, currencies in get_global("territory_currencies").items()
    }


def babel_decimals() -> dict[str, int]:
    """The digits of currencies that have not as many as most, from Babel."""
    from babel.core import get_global

    fractions = {code: digits for code, (digits, *_) in get_global("currency_fractions").items() if code != "DEFAULT"}
    return {code: digits for code, digits in fractions.items() if digits != _DECIMALS}


def babel_towns() -> dict[str, str]:
    """The same from Babel."""
    from babel.core import get_global

    zones = {zone: country for zone, country in get_global("zone_territories").items() if zone.count("/") == 1}
    return {zone.split("/")[1].replace("_", " "): country for zone, country in zones.items()}
