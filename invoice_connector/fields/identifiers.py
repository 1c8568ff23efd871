"""Identifiers with a form of their own: IBAN, BIC, bankgiro, plusgiro, organisation and VAT numbers, references."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from invoice_connector.fields.domestic_accounts import GROUPED, account_valid


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier found at ``start``..``end``. ``kind`` is one of the keys of ``_PATTERNS``.

    ``value`` is the print without spaces. ``valid`` is the verdict of its check digits, None when it has none.
    """

    kind: str
    start: int
    end: int
    text: str
    value: str
    valid: bool | None = None


_PATTERNS = {
    "iban": re.compile(r"(?<![A-Z0-9])[A-Z]{2}[ ]?\d{2}(?:[ ]{0,2}[A-Z0-9]){10,30}(?![A-Za-z0-9])"),
    "bic": re.compile(r"(?<![A-Za-z0-9])[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![A-Za-z0-9])"),
    "bankgiro": re.compile(r"(?<![\d+-])\d{3,4}[ ]?-[ ]?\d{4}(?![\d-])"),
    "plusgiro": re.compile(r"(?<![\d+-])\d{1,2}(?:[ ]?\d{2,3}){0,3}[ ]?-[ ]?\d(?![\d-])"),
    "orgnr": re.compile(r"(?<![\d-])(?:16)?\d{6}[ ]?-?[ ]?\d{4}(?![\d-])"),
    "vat": re.compile(
        r"(?<![A-Za-z0-9])(?:AT[ ]?U\d{8}|BE[ ]?[01]?[\d. ]{9,13}|BG[ ]?\d{9,10}|CHE[- ]?\d{3}[. ]?\d{3}[. ]?\d{3}"
        r"(?:[ ]?(?:MWST|TVA|IVA))?"
        r"|CY[ ]?\d{8}[A-Z]|CZ[ ]?\d{8,10}|DE[ ]?(?:\d[ ]?){9}|DK[ ]?(?:\d[ ]?){8}|EE[ ]?\d{9}|EL[ ]?\d{9}"
        r"|ES[ ]?[A-Z0-9]-?\d{7}-?[A-Z0-9]|FI[ ]?\d{7}-?\d|FR[ ]?[A-Z0-9]{2}[ ]?(?:\d[ ]?){9}|GB[ ]?(?:\d[ ]?){9}"
        r"|HR[ ]?\d{11}|HU[ ]?\d{8}|IE[ ]?\d[A-Z0-9]\d{5}[A-Z]{1,2}|IT[ ]?(?:\d[ ]?){11}|LT[ ]?\d{9,12}|LU[ ]?\d{8}"
        r"|LV[ ]?\d{11}|MT[ ]?\d{8}|NL[ ]?(?:\d[. ]?){9}B\d{2}|(?:NO[ ]?)?(?:\d[ ]?){9}MVA|NO[ ]?(?:\d[ ]?){9}"
        r"|PL[ ]?(?:\d[ -]?){10}|PT[ ]?(?:\d[ ]?){9}|RO[ ]?\d{2,10}|SE[ ]?\d{6}-?\d{4}[ ]?01|SI[ ]?\d{8}|SK[ ]?\d{10}"
        r"|(?:\d[ ]?){9}RT[ ]?\d{4})(?![A-Za-z0-9])"
    ),
    "register": re.compile(
        r"(?<![A-Za-z])(?:HR[ ]?[AB]|FN|GnR|PR|VR)[ ]?\d{2,7}(?:[ ]?[A-Za-z])?(?![A-Za-z0-9])"
        r"|(?<![\w/])[JFC]\d{1,2}/\d{1,6}/(?:19|20)\d{2}(?![\w/])"  # Romania's: county, number, year
        r"|(?<![A-Za-z])(?:R\.?C\.?S\.?|RPM)[ ][^\d,;:]{2,30}[ ](?P<number>\d{3,4}[ .]?\d{3}[ .]?\d{3})(?!\d)"
    ),
    "account": re.compile(rf"(?<![\w/.-])(?:{GROUPED}|\d(?:[ -]?\d){{5,17}})(?![\w/-]|[.]\d)"),
    "rf": re.compile(
        r"(?<![A-Z0-9])RF\d{2}(?:[ ]?[A-Z0-9]{1,4}){1,6}(?![A-Za-z0-9])"
        r"|(?<![A-Z0-9])(?:HR|SI)\d{2}[ ]\d(?:[\d-]{0,20}\d)?(?![ ]?\d|\w)"  # Croatia and Slovenia: model, number
        r"|(?<![+*])(?P<mark>[+*]{3}) ?\d{3} ?/ ?\d{4} ?/ ?\d{5} ?(?P=mark)(?![+*])"  # Belgium: +++090/9337/55493+++
    ),
    "digits": re.compile(r"(?<![\w.,/-])\d(?:[ ]{0,2}\d){2,36}(?![\w]|[.,/-]\d)"),
    # How Portugal's tax authority has invoices numbered: "FT 2026/77".
    "series": re.compile(r"(?<![\w/-])(?:FT|FS|FR|NC|ND|VD)[ ][A-Z0-9._-]{1,20}/\d{1,9}(?![\w/])"),
    # A series of one's own, behind nothing else: "FPR 46/26", "FV 37/02/2026", "BB 25-118", "9 / 2024".
    "own_series": re.compile(
        r"(?<![\w/-])(?:[A-Z]{1,4}[ ]\d{1,7}(?:[/-]\d{1,4}){1,3}|\d{1,7}(?: / \d{1,4}){0,2} / \d{2,4})(?![\w/-])"
    ),
    "token": re.compile(
        r"(?<![\w/-])[A-Za-z0-9ÅÄÖÜåäöü(][\w./()\-–_&]*\d[\w./()\-–_]*(?<![.,:)(])"
        r"|(?<![\w/.,-])\d(?:/[A-Z]{1,4})?(?![\w]|[.,]\d)"
    ),
}


_MINUTES, _HOUR = re.compile(r":[0-5]\d"), re.compile(r"\d:$")


@lru_cache(maxsize=8192)  # a segment is asked about for each of its numbers
def find_identifiers(text: str, kind: str) -> tuple[Identifier, ...]:
    """All identifiers of ``kind`` in ``text``, left to right, with the verdict of their check digits."""
    found = []
    for match in _PATTERNS[kind].finditer(text):
        group = "number" if match.groupdict().get("number") else 0  # "RCS Rennes 502 847 163" numbers a company
        trimmed = _trimmed_iban(match[0]) if kind == "iban" else match[group].rstrip()
        if trimmed is None:
            continue
        dotted = kind == "vat" and not trimmed.startswith("CHE")
        signs = r"[\s.-]" if dotted else r"\s"  # BE 0403.170.701; accounts keep theirs, as Norway's 1503.28.53282
        value = re.sub(signs, "", trimmed)
        checker = _CHECKS.get(kind)
        valid = checker(value) if checker else None
        if kind == "account":  # one that does not hold may be in order in another country
            valid = account_valid(trimmed) or None
        if kind == "token" and _is_of_clock(text, match.start(), match.end()):
            continue
        if kind == "iban" and not valid and (trimmed[2] == " " or vat_valid(value)):
            continue  # SE556036079301 has an IBAN's beginning, and "RE 20" as well
        start = match.start(group)
        found.append(Identifier(kind, start, start + len(trimmed), trimmed, value, valid))
    return tuple(found)


def _is_of_clock(text: str, start: int, end: int) -> bool:
    """Whether a token is the hour, the minutes or the seconds of a time of the day."""
    before, behind = text[max(0, start - 3) : start], text[end : end + 3]
    digits = end - start <= 2 and text[start:end].isdigit()
    return digits and bool(_MINUTES.fullmatch(behind) or _HOUR.search(before))


def luhn_valid(number: str) -> bool:
    """Whether the last digit is the modulus-10 check digit of those before it (Swedish giro and OCR numbers)."""
    digits = [int(character) for character in number if character.isdigit()]
    if len(digits) < 2:
        return False
    weighted = (digit * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in weighted) % 10 == 0


def bankgiro_valid(number: str) -> bool:
    """Seven or eight digits with a modulus-10 check digit, as in 5050-1055."""
    return len(re.sub(r"\D", "", number)) in (7, 8) and luhn_valid(number)


def plusgiro_valid(number: str) -> bool:
    """Two to eight digits with a modulus-10 check digit, as in 28 65 43-4."""
    return 2 <= len(re.sub(r"\D", "", number)) <= 8 and luhn_valid(number)


def orgnr_valid(number: str) -> bool:
    """A Swedish organisationsnummer, 556677-8899, a personal number used as one, or Iceland's kennitala, which is
    printed alike."""
    from stdnum.is_ import kennitala

    digits = re.sub(r"\D", "", number)[-10:]
    return len(digits) == 10 and (luhn_valid(digits) or bool(kennitala.is_valid(digits)))


def ocr_number_valid(number: str) -> bool:
    """A Swedish OCR number: 2 to 25 digits, the last a modulus-10 check digit."""
    return number.isdigit() and 2 <= len(number) <= 25 and luhn_valid(number)


def ocr_length_digit_valid(number: str) -> bool:
    """Whether the last digit but one states the length (modulo 10), as "variable length with length check" asks."""
    return ocr_number_valid(number) and int(number[-2]) == len(number) % 10


def iban_valid(number: str) -> bool:
    """ISO 13616 length for the country and modulus 97."""
    from stdnum import iban

    return bool(iban.is_valid(number, check_country=False))


def nrb_valid(number: str) -> bool:
    """A Polish account number of 26 digits (NRB): an IBAN without its country."""
    return iban_valid(f"PL{number}")


def iban_length(country: str) -> int | None:
    """How many characters the IBANs of a country (ISO 3166-1) have; None where it has none."""
    return _IBAN_LENGTHS.get(country)


def rf_valid(number: str) -> bool | None:
    """ISO 11649 creditor reference, or Belgium's structured communication, whose last two digits are modulo 97; None
    for those with a model, of which each has rules of its own."""
    from stdnum import iso11649

    if number[:2] in ("HR", "SI"):
        return None
    if number[0] in "+*":
        digits = re.sub(r"\D", "", number)
        return (int(digits[:10]) % 97 or 97) == int(digits[10:])
    return bool(iso11649.is_valid(number))


def bic_valid(number: str) -> bool:
    """ISO 9362: the form, and a country that exists."""
    from stdnum import bic

    return bool(bic.is_valid(number)) and number[4:6] in _COUNTRIES


def vat_valid(number: str) -> bool | None:
    """EU, British, Swiss, Norwegian and Canadian numbers by their check digits; None for a country this does not
    know."""
    from stdnum.ca import bn as canadian
    from stdnum.ch import vat as swiss
    from stdnum.eu import vat as european
    from stdnum.gb import vat as british
    from stdnum.no import orgnr as norwegian

    compact = re.sub(r"[^A-Za-z0-9]", "", number).upper()
    try:
        if compact.startswith("CHE"):
            return bool(swiss.is_valid(compact if len(compact) > len("CHE123456789") else f"{compact}MWST"))
        if compact.startswith("GB"):
            return bool(british.is_valid(compact))
        if compact[9:11] == "RT":
            return bool(canadian.is_valid(compact))
        if compact.startswith("NO") or compact.endswith("MVA"):
            return bool(norwegian.is_valid(compact.removeprefix("NO").removesuffix("MVA")))
        return bool(european.is_valid(compact))
    except Exception:  # stdnum's modules raise various things on odd input; that is "not known", not a crash
        return None


def same_vat_identifier(one: str, other: str) -> bool:
    """Whether two prints are one number; its country stands before it or is left out: IT00743110157, 00743110157."""
    first, second = (re.sub(r"[^A-Z0-9]", "", number.upper()) for number in (one, other))
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    return longer == shorter or (longer[2:] == shorter and longer[:2].isalpha() and shorter[:1].isdigit())


def _trimmed_iban(text: str) -> str | None:
    """The print cut to the length its country prescribes; a word behind it is no part of it. None for no country."""
    length = _IBAN_LENGTHS.get(text[:2])
    compact = re.sub(r"\s", "", text)
    if length is None:
        return None
    if len(compact) <= length:
        return text.rstrip() if len(compact) >= 14 and sum(map(str.isdigit, compact)) >= 10 else None
    kept = 0
    for index, character in enumerate(text):
        kept += not character.isspace()
        if kept == length:
            return text[: index + 1]
    return None


_IBAN_LENGTHS = {  # ISO 13616 registry
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28,
    "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24,
    "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}  # fmt: skip
_COUNTRIES = frozenset(_IBAN_LENGTHS) | {"US", "MY", "SG", "IN", "CN", "JP", "HK", "AU", "NZ", "CA", "MX", "BR", "ZA"}
_CHECKS: dict[str, Callable[[str], bool | None]] = {
    "iban": iban_valid,
    "bic": bic_valid,
    "bankgiro": bankgiro_valid,
    "plusgiro": plusgiro_valid,
    "orgnr": orgnr_valid,
    "vat": vat_valid,
    "rf": rf_valid,
}
