"""The signed QR code of Indian invoices: NIC, "e-Invoice API: signed QR code", version 1.03: a JSON Web Token (RFC
7519) whose signature is not checked, for want of the portal's key: anybody may have made it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from stdnum.in_ import gstin

from invoice_connector.codes.payload import PayloadError, Values, amount, day, named, printable

_TOKEN = re.compile(r"[\w-]+\.([\w-]{20,6000})\.[\w-]{20,2000}", re.ASCII)
_BEGIN = "eyJ"  # a brace and a quotation mark in Base64
_NEEDED = ("SellerGstin", "DocNo", "DocDt", "TotInvVal", "Irn")


def values(text: str) -> Values | None:
    """The values of a token; None for another family's. Raises PayloadError."""
    token = _TOKEN.fullmatch(text) if text.startswith(_BEGIN) else None
    claims = None if token is None else _json(_decoded(token[1]))
    data = claims.get("data") if isinstance(claims, dict) else None
    found = _json(data) if isinstance(data, str) else data
    if not isinstance(found, dict) or "Irn" not in found:
        return None
    given = {name: str(found.get(name, "")) for name in (*_NEEDED, "BuyerGstin")}
    if missing := [name for name in _NEEDED if not given[name]]:
        raise PayloadError(f"it lacks {missing[0]}")
    if not gstin.is_valid(given["SellerGstin"]):
        raise PayloadError(f"the check digit of the GSTIN {given['SellerGstin'][:20]!r} does not hold")
    if not re.fullmatch(r"[0-9a-fA-F]{64}", given["Irn"]):
        raise PayloadError("its IRN has not 64 hexadecimal digits")
    return named(
        seller_vat_identifier=given["SellerGstin"],
        buyer_vat_identifier=given["BuyerGstin"] if gstin.is_valid(given["BuyerGstin"]) else None,
        invoice_number=printable(given["DocNo"], "number", 16),
        issue_date=day(given["DocDt"], "%d/%m/%Y"),
        total_with_vat=amount(given["TotInvVal"], r"\d{1,14}(?:\.\d{1,2})?"),
        currency_code="INR",
    )


def _decoded(part: str) -> str:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
