"""EPC QR code ("GiroCode"): European Payments Council, EPC069-12 version 3.1, "Quick Response Code: Guidelines to
Enable Data Capture for the Initiation of a SEPA Credit Transfer"."""

from __future__ import annotations

import re
from decimal import Decimal

from invoice_connector.codes.payload import (
    PayloadError,
    Values,
    account,
    amount,
    creditor_reference,
    lines_of,
    named,
    printable,
)

_LINES = 12  # tag, version, character set, identification, BIC, name, IBAN, amount, purpose, two references, hint
_BYTES = 331
_VERSIONS = ("001", "002")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII)


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    if text[:4].rstrip("\r\n") != "BCD":
        return None
    if len(text.encode()) > _BYTES:
        raise PayloadError(f"it is longer than {_BYTES} bytes")
    lines = lines_of(text, 7, _LINES)
    _, version, characters, identification, bic, name, iban, *rest = lines
    sum_due, purpose, structured, free, _ = [*rest, "", "", "", "", ""][:5]
    if version not in _VERSIONS or characters not in "12345678" or len(characters) != 1 or identification != "SCT":
        raise PayloadError("its version, character set or identification is unknown")
    if (bic and not _BIC.fullmatch(bic)) or (version == "001" and not bic):
        raise PayloadError(f"{bic[:20]!r} is no BIC")
    if structured and free:
        raise PayloadError("it has a structured and a free reference, and only one is allowed")
    if len(purpose) > 4:
        raise PayloadError("its purpose has more than four characters")
    return named(
        seller_name=printable(name, "name", 70),
        payment_account_identifier=account(iban),
        payment_service_provider_identifier=bic,
        currency_code="EUR" if sum_due else None,
        amount_due=_amount(sum_due) if sum_due else None,
        remittance_information=_reference(structured) if structured else None,
        message=printable(free, "reference", 140),
    )


def _amount(text: str) -> Decimal:
    found = amount(text.removeprefix("EUR"), r"\d{1,9}(?:\.\d{1,2})?")
    if not text.startswith("EUR") or not found:
        raise PayloadError(f"{text[:20]!r} is no amount in euros")
    return found


def _reference(text: str) -> str:
    if len(text) > 35:
        raise PayloadError("its reference has more than 35 characters")
    return creditor_reference(text) if text.startswith("RF") else printable(text, "reference", 35)
