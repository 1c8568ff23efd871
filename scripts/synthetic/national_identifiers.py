"""Identifiers of the countries that documents in blocks add: patterns filled until python-stdnum finds them valid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from stdnum import iban as iban_rules
from stdnum.cz import dic as cz_dic
from stdnum.dk import cvr
from stdnum.hu import anum
from stdnum.lt import pvm as lt_pvm
from stdnum.lu import tva as lu_tva
from stdnum.lv import pvn as lv_pvn
from stdnum.nl import btw
from stdnum.no import orgnr
from stdnum.nz import ird
from stdnum.pl import nip
from stdnum.ro import cui
from stdnum.si import ddv
from stdnum.sk import dph
from stdnum.tr import vkn

from scripts.synthetic.draw import fill

Check = Callable[[str], bool]

_VAT: dict[str, tuple[str, str, Check]] = {  # prefix, pattern of the digits, their check
    "NL": ("NL", "8########B01", btw.is_valid), "DK": ("DK", "########", cvr.is_valid),
    "PL": ("PL", "##########", nip.is_valid), "CZ": ("CZ", "########", cz_dic.is_valid),
    "SK": ("SK", "20########", dph.is_valid), "HU": ("HU", "########", anum.is_valid),
    "RO": ("RO", "########", cui.is_valid), "SI": ("SI", "########", ddv.is_valid),
    "LT": ("LT", "#######1#", lt_pvm.is_valid), "LV": ("LV", "4000#######", lv_pvn.is_valid),
    "LU": ("LU", "########", lu_tva.is_valid), "TR": ("", "##########", vkn.is_valid),
    "NZ": ("", "1########", ird.is_valid), "ZA": ("", "4#########", lambda text: True),
    "SG": ("", "20#######@", lambda text: True), "US": ("", "##-#######", lambda text: True),
    "CA": ("", "######### RT0001", lambda text: True),
}  # fmt: skip
_REGISTRATIONS = {
    "NL": "########", "PL": "0000######", "SK": "########", "HU": "01-09-######",
    "RO": "J40/####/20##", "SI": "#######000", "LT": "30#######", "LV": "4000#######", "LU": "B######",
    "NZ": "9429#########", "ZA": "20##/######/07", "TR": "0############015", "US": "", "CA": "", "SG": "",
}  # fmt: skip
BBAN = {
    "NL": "@@@@0#########", "DK": "##############", "NO": "###########", "PL": "########################",
    "CZ": "0#00000000##########", "SK": "0#00000000##########", "HU": "########################",
    "RO": "@@@@################", "SI": "###############", "LT": "################", "LV": "@@@@0000#########",
    "LU": "################", "TR": "000#0#################",
}  # fmt: skip
_DUTCH_BANKS = ("ABNA", "INGB", "RABO", "TRIO", "KNAB", "BUNQ")


def knows(country: str) -> bool:
    """Whether the country's identifiers are made here."""
    return country in _VAT or country == "NO"


def vat_identifier(rng: np.random.Generator, country: str) -> str:
    """With the country's letters, where its VAT identifiers have them."""
    if country == "NO":
        number = _filled(rng, "9########", orgnr.is_valid)
        return f"NO {number[:3]} {number[3:6]} {number[6:]} MVA"
    prefix, pattern, check = _VAT[country]
    return prefix + _filled(rng, pattern, check)


def registration_identifier(rng: np.random.Generator, country: str, vat: str) -> str:
    """The number in the company register; "" where invoices do not show one."""
    if country == "NO":
        return vat[3:14]
    if country in ("DK", "CZ"):
        return vat[2:]
    return fill(rng, _REGISTRATIONS[country])


def iban(rng: np.random.Generator, country: str) -> str:
    """An IBAN of the country, without blanks."""
    for _ in range(5000):
        bban = fill(rng, BBAN[country])
        if country == "NL":
            bban = _DUTCH_BANKS[int(rng.integers(len(_DUTCH_BANKS)))] + bban[4:]
        number = f"{country}{iban_rules.calc_check_digits(f'{country}00{bban}')}{bban}"
        if iban_rules.is_valid(number, check_country=country not in ("CZ", "SK", "LU")):
            return number
    raise ValueError(f"no valid IBAN of {country} in 5000 tries; correct its pattern")


def _filled(rng: np.random.Generator, pattern: str, check: Check) -> str:
    for _ in range(20_000):
        text = fill(rng, pattern)
        if check(text):
            return text
    raise ValueError(f"{pattern} is never valid; correct it")
