"""Compares the jobs of e-invoices with their sources, term by term.

    python -m scripts.benchmark_einvoices --folder FOLDER        # of XML files, with index.jsonl or without

The source is read again in another way than the product reads it: the text of each element by a plain path of its own
syntax. Compared are the contract's fields, the invoice lines, the VAT breakdown and the adjustments of the job as
stored, and, where it can be made, of its UBL export. A file is right when no term differs.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from db.queries import get_job
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.exports.errors import ExportError
from invoice_connector.exports.ubl import Customization, to_ubl
from invoice_connector.settings import ConnectorSettings
from scripts.evaluation.einvoice_sources import Terms, terms_of


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="XML files")
    folder: Path = parser.parse_args(arguments).folder
    expected = _expected(folder)
    totals: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as log:
        url = f"sqlite:///{log}/audit.db"
        connector = InvoiceOCRConnector(ConnectorSettings(database_url=url, verifier="off"))
        for path in sorted(folder.glob("*.xml")):
            for line in _compared(connector, path, expected.get(path.name, "valid or unknown"), totals):
                print(line)
    for name, count in sorted(totals.items()):
        print(f"{count:6}  {name}")
    return 1 if totals["jobs that differ"] else 0


def _expected(folder: Path) -> dict[str, str]:
    index = folder / "index.jsonl"
    lines = index.read_text("utf-8").splitlines() if index.exists() else []
    return {entry["file"]: entry["expected"] for entry in map(json.loads, lines)}


def _compared(connector: InvoiceOCRConnector, path: Path, expected: str, totals: Counter[str]) -> Iterator[str]:
    done = connector.process_invoice_with_ocr(path)
    documents = [each.to_dict() for each in (done, *done.others)]
    sources = terms_of(path.read_bytes())
    totals["files"] += 1
    totals[f"files expected {expected}"] += 1
    if not sources:
        totals["files that are no XML, failed with a type"] += documents[0]["error"] is not None
        yield f"{path.name}: {documents[0]['error']}"
        return
    if len(sources) != len(documents):
        totals["jobs that differ"] += 1
        yield f"{path.name}: {len(documents)} jobs of {len(sources)} invoices"
    for source, document in zip(sources, documents, strict=False):
        totals["jobs"] += 1
        totals["terms"] += source.count
        differences = list(_differences(source, document))
        totals["terms that differ"] += len(differences)
        totals["jobs that differ"] += bool(differences)
        totals[f"jobs {document['status']}"] += 1
        totals["jobs with a broken rule of EN 16931"] += any(_is_rule(each["rule"]) for each in document["violations"])
        exported = _exported(connector, document["job_id"])
        if exported is not None:
            differences += (f"{each} in the UBL export" for each in _lost(source, exported))
            totals["jobs exported as UBL"] += 1
            totals["exports that differ"] += any("UBL export" in each for each in differences)
        yield from (f"{path.name}: {each}" for each in differences)


def _is_rule(rule: str) -> bool:
    return rule.startswith(("BR-", "PEPPOL-"))


def _exported(connector: InvoiceOCRConnector, job_id: str) -> Terms | None:
    """The terms of the job's UBL; None where the terms do not suffice for one, which the export says."""
    try:
        (terms,) = terms_of(to_ubl(get_job(connector.database, job_id).record, Customization.CORE))
    except ExportError:
        return None
    return terms


def _lost(source: Terms, exported: Terms) -> Iterator[str]:
    """What an export says otherwise than the source. Totals of zero are left out of UBL."""
    for name, value in source.fields.items():
        if not _same(value, exported.fields.get(name)) and not _is_zero(value):
            yield f"{name} is {value!r} and became {exported.fields.get(name)!r}"
    for number, (one, other) in enumerate(zip(source.invoice_lines, exported.invoice_lines, strict=True), start=1):
        for key in ("description", "net_amount"):
            if not _same(one[key], other[key]):
                yield f"line {number}: {key} is {one[key]!r} and became {other[key]!r}"


def _is_zero(value: str) -> bool:
    try:
        return Decimal(value) == 0
    except InvalidOperation:
        return False


def _differences(source: Terms, document: Mapping[str, Any]) -> Iterator[str]:
    found = {name: field["value"] for name, field in document["fields"].items()}
    for name, value in source.fields.items():
        if not _same(value, found.get(name)):
            yield f"{name} is {value!r} and was booked as {found.get(name)!r}"
    for name in ("invoice_lines", "vat_breakdown", "adjustments"):
        stated, booked = getattr(source, name), document.get(name, [])
        if len(stated) != len(booked):
            yield f"{name}: {len(stated)} are stated and {len(booked)} booked"
        for number, (one, other) in enumerate(zip(stated, booked, strict=False), start=1):
            for key, value in one.items():
                if not _same(value, other.get(key)):
                    yield f"{name} {number}: {key} is {value!r} and was booked as {other.get(key)!r}"


def _same(stated: str | None, booked: Any) -> bool:
    """Whether two values say the same: as numbers, as days, else as texts without white space."""
    if stated is None or booked is None:
        return stated in (None, "") and booked in (None, "")
    try:
        return Decimal(stated) == Decimal(str(booked))
    except InvalidOperation:
        pass
    return re.sub(r"\s", "", stated).casefold() == re.sub(r"\s", "", str(booked)).casefold()


if __name__ == "__main__":
    sys.exit(main())
