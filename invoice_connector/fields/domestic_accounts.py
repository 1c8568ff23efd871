"""Account numbers as banks of a country write them, without an IBAN: one table of forms and check digits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module


def _bare(number: str) -> str:
    return "".join(filter(str.isalnum, number))


@dataclass(frozen=True, slots=True)
class DomesticForm:
    """The form of a ``country`` (ISO 3166-1): the ``print`` as a pattern; ``valid``: the verdict of its check digits,
    None for a form without any; ``chance``: how often a wrong number's hold all the same; ``in_iban``: the number as
    its IBAN has it, but for what is put before and between; ``alone``: nothing else is printed so."""

    country: str
    print: str
    valid: Callable[[str], bool] | None = None
    chance: float = 1.0
    in_iban: Callable[[str], str] = _bare
    alone: bool = False


def _by(module: str) -> Callable[[str], bool]:
    """The verdict of python-stdnum's module of that name, loaded when it is first asked."""
    return lambda number: bool(import_module(f"stdnum.{module}").is_valid(number))


def _hungarian(number: str) -> bool:
    """8 digits of bank and branch, 8 or 16 of the account, each part with a check digit of the weights 9, 7, 3, 1."""
    digits = re.sub(r"\D", "", number)
    return len(digits) in (16, 24) and all(
        sum(int(digit) * (9, 7, 3, 1)[place % 4] for place, digit in enumerate(part)) % 10 == 0
        for part in (digits[:8], digits[8:])
    )


def _polish(number: str) -> bool:
    """NRB: an IBAN without its country."""
    return bool(import_module("stdnum.iban").is_valid("PL" + re.sub(r"\s", "", number), check_country=False))


def _czech_in_iban(number: str) -> str:
    """Bank, prefix of six digits, number of ten."""
    account, _, bank = number.partition("/")
    prefix, _, own = account.strip().rpartition("-")
    return f"{bank.strip()}{prefix:0>6}{own:0>10}"


FORMS = (
    DomesticForm("PL", r"\d{2} ?\d{4}(?: ?\d{4}){5}", _polish, 1 / 97),
    DomesticForm("HU", r"\d{8}[- ]\d{8}(?:[- ]\d{8})?", _hungarian, 1 / 100),
    # And Slovakia's.
    DomesticForm("CZ", r"(?:\d{1,6}-)?\d{2,10} ?/ ?\d{4}", _by("cz.bankaccount"), 1 / 11, _czech_in_iban),
    DomesticForm("ES", r"\d{4}[ -]\d{4}[ -]\d{2}[ -]\d{10}", _by("es.ccc"), 1 / 100),
    DomesticForm("NZ", r"\d{2}-\d{4}-\d{7}-\d{2,3}", _by("nz.bankaccount"), 1 / 11, alone=True),
    DomesticForm("NO", r"\d{4}[. ]\d{2}[. ]\d{5}", _by("no.kontonr"), 1 / 11),
    DomesticForm("AU", r"\d{3}-\d{3}(?: ?[,/])? {1,2}(?:\d{6,9}|\d{3} \d{3} \d{3})"),
    DomesticForm("GB", r"\d{2}-\d{2}-\d{2}(?: ?[,/])? {1,2}\d{8}"),
    DomesticForm("SE", r"\d{4,5}(?:[ -]\d{4}){2}|\d{4}-\d,? \d{1,3}(?: ?\d{3}){2}-?\d"),  # clearing, account
    DomesticForm("DK", r"\d{4}-\d{6,10}"),
    DomesticForm("IS", r"\d{3,4}-\d{2}-\d{4,6}"),
)
GROUPED = "|".join(form.print for form in FORMS)  # forms that only accounts have


def form_of_account(number: str) -> DomesticForm | None:
    """The form that a print has; of several the first whose check digits hold."""
    fitting = [form for form in FORMS if re.fullmatch(form.print, number)]
    return next((form for form in fitting if form.valid and form.valid(number)), next(iter(fitting), None))


def account_valid(number: str) -> bool | None:
    """The verdict of a domestic account's check digits; None where its form has none."""
    form = form_of_account(number)
    return None if form is None or form.valid is None else form.valid(number)


def in_iban_order(number: str) -> str:
    """Letters and digits of an account or IBAN, in the order that an IBAN has them."""
    form = form_of_account(number)
    return _bare(number) if form is None else form.in_iban(number)


def surer(confidence: float, chance: float) -> float:
    """The probability of a number whose check digits hold, by Bayes: a wrong one passes with ``chance``."""
    return confidence / (confidence + (1.0 - confidence) * chance) if confidence > 0 else 0.0
