"""Parsers of foreign text and bytes with what must hold for any input; for Hypothesis and for ``scripts/fuzz.py``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal

from db.inputs import checked_amount
from invoice_connector.arrivals.parts import Bounds
from invoice_connector.arrivals.unpack import unpack
from invoice_connector.einvoice.errors import EmbeddedInvoiceError
from invoice_connector.einvoice.found import invoice_in
from invoice_connector.einvoice.parse import parse_invoice
from invoice_connector.fields.amounts import find_amounts, find_percents, parse_amount
from invoice_connector.fields.dates import find_dates, parse_date
from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS
from ocr_ensemble.document import Limits, Treatments, load_document
from ocr_ensemble.errors import DocumentError

Target = Callable[[bytes], None]
_SMALL = Limits(max_pixels=1_000_000, max_total_pixels=2_000_000, max_render_pixels=1_000_000, max_pages=3)
_BOUNDS = Bounds(parts=50, depth=3, total_bytes=2_000_000, part_bytes=1_000_000)
_UNTREATED = Treatments(orient=False, deskew_from=90.0)


def amounts(content: bytes) -> None:
    """Every amount that is found is finite and stands where it is said to."""
    text = content.decode(errors="replace")
    for amount in find_amounts(text):
        assert checked_amount(amount.value).is_finite(), text
        assert 0 <= amount.start < amount.end <= len(text), text
    for start, end, rate in find_percents(text):
        assert rate.is_finite() and 0 <= start < end <= len(text), text
    value = parse_amount(text)
    assert value is None or value.is_finite(), text


def dates(content: bytes) -> None:
    """Every day that is found is one of the calendar, and stands where it is said to."""
    text = content.decode(errors="replace")
    for found in find_dates(text):
        assert 0 <= found.start < found.end <= len(text), text
    day = parse_date(text)
    assert day is None or day == date.fromisoformat(day.isoformat()), text


def invoice_xml(content: bytes) -> None:
    """An e-invoice's XML is parsed or refused; what is taken from it is what the contract allows."""
    with suppress(EmbeddedInvoiceError):
        found = parse_invoice(content, "invoice.xml")
        for name, value in found.fields.items() if found else ():
            assert name not in AMOUNT_FIELDS or Decimal(value).is_finite(), value
            assert name not in DATE_FIELDS or date.fromisoformat(value), value


def invoice_pdf(content: bytes) -> None:
    """Whatever a PDF has attached ends as a value."""
    invoice_in(content)


def document(content: bytes) -> None:
    """Any bytes are pages or one of the document errors."""
    with suppress(DocumentError):
        load_document(content, "a file", _SMALL, _UNTREATED)


def container(content: bytes) -> None:
    """A mail or an archive is taken apart within its bounds, or refused; names in it lead nowhere."""
    with suppress(DocumentError):
        documents, left_out = unpack(content, _BOUNDS)
        assert sum(len(part.content) for part in documents) <= _BOUNDS.total_bytes
        assert len(documents) <= _BOUNDS.parts
        for path in (*(part.path for part in documents), *(each.part for each in left_out)):
            assert path and not path.startswith("/") and ".." not in path.split("/") and "\x00" not in path, path


TARGETS: dict[str, Target] = {
    "amounts": amounts,
    "dates": dates,
    "invoice_xml": invoice_xml,
    "invoice_pdf": invoice_pdf,
    "document": document,
    "container": container,
}
