"""The invoice a PDF carries as data, as plain JSON: what a child process is asked about foreign bytes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from invoice_connector.einvoice.attachments import xml_attachments
from invoice_connector.einvoice.embedded import parse_invoice
from invoice_connector.einvoice.errors import EmbeddedInvoiceError


def invoice_in(pdf: bytes) -> dict[str, Any] | None:
    """The first embedded invoice: ``file`` and the terms of ``EmbeddedInvoice``, or ``file`` and the ``error`` that it
    cannot be read for; None when there is none."""
    for attachment in xml_attachments(pdf):
        try:
            found = parse_invoice(attachment.content(), attachment.name)
        except EmbeddedInvoiceError as error:
            return {"file": attachment.name, "error": {"type": type(error).__name__, "message": str(error)}}
        if found is not None:
            return {"file": attachment.name, **asdict(found)}
    return None
