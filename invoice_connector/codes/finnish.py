"""The bank barcode (Code 128) of Finnish invoices: Finanssiala ry, "Pankkiviivakoodi-opas" version 5.3, code versions 4
and 5. Its digits are also printed, as the virtual barcode ("virtuaaliviivakoodi") that payers copy."""

from __future__ import annotations

import re

from invoice_connector.codes.payload import PayloadError, Values, account, cents, creditor_reference, day, named

_FORM = re.compile(r"(?P<version>[45])(?P<iban>\d{16})(?P<due>\d{8})(?P<reference>\d{23})(?P<day>\d{6})", re.ASCII)
PRINTED = re.compile(r"(?<!\d)[45](?: ?\d){53}(?! ?\d)", re.ASCII)
"""Its digits in a line of text."""
_RESERVED = "000"  # of version 4, before the reference


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    reference = _national(found["reference"]) if found["version"] == "4" else _international(found["reference"])
    return named(
        payment_account_identifier=account(f"FI{found['iban']}"),
        amount_due=cents(found["due"], 8) or None,
        currency_code="EUR",
        remittance_information=reference,
        due_date=day(found["day"], "%y%m%d") if found["day"] != "000000" else None,
    )


def _national(digits: str) -> str:
    """A Finnish reference: weights 7, 3, 1 from the right."""
    number = digits.removeprefix(_RESERVED).lstrip("0")
    weighed = sum(int(digit) * (7, 3, 1)[at % 3] for at, digit in enumerate(reversed(number[:-1])))
    if not digits.startswith(_RESERVED) or len(number) < 4 or -weighed % 10 != int(number[-1]):
        raise PayloadError(f"the check digit of the reference {number} does not hold")
    return number


def _international(digits: str) -> str:
    return creditor_reference(f"RF{digits[:2]}{digits[2:].lstrip('0')}")
