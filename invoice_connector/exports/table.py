"""Documents as rows for CSV and XLSX: amounts are numbers, dates are dates, and text is never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from db.contract import status_of
from db.records import StoredJob
from invoice_connector.exports.current import corrected
from invoice_connector.invoice import AMOUNT_FIELDS, DATA_FIELDS, DATE_FIELDS, TEXT_FIELDS

Cell = str | Decimal | date | datetime | float | None

_FIELDS = (
    "invoice_number", "invoice_type_code", "issue_date", "due_date", "currency_code", "seller_name", "seller_address",
    "seller_vat_identifier", "seller_legal_registration_identifier", "buyer_name", "buyer_address",
    "buyer_vat_identifier", "buyer_reference", "purchase_order_reference", "payment_terms",
    "payment_account_identifier", "payment_service_provider_identifier", "remittance_information",
    "total_without_vat", "total_vat", "total_with_vat", "paid_amount", "rounding_amount", "amount_due",
    "payment_means_type_code",
)  # fmt: skip
assert set(_FIELDS) == {*AMOUNT_FIELDS, *DATE_FIELDS, *TEXT_FIELDS, *DATA_FIELDS}

INVOICE_COLUMNS = (
    "job_id", "file", "status", "review", "customer_id", "processed_at", "confidence", *_FIELDS, "violations",
    "supplier_id", "supplier_probability",
)  # fmt: skip
_LINE = ("description", "quantity", "unit_price", "net_amount", "vat_rate")
_VAT = ("rate", "taxable_amount", "tax_amount")
LINE_COLUMNS, VAT_COLUMNS = ("job_id", "file", *_LINE), ("job_id", "file", *_VAT)

# What a spreadsheet program takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def invoice_rows(jobs: Iterable[StoredJob]) -> Iterator[list[Cell]]:
    """One row per document under INVOICE_COLUMNS, corrections in place of readings; None for a field it has not."""
    for job in jobs:
        record = corrected(job)
        review = job.reviews[-1].status if job.reviews else None
        head = [record.id, record.source_name, status_of(job), review, record.customer_id, record.started_at]
        fields = [_field(name, record.fields) for name in _FIELDS]
        said = " ".join(broken["message"] for broken in record.violations)
        supplier = record.supplier or {}
        yield [*head, record.confidence, *fields, said, supplier.get("id"), supplier.get("probability")]


def line_rows(jobs: Iterable[StoredJob]) -> Iterator[list[Cell]]:
    """One row per invoice line under LINE_COLUMNS."""
    for job in jobs:
        for line in job.record.invoice_lines:
            numbers = [_amount(line.get(name)) for name in _LINE[1:]]
            yield [job.record.id, job.record.source_name, line.get("description"), *numbers]


def vat_rows(jobs: Iterable[StoredJob]) -> Iterator[list[Cell]]:
    """One row per VAT rate under VAT_COLUMNS."""
    for job in jobs:
        for entry in job.record.vat_breakdown:
            yield [job.record.id, job.record.source_name, *(_amount(entry.get(name)) for name in _VAT)]


def to_csv(jobs: Iterable[StoredJob]) -> bytes:
    """RFC 4180 in UTF-8, decimal points, ISO 8601 dates."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(INVOICE_COLUMNS)
    for row in invoice_rows(jobs):
        writer.writerow([_csv_cell(cell) for cell in row])
    return text.getvalue().encode()


def to_xlsx(jobs: Sequence[StoredJob]) -> bytes:
    """A workbook with the sheets Invoices, Lines and VAT."""
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        formats = {
            Decimal: book.add_format({"num_format": "#,##0.00##"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        bold = book.add_format({"bold": True})
        for name, columns, rows in (
            ("Invoices", INVOICE_COLUMNS, invoice_rows(jobs)),
            ("Lines", LINE_COLUMNS, line_rows(jobs)),
            ("VAT", VAT_COLUMNS, vat_rows(jobs)),
        ):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, columns, bold)
            for number, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    _write(sheet, (number, column), cell, formats)
            sheet.autofit()
    return content.getvalue()


def _write(sheet: Any, place: tuple[int, int], cell: Cell, formats: Mapping[type, Any]) -> None:
    """The cell with its own type; text always as text, whatever it begins with."""
    if cell is None:
        return
    if isinstance(cell, str):
        sheet.write_string(*place, cell)
    elif isinstance(cell, datetime):
        sheet.write_datetime(*place, cell.replace(tzinfo=None), formats[datetime])
    elif isinstance(cell, date):
        sheet.write_datetime(*place, cell, formats[date])
    else:
        sheet.write_number(*place, cell, formats.get(type(cell)))


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        # A file of text has no types: the apostrophe is what keeps a spreadsheet program from calculating.
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    return cell.isoformat() if isinstance(cell, date) else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def _field(name: str, fields: Mapping[str, Any]) -> Cell:
    value = fields.get(name, {}).get("value")
    if value is None or name in (*TEXT_FIELDS, *DATA_FIELDS):
        return None if value is None else str(value)
    if name in AMOUNT_FIELDS:
        return _amount(value)
    try:
        return date.fromisoformat(value)
    except ValueError:
        return str(value)


def _amount(value: str | None) -> Cell:
    try:
        return None if value is None else Decimal(value)
    except InvalidOperation:
        return str(value)
