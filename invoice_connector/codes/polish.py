"""Polish transfers: Związek Banków Polskich, "Rekomendacja dotycząca kodu dwuwymiarowego (2D)" of 2013."""

from __future__ import annotations

import re
from decimal import Decimal

from stdnum.pl import nip

from invoice_connector.codes.payload import PayloadError, Values, account, named, printable

_FIELDS = 9
_HEAD = re.compile(r"(\d{10})?\|(PL)?\|\d{26}\|", re.ASCII)


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    if not _HEAD.match(text):
        return None
    fields = text.rstrip("\r\n").split("|")
    if len(fields) != _FIELDS or len(text) > 250:
        raise PayloadError(f"it has {len(fields)} fields, and {_FIELDS} are wanted")
    number, _, bank_account, due, name, title, *_ = fields
    if number and not nip.is_valid(number):
        raise PayloadError(f"the check digit of the tax number {number} does not hold")
    if not re.fullmatch(r"\d{6,12}", due, re.ASCII):
        raise PayloadError(f"{due[:20]!r} is no amount in grosze")
    return named(
        seller_vat_identifier=f"PL{number}" if number else None,
        payment_account_identifier=account(f"PL{bank_account}"),
        amount_due=_amount(due),
        currency_code="PLN",
        seller_name=printable(name, "name", 20),
        message=printable(title, "title", 32),
    )


def _amount(grosze: str) -> Decimal | None:
    """None where the payer is to write one."""
    return Decimal(grosze).scaleb(-2) or None
