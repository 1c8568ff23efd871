"""How a country writes amounts, dates and addresses, and which taxes it charges.

Babel supplies names of months; the separators are our own, because invoices mix styles that CLDR keeps apart
(a thousands point or blank, a currency before or after).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from babel.dates import format_date

from scripts.synthetic.vocabulary import LANGUAGES


@dataclass(frozen=True)
class AmountStyle:
    """Separators of thousands and decimals, e.g. (" ", ",") for 1 234,50."""

    thousands: str
    decimal: str


@dataclass(frozen=True)
class Country:
    """Formats and taxes. `vat_rates` in percent, the standard rate first; `dates` are CLDR patterns; `account` names
    what an invoice is paid to; `price_factor` scales the vocabulary's prices."""

    code: str
    language: str
    locale: str
    currency: str
    symbols: tuple[str, ...]
    vat_rates: tuple[Decimal, ...]
    amounts: tuple[AmountStyle, ...]
    dates: tuple[str, ...]
    name: str
    account: str = "iban"
    price_factor: Decimal = Decimal(1)


_POINT_COMMA = AmountStyle(".", ",")
_BLANK_COMMA = AmountStyle(" ", ",")
_NONE_COMMA = AmountStyle("", ",")
_COMMA_POINT = AmountStyle(",", ".")
_NONE_POINT = AmountStyle("", ".")
_APOSTROPHE = AmountStyle("'", ".")

_DOT_DATES = ("dd.MM.yyyy", "dd.MM.yyyy", "dd.MM.yyyy", "d. MMMM yyyy", "dd.MM.yy")
_SLASH_DATES = ("dd/MM/yyyy", "dd/MM/yyyy", "dd/MM/yyyy", "dd-MM-yyyy", "dd/MM/yy")


def _rates(*values: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(value) for value in values)


COUNTRIES = (
    Country("SE", "sv", "sv_SE", "SEK", ("kr", "SEK", "", ""), _rates("25", "12", "6"),
            (_BLANK_COMMA, _BLANK_COMMA, _NONE_COMMA, AmountStyle(" ", ".")),
            ("yyyy-MM-dd", "yyyy-MM-dd", "yyyy-MM-dd", "yyyyMMdd", "d MMMM yyyy", "yy-MM-dd"), "Sverige", "giro"),
    Country("FI", "sv", "sv_FI", "EUR", ("€", "EUR"), _rates("25.5", "14", "10"), (_BLANK_COMMA, _NONE_COMMA),
            ("d.M.yyyy", "dd.MM.yyyy"), "Finland", "iban", Decimal("0.09")),
    Country("GB", "en", "en_GB", "GBP", ("£", "£", "GBP"), _rates("20", "5"), (_COMMA_POINT, _NONE_POINT),
            ("dd/MM/yyyy", "d MMMM yyyy", "dd MMM yyyy", "dd-MMM-yyyy", "dd/MM/yy"), "United Kingdom"),
    Country("IE", "en", "en_IE", "EUR", ("€", "EUR"), _rates("23", "13.5", "9"), (_COMMA_POINT,),
            ("dd/MM/yyyy", "d MMM yyyy"), "Ireland"),
    Country("AU", "en", "en_AU", "AUD", ("$", "AUD"), _rates("10"), (_COMMA_POINT,), ("dd/MM/yyyy", "d MMM yyyy"),
            "Australia", "bsb", Decimal("1.8")),
    Country("MY", "en", "en_MY", "MYR", ("RM", "RM", ""), _rates("6"), (_COMMA_POINT, _NONE_POINT),
            ("dd/MM/yyyy", "dd-MM-yyyy", "dd/MM/yy", "dd MMM yyyy"), "Malaysia", "local"),
    Country("DE", "de", "de_DE", "EUR", ("€", "EUR", "€"), _rates("19", "7"), (_POINT_COMMA, _POINT_COMMA, _NONE_COMMA),
            _DOT_DATES, "Deutschland"),
    Country("AT", "de", "de_AT", "EUR", ("€", "EUR"), _rates("20", "10", "13"), (_POINT_COMMA, _BLANK_COMMA),
            _DOT_DATES, "Österreich"),
    Country("CH", "de", "de_CH", "CHF", ("CHF", "Fr."), _rates("8.1", "2.6"), (_APOSTROPHE, _NONE_POINT), _DOT_DATES,
            "Schweiz"),
    Country("FR", "fr", "fr_FR", "EUR", ("€", "EUR", "€"), _rates("20", "10", "5.5"), (_BLANK_COMMA, _NONE_COMMA),
            ("dd/MM/yyyy", "dd/MM/yyyy", "d MMMM yyyy", "dd/MM/yy"), "France"),
    Country("BE", "fr", "fr_BE", "EUR", ("€", "EUR"), _rates("21", "12", "6"), (_POINT_COMMA, _BLANK_COMMA),
            ("dd/MM/yyyy", "d MMMM yyyy"), "Belgique"),
    Country("ES", "es", "es_ES", "EUR", ("€", "EUR", "€"), _rates("21", "10", "4"), (_POINT_COMMA, _NONE_COMMA),
            (*_SLASH_DATES, "d 'de' MMMM 'de' yyyy"), "España"),
    Country("IT", "it", "it_IT", "EUR", ("€", "EUR", "€"), _rates("22", "10", "4"), (_POINT_COMMA, _NONE_COMMA),
            (*_SLASH_DATES, "d MMMM yyyy"), "Italia"),
    Country("PT", "pt", "pt_PT", "EUR", ("€", "EUR", "€"), _rates("23", "13", "6"),
            (_POINT_COMMA, _BLANK_COMMA, _NONE_COMMA),
            ("dd/MM/yyyy", "dd-MM-yyyy", "yyyy-MM-dd", "d 'de' MMMM 'de' yyyy"),
            "Portugal"),
)  # fmt: skip


def countries(language: str) -> tuple[Country, ...]:
    """The countries whose invoices come in `language`, the main one first.

    Raises:
        ValueError: an unknown language.
    """
    found = tuple(country for country in COUNTRIES if country.language == language)
    if not found:
        raise ValueError(f"no country for {language!r}; there are {', '.join(LANGUAGES)}")
    return found


def format_amount(value: Decimal, style: AmountStyle, places: int = 2) -> str:
    """1234.5 in (" ", ",") -> "1 234,50"; a negative amount carries an ASCII hyphen."""
    whole, _, cents = f"{abs(value):,.{places}f}".partition(".")
    body = whole.replace(",", style.thousands) + (style.decimal + cents if cents else "")
    return f"-{body}" if value < 0 else body


def format_quantity(value: Decimal, style: AmountStyle) -> str:
    """Without trailing zeros: 2, 1,5."""
    return f"{value.normalize():f}".replace(".", style.decimal)


def format_day(day: datetime.date, pattern: str, locale: str) -> str:
    """A date in a CLDR pattern; blanks of any width become plain ones."""
    return str(format_date(day, pattern, locale=locale)).replace("\u202f", " ").replace("\xa0", " ")
