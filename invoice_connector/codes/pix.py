"""Pix, Brazilian: Banco Central do Brasil, "Manual de padrões para iniciação do Pix", version 2.9, on EMV's "QR code
specification for payment systems, merchant-presented mode"; a payload that names an address to ask is not asked."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping

from invoice_connector.codes.payload import PayloadError, Values, amount, named, printable

_BEGIN = re.compile(r"00020[01]", re.ASCII)
_END = re.compile(r"6304[0-9A-Fa-f]{4}", re.ASCII)
_PIX = "br.gov.bcb.pix"
_REAIS = "986"
_NO_IDENTIFIER = "***"


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    if not _BEGIN.match(text) or _PIX not in text.casefold():
        return None
    if not _END.fullmatch(text[-8:]) or not text.isascii():
        raise PayloadError("it does not end with its checksum")
    if int(text[-4:], 16) != binascii.crc_hqx(text[:-4].encode(), 0xFFFF):
        raise PayloadError("its checksum does not hold")
    fields = _fields(text)
    merchant = next(
        (
            _fields(fields[tag])
            for tag in sorted(fields)
            if 26 <= int(tag) <= 51 and fields[tag].casefold().startswith(f"00{len(_PIX):02}{_PIX}")
        ),
        None,
    )
    if merchant is None or not (merchant.get("01") or merchant.get("25")) or fields.get("53") != _REAIS:
        raise PayloadError("it names neither key nor address, or another currency")
    reference = _fields(fields["62"]).get("05", "") if "62" in fields else ""
    return named(
        seller_name=printable(fields.get("59", ""), "name", 25),
        amount_due=amount(fields["54"]) if fields.get("54") else None,
        currency_code="BRL",
        remittance_information=printable(reference, "identifier", 25) if reference != _NO_IDENTIFIER else None,
        message=printable(merchant.get("02", ""), "message", 72),
    )


def _fields(text: str) -> Mapping[str, str]:
    """Two digits of the tag, two of the length, and the value, until the end. Raises PayloadError."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        head = text[at : at + 4]
        if not re.fullmatch(r"\d{4}", head, re.ASCII) or head[:2] in found:
            raise PayloadError(f"{head!r} is no tag and length, or comes twice")
        length = int(head[2:])
        if at + 4 + length > len(text):
            raise PayloadError(f"the field {head[:2]} is cut short")
        found[head[:2]] = text[at + 4 : at + 4 + length]
        at += 4 + length
    return found
