"""Master data as files: CSV, XLSX and JSON in and out. Column names are those of common ERPs' exports."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from invoice_connector.suppliers.master import MasterDataError, Record, of_json, to_json

MOST_BYTES = 200_000_000
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "supplier_id", "company_id", "supplier_number", "vendor_id", "vendor_number", "number", "code"),
    "names": ("names", "name", "supplier_name", "vendor_name", "company_name", "aliases", "alias"),
    "vat_identifiers": ("vat_identifiers", "vat_identifier", "vat_number", "vat_id", "vat", "tax_id"),
    "registration_identifiers": (
        "registration_identifiers", "registration_identifier", "organisation_number", "organization_number",
        "registration_number", "company_number",
    ),
    "accounts": ("accounts", "account", "iban", "bankgiro", "plusgiro", "bank_account"),
    "addresses": ("addresses", "address"),
    "domains": ("domains", "domain", "website", "email", "mail"),
    "currency": ("currency", "currency_code"),
    "payment_terms": ("payment_terms", "terms"),
    "customer_id": ("customer_id",),
}  # fmt: skip
_SINGLE = frozenset({"id", "currency", "payment_terms", "customer_id"})
_SEPARATORS = (";", "|", "\n")  # of several values in one cell
_SEPARATORS_OF: Mapping[str, tuple[str, ...]] = {"addresses": ("|",)}  # one address may have several lines
_T = TypeVar("_T", bound=Record)


def read_records(kind: type[_T], path: Path) -> list[_T]:
    """The records of a file, told by its name's ending. Raises MasterDataError, which names the row."""
    rows = _rows(path)
    found: dict[tuple[str, str], _T] = {}
    for number, row in rows:
        try:
            record = of_json(kind, row)
        except MasterDataError as error:
            raise MasterDataError(f"{path.name}, row {number}: {error}") from error
        if (record.customer_id, record.id) in found:
            raise MasterDataError(f"{path.name}, row {number}: the id {record.id} is there twice; keep one of the rows")
        found[record.customer_id, record.id] = record
    return list(found.values())


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    readers = {".csv": _csv_rows, ".xlsx": _xlsx_rows, ".json": _json_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise MasterDataError(f"{path.name} is no .csv, .xlsx or .json file; save the list as one of them")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise MasterDataError(f"{path.name} has more than {MOST_BYTES:,} bytes; divide it")
        return reader(path)
    except OSError as error:
        raise MasterDataError(f"{path} cannot be read: {error.strerror or error}; check the name") from error


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """One list of objects, or one object per line."""
    try:
        text = path.read_text("utf-8-sig").strip()
        rows = json.loads(text if text.startswith("[") else f"[{','.join(filter(str.strip, text.splitlines()))}]")
    except ValueError as error:
        raise MasterDataError(f"{path.name} is no JSON: {error}; write a list of objects") from error
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise MasterDataError(f"{path.name}, row {number}: a record is an object, got {type(row).__name__}")
        yield number, row


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """UTF-8, or Windows' own encoding; comma, semicolon or tab."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    return _table(path.name, csv.reader(io.StringIO(text), delimiter=delimiter))


def _xlsx_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The first sheet of a workbook."""
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise MasterDataError(f"{path.name} is no workbook: {error}; save the list as .xlsx or .csv") from error
    try:
        yield from _table(path.name, (map(_text, row) for row in book.worksheets[0].iter_rows(values_only=True)))
    finally:
        book.close()


def _text(cell: Any) -> str:
    """A cell as it is typed in: a whole number without decimals."""
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _table(name: str, rows: Iterable[Iterable[str]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows under a row of column names."""
    numbered = enumerate(rows, 1)
    head = [_column(cell) for cell in next(numbered, (1, ()))[1]]
    if not any(head):
        known = ", ".join(names[0] for names in _COLUMNS.values())
        raise MasterDataError(f"the first row of {name} names none of the columns {known}; name them there")
    for number, cells in numbered:
        row = _row(head, list(cells))
        if row:
            yield number, row


def _column(cell: str) -> str | None:
    plain = "_".join(cell.strip().lower().replace("-", " ").split())
    return next((field for field, names in _COLUMNS.items() if plain in names), None)


def _row(head: list[str | None], cells: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, cell in zip(head, cells, strict=False):
        if field is None or not cell.strip():
            continue
        if field in _SINGLE:
            found[field] = cell.strip()
        else:
            separators = _SEPARATORS_OF.get(field, _SEPARATORS)
            found.setdefault(field, []).extend(_values(cell, separators))
    return found


def _values(cell: str, separators: Sequence[str]) -> list[str]:
    """The values of a cell, without the apostrophe that keeps a spreadsheet program from calculating."""
    for separator in separators[1:]:
        cell = cell.replace(separator, separators[0])
    return [value.strip().removeprefix("'") for value in cell.split(separators[0]) if value.strip()]


FORMS: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The forms of ``written`` and their media types; ``json`` is one object per line."""


def written(records: Iterable[Record], form: str) -> bytes:
    """The records in one of ``FORMS``; ``read_records`` reads each of them."""
    if form == "json":
        return "".join(json.dumps(to_json(record), ensure_ascii=False) + "\n" for record in records).encode()
    listed = list(records)
    names = [name for name in _COLUMNS if any(getattr(record, name, None) for record in listed)]
    rows = ([_cell(name, getattr(record, name, None)) for name in names] for record in listed)
    return _workbook(names, rows) if form == "xlsx" else _csv(names, rows)


def _csv(names: list[str], rows: Iterable[list[str]]) -> bytes:
    """A file of text has no types: the apostrophe keeps a spreadsheet program from calculating."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell for cell in row] for row in rows)
    return text.getvalue().encode()


def _workbook(names: list[str], rows: Iterable[list[str]]) -> bytes:
    """One sheet whose cells are all text, so that no number loses its zeros."""
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Records")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, names, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, column, cell)
        sheet.autofit()
    return content.getvalue()


def _cell(name: str, value: Any) -> str:
    between = f"{_SEPARATORS_OF.get(name, _SEPARATORS)[0]} "
    return between.join(value) if isinstance(value, tuple) else value or ""
