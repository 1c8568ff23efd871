"""UPN QR, Slovenian: Združenje bank Slovenije, "UPN QR technical standard" (2016), chapter 4."""

from __future__ import annotations

import re

from invoice_connector.codes.payload import (
    PayloadError,
    Values,
    account,
    cents,
    creditor_reference,
    day,
    lines_of,
    named,
    printable,
)

_FIELDS = 19  # with a line end each, which the control sum counts, too
_REFERENCE = re.compile(r"SI\d\d[\d-]{0,22}", re.ASCII)


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    if text[:6].rstrip("\r\n") != "UPNQR":
        return None
    lines = lines_of(text, 20, 22)
    fields, control = lines[:_FIELDS], lines[_FIELDS]
    if control != f"{sum(map(len, fields)) + _FIELDS:03}":
        raise PayloadError("its control sum does not hold")
    due, until, iban, reference = fields[8], fields[13], fields[14], fields[15]
    total = cents(due, 11)
    return named(
        buyer_name=printable(fields[5], "name", 33),
        buyer_address=", ".join(filter(None, (printable(place, "address", 33) for place in fields[6:8]))),
        amount_due=total or None,
        currency_code="EUR",
        due_date=day(until, "%d.%m.%Y") if until else None,
        payment_account_identifier=account(iban, ("SI",)),
        remittance_information=_reference(reference.replace(" ", "")) if reference else None,
        seller_name=printable(fields[16], "name", 33),
        seller_address=", ".join(filter(None, (printable(place, "address", 33) for place in fields[17:19]))),
        message=printable(fields[12], "purpose", 42),
    )


def _reference(text: str) -> str:
    if text.startswith("RF"):
        return creditor_reference(text)
    if not _REFERENCE.fullmatch(text):
        raise PayloadError(f"{text[:30]!r} is no reference")
    return text
