"""An e-invoice as a page for people: its terms in reading order, each with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from invoice_connector.einvoice.data import EmbeddedInvoice
from invoice_connector.einvoice.paper import MARGIN, WIDTH, Cell, Paper, Print
from invoice_connector.invoice import AMOUNT_FIELDS
from ocr_ensemble.document.limits import Limits

_HEAD = (
    "invoice_number", "invoice_type_code", "issue_date", "due_date", "currency_code", "seller_name", "seller_address",
    "seller_vat_identifier", "seller_legal_registration_identifier", "buyer_name", "buyer_address",
    "buyer_vat_identifier", "buyer_reference", "purchase_order_reference", "payment_terms",
    "payment_means_type_code", "payment_account_identifier", "payment_service_provider_identifier",
    "remittance_information",
)  # fmt: skip
_VALUES = 480  # where values stand beside their names
_LINE = (
    ("description", 450), ("quantity", 130), ("unit", 80), ("unit_price", 130), ("net_amount", 150), ("vat_rate", 140),
)  # fmt: skip
_RATE = (("category", 330), ("rate", 200), ("taxable_amount", 270), ("tax_amount", 280))
_ADJUSTMENT = (("reason", 630), ("vat_rate", 170), ("amount", 280))
_TEXTS = frozenset({"description", "unit", "category", "reason"})

Cells = Mapping[str, Print]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The sheets and where on them each term stands: fields by name, and the cells of each row of the tables."""

    paper: Paper
    fields: Cells
    lines: tuple[Cells, ...]
    rates: tuple[Cells, ...]
    adjustments: tuple[Cells, ...]


def drawn(invoice: EmbeddedInvoice, name: str, limits: Limits) -> Drawn:
    """Sets the terms on paper. Raises DocumentTooLargeError for more pages than ``limits`` allow."""
    paper = Paper(name, limits)
    paper.row(Cell(f"{invoice.syntax} e-invoice", MARGIN, WIDTH - 2 * MARGIN, bold=True))
    paper.row(Cell(invoice.profile or "", MARGIN, WIDTH - 2 * MARGIN))
    paper.gap()
    fields = _fields(paper, _HEAD, invoice.fields)
    others = {"payee": (invoice.payee or "",), "note": invoice.notes}
    for label, text in ((name, text) for name, texts in others.items() for text in texts):
        if text and text != invoice.fields.get("payment_terms"):
            paper.row(Cell(label, MARGIN, _VALUES - MARGIN - 20), Cell(text, _VALUES, WIDTH - MARGIN - _VALUES))
    lines = _table(paper, _LINE, invoice.invoice_lines)
    adjustments = _table(paper, _ADJUSTMENT, [_signed(row) for row in invoice.adjustments])
    rates = _table(paper, _RATE, invoice.vat_breakdown)
    paper.gap()
    return Drawn(paper, {**fields, **_fields(paper, AMOUNT_FIELDS, invoice.fields)}, lines, rates, adjustments)


def _fields(paper: Paper, names: Sequence[str], values: Mapping[str, str]) -> dict[str, Print]:
    found = {}
    for name in names:
        if name in values:
            label = Cell(name.replace("_", " "), MARGIN, _VALUES - MARGIN - 20)
            found[name] = paper.row(label, Cell(values[name], _VALUES, WIDTH - MARGIN - _VALUES))[1]
    return found


def _table(
    paper: Paper, columns: Sequence[tuple[str, int]], rows: Sequence[Mapping[str, str | None]]
) -> tuple[Cells, ...]:
    """A head and one row each; cells without a value have no place."""
    if not rows:
        return ()
    paper.gap()
    paper.row(*_cells(columns, {name: name.replace("_", " ") for name, _ in columns}, bold=True))
    found = []
    for row in rows:
        prints = paper.row(*_cells(columns, row))
        found.append({name: place for (name, _), place in zip(columns, prints, strict=True) if place.text})
    return tuple(found)


def _cells(columns: Sequence[tuple[str, int]], row: Mapping[str, str | None], bold: bool = False) -> list[Cell]:
    cells, left = [], MARGIN
    for name, width in columns:
        cells.append(Cell(row.get(name) or "", left, width - 16, bold, right=name not in _TEXTS))
        left += width
    return cells


def _signed(row: Mapping[str, str | bool | None]) -> dict[str, str | None]:
    """An adjustment with the sign of what it adds to the total."""
    texts = {name: value for name, value in row.items() if not isinstance(value, bool)}
    return texts if row["charge"] else {**texts, "amount": f"-{texts['amount']}".replace("--", "")}
