"""What this package needs of CLDR, the Unicode Consortium's locale data, from a file of its own.

Babel unpacks all that a language has to read one name of a country: half a second and 90 MB for the languages here.
``cldr.json`` is made by ``scripts/make_cldr.py`` out of Babel; languages that it lacks are read from Babel.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

WIDTHS: tuple[Literal["wide", "abbreviated"], ...] = ("wide", "abbreviated")
CONTEXTS: tuple[Literal["format", "stand-alone"], ...] = ("format", "stand-alone")
DAY_FIRST = "DMY"


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
