"""Swiss QR code: SIX, "Swiss Implementation Guidelines QR-bill", version 2.3; billing information by Swico, "S1 syntax
definition", version 1.2."""

from __future__ import annotations

import re
from datetime import date, timedelta

from stdnum.ch import esr, uid

from invoice_connector.codes.payload import (
    PayloadError,
    Values,
    account,
    amount,
    creditor_reference,
    day,
    lines_of,
    named,
    printable,
)
from invoice_connector.invoice import FieldValue

_FEWEST, _MOST = 31, 34  # billing information and two other schemes may follow
_QR_BANKS = range(30_000, 32_000)  # the bank numbers in IBANs that ask for a QR reference
_BILLING = re.compile(r"/(\d\d)/((?:[^/\\]|\\.)*)")
_NET_DAYS = re.compile(r"(?:^|;)0(?:\.0+)?:(\d{1,3})(?:;|$)")


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    if text[:5].rstrip("\r\n") not in ("SPC", "SPC\n0"):
        return None
    lines = lines_of(text, _FEWEST, _MOST)
    if not re.fullmatch(r"02\d\d", lines[1]) or lines[2] != "1" or lines[30] != "EPD":
        raise PayloadError("its version, character set or end of data is unknown")
    currency = lines[19]
    if currency not in ("CHF", "EUR"):
        raise PayloadError(f"the currency {currency[:10]!r} is neither CHF nor EUR")
    if any(lines[11:18]):
        raise PayloadError("it names an ultimate creditor, which is not allowed")
    iban = account(lines[3], ("CH", "LI"))
    seller, seller_address = _party(lines[4:11])
    buyer, buyer_address = _party(lines[20:27])
    if not seller:
        raise PayloadError("it names no creditor")
    found = named(
        payment_account_identifier=iban,
        seller_name=seller,
        seller_address=seller_address,
        buyer_name=buyer,
        buyer_address=buyer_address,
        currency_code=currency,
        amount_due=amount(lines[18], r"\d{1,9}\.\d{2}") if lines[18] else None,
        remittance_information=_reference(lines[27], lines[28], iban),
        message=printable(lines[29], "message", 140),
    )
    return {**_billing(lines[31]), **found} if len(lines) > 31 else found


def _party(lines: list[str]) -> tuple[str, str]:
    """Name and address; both empty for nobody."""
    kind, name, *places = (printable(line, "address", 70) for line in lines)
    if not any((kind, name, *places)):
        return "", ""
    if kind not in ("S", "K") or not name or len(places[4]) != 2:
        raise PayloadError("an address lacks its kind, name or country")
    street, house, code, town, _ = places
    if kind == "K":
        return name, ", ".join(filter(None, (street, house)))
    return name, ", ".join(filter(None, (f"{street} {house}".strip(), f"{code} {town}".strip())))


def _reference(kind: str, text: str, iban: str) -> str:
    """The reference, whose kind follows from the account's bank."""
    wants_qr = int(iban[4:9]) in _QR_BANKS if iban[4:9].isdigit() else False
    if kind not in ("QRR", "SCOR", "NON") or (kind == "QRR") != wants_qr or (kind == "NON" and text):
        raise PayloadError(f"the reference of the kind {kind[:8]!r} does not belong to the account")
    if kind == "QRR":
        if not re.fullmatch(r"\d{27}", text, re.ASCII) or not esr.is_valid(text):
            raise PayloadError(f"the check digit of the reference {text[:40]!r} does not hold")
        return text
    return creditor_reference(text) if text else ""


def _billing(text: str) -> dict[str, FieldValue]:
    """Number, day, VAT identifier and due date of Swico's syntax; nothing of any other. What does not fit is left out:
    to the bank it is free text."""
    if not text.startswith("//S1/"):
        return {}
    parts = {tag: re.sub(r"\\(.)", r"\1", value) for tag, value in _BILLING.findall(text[4:140])}
    found: dict[str, FieldValue] = {}
    if parts.get("10"):
        found["invoice_number"] = printable(parts["10"], "number")
    if re.fullmatch(r"\d{6}", parts.get("11", "")):
        found["issue_date"] = day(parts["11"], "%y%m%d")
    if re.fullmatch(r"\d{9}", parts.get("30", "")) and uid.is_valid(f"CHE{parts['30']}"):
        found["seller_vat_identifier"] = f"CHE{parts['30']}"
    net, issued = _NET_DAYS.search(parts.get("40", "")), found.get("issue_date")
    if net and isinstance(issued, date):
        found["due_date"] = issued + timedelta(days=int(net[1]))
    return found
