"""The invoice lines (BG-25): the rows whose amounts make a total, with their values and texts.

``item_columns`` finds amounts under each other, ``item_runs`` which of them are the items, ``item_bands`` what else
belongs to each, ``item_values`` what its numbers are, ``item_texts`` what it is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from invoice_connector.evidence.vat_rates import highest_rate
from invoice_connector.fields.item_bands import Item, items_of
from invoice_connector.fields.item_columns import ItemRows
from invoice_connector.fields.item_numbers import Number
from invoice_connector.fields.item_runs import item_run
from invoice_connector.fields.item_texts import Texts, texts_of
from invoice_connector.fields.item_values import Values, values_of
from invoice_connector.fields.rows import Row
from invoice_connector.invoice import InvoiceField, InvoiceLine
from ocr_ensemble.layout import BoundingBox


def invoice_lines(rows: Sequence[Row], totals: Mapping[str, InvoiceField], receipt: bool) -> tuple[InvoiceLine, ...]:
    """The document's lines, top to bottom, page after page; ``totals``: the fields that were chosen for its sums."""
    table = ItemRows(rows, totals)
    run = item_run(table, totals, receipt)
    if run is None:
        return ()
    items = items_of(table, run)
    rates = frozenset(rate for row in rows for rate in row.percents if rate <= highest_rate())
    values = values_of(items, rates)
    return tuple(map(_line, items, values, texts_of(items, values)))


def _line(item: Item, values: Values, texts: Texts) -> InvoiceLine:
    discount = values.discount
    share = discount if discount is not None and (discount.percent or not discount.money) else None
    less = discount if share is None else None
    numbers = {
        "quantity": values.quantity,
        "unit_price": values.price,
        "discount_percentage": share,
        "discount_amount": less,
        "vat_rate": values.rate,
    }
    boxes = {name: number.box for name, number in numbers.items() if number is not None}
    boxes["net_amount"] = item.member.net.box
    if texts.unit is not None:
        boxes["unit"] = texts.unit.box
    if texts.description:
        boxes["description"] = BoundingBox.union(piece.box for piece in texts.description)
    return InvoiceLine(
        description=" ".join(piece.text for piece in texts.description),
        quantity=_value(values.quantity),
        unit_price=_value(values.price),
        net_amount=item.member.net.amount,
        vat_rate=_value(values.rate),
        page=item.row.page,
        box=item.row.box,
        unit=None if texts.unit is None else texts.unit.text,
        discount_percentage=_value(share),
        discount_amount=None if less is None else abs(less.value),
        boxes=boxes,
    )


def _value(number: Number | None) -> Decimal | None:
    return None if number is None else number.value
