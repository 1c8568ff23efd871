"""The invoice a PDF carries as data beside the one it shows. Neither replaces the other; differences are said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS, Invoice, Violation
from ocr_ensemble.document.page import Document

if TYPE_CHECKING:
    from invoice_connector.einvoice.embedded import EmbeddedInvoice

RULE_DIFFERS, RULE_UNREADABLE = "EINVOICE-DIFFERS", "EINVOICE-UNREADABLE"
_ALIKE = 80.0  # per cent of equal characters (rapidfuzz) from which two names or addresses mean the same
_LOOSE = frozenset({"seller_name", "buyer_name", "seller_address", "buyer_address"})
_NOT_COMPARED = frozenset({"payment_terms", "invoice_type_code", "buyer_reference"})  # worded freely on the page
_CREDIT_NOTES = ("381", "261", "262", "296", "308", "396", "420", "458", "532")

Evidence = tuple[Mapping[str, Any] | None, tuple[Violation, ...]]


def embedded_invoice(content: bytes, document: Document, invoice: Invoice) -> Evidence:
    """What a PDF's embedded invoice says, with its ``differences`` from the page, and one violation for each.

    None for a document that carries none. One that cannot be read is a violation, not a failure: the page is there.
    """
    if document.media_type != "application/pdf" or (b"/EmbeddedFile" not in content and b"/ObjStm" not in content):
        return None, ()
    from invoice_connector.einvoice.attachments import xml_attachments
    from invoice_connector.einvoice.embedded import parse_invoice
    from invoice_connector.einvoice.errors import EmbeddedInvoiceError

    for attachment in xml_attachments(content):
        try:
            found = parse_invoice(attachment.content(), attachment.name)
        except EmbeddedInvoiceError as error:
            failure = {"type": type(error).__name__, "message": str(error)}
            return {"file": attachment.name, "error": failure, "differences": []}, (_unreadable(error),)
        if found is not None:
            return _compared(attachment.name, found, invoice)
    return None, ()


def _compared(name: str, embedded: EmbeddedInvoice, invoice: Invoice) -> Evidence:
    differences = list(_differences(embedded, invoice))
    evidence = {
        "file": name,
        "syntax": embedded.syntax,
        "profile": embedded.profile,
        "fields": dict(embedded.fields),
        "invoice_lines": [dict(row) for row in embedded.invoice_lines],
        "vat_breakdown": [dict(row) for row in embedded.vat_breakdown],
        "differences": differences,
    }
    return evidence, tuple(_violation(difference, name) for difference in differences)


def _differences(embedded: EmbeddedInvoice, invoice: Invoice) -> Iterator[dict[str, str]]:
    credit = embedded.fields.get("invoice_type_code") in _CREDIT_NOTES
    for name, value in embedded.fields.items():
        printed = invoice.text(name)
        if printed is not None and name not in _NOT_COMPARED and not _same(name, value, printed, credit):
            yield {"field": name, "embedded": value, "page": printed}


def _same(name: str, embedded: str, printed: str, credit: bool) -> bool:
    if name in AMOUNT_FIELDS:
        first, second = Decimal(embedded), Decimal(printed)
        # Data states a credit note's amounts positive; the page may print them with a minus.
        return abs(first) == abs(second) if credit else first == second
    if name in DATE_FIELDS:
        return embedded == printed
    first_text, second_text = _letters(embedded), _letters(printed)
    if name not in _LOOSE:
        return first_text.replace(" ", "") == second_text.replace(" ", "")
    from rapidfuzz import fuzz

    return fuzz.token_set_ratio(first_text, second_text) >= _ALIKE


def _letters(text: str) -> str:
    """Letters and digits only; words kept apart by one space where the text has them apart."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _violation(difference: Mapping[str, str], name: str) -> Violation:
    field = difference["field"]
    message = (
        f"The {field.replace('_', ' ')} is {difference['page']} on the page, "
        f"but {difference['embedded']} in the embedded {name}."
    )
    return Violation(RULE_DIFFERS, message, (field,))


def _unreadable(error: Exception) -> Violation:
    return Violation(RULE_UNREADABLE, f"The embedded invoice was not read: {error}.")
