"""The invoice that a file holds as data, as plain JSON: what a child process is asked about foreign bytes."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from invoice_connector.einvoice.attachments import xml_attachments
from invoice_connector.einvoice.data import EmbeddedInvoice
from invoice_connector.einvoice.errors import NAMELESS, EmbeddedInvoiceError
from invoice_connector.einvoice.parse import parse_invoice
from ocr_ensemble.errors import DamagedDocumentError, UnsupportedDocumentError

_NOT_PRINTED = ("paid_amount", "rounding_amount")  # where they are zero


def invoice_in(pdf: bytes) -> dict[str, Any] | None:
    """The first embedded invoice: ``file`` and the terms of ``EmbeddedInvoice``, or ``file`` and the ``error`` that it
    cannot be read for; None when there is none."""
    for attachment in xml_attachments(pdf):
        try:
            found = parse_invoice(attachment.content(), attachment.name)
        except EmbeddedInvoiceError as error:
            return {"file": attachment.name, "error": {"type": type(error).__name__, "message": str(error)}}
        if found is not None:
            return {"file": attachment.name, **_as_printed(found)}
    return None


def invoice_of(xml: bytes) -> dict[str, Any]:
    """The terms of an e-invoice by itself, as of ``EmbeddedInvoice``.

    Raises DamagedDocumentError, and UnsupportedDocumentError for XML that is no invoice.
    """
    try:
        found = parse_invoice(xml, NAMELESS)
    except EmbeddedInvoiceError as error:
        raise DamagedDocumentError(str(error)) from error
    if found is None:
        raise UnsupportedDocumentError(
            f"{NAMELESS} is no invoice of a kind that is read; UBL 2.1, UN/CEFACT CII and FatturaPA are, so send one "
            "of these or print it to a PDF and send that."
        )
    return asdict(found)


def _as_printed(found: EmbeddedInvoice) -> dict[str, Any]:
    """What a page can be compared with. Totals that are zero because the syntax wants them say nothing that a page
    would print."""
    kept = ("syntax", "profile", "invoice_lines", "vat_breakdown", "adjustments")
    values = asdict(found)
    stated = {name: value for name, value in found.fields.items() if not (name in _NOT_PRINTED and Decimal(value) == 0)}
    payee = {} if found.payee is None else {"payee": found.payee}
    means = {"means": list(found.means)} if found.means else {}
    return {"fields": stated, **{name: values[name] for name in kept}, **payee, **means}
