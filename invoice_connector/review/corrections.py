"""Corrections as people write them, checked before they are stored."""

from __future__ import annotations

import re
from collections.abc import Iterable

from db import inputs
from invoice_connector.fields.identifier_rules import iban_problem
from invoice_connector.fields.identifiers import iban_valid
from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS, STATED_NAMES, plain

VALUE_CHARACTERS = 1000
"""Of one corrected value; the longest are addresses and terms of payment."""


class CorrectionError(ValueError):
    """A correction that no field can have."""


def corrections(assignments: Iterable[str]) -> dict[str, str | None]:
    """``NAME=VALUE`` texts as values of the contract; an empty value means that the document has no such field.

    Raises CorrectionError.
    """
    values: dict[str, str | None] = {}
    for assignment in assignments:
        name, sign, value = assignment.partition("=")
        if not sign:
            raise CorrectionError(f"{assignment!r} is no correction; write NAME=VALUE, such as total_with_vat=1250.00")
        values[name.strip()] = corrected(name.strip(), value.strip())
    return values


def corrected(name: str, value: str) -> str | None:
    """One value as the contract writes it, None for an empty one. Raises CorrectionError."""
    if name not in STATED_NAMES:
        raise CorrectionError(f"{inputs.shown(name)} is no field; the fields are {', '.join(sorted(STATED_NAMES))}")
    if not value:
        return None
    try:
        if name in AMOUNT_FIELDS:
            return plain(inputs.amount(value, name))
        if name in DATE_FIELDS:
            return plain(inputs.day(value, name))
        if name == "currency_code":
            return inputs.currency(value, name)
        if name == "payment_account_identifier":
            return _account(inputs.text(value, name))
        return inputs.text(value, name, VALUE_CHARACTERS, lines=True)
    except inputs.InputError as error:
        raise CorrectionError(str(error)) from error


def _account(value: str) -> str:
    """An account as the contract writes it; what begins like an IBAN is one whose length and check digits hold."""
    bare = "".join(value.split())
    begun = re.match(r"[A-Za-z]{2}\d{2}[A-Za-z0-9]", bare)
    if begun is None:
        return value
    iban = bare.upper()
    problem = iban_problem(iban)
    if problem is None and not iban_valid(iban):
        problem = "has check digits that do not fit its other characters"
    if problem is not None:
        raise CorrectionError(f"the IBAN {inputs.shown(value)} {problem}; compare it with the page")
    return iban
