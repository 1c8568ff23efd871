"""Whether the amounts of the table of items make the totals under it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations

from invoice_connector.fields.candidates import Candidate
from invoice_connector.fields.item_columns import TOTALS
from invoice_connector.fields.rows import Row
from invoice_connector.invoice import CENT, Adjustment, Invoice, InvoiceField, Violation

_SAME_EDGE = 0.7  # line heights between the right edges of the amounts of one column
_WIDEST_GAP = 4.0  # line heights between two rows of one table
_MOST_ROWS = 10  # above the totals
_MOST = 6  # amounts beside the items of which sums are tried
_BESIDE = frozenset(
    {"_allowance", "_charge", "_untaxed", "_balance", "_withheld", "_line_total", "_allowance_total", "_charge_total"}
)


def item_conflicts(rows: Sequence[Row], fields: Mapping[str, InvoiceField], rest: Invoice) -> Iterator[Violation]:
    """BR-CO-10: two or more rows of words and an amount, right above the first total and in one column with it, where
    neither their sum, nor that of any rows above or of the invoice lines, with the printed discounts and charges, is
    the total without or with VAT.

    A sub-total counts once. Nothing is said of receipts and of several pages, whose tables go on elsewhere.
    """
    totals = [name for name in ("total_without_vat", "total_with_vat") if name in fields]
    if rest.paid_at_once or not totals or len({row.page for row in rows if row.money}) > 1:
        return
    first = min((fields[name] for name in totals), key=lambda field: (field.page, field.box.top))
    items = _items(rows, first)
    if len(items) < 2 or any(row.terms & {"_balance", "_line_total"} for row in rows):
        return
    made = sum((item.amount for item in items), Decimal(0))
    wanted = {abs(value) for name in totals if isinstance(value := fields[name].value, Decimal)}
    beside = _beside(rows, items, rest.adjustments)
    slack = CENT * len(items)
    above = [row.amounts[-1].amount for row in rows if row.amounts and _is_above(row, first)]
    if len(above) > _MOST_ROWS:  # some of so many make any amount
        return
    sums = [sum(some, Decimal(0)) for size in range(1, len(above) + 1) for some in combinations(above, size)]
    lines = sum((line.net_amount for line in rest.lines), Decimal(0))  # the last column may be each line's VAT
    reached = {abs(total + change) for total in (made, lines, *sums) for change in beside}
    if any(abs(total - each) <= slack for total in reached for each in wanted):
        return
    named = " and ".join(item.text for item in items[:4]) + (" and more" if len(items) > 4 else "")
    yield Violation(
        "BR-CO-10",
        f"The amounts above the totals, {named}, make {made}, which is neither the total without VAT nor the one with "
        f"it, and no discount or charge explains the difference to {first.text}; compare each row with the page.",
        (first.name,),
    )


def _items(rows: Sequence[Row], total: InvoiceField) -> list[Candidate]:
    """The last amounts of the rows above the total in its column, top to bottom, without sub-totals of those above."""
    found: list[Candidate] = []
    below = total.box
    above = [row for row in rows if _is_above(row, total)]
    for row in reversed(above):
        height = row.context.line_height
        if below.top - row.box.bottom > _WIDEST_GAP * height:
            break
        if row.terms & (TOTALS | {"due_date", "issue_date", "iban"}):
            break
        if row.money and abs(row.money[-1].box.right - total.box.right) <= _SAME_EDGE * height and _named(row):
            found.append(row.money[-1])
        below = row.box
    return _without_subtotals(found[::-1])


def _is_above(row: Row, total: InvoiceField) -> bool:
    return row.page == total.page and row.box.center[1] < total.box.top


def _named(row: Row) -> bool:
    first = row.money[-1]
    text = "".join(s.text if s is not first.segment else s.text[: first.start] for s in row.segments)
    return sum(character.isalpha() for character in text) >= 2


def _without_subtotals(items: Sequence[Candidate]) -> list[Candidate]:
    kept: list[Candidate] = []
    since = Decimal(0)
    for item in items:
        if len(kept) > 1 and item.amount in (since, sum((k.amount for k in kept), Decimal(0))):
            since = Decimal(0)
            continue
        kept.append(item)
        since += item.amount
    return kept


def _beside(rows: Sequence[Row], items: Sequence[Candidate], adjustments: Sequence[Adjustment]) -> list[Decimal]:
    """What the items' sum may be changed by: nothing, and the printed discounts and charges together."""
    named = [c.amount for row in rows if row.terms & _BESIDE for c in row.money if c not in items]
    changes = [abs(amount) for amount in named] + [a.amount for a in adjustments]
    signed = list(dict.fromkeys((*changes, *(-change for change in changes))))[: 2 * _MOST]
    return [sum(some, Decimal(0)) for size in range(3) for some in combinations(signed, size)]
