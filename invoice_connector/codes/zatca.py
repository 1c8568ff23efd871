"""The QR code of Saudi invoices: ZATCA, "E-invoicing detailed technical guidelines", version 2, chapter 4: tags,
lengths and values in Base64."""

from __future__ import annotations

import base64
import binascii
import re

from invoice_connector.codes.payload import PayloadError, Values, amount, day, named, printable

_SELLER, _NUMBER, _TIME, _TOTAL, _VAT = range(1, 6)
_LAST_TAG = 9
_BASE64 = re.compile(r"AQ?[A-Za-z0-9+/]{20,2000}={0,2}", re.ASCII)  # begins with the tag 1


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    found = _tags(text)
    if found is None:
        return None
    if not {_SELLER, _NUMBER, _TIME, _TOTAL, _VAT} <= found.keys():
        raise PayloadError("one of the tags 1 to 5 is missing")
    try:
        seller, number, time, total, vat = (found[tag].decode() for tag in range(_SELLER, _VAT + 1))
    except UnicodeDecodeError as error:
        raise PayloadError("a text in it is not UTF-8") from error
    if not re.fullmatch(r"3\d{13}3", number, re.ASCII):
        raise PayloadError(f"{number[:20]!r} is no VAT number of 15 digits")
    return named(
        seller_name=printable(seller, "name"),
        seller_vat_identifier=number,
        issue_date=day(time[:10], "%Y-%m-%d"),
        total_with_vat=amount(total),
        total_vat=amount(vat),
        currency_code="SAR",
    )


def _tags(text: str) -> dict[int, bytes] | None:
    """Values by tag; None for what is none of it, as tags count from 1 and lengths fill the whole."""
    if not _BASE64.fullmatch(text):
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    found: dict[int, bytes] = {}
    at = 0
    while at + 2 <= len(data):
        tag, length = data[at], data[at + 1]
        if tag != len(found) + 1 or tag > _LAST_TAG or at + 2 + length > len(data):
            return None
        found[tag] = data[at + 2 : at + 2 + length]
        at += 2 + length
    return found if at == len(data) and len(found) >= 3 else None
