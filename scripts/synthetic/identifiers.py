"""Random identifiers whose check digits are right.

Sources: python-stdnum where it carries the rule; Bankgirot's "10-modulen" for bankgiro, plusgiro and OCR numbers;
the national account check digits of Belgium, Spain, France, Italy and Portugal inside their IBANs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from stdnum import iban as iban_rules
from stdnum import luhn
from stdnum.at import uid as at_uid
from stdnum.au import abn
from stdnum.ch import uid as ch_uid
from stdnum.es import ccc, cif
from stdnum.ie import vat as ie_vat
from stdnum.iso7064 import mod_11_10, mod_97_10
from stdnum.pt import nif

from scripts.synthetic import national_identifiers
from scripts.synthetic.draw import digits, fill, pick, whole

_NOT_ZERO = "123456789"


def with_luhn(number: str) -> str:
    """The digits with their modulus-10 check digit appended."""
    return number + str(luhn.calc_check_digit(number))


def organisation_number(rng: np.random.Generator) -> str:
    """A Swedish organisationsnummer, "556123-4567"; the third digit is 2 or more."""
    number = with_luhn(pick(rng, ("55", "55", "55", "91", "96", "76")) + digits(rng, 1, "23456789") + digits(rng, 6))
    return f"{number[:6]}-{number[6:]}"


def bankgiro(rng: np.random.Generator) -> str:
    """ "123-4567" or "1234-5678"."""
    number = with_luhn(digits(rng, pick(rng, (6, 7, 7)), _NOT_ZERO))
    return f"{number[:-4]}-{number[-4:]}"


def plusgiro(rng: np.random.Generator) -> str:
    """Two to eight digits, grouped in pairs before the hyphen: "12 34 56-7"."""
    number = with_luhn(digits(rng, pick(rng, (4, 5, 6, 6, 7)), _NOT_ZERO))
    body = number[:-1]
    head = len(body) % 2
    groups = [body[:head]] * bool(head) + [body[at : at + 2] for at in range(head, len(body), 2)]
    return f"{' '.join(groups)}-{number[-1]}"


def ocr_number(rng: np.random.Generator, base: str | None = None, length_digit: bool | None = None) -> str:
    """A Swedish OCR reference: base, optional length digit (the whole length modulo 10), check digit."""
    body = base if base is not None else digits(rng, whole(rng, 4, 14), _NOT_ZERO)
    has_length = bool(rng.random() < 0.5) if length_digit is None else length_digit
    return with_luhn(body + (str((len(body) + 2) % 10) if has_length else ""))


def rf_reference(rng: np.random.Generator) -> str:
    """An ISO 11649 creditor reference, "RF18..."."""
    body = digits(rng, whole(rng, 6, 14), _NOT_ZERO)
    return f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"


def iban(rng: np.random.Generator, country: str) -> str:
    """An IBAN of the country, without blanks."""
    if country not in _BBAN:
        return national_identifiers.iban(rng, country)
    bban = _BBAN[country](rng)
    return f"{country}{iban_rules.calc_check_digits(f'{country}00{bban}')}{bban}"


def vat_identifier(rng: np.random.Generator, country: str) -> str:
    """A VAT identifier with its country prefix, without blanks (Switzerland with its usual dots)."""
    if country not in _VAT:
        return national_identifiers.vat_identifier(rng, country)
    return _VAT[country](rng)


def registration_identifier(rng: np.random.Generator, country: str, vat: str) -> str:
    """The number in the company register, as printed; "" where invoices do not show one."""
    if national_identifiers.knows(country):
        return national_identifiers.registration_identifier(rng, country, vat)
    if country == "SE":
        return f"{vat[2:8]}-{vat[8:12]}"
    if country == "FI":
        return f"{vat[2:9]}-{vat[9]}"
    if country == "FR":
        nic = digits(rng, 4, "0")
        return f"{vat[4:]}{nic}{luhn.calc_check_digit(vat[4:] + nic)}"
    if country == "BE":
        return f"{vat[2:6]}.{vat[6:9]}.{vat[9:]}"
    patterns = {
        "DE": "HRB #####",
        "AT": "FN ######g",
        "GB": "0#######",
        "IE": "######",
        "IT": "MI-#######",
        "MY": "######-@",
    }
    return fill(rng, patterns[country]) if country in patterns else ""


def bic(rng: np.random.Generator, country: str) -> str:
    return fill(rng, f"@@@@{country}") + pick(rng, ("SS", "2X", "FF", "MM", "PP", "GG", "33", "22"))


def _vat_gb(rng: np.random.Generator) -> str:
    body = digits(rng, 7, _NOT_ZERO)
    weighted = sum(weight * int(digit) for weight, digit in zip((8, 7, 6, 5, 4, 3, 2), body, strict=True))
    return f"GB{body}{-weighted % 97:02d}"


def _vat_fi(rng: np.random.Generator) -> str:
    while True:
        body = digits(rng, 7)
        rest = sum(weight * int(digit) for weight, digit in zip((7, 9, 10, 5, 8, 4, 2), body, strict=True)) % 11
        if rest != 1:
            return f"FI{body}{(11 - rest) % 11}"


def _vat_be(rng: np.random.Generator) -> str:
    body = "0" + digits(rng, 7, "4567")
    return f"BE{body}{97 - int(body) % 97:02d}"


def _vat_fr(rng: np.random.Generator) -> str:
    siren = with_luhn(digits(rng, 8, "3458"))
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def _vat_ch(rng: np.random.Generator) -> str:
    while True:
        body = digits(rng, 8, "1")
        check = str(ch_uid.calc_check_digit(body))
        if check.isdigit() and len(check) == 1:
            number = body + check
            return f"CHE-{number[:3]}.{number[3:6]}.{number[6:]} MWST"


def _vat_de(rng: np.random.Generator) -> str:
    body = digits(rng, 8, _NOT_ZERO)
    return f"DE{body}{mod_11_10.calc_check_digit(body)}"


def _vat_at(rng: np.random.Generator) -> str:
    body = digits(rng, 7)
    return f"ATU{body}{at_uid.calc_check_digit('U' + body)}"


def _vat_es(rng: np.random.Generator) -> str:
    body = pick(rng, "AB") + digits(rng, 2, "012348") + digits(rng, 5)
    return f"ES{body}{cif.calc_check_digits(body)[0]}"


def _vat_it(rng: np.random.Generator) -> str:
    return f"IT{with_luhn('0' + digits(rng, 6) + pick(rng, ('001', '015', '037', '058', '063', '072', '082')))}"


def _vat_pt(rng: np.random.Generator) -> str:
    body = "5" + digits(rng, 7)
    return f"PT{body}{nif.calc_check_digit(body)}"


def _vat_ie(rng: np.random.Generator) -> str:
    body = digits(rng, 7, _NOT_ZERO)
    return f"IE{body}{ie_vat.calc_check_digit(body)}"


def _vat_au(rng: np.random.Generator) -> str:
    body = digits(rng, 9)
    number = abn.calc_check_digits(body) + body
    return f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"


_VAT: dict[str, Callable[[np.random.Generator], str]] = {
    "SE": lambda rng: f"SE{organisation_number(rng).replace('-', '')}01",
    "FI": _vat_fi, "GB": _vat_gb, "IE": _vat_ie, "DE": _vat_de, "AT": _vat_at, "CH": _vat_ch,
    "FR": _vat_fr, "BE": _vat_be, "ES": _vat_es, "IT": _vat_it, "PT": _vat_pt, "AU": _vat_au,
    "MY": lambda rng: "00" + digits(rng, 10),
}  # fmt: skip


def _bban_be(rng: np.random.Generator) -> str:
    body = pick(rng, ("001", "063", "068", "310", "363", "733")) + digits(rng, 7)
    return f"{body}{int(body) % 97 or 97:02d}"


def _bban_es(rng: np.random.Generator) -> str:
    bank, account = digits(rng, 8), digits(rng, 10)
    return bank + ccc.calc_check_digits(f"{bank}00{account}") + account


def _bban_fr(rng: np.random.Generator) -> str:
    bank, branch, account = digits(rng, 5, "123"), digits(rng, 5, "0"), digits(rng, 11, "0")
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    return f"{bank}{branch}{account}{key:02d}"


_CIN_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)


def _bban_it(rng: np.random.Generator) -> str:
    body = digits(rng, 10, "0") + digits(rng, 12, "0")
    total = sum(_CIN_ODD[int(digit)] if at % 2 == 0 else int(digit) for at, digit in enumerate(body))
    return chr(ord("A") + total % 26) + body


def _bban_pt(rng: np.random.Generator) -> str:
    body = digits(rng, 8, "0") + digits(rng, 11)
    return f"{body}{98 - int(body + '00') % 97:02d}"


def _bban_fi(rng: np.random.Generator) -> str:
    return with_luhn(digits(rng, 13, "12345"))


_BBAN: dict[str, Callable[[np.random.Generator], str]] = {
    "SE": lambda rng: pick(rng, ("500", "600", "800", "120", "300")) + digits(rng, 17, "0"),
    "GB": lambda rng: pick(rng, ("LOYD", "NWBK", "BARC", "MIDL")) + digits(rng, 14),
    "IE": lambda rng: pick(rng, ("AIBK", "BOFI")) + digits(rng, 14),
    "DE": lambda rng: digits(rng, 8, "12345678") + digits(rng, 10),
    "AT": lambda rng: digits(rng, 16, "123"),
    "CH": lambda rng: digits(rng, 5, "0") + digits(rng, 12),
    "FI": _bban_fi, "FR": _bban_fr, "BE": _bban_be, "ES": _bban_es, "IT": _bban_it, "PT": _bban_pt,
}  # fmt: skip


def spaced(number: str, size: int = 4) -> str:
    """The number in groups of `size`, as IBANs are printed."""
    return " ".join(number[at : at + size] for at in range(0, len(number), size))
