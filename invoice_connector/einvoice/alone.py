"""An e-invoice by itself: its terms as a document with a page, a reading and an invoice, without any engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from invoice_connector.einvoice import XML
from invoice_connector.einvoice.data import EmbeddedInvoice
from invoice_connector.einvoice.drawn import Cells, Drawn, drawn
from invoice_connector.einvoice.errors import NAMELESS
from invoice_connector.einvoice.paper import DPI, Print
from invoice_connector.einvoice.payee import other_payee
from invoice_connector.einvoice.rules import check_data
from invoice_connector.einvoice.stops import stops
from invoice_connector.fields.identifier_rules import check_identifiers
from invoice_connector.fields.sentences import sentence_spans
from invoice_connector.invoice import (
    AMOUNT_FIELDS,
    DATE_FIELDS,
    Adjustment,
    DocumentKind,
    Evidence,
    FieldValue,
    Invoice,
    InvoiceField,
    InvoiceLine,
    VatBreakdown,
    Violation,
    Witness,
)
from ocr_ensemble.document.isolation import ask
from ocr_ensemble.document.page import Document, ImageQuality, PageImage
from ocr_ensemble.document.steps import NotRead, PreprocessingStep
from ocr_ensemble.errors import DocumentError
from ocr_ensemble.layout import BoundingBox, TextLine
from ocr_ensemble.reading import Consensus, DocumentReading, EngineRun, PageReading, Reading, RunStatus, Slot
from ocr_ensemble.settings import EnsembleSettings

"""The media type of an e-invoice by itself."""
ENGINE, VERSION = "xml", "EN 16931"
_TASK = "invoice_connector.einvoice.found:invoice_of"  # by name: it is imported where it runs
# The probability of what data state: they are no misreading, so it is a seller's mistake that remains. A term that a
# broken rule names is as likely wrong as the others of that rule.
_STATED, _BROKEN = 0.999, 0.5
_CREDIT_NOTES = ("381", "261", "262", "296", "308", "396", "420", "458", "532")
_CLEAN = ImageQuality(sharpness=1.0, contrast=1.0, noise=0.0, skew_degrees=0.0)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a document is that states an invoice as data. ``violations``: the rules that the data break."""

    document: Document
    reading: DocumentReading
    invoice: Invoice
    violations: tuple[Violation, ...]


def stated(content: bytes, name: str, settings: EnsembleSettings) -> Stated:
    """The invoice of an XML file, drawn as a page.

    Raises DamagedDocumentError and UnsupportedDocumentError for what is no e-invoice, DocumentTooLargeError.
    """
    settings.limits.check_bytes(len(content), name)
    try:
        data = EmbeddedInvoice(**ask(settings.isolation, _TASK, content, name))
    except DocumentError as error:  # who parses the bytes does not know their name
        raise type(error)(str(error).replace(NAMELESS, name, 1)) from error
    sheets = drawn(data, name, settings.limits)
    broken = check_data(data)
    bare = _invoice(data, sheets, {field for violation in broken for field in violation.fields})
    payee = other_payee(data.payee, data.fields)
    violations = (*broken, *check_identifiers(bare), *payee, *stops(data, bare))
    doubted = {field for violation in violations for field in violation.fields}
    parts = tuple(
        NotRead(f"the attachment {each}", "files inside an e-invoice are not read") for each in data.attachments
    )
    document = Document(name, XML, hashlib.sha256(content).hexdigest(), tuple(_pages(sheets)), parts)
    return Stated(document, DocumentReading(tuple(_readings(sheets))), _invoice(data, sheets, doubted), violations)


def _pages(sheets: Drawn) -> Iterator[PageImage]:
    step = PreprocessingStep("rendered", "drawn from the terms of the e-invoice")
    for number, pixels in enumerate(sheets.paper.pixels(), start=1):
        yield PageImage(number, pixels, _CLEAN, (step,), float(DPI))


def _readings(sheets: Drawn) -> Iterator[PageReading]:
    for number, pixels in enumerate(sheets.paper.pixels(), start=1):
        lines = tuple(_line(line) for line in sheets.paper.prints if line.page == number)
        characters = sum(len(line.line.text) for line in lines)
        run = EngineRun(ENGINE, VERSION, number, RunStatus.OK, 0.0, len(lines), characters, _STATED)
        yield PageReading(number, pixels.shape[1], pixels.shape[0], lines, runs=(run,))


def _line(line: Print) -> Consensus:
    reading = Reading(ENGINE, line.text, line.box, _STATED, _STATED)
    slot = Slot(line.page, line.box, (reading,))
    return Consensus(slot, TextLine(line.text, line.box, _STATED), {ENGINE: 1.0})


def _invoice(data: EmbeddedInvoice, sheets: Drawn, doubted: Set[str]) -> Invoice:
    return Invoice(
        {name: _field(name, value, sheets.fields[name], name in doubted) for name, value in data.fields.items()},
        tuple(_invoice_lines(data, sheets)),
        tuple(_rates(data, sheets)),
        adjustments=tuple(_adjustments(data, sheets)),
        printed_sums={name: Decimal(value) for name, value in data.sums.items()},
        document_kind=_kind(data.fields.get("invoice_type_code", "380")),
        remarks=tuple(note[start:end].strip() for note in data.notes for start, end in sentence_spans(note)),
    )


def _field(name: str, value: str, place: Print, doubted: bool) -> InvoiceField:
    witness = Witness(Evidence.EMBEDDED, "the e-invoice states it as data")
    sure = _BROKEN if doubted else _STATED
    return InvoiceField(name, _value(name, value), value, sure, place.page, place.box, (ENGINE,), witnesses=(witness,))


def _value(name: str, value: str) -> FieldValue:
    if name in AMOUNT_FIELDS:
        return Decimal(value)
    return date.fromisoformat(value) if name in DATE_FIELDS else value


def _invoice_lines(data: EmbeddedInvoice, sheets: Drawn) -> Iterator[InvoiceLine]:
    for row, cells in zip(data.invoice_lines, sheets.lines, strict=True):
        page, box = _place(cells)
        yield InvoiceLine(
            row["description"] or "",
            _decimal(row["quantity"]),
            _decimal(row["unit_price"]),
            _or_zero(row["net_amount"]),
            _decimal(row["vat_rate"]),
            page,
            box,
            row.get("unit"),
            _decimal(row.get("discount_percentage")),
            _decimal(row.get("discount_amount")),
            {name: cell.box for name, cell in cells.items()},
            row.get("vat_category") or "",
        )


def _rates(data: EmbeddedInvoice, sheets: Drawn) -> Iterator[VatBreakdown]:
    for row, cells in zip(data.vat_breakdown, sheets.rates, strict=True):
        rate, tax = (_or_zero(row[name]) for name in ("rate", "tax_amount"))
        reason = (row.get("exemption_code") or "", row.get("exemption_reason") or "")
        page, box = _place(cells)
        yield VatBreakdown(rate, _decimal(row["taxable_amount"]), tax, page, box, row.get("category") or "", reason)


def _adjustments(data: EmbeddedInvoice, sheets: Drawn) -> Iterator[Adjustment]:
    for row, cells in zip(data.adjustments, sheets.adjustments, strict=True):
        page, box = _place(cells)
        rate, category = _decimal(row.get("vat_rate")), row.get("vat_category") or ""
        yield Adjustment(row["reason"], Decimal(row["amount"]), row["charge"], page, box, rate, category)


def _place(cells: Cells) -> tuple[int, BoundingBox]:
    """Where a row stands; at the top of the first page when nothing of it was printed."""
    if not cells:
        return 1, BoundingBox(0, 0, 1, 1)
    return next(iter(cells.values())).page, BoundingBox.union(cell.box for cell in cells.values())


def _kind(code: str) -> DocumentKind:
    value = "credit_note" if code in _CREDIT_NOTES else "proforma" if code == "325" else "invoice"
    return DocumentKind(value, _STATED, _STATED if value == "proforma" else 1.0 - _STATED, code)


def _or_zero(value: str | None) -> Decimal:
    return Decimal(0) if value is None else Decimal(value)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
