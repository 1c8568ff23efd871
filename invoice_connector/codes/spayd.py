"""Short Payment Descriptor, Czech and Slovak: Česká bankovní asociace, "Formát pro sdílení platebních údajů (QR kód)",
standard 26, version 1.2; the invoice beside it (SID) by qr-faktura.cz, version 1.0."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from urllib.parse import unquote

from invoice_connector.codes.payload import (
    PayloadError,
    Values,
    account,
    amount,
    creditor_reference,
    currency,
    day,
    named,
    printable,
)

_PART = re.compile(r"[A-Z][A-Z0-9-]{0,20}", re.ASCII)
_HEADS = ("SPD*", "SID*")
_SYMBOL = re.compile(r"\d{1,10}", re.ASCII)


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    if not text.startswith(_HEADS):
        return None
    parts = _parts(text)
    if text.startswith("SID*"):
        return _of_invoice(parts)
    if not parts.get("ACC"):
        raise PayloadError("it has no account")
    inside = unquote(parts.get("X-INV", ""))
    invoice = _of_invoice(_parts(inside)) if inside.startswith("SID*") else {}
    symbol = parts.get("X-VS", "")
    if symbol and not _SYMBOL.fullmatch(symbol):
        raise PayloadError(f"the variable symbol {symbol[:20]!r} is none")
    reference = creditor_reference(parts["RF"]) if parts.get("RF", "").startswith("RF") else symbol
    payment = named(
        payment_account_identifier=account(parts["ACC"].partition("+")[0]),
        amount_due=amount(parts["AM"]) if parts.get("AM") else None,
        currency_code=currency(parts["CC"]) if parts.get("CC") else None,
        due_date=day(parts["DT"], "%Y%m%d") if parts.get("DT") else None,
        seller_name=printable(parts.get("RN", ""), "name", 35),
        message=printable(parts.get("MSG", ""), "message", 60),
        remittance_information=reference,
    )
    return {**invoice, **payment}


def _parts(text: str) -> Mapping[str, str]:
    """The parts by key. Raises PayloadError for a checksum that fails, and for a key that comes twice."""
    head, version, *rest = text.split("*")
    if not re.fullmatch(r"\d\.\d", version):
        raise PayloadError("its version is unknown")
    found: dict[str, str] = {}
    for part in filter(None, rest):
        key, colon, value = part.partition(":")
        if not colon or not _PART.fullmatch(key) or key in found:
            raise PayloadError(f"{part[:30]!r} is no part of it, or comes twice")
        found[key] = value
    if "CRC32" in found:
        body = "*".join(sorted(part for part in rest if part and not part.startswith("CRC32:")))
        if found["CRC32"].upper() != f"{zlib.crc32(f'{head}*{version}*{body}'.encode()):08X}":
            raise PayloadError("its checksum does not hold")
    return {key: value if key == "X-INV" else unquote(value) for key, value in found.items()}


def _of_invoice(parts: Mapping[str, str]) -> Values:
    get = parts.get
    return named(
        invoice_number=printable(get("ID", ""), "number", 40),
        issue_date=day(parts["DD"], "%Y%m%d") if get("DD") else None,
        due_date=day(parts["DT"], "%Y%m%d") if get("DT") else None,
        amount_due=amount(parts["AM"], r"-?\d{1,15}(?:\.\d{1,2})?") if get("AM") else None,
        currency_code=currency(parts["CC"]) if get("CC") else None,
        seller_vat_identifier=printable(get("VII", ""), "VAT identifier", 14),
        seller_legal_registration_identifier=printable(get("INI", ""), "company's number", 14),
        buyer_vat_identifier=printable(get("VIR", ""), "VAT identifier", 14),
        remittance_information=printable(get("VS", ""), "variable symbol", 10),
        payment_account_identifier=account(parts["ACC"].partition("+")[0]) if get("ACC") else None,
    )
