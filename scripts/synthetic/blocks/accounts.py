"""What an invoice is paid to: an IBAN or the country's own form of account, with the number of the bank beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from stdnum import iban as iban_rules
from stdnum.ch import esr

from invoice_connector.fields.domestic_accounts import account_valid
from scripts.synthetic import identifiers
from scripts.synthetic.culture import Country
from scripts.synthetic.deals import Payment
from scripts.synthetic.draw import chance, digits, fill, pick
from scripts.synthetic.identifiers import spaced


@dataclass(frozen=True)
class Account:
    """`payment` as in the truth; `label` of the account, None for the one of its kind; `routing` is label and number
    of the bank, both "" where there is none; `others` are further forms that are as right."""

    payment: Payment
    label: str | None = None
    routing: tuple[str, str] = ("", "")
    others: tuple[str, ...] = ()


_DOMESTIC = {  # pattern of the account, its label, label and pattern of the bank's number
    "GB": ("########", "Account No", "Sort Code", "##-##-##"), "IE": ("########", "Account No", "NSC", "9#-##-##"),
    "AU": ("### ### ###", "Account", "BSB", "###-###"), "US": ("##########", "Account #", "Routing #", "0########"),
    "CA": ("#######", "Account No.", "Transit", "#####-00#"), "NZ": ("0#-####-0######-00", "Account", "", ""),
    "ZA": ("##########", "Account Number", "Branch Code", "######"),
    "SG": ("###-#####-#", "Account", "Bank Code", "7###"),
    "MY": ("5### #### ####", "Account No", "", ""), "DK": ("##########", "Kontonr.", "Reg.nr.", "####"),
    "NO": ("####.##.#####", "Kontonummer", "", ""), "CZ": ("#########/0#00", "Číslo účtu", "", ""),
    "HU": ("1#######-########-########", "Bankszámlaszám", "", ""),
}  # fmt: skip
_MOST_DRAWS = 20_000
_REFERENCES = {
    "NO": "KID", "DK": "FI-nr.", "CZ": "Variabilní symbol", "SK": "Variabilný symbol", "FI": "Viitenumero",
    "SI": "Sklic", "BE": "Mededeling",
}  # fmt: skip


def make_account(rng: np.random.Generator, country: Country, given: Payment) -> Account:
    """Sometimes the domestic form, with or without the IBAN; `given` is what the deal names."""
    code = country.code
    if code == "SE":
        return Account(given, others=tuple(filter(None, (given.iban,))) if given.iban != given.account else ())
    reference = given.reference or (_reference(rng, code) if chance(rng, 0.25) else "")
    given = replace(given, reference=reference)
    if code == "PL":
        number = identifiers.iban(rng, "PL")
        bare = chance(rng, 0.6)
        payment = Payment("account", number[2:] if bare else number, "", "", given.bank, reference)
        return Account(payment, others=(number, number[2:]))
    if code == "CH" and chance(rng, 0.5):
        body = f"30{digits(rng, 3)}{digits(rng, 12, '0')}"  # a QR-IBAN: the bank's number is 30000 to 31999
        number = f"CH{iban_rules.calc_check_digits(f'CH00{body}')}{body}"
        base = digits(rng, 26, "0")
        return Account(Payment("iban", number, number, "", given.bank, base + esr.calc_check_digit(base)))
    domestic = country.account in ("bsb", "local") or (code in ("GB", "IE") and chance(rng, 0.6))
    if code not in _DOMESTIC or not domestic:
        iban = given.account if given.account_kind == "iban" else identifiers.iban(rng, code)
        bic = given.bic or identifiers.bic(rng, code)
        return Account(replace(given, account_kind="iban", account=iban, iban=iban, bic=bic))
    pattern, label, routing, routing_pattern = _DOMESTIC[code]
    account, number = _drawn(rng, pattern), fill(rng, routing_pattern)
    has_iban = code in ("GB", "IE", "DK", "NO", "CZ", "HU") and chance(rng, 0.4)
    iban = identifiers.iban(rng, code) if has_iban else ""
    bic = identifiers.bic(rng, code) if iban or chance(rng, 0.2) else ""
    joined = "".join(char for char in number + account if char.isdigit())
    plain = "".join(char for char in account if char.isdigit())
    others = tuple(filter(None, (iban, joined, plain, f"{number} {account}".strip())))
    return Account(Payment("account", account, iban, bic, given.bank, reference), label, (routing, number), others)


def _drawn(rng: np.random.Generator, pattern: str) -> str:
    """An account of the pattern whose check digits, where its form has them, hold."""
    drawn = (fill(rng, pattern) for _ in range(_MOST_DRAWS))
    return next(account for account in drawn if account_valid(account) is not False)


def reference_label(country: Country) -> str | None:
    """What the country calls a payment's reference, where it has a word of its own."""
    return _REFERENCES.get(country.code)


def _reference(rng: np.random.Generator, code: str) -> str:
    if code in ("NO", "DK"):
        return identifiers.with_luhn(digits(rng, pick(rng, (7, 9, 13)), "123456789"))
    if code in ("CZ", "SK"):
        return digits(rng, 10, "12")
    if code == "BE":
        body = digits(rng, 10, "0123456789")
        full = f"{body}{int(body) % 97 or 97:02d}"
        return f"+++{full[:3]}/{full[3:7]}/{full[7:]}+++"
    if code == "FI":
        return _finnish(digits(rng, pick(rng, (5, 7, 9)), "123456789"))
    return identifiers.rf_reference(rng) if chance(rng, 0.5) else digits(rng, pick(rng, (6, 8, 10, 16)), "123456789")


def _finnish(body: str) -> str:
    """With the check digit of weights 7, 3, 1 (Finance Finland, viitenumero)."""
    total = sum(int(digit) * (7, 3, 1)[at % 3] for at, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def printed_account(rng: np.random.Generator, payment: Payment) -> str:
    """As printed: IBANs in groups or in one piece."""
    account = payment.account
    if account.isdigit() and len(account) == 26 and chance(rng, 0.7):  # Poland's: two digits, then groups of four
        return f"{account[:2]} {spaced(account[2:])}"
    return spaced(account) if payment.account_kind == "iban" and chance(rng, 0.7) else account
