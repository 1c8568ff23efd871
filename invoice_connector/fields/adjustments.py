"""Charges and allowances of the whole document, and the sums printed between its lines and its totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from invoice_connector.fields.rows import Row
from invoice_connector.invoice import Adjustment, InvoiceLine

SUMS = {"_line_total": "line_total", "_allowance_total": "allowance_total", "_charge_total": "charge_total"}
_NAMED = frozenset({"_allowance", "_charge", "total_without_vat"})
_TOTALS = frozenset({"total_with_vat", "total_without_vat", "total_vat", "amount_due", "paid_amount"})


def adjustments(
    rows: Sequence[Row], lines: Sequence[InvoiceLine], net: Decimal | None = None
) -> tuple[Adjustment, ...]:
    """BG-20 and BG-21: rows below the last line that name a discount or a charge and one amount.

    Where they do not lead from the lines to ``net``, the one amount that does counts, if its row or the heading over
    it names a discount or a charge.
    """
    found = []
    for row in _below(rows, lines):
        if len(row.money) != 1 or row.terms & (_TOTALS | SUMS.keys()):
            continue
        charge = "_charge" in row.terms
        if charge or "_allowance" in row.terms:
            reason = " ".join(row.segments[0].text[: row.money[0].start or None].split())
            found.append(Adjustment(reason, abs(row.money[0].amount), charge, row.page, row.box))
    missing = None if net is None else abs(net) - sum((line.net_amount for line in lines), Decimal(0))
    if missing is None or missing == sum((a.amount if a.charge else -a.amount for a in found), Decimal(0)):
        return tuple(found)
    only = _missing_one(tuple(_below(rows, lines)), missing)
    return tuple(found) if only is None else (only,)


def _missing_one(rows: Sequence[Row], missing: Decimal) -> Adjustment | None:
    """The printed amount between the lines and the net total; None where none has a name that fits."""
    term = "_charge" if missing > 0 else "_allowance"
    for before, row in zip((None, *rows), rows, strict=False):
        for amount in row.money:
            if missing == 0 or abs(amount.amount) != abs(missing):
                continue
            left = [s for s in row.segments if s.box.left < amount.box.left and s is not amount.segment]
            if term in row.terms and left:
                return Adjustment(" ".join(left[-1].text.split()), abs(missing), missing > 0, row.page, amount.box)
            if before is not None and term in before.terms and not before.money:
                head = min(before.segments, key=lambda s: abs(s.box.center[0] - amount.box.center[0]))
                return Adjustment(" ".join(head.text.split()), abs(missing), missing > 0, row.page, amount.box)
    return None


def printed_sums(rows: Sequence[Row], lines: Sequence[InvoiceLine]) -> Mapping[str, Decimal]:
    """BT-106 to BT-108 where they are printed with their name, by the names in ``SUMS``.

    The sum of the lines is left out where an amount that nothing names stands between it and the totals: it may be
    a charge, and then nothing can be said about the sum.
    """
    found: dict[str, Decimal] = {}
    for row in _below(rows, lines):
        named = [SUMS[term] for term in SUMS if term in row.terms]
        if len(named) == 1 and len(row.money) == 1:
            found[named[0]] = abs(row.money[0].amount)
        elif row.terms & _TOTALS:
            break
        elif row.money and not row.terms & _NAMED:
            found.pop("line_total", None)
    return found


def _below(rows: Sequence[Row], lines: Sequence[InvoiceLine]) -> Iterator[Row]:
    """The rows after the last invoice line; none where no line was read."""
    if not lines:
        return
    last = max((line.page, line.box.bottom) for line in lines)
    yield from (row for row in rows if (row.page, row.box.top) > last)
