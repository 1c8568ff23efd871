"""What the payloads of codes have in common: their values, and how amounts, days, names and accounts are checked.

A payload is text that anybody may have printed. It is split and compared, never followed, opened or run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from stdnum import iban, iso11649

from invoice_connector.invoice import FieldValue

Values = Mapping[str, FieldValue]
"""By names of the contract; beside them ``message``, what a payer is to write, ``debtor``, and what the code calls
the document where it is no valid invoice: ``said_kind`` and ``said_status``."""

LONGEST_NAME = 200
_LARGEST = Decimal(10) ** 12
_REFUSED = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they turn what a person reads around
_UNSEEN = re.compile("[\u200b-\u200f\ufeff]")
_SPACES = re.compile(r"\s+")


class PayloadError(ValueError):
    """A payload breaks the rules of its own family: what is wrong, as a sentence."""


def named(**found: FieldValue | None) -> dict[str, FieldValue]:
    """The values that are there."""
    return {name: value for name, value in found.items() if value not in (None, "")}


def lines_of(text: str, fewest: int, most: int) -> list[str]:
    """The lines of a payload without what follows the last break. Raises PayloadError for too few or too many."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while len(lines) > most and not lines[-1]:
        lines.pop()
    if not fewest <= len(lines) <= most:
        raise PayloadError(f"it has {len(lines)} lines, and {fewest} to {most} are allowed")
    return lines


def printable(text: str, what: str, most: int = LONGEST_NAME) -> str:
    """A name or message on one line. Raises PayloadError for one that is too long or holds control characters."""
    plain = _UNSEEN.sub("", text)
    if any(sign in _REFUSED or unicodedata.category(sign) in ("Cc", "Cs") for sign in plain):
        raise PayloadError(f"the {what} holds control characters")
    plain = _SPACES.sub(" ", plain).strip()
    if len(plain) > most:
        raise PayloadError(f"the {what} has {len(plain)} characters, and at most {most} are allowed")
    return plain


def amount(text: str, form: str = r"\d{1,12}(?:\.\d{1,2})?") -> Decimal:
    """An amount with a decimal point, of two decimals. Raises PayloadError for one that has not ``form``."""
    if not re.fullmatch(form, text, re.ASCII):
        raise PayloadError(f"{text[:40]!r} is no amount")
    found = Decimal(text)
    if abs(found) >= _LARGEST:
        raise PayloadError(f"the amount {text[:40]} is too large")
    return found.quantize(Decimal("0.01"))


def cents(text: str, digits: int) -> Decimal:
    """An amount in hundredths, filled with zeros to so many digits. Raises PayloadError."""
    if not re.fullmatch(rf"\d{{{digits}}}", text, re.ASCII):
        raise PayloadError(f"{text[:40]!r} is no amount of {digits} digits")
    return Decimal(text).scaleb(-2)


def day(text: str, form: str) -> date:
    """A day in a form of ``strptime``. Raises PayloadError for none, and before 1990."""
    try:
        found = datetime.strptime(text, form).date()
    except ValueError as error:
        raise PayloadError(f"{text[:40]!r} is no day") from error
    if found.year < 1990 or found.strftime(form) != text:
        raise PayloadError(f"{text[:40]!r} is no day")
    return found


def account(text: str, countries: Sequence[str] = ()) -> str:
    """An IBAN without spaces. Raises PayloadError where its check digits or length fail, or its country is another."""
    found = text.replace(" ", "").upper()
    if not found.isascii() or not iban.is_valid(found):
        raise PayloadError(f"the IBAN {text[:40]!r} is not valid")
    if countries and found[:2] not in countries:
        raise PayloadError(f"the IBAN {found} is not of {' or '.join(countries)}")
    return found


def creditor_reference(text: str) -> str:
    """An ISO 11649 reference without spaces. Raises PayloadError."""
    found = text.replace(" ", "").upper()
    if not found.isascii() or not iso11649.is_valid(found):
        raise PayloadError(f"the check digits of the reference {text[:40]!r} do not hold")
    return found


def currency(text: str) -> str:
    """An ISO 4217 code by its form. Raises PayloadError."""
    if not re.fullmatch(r"[A-Z]{3}", text, re.ASCII):
        raise PayloadError(f"{text[:10]!r} is no currency")
    return text
