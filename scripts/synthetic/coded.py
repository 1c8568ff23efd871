"""Short invoices that print what a code says, in a language of its country; and codes in which one value is another."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from reportlab.pdfgen.canvas import Canvas

from invoice_connector.codes.families import payload
from invoice_connector.invoice import FieldValue
from invoice_connector.locales import locales
from scripts.synthetic.payloads import PRINTS, WRITERS, Facts, make_iban
from scripts.synthetic.typefaces import find_typeface

_PAGE = (595, 842)
_LANGUAGES = {
    "epc": "de", "swiss_qr_bill": "de", "usingqr": "sv", "spayd": "cs", "pay_by_square": "sk", "upn_qr": "sl",
    "polish_transfer": "pl", "finnish_barcode": "fi", "finnish_barcode_5": "fi", "portuguese_qr": "pt",
    "verifactu": "es", "ticketbai": "es", "rksv": "de", "tse": "de", "pix": "pt",
}  # fmt: skip
_CURRENCIES = {"swiss_qr_bill": "CHF", "usingqr": "SEK", "spayd": "CZK", "polish_transfer": "PLN", "zatca": "SAR",
               "indian_qr": "INR", "pix": "BRL"}  # fmt: skip
_HEAD = ("invoice_number", "issue_date", "due_date")
_PAYMENT = ("payment_account_identifier", "remittance_information")
SWAPPED = (
    "payment_account_identifier", "amount_due", "total_with_vat", "remittance_information", "invoice_number",
    "issue_date", "due_date",
)  # fmt: skip


def swapped(family: str, facts: Facts, rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    """What is swapped, by the contract's names, and the text of a code in which only that is otherwise; each value of
    `SWAPPED` that the family's codes have."""
    told = payload(WRITERS[family](facts))[1]
    for changed in _changes(family, facts, rng):
        text = WRITERS[family](changed)
        now = payload(text)[1]
        names = [name for name in SWAPPED if now.get(name) != told.get(name)]
        if names:
            yield names[0], text


def _changes(family: str, facts: Facts, rng: np.random.Generator) -> Iterator[Facts]:
    digits = "".join(map(str, rng.integers(1, 10, 20)))
    country = PRINTS[family].country
    yield replace(facts, iban=make_iban(country, digits) if country else "")
    yield replace(facts, total=facts.total + Decimal(int(rng.integers(100, 90_000))) / 100)
    yield replace(facts, reference=digits[:8])
    yield replace(facts, number=f"{digits[8:12]}-{digits[12:16]}")
    yield replace(facts, issued=facts.issued - timedelta(days=int(rng.integers(1, 9))))
    yield replace(facts, due=facts.due + timedelta(days=int(rng.integers(1, 9))))


def coded_invoice(family: str, facts: Facts, rng: np.random.Generator) -> bytes:
    """A page of one of several arrangements with what the family's code says of these facts, without the code."""
    language = _LANGUAGES.get(family, "en")
    values: dict[str, FieldValue] = {
        "invoice_number": facts.number, "issue_date": facts.issued, "due_date": facts.due,
        "total_without_vat": facts.total - facts.vat, "total_vat": facts.vat, "total_with_vat": facts.total,
        **payload(WRITERS[family](facts))[1],
    }  # fmt: skip
    currency = _CURRENCIES.get(family, "EUR")
    face = find_typeface("DejaVuSans")
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=_PAGE, invariant=True)
    labels, column = locales()[language].labels, int(rng.choice((330, 350, 370)))

    def row(y: float, left: float, name: str, heading: bool = False) -> None:
        canvas.setFont(face.bold if heading else face.regular, 10)
        canvas.drawString(left, y, labels[_label(name, values)][0].capitalize())
        text = _printed(values[name], language, currency)
        canvas.drawString(left + 130, y, text) if left < 200 else canvas.drawRightString(_PAGE[0] - 50, y, text)

    canvas.setFont(face.bold, 14)
    canvas.drawString(column, 790, locales()[language].document_kinds["invoice"][0].upper())
    canvas.setFont(face.regular, 10)
    canvas.drawString(50, 790, facts.seller)
    canvas.drawString(50, 700, facts.buyer)
    for at, name in enumerate(name for name in _HEAD if name in values):
        row(740 - 16 * at, column, name)
    totals = int(rng.choice((430, 460, 500)))
    canvas.drawString(50, totals + 50, "Service A-17")
    canvas.drawRightString(_PAGE[0] - 50, totals + 50, _printed(facts.total - facts.vat, language, ""))
    for at, name in enumerate(("total_without_vat", "total_vat", "total_with_vat")):
        row(totals - 16 * at, column, name, heading=name == "total_with_vat")
    for at, name in enumerate(name for name in _PAYMENT if name in values):
        row(totals - 90 - 16 * at, 50, name)
    canvas.save()
    return stream.getvalue()


def _label(name: str, values: Mapping[str, FieldValue]) -> str:
    """The locales' name of the label; a domestic account is none of an IBAN."""
    is_iban = name == "payment_account_identifier" and str(values[name])[:2].isalpha()
    return "iban" if is_iban else "account" if name == "payment_account_identifier" else name


def _printed(value: FieldValue, language: str, currency: str) -> str:
    if isinstance(value, Decimal):
        text = f"{value:,.2f}" if language == "en" else f"{value:,.2f}".replace(",", " ").replace(".", ",")
        return f"{text} {currency}".strip()
    if isinstance(value, date):
        return f"{value}" if language in ("en", "sv") else f"{value:%d.%m.%Y}"
    text = str(value)
    return (
        " ".join(text[at : at + 4] for at in range(0, len(text), 4)) if text[:2].isalpha() and len(text) > 14 else text
    )
