"""ATCUD and the QR code of Portuguese invoices: Autoridade Tributária e Aduaneira, "Especificações técnicas: código QR"
(2020), and Portaria 195/2020."""

from __future__ import annotations

import re

from stdnum.pt import nif

from invoice_connector.codes.payload import PayloadError, Values, amount, day, named, printable

_FIELD = re.compile(r"([A-Z][1-8]?):(.*)", re.DOTALL)
_ATCUD = re.compile(r"(?:ATCUD:)?([A-Z0-9]{8,20})-(\d{1,20})", re.ASCII)
_NEEDED = ("A", "B", "C", "D", "E", "F", "G", "H", "N", "O", "Q", "R")
_NOBODY = "999999990"  # the tax number of a buyer who gave none
# Field D, the types of SAF-T (PT), Portaria 302/2016: those that are booked, with their code of UNTDID 1001, and the
# others.
_TYPES = {"FT": "380", "FS": "380", "FR": "380", "ND": "380", "NC": "381"}
_OTHERS = {
    "PF": "a pro forma invoice", "OR": "a quotation", "NE": "an order", "GR": "a delivery note",
    "GT": "a transport note", "GA": "a transport note of own assets", "GC": "a consignment note",
    "GD": "a return note", "CM": "a table's bill", "FO": "a work sheet", "RC": "a receipt of a payment",
    "RG": "a receipt of a payment",
}  # fmt: skip
_ANNULLED = "A"  # field E
_ALLOWANCE = r"-?\d{1,15}\.\d{2}"


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    if not re.match(r"A:\d{9}\*B:", text):
        return None
    found: dict[str, str] = {}
    for part in text.rstrip().split("*"):
        field = _FIELD.fullmatch(part)
        if field is None or field[1] in found:
            raise PayloadError(f"{part[:30]!r} is no field of it, or comes twice")
        found[field[1]] = field[2]
    if missing := [name for name in _NEEDED if name not in found]:
        raise PayloadError(f"it lacks the field {missing[0]}")
    if not nif.is_valid(found["A"]):
        raise PayloadError(f"the check digit of the tax number {found['A'][:20]} does not hold")
    if found["H"] != "0" and not _ATCUD.fullmatch(found["H"]):
        raise PayloadError(f"{found['H'][:40]!r} is no ATCUD")
    if not re.fullmatch(r"\d{1,4}", found["R"]) or len(found["Q"]) != 4:
        raise PayloadError("its hash or the number of its program has another form")
    buyer = re.sub(r"^PT", "", found["B"])
    return named(
        seller_vat_identifier=f"PT{found['A']}",
        buyer_vat_identifier=f"PT{buyer}" if buyer != _NOBODY and nif.is_valid(buyer) else None,
        issue_date=day(found["F"], "%Y%m%d"),
        invoice_number=printable(found["G"], "number", 60),
        total_vat=amount(found["N"], _ALLOWANCE),
        total_with_vat=amount(found["O"], _ALLOWANCE),
        invoice_type_code=_TYPES.get(found["D"]),
        said_kind=None if found["D"] in _TYPES else _other(found["D"]),
        said_status="annulled (E:A)" if found["E"] == _ANNULLED else None,
    )


def _other(kind: str) -> str:
    code = printable(kind, "type", 2)
    return f"{_OTHERS.get(code, 'of a kind that is no invoice')} (D:{code})"


def atcud(text: str) -> Values | None:
    """Of a code that holds only the ATCUD: nothing that an invoice's fields have."""
    return {} if text.startswith("ATCUD:") and _ATCUD.fullmatch(text.strip()) else None
