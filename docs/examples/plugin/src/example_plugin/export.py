"""An export format: one line of a ledger for each document, with what a person corrected."""

from __future__ import annotations

from collections.abc import Iterator

from db import StoredJob
from invoice_connector import ExportError, ExportOptions

TERMS = ("issue_date", "invoice_number", "seller_name", "currency_code", "total_with_vat")


def ledger(job: StoredJob, options: ExportOptions) -> Iterator[tuple[str, bytes]]:
    """Gives pairs of a file name's ending and the file's content. Raises ExportError."""
    values = {name: field["value"] for name, field in job.record.fields.items()} | job.corrections
    if missing := [name for name in TERMS if not values.get(name)]:
        raise ExportError(f"a ledger needs {', '.join(missing)}; add what is missing in a review")
    yield ".ledger", (";".join(str(values[name]) for name in TERMS) + "\n").encode()
