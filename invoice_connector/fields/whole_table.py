"""Whether the invoice lines are all lines of their table: what only some of them add up to proves nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from invoice_connector.fields.item_columns import TOTALS
from invoice_connector.fields.rows import Row
from invoice_connector.invoice import CENT, Adjustment, InvoiceField, InvoiceLine
from ocr_ensemble.layout import BoundingBox

_SAME_EDGE = 0.7  # line heights between the right edges of the amounts of one column
_ELSEWHERE = TOTALS | {"_line_total", "_allowance_total", "_charge_total", "_balance"}


def uncounted_amounts(
    rows: Sequence[Row],
    fields: Mapping[str, InvoiceField],
    lines: Sequence[InvoiceLine],
    adjustments: Sequence[Adjustment],
) -> tuple[Decimal, ...]:
    """Amounts in the lines' own column, from the first line to the first total, that are none of a line, a discount or
    charge, or a sum of the lines above."""
    totals = [fields[name] for name in ("total_without_vat", "total_with_vat") if name in fields]
    if not lines or not totals:
        return ()
    first = min(totals, key=lambda field: (field.page, field.box.top))
    edges = {(line.page, line.box.right) for line in lines}
    known = {(line.page, line.box): line.net_amount for line in lines}
    counted = {(item.page, item.box) for item in adjustments}
    start, end = min((line.page, line.box.top) for line in lines), (first.page, first.box.top)
    found: list[Decimal] = []
    since = whole = Decimal(0)
    for row in rows:
        place = (row.page, row.box)
        if place in known:
            since, whole = since + known[place], whole + known[place]
        elif not start <= (row.page, row.box.top) < end or _is_at(row, end) or place in counted:
            continue
        elif (amount := _in_column(row, edges)) is not None:
            if min(abs(amount - since), abs(amount - whole)) <= CENT * len(lines):
                since = Decimal(0)  # a sub-total, or what is carried to the next page
            else:
                found.append(amount)
    return tuple(found)


def _is_at(row: Row, end: tuple[int, int]) -> bool:
    """Whether the row is the total's own, whose label may stand a little higher."""
    box: BoundingBox = row.box
    return row.page == end[0] and box.top <= end[1] < box.bottom


def _in_column(row: Row, edges: set[tuple[int, int]]) -> Decimal | None:
    """The amount of a row that ends where lines end; None where there is none, or labels say that it is no line."""
    if not row.money or row.terms & _ELSEWHERE or not row.money[-1].amount:
        return None
    last, reach = row.money[-1], _SAME_EDGE * row.context.line_height
    at_edge = any(row.page == page and abs(last.box.right - edge) <= reach for page, edge in edges)
    return last.amount if at_edge else None
