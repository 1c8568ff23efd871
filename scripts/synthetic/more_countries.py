"""Countries that only documents in blocks draw from; the drawn layouts keep to `culture.COUNTRIES`.

`account` names what is paid to: an IBAN, or the domestic form that `accounts.py` has for the country.
"""

from __future__ import annotations

from decimal import Decimal

from scripts.synthetic.culture import COUNTRIES, AmountStyle, Country

_PC, _BC, _NC = AmountStyle(".", ","), AmountStyle(" ", ","), AmountStyle("", ",")
_CP, _NP, _AP = AmountStyle(",", "."), AmountStyle("", "."), AmountStyle("'", ".")
_DOTS = ("dd.MM.yyyy", "dd.MM.yyyy", "d.M.yyyy", "d. MMMM yyyy", "d. M. yyyy")
_SLASHES = ("dd/MM/yyyy", "dd/MM/yyyy", "d MMMM yyyy", "dd-MM-yyyy", "dd MMM yyyy")


def _rates(*values: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(value) for value in values)


MORE_COUNTRIES = (
    Country("NL", "nl", "nl_NL", "EUR", ("€", "€", "EUR", ""), _rates("21", "9"), (_PC, _NC),
            ("dd-MM-yyyy", "dd-MM-yyyy", "d MMMM yyyy", "dd/MM/yyyy", "d-M-yyyy"), "Nederland"),
    Country("BE", "nl", "nl_BE", "EUR", ("€", "EUR"), _rates("21", "12", "6"), (_PC, _BC), _SLASHES, "België"),
    Country("DK", "da", "da_DK", "DKK", ("kr.", "DKK", "kr", ""), _rates("25"), (_PC, _NC),
            ("dd-MM-yyyy", "dd.MM.yyyy", "dd/MM/yyyy", "d. MMMM yyyy", "dd-MM-yy"), "Danmark", "local"),
    Country("NO", "nb", "nb_NO", "NOK", ("kr", "NOK", "", ""), _rates("25", "15"), (_BC, _PC, _NC),
            ("dd.MM.yyyy", "dd.MM.yyyy", "d. MMMM yyyy", "dd.MM.yy"), "Norge", "local"),
    Country("FI", "fi", "fi_FI", "EUR", ("€", "EUR", ""), _rates("25.5", "14", "10"), (_BC, _NC),
            ("d.M.yyyy", "dd.MM.yyyy", "d.M.yyyy"), "Suomi"),
    Country("PL", "pl", "pl_PL", "PLN", ("zł", "PLN", ""), _rates("23", "8", "5"), (_BC, _NC),
            ("dd.MM.yyyy", "yyyy-MM-dd", "dd-MM-yyyy", "d MMMM yyyy"), "Polska", "local"),
    Country("CZ", "cs", "cs_CZ", "CZK", ("Kč", "CZK", "Kč"), _rates("21", "12"), (_BC, _NC), _DOTS, "Česko", "local"),
    Country("SK", "sk", "sk_SK", "EUR", ("€", "EUR", "€"), _rates("20", "10"), (_BC, _NC), _DOTS, "Slovensko"),
    Country("HU", "hu", "hu_HU", "HUF", ("Ft", "HUF", "Ft"), _rates("27", "18", "5"), (_BC, _PC),
            ("yyyy.MM.dd.", "yyyy. MM. dd.", "yyyy-MM-dd", "yyyy. MMMM d."), "Magyarország", "local"),
    Country("RO", "ro", "ro_RO", "RON", ("lei", "RON", "Lei", ""), _rates("19", "9", "5"), (_PC, _NC, _NP),
            ("dd.MM.yyyy", "dd/MM/yyyy", "dd-MM-yyyy", "yyyy-MM-dd"), "România"),
    Country("SI", "sl", "sl_SI", "EUR", ("€", "EUR", "EUR"), _rates("22", "9.5"), (_PC, _NC), _DOTS, "Slovenija"),
    Country("LT", "lt", "lt_LT", "EUR", ("€", "EUR", "Eur"), _rates("21", "9"), (_BC, _NC, _NP),
            ("yyyy-MM-dd", "yyyy-MM-dd", "yyyy.MM.dd", "yyyy 'm.' MMMM d 'd.'"), "Lietuva"),
    Country("LV", "lv", "lv_LV", "EUR", ("€", "EUR", ""), _rates("21", "12"), (_BC, _NC, _NP),
            ("dd.MM.yyyy", "dd.MM.yyyy", "yyyy. 'gada' d. MMMM", "dd.MM.yyyy."), "Latvija"),
    Country("TR", "tr", "tr_TR", "TRY", ("₺", "TL", "TRY"), _rates("20", "10"), (_PC, _NC),
            ("dd.MM.yyyy", "dd-MM-yyyy", "dd/MM/yyyy", "d MMMM yyyy"), "Türkiye"),
    Country("ES", "ca", "ca_ES", "EUR", ("€", "EUR", "€"), _rates("21", "10", "4"), (_PC, _NC), _SLASHES, "Espanya"),
    Country("LU", "fr", "fr_LU", "EUR", ("€", "EUR"), _rates("17", "14"), (_PC, _BC), _SLASHES, "Luxembourg"),
    Country("CH", "fr", "fr_CH", "CHF", ("CHF", "Fr."), _rates("8.1", "2.6"), (_AP, _NP), _DOTS[:4], "Suisse"),
    Country("CH", "it", "it_CH", "CHF", ("CHF", "Fr."), _rates("8.1", "2.6"), (_AP, _NP), _DOTS[:4], "Svizzera"),
    Country("US", "en", "en_US", "USD", ("$", "$", "USD"), _rates("8.25", "6"), (_CP, _CP, _NP),
            ("MM/dd/yyyy", "M/d/yyyy", "MMM d, yyyy", "MMMM d, yyyy", "MM-dd-yyyy"), "United States", "local"),
    Country("CA", "en", "en_CA", "CAD", ("$", "CAD", "C$"), _rates("13", "5"), (_CP,),
            ("yyyy-MM-dd", "MMM d, yyyy", "MMMM d, yyyy"), "Canada", "local", Decimal("1.3")),
    Country("NZ", "en", "en_NZ", "NZD", ("$", "NZD"), _rates("15"), (_CP, _NP), _SLASHES, "New Zealand", "local",
            Decimal("1.8")),
    Country("ZA", "en", "en_ZA", "ZAR", ("R", "ZAR", "R"), _rates("15"), (_CP, AmountStyle(" ", ".")),
            ("yyyy/MM/dd", "dd/MM/yyyy", "yyyy-MM-dd", "d MMMM yyyy"), "South Africa", "local", Decimal(18)),
    Country("SG", "en", "en_SG", "SGD", ("$", "S$", "SGD"), _rates("9"), (_CP,), _SLASHES, "Singapore", "local",
            Decimal("1.6")),
)  # fmt: skip


def every_country(language: str) -> tuple[Country, ...]:
    """All countries whose documents in blocks come in `language`, the main one first."""
    return tuple(each for each in (*COUNTRIES, *MORE_COUNTRIES) if each.language == language)
