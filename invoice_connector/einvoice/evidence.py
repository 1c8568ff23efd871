"""The invoice a PDF carries as data beside the one it shows. Neither replaces the other; differences are said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from invoice_connector.einvoice.data import EmbeddedInvoice
from invoice_connector.einvoice.payee import other_payee
from invoice_connector.einvoice.stops import collected, own_document
from invoice_connector.fields.identifiers import same_vat_identifier
from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS, Invoice, Violation
from ocr_ensemble.document.isolation import Isolation, ask
from ocr_ensemble.document.page import Document
from ocr_ensemble.errors import DocumentError

TASK = "invoice_connector.einvoice.found:invoice_in"  # by name: it is imported where it runs
RULE_DIFFERS, RULE_UNREADABLE = "EINVOICE-DIFFERS", "EINVOICE-UNREADABLE"
_ALIKE = 80.0  # per cent of equal characters (rapidfuzz) from which two names or addresses mean the same
_LOOSE = frozenset({"seller_name", "buyer_name", "seller_address", "buyer_address"})
_NOT_COMPARED = frozenset({"payment_terms", "buyer_reference"})  # worded freely on the page
_CREDIT_NOTES = ("381", "261", "262", "296", "308", "396", "420", "458", "532")

Evidence = tuple[Mapping[str, Any] | None, tuple[Violation, ...]]


def embedded_invoice(content: bytes, document: Document, invoice: Invoice, isolation: Isolation) -> Evidence:
    """What a PDF's embedded invoice says, with its ``differences`` from the page, and one violation for each.

    None for a document that carries none. One that cannot be read is a violation, not a failure: the page is there.
    """
    if document.media_type != "application/pdf" or (b"/EmbeddedFile" not in content and b"/ObjStm" not in content):
        return None, ()
    try:
        found = ask(isolation, TASK, content, document.name)
    except DocumentError as error:
        found = {"file": document.name, "error": {"type": type(error).__name__, "message": str(error)}}
    if found is None:
        return None, ()
    if "error" in found:
        return {**found, "differences": []}, (_unreadable(found["error"]["message"]),)
    differences = list(differences_of(found["fields"], invoice))
    data = EmbeddedInvoice(found["syntax"], found["profile"], found["fields"], means=tuple(found.get("means", ())))
    another = (*other_payee(found.get("payee"), data.fields), *collected(data), *own_document(data))
    violations = (*(_violation(each, found["file"]) for each in differences), *another)
    return {**found, "differences": differences}, violations


def differences_of(embedded: Mapping[str, str], invoice: Invoice) -> Iterator[dict[str, str]]:
    """The terms that data state otherwise than the page shows them: ``field``, ``embedded`` and ``page``."""
    credit = embedded.get("invoice_type_code") in _CREDIT_NOTES
    for name, value in embedded.items():
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
    if name == "invoice_type_code":  # pages do not tell a partial invoice from a final one, but who owes whom
        return (embedded in _CREDIT_NOTES) == (printed in _CREDIT_NOTES)
    if name in ("seller_vat_identifier", "buyer_vat_identifier"):
        return same_vat_identifier(embedded, printed)
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


def _unreadable(message: str) -> Violation:
    return Violation(RULE_UNREADABLE, f"The embedded invoice was not read: {message}.")
