"""The numbered layout families. A number always means the same arrangement; fonts, colours, wording vary within it.

Families in `HELD_OUT` are kept from training, so that figures on them speak of layouts never seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Header = Literal["left", "right", "centre", "banner", "letter", "sidebar"]
Buyer = Literal["right", "left", "box", "two_boxes"]
Meta = Literal["pairs", "colon", "stacked", "grid", "spread"]
Table = Literal["ruled", "boxed", "filled", "zebra", "plain"]
Totals = Literal["right", "boxed", "left", "strip", "breakdown"]
Foot = Literal["columns", "line", "box", "slip", "sentence"]


@dataclass(frozen=True)
class InvoiceLayout:
    """Where an invoice has its parts.

    `header`: place of the seller's name. `buyer`: place of the address. `meta`: how number and dates stand to
    their labels (beside them, after a colon, beneath them in a row, in two columns, spread over the column's width).
    `totals`: side or form of the sums. `foot`: how account and seller's numbers are shown.
    """

    number: int
    header: Header
    buyer: Buyer
    meta: Meta
    table: Table
    totals: Totals
    foot: Foot
    monospaced: bool = False


@dataclass(frozen=True)
class ReceiptLayout:
    """Where a receipt has its parts.

    `head`: alignment of the shop's name and address. `items`: amount on the item's line, quantity on a line before
    or after it, or a table with columns. `vat`: table of rates, one line per rate, or none.
    """

    number: int
    head: Literal["centre", "left", "boxed"]
    items: Literal["single", "quantity_after", "quantity_before", "columns", "two_line_columns"]
    vat: Literal["table", "lines", "summary"]
    details: Literal["top", "bottom", "spread"]
    wide: bool = False


INVOICE_LAYOUTS = (
    InvoiceLayout(1, "left", "right", "pairs", "ruled", "right", "columns"),
    InvoiceLayout(2, "right", "left", "colon", "boxed", "boxed", "line"),
    InvoiceLayout(3, "centre", "left", "stacked", "filled", "strip", "columns"),
    InvoiceLayout(4, "banner", "left", "grid", "zebra", "breakdown", "box"),
    InvoiceLayout(5, "letter", "left", "spread", "ruled", "right", "columns"),
    InvoiceLayout(6, "left", "two_boxes", "stacked", "boxed", "left", "box"),
    InvoiceLayout(7, "right", "right", "grid", "plain", "strip", "slip"),
    InvoiceLayout(8, "banner", "two_boxes", "pairs", "filled", "right", "sentence"),
    InvoiceLayout(9, "sidebar", "left", "colon", "plain", "right", "box"),
    InvoiceLayout(10, "centre", "box", "pairs", "zebra", "boxed", "line"),
    InvoiceLayout(11, "letter", "right", "stacked", "plain", "left", "sentence"),
    InvoiceLayout(12, "left", "left", "colon", "ruled", "right", "sentence", monospaced=True),
    InvoiceLayout(13, "right", "box", "spread", "filled", "breakdown", "columns"),
    InvoiceLayout(14, "left", "right", "stacked", "ruled", "strip", "slip"),
)
RECEIPT_LAYOUTS = (
    ReceiptLayout(21, "centre", "quantity_after", "table", "top"),
    ReceiptLayout(22, "centre", "single", "lines", "bottom"),
    ReceiptLayout(23, "left", "columns", "table", "top"),
    ReceiptLayout(24, "centre", "two_line_columns", "summary", "top", wide=True),
    ReceiptLayout(25, "boxed", "quantity_before", "lines", "spread"),
    ReceiptLayout(26, "left", "single", "summary", "bottom", wide=True),
)

HELD_OUT = frozenset((4, 9, 11, 14, 23, 26))

LAYOUTS = tuple(layout.number for layout in INVOICE_LAYOUTS + RECEIPT_LAYOUTS)


def find_layout(number: int) -> InvoiceLayout | ReceiptLayout:
    """The family of this number.

    Raises:
        ValueError: no such family; the message lists them.
    """
    for layout in INVOICE_LAYOUTS + RECEIPT_LAYOUTS:
        if layout.number == number:
            return layout
    raise ValueError(f"no layout {number}; there are {', '.join(map(str, LAYOUTS))}")
