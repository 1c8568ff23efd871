"""Printed addresses taken apart, and the electronic addresses that follow from identifiers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from invoice_connector.evidence.cldr import territories

_LANGUAGES = ("sv", "en", "de", "fr", "es", "it", "pt", "nb", "da", "fi", "nl")
# Postcode and town, in the forms of the cultures the reader knows.
_TOWN = re.compile(
    r"(?:(?P<country>[A-Z]{1,2})[- ])?(?P<code>\d{3} \d{2}|\d{4}-\d{3}|\d{4} ?[A-Z]{2}|\d{4,5})\s+(?P<town>\D.*)"
)
_PLATES = {"S": "SE", "D": "DE", "F": "FR", "I": "IT", "E": "ES", "P": "PT", "A": "AT", "B": "BE", "N": "NO"}
# Electronic address schemes (Peppol EAS) whose identifier is the VAT identifier.
_VAT_SCHEMES = {
    "AT": "9914", "BE": "9925", "BG": "9926", "CH": "9927", "CY": "9928", "CZ": "9929", "DE": "9930", "EE": "9931",
    "ES": "9920", "FR": "9957", "GB": "9932", "GR": "9933", "HR": "9934", "HU": "9910", "IE": "9935", "IT": "0211",
    "LI": "9936", "LT": "9937", "LU": "9938", "LV": "9939", "MC": "9940", "MT": "9943", "NL": "9944", "PL": "9945",
    "PT": "9946", "RO": "9947", "SE": "9955", "SI": "9949", "SK": "9950", "SM": "9951", "TR": "9952", "VA": "9953",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """BG-5 or BG-8: lines, postcode, town and the ISO 3166-1 code of the country, each None where not printed."""

    street: str | None = None
    additional: str | None = None
    code: str | None = None
    town: str | None = None
    country: str | None = None


def postal_address(printed: str | None, vat_identifier: str | None, otherwise: str | None) -> PostalAddress:
    """The parts of an address in one string, separated by commas.

    The country is the printed one, else the VAT identifier's, else the one that alone writes its postcodes or towns so,
    else ``otherwise``.
    """
    parts = [part.strip() for part in re.split(r"[,;\n]", printed or "") if part.strip()]
    country = _country_named(parts[-1]) if parts else None
    if country:
        parts.pop()
    code = town = None
    for place in range(len(parts) - 1, -1, -1):
        if match := _TOWN.fullmatch(parts[place]):
            code, town = match["code"], match["town"]
            country = country or _PLATES.get(match["country"] or "", match["country"])
            parts.pop(place)
            break
    country = country or vat_country(vat_identifier) or _country_of_form(code, town) or otherwise
    return PostalAddress(parts[0] if parts else None, ", ".join(parts[1:]) or None, code, town, country)


def vat_country(identifier: str | None) -> str | None:
    """The country whose prefix a VAT identifier carries (Greece's is EL); None without one."""
    match = re.match(r"\s*([A-Z]{2})[\s.]?[A-Z0-9]", (identifier or "").upper())
    if match is None:
        return None
    code = "GR" if match[1] == "EL" else "GB" if match[1] == "XI" else match[1]
    return code if code in _VAT_SCHEMES or code in {"DK", "FI", "NO", "IS"} else None


def endpoint(country: str | None, vat_identifier: str | None, legal: str | None) -> tuple[str, str] | None:
    """Electronic address and scheme: the Swedish organisation number, else the VAT identifier."""
    if country == "SE" and legal is not None and re.fullmatch(r"\d{10}", legal):
        return legal, "0007"
    if country == "SE" and vat_identifier is not None and re.fullmatch(r"SE\d{12}", vat_identifier):
        return vat_identifier[2:12], "0007"
    if vat_identifier is not None and (scheme := _VAT_SCHEMES.get(vat_country(vat_identifier) or "")):
        return vat_identifier, scheme
    return None


def _country_of_form(code: str | None, town: str | None) -> str | None:
    """Portugal's postcodes are 1000-205, Italian towns carry their province: Trieste (TS)."""
    if code is not None and re.fullmatch(r"\d{4}-\d{3}", code):
        return "PT"
    if code is not None and re.fullmatch(r"\d{5}", code) and re.search(r"\s\([A-Z]{2}\)$", town or ""):
        return "IT"
    return None


def _country_named(text: str) -> str | None:
    names = _country_names()
    return text if text in names.values() else names.get(text.casefold().strip(" ."))


@cache
def _country_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in territories(language).items():
            if len(code) == 2 and code.isalpha():
                names.setdefault(name.casefold(), code)
    return names
