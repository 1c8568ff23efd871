"""Item tables: columns in any order, descriptions over several lines, rows that are no items, sub-totals."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from scripts.synthetic.blocks.draft import Draft, without_symbol
from scripts.synthetic.blocks.html import cell, row
from scripts.synthetic.deals import SoldLine, cents
from scripts.synthetic.draw import digits, pick, whole
from scripts.synthetic.vocabulary import vocabulary

_LABELS = {
    "item_number": "item_number", "description": "description", "quantity": "quantity", "unit": "unit",
    "unit_price": "unit_price", "line_discount": "line_discount", "vat_rate": "vat_rate",
}  # fmt: skip
_NUMBERS = frozenset(("quantity", "unit_price", "line_discount", "vat_rate", "vat_amount", "net_amount", "gross"))
_RULES = (
    "", "border-bottom:.5pt solid #ccc;", "border-bottom:.5pt solid #999;", "border:.5pt solid #999;",
    "border-left:.5pt solid #999;border-right:.5pt solid #999;", "border-bottom:.5pt dotted #777;",
)  # fmt: skip
_HEADS = (
    "background:var(--a);color:#fff;", "background:var(--t);", "border-bottom:1pt solid var(--a);",
    "border-bottom:.7pt solid #333;font-weight:bold;", "border-top:.7pt solid #333;border-bottom:.7pt solid #333;",
    "font-weight:bold;", "font-size:.85em;color:#555;",
)  # fmt: skip
TRUTH = ("item_number", "description", "quantity", "unit_price", "vat_rate", "net_amount")


@dataclass(frozen=True)
class Table:
    """Columns by name and how they look; `units` stand behind the quantities, `percent` behind the rates; `money` draws
    the amounts (with or without a currency)."""

    columns: tuple[str, ...]
    heads: tuple[str, ...]
    cell: str
    head: str
    zebra: bool
    units: bool
    percent: str
    money: Draft


def choose_columns(draft: Draft) -> tuple[str, ...]:
    """Two to nine columns; the description before the amounts as a rule."""
    rng, lines = draft.rng, draft.sale.deal.lines
    discounts = any(line.discount_percent for line in lines)
    shares = {
        "position": 0.25, "day": 0.05, "item_number": 0.3, "quantity": 0.92, "unit": 0.35, "unit_price": 0.85,
        "line_discount": 1.0 if discounts else 0.04,
        "vat_rate": 0.4, "vat_amount": 0.06, "gross": 0.1,
    }  # fmt: skip
    kept = [name for name, share in shares.items() if draft.chance(share)]
    front = [name for name in kept if name in ("position", "day", "item_number")]
    middle = [name for name in kept if name not in (*front, "gross")]
    if draft.chance(0.2):
        rng.shuffle(middle)
    if "unit" in middle and "quantity" in middle and draft.chance(0.8):
        middle.remove("unit")
        middle.insert(middle.index("quantity") + 1, "unit")
    start = ["description"]
    if "quantity" in middle and draft.chance(0.25):
        middle.remove("quantity")
        start = ["quantity", "description"]
    end = ["net_amount"]
    if "gross" in kept:
        end = ["net_amount", "gross"] if draft.chance(0.7) else ["net_amount", "vat_amount", "gross"]
        middle = [name for name in middle if name not in end]
    return (*front, *start, *middle, *end)


def make_table(draft: Draft) -> Table:
    """A random design."""
    rng = draft.rng
    names = choose_columns(draft)
    heads = tuple(_head(draft, name) for name in names)
    pad = f"padding:{pick(rng, ('.4mm 1mm', '.8mm 1.5mm', '1.2mm 2mm', '2mm 2mm'))};"
    rule, head = pick(rng, _RULES), pick(rng, _HEADS)
    money = draft if draft.chance(0.3) else without_symbol(draft)
    return Table(
        names, heads, pad + rule, pad + head, draft.chance(0.15), draft.chance(0.2), pick(rng, (" %", "%", "")), money
    )


def _head(draft: Draft, name: str) -> str:
    voice = draft.voice.labels
    if name == "position":
        return pick(draft.rng, ("#", "Pos.", "Pos", "Nr", "No", ""))
    if name == "day":
        return draft.label("delivery_date")
    if name == "vat_amount":
        return draft.label("total_vat")
    if name == "gross":
        return escape(voice["total_with_vat"])
    if name == "net_amount":
        return escape(voice["line_total" if draft.chance(0.6) else "line_net_amount"])
    text = voice[_LABELS[name]]
    return escape(text + (" %" if name in ("line_discount",) and "%" not in text and draft.chance(0.4) else ""))


def items(draft: Draft, table: Table, foot: str) -> str:
    """The whole table; `foot` are further rows (totals) or ""."""
    deal, rows, sums = draft.sale.deal, [], Decimal(0)
    grouped = len(deal.lines) >= 4 and draft.chance(0.15)
    subtotals = grouped and draft.chance(0.6)
    note_share = 0.12 if draft.chance(0.3) else 0.0
    size = whole(draft.rng, 2, 4)
    detailed = draft.chance(0.25)
    for at, line in enumerate(deal.lines):
        if grouped and at % size == 0:
            if subtotals and at:
                rows.append(_sum_row(draft, table, sums))
                sums = Decimal(0)
            rows.append(_text_row(table, f"<b>{escape(_group(draft))}</b>"))
        rows.append(_row(draft, table, at, line, detailed))
        sums += line.amount
        if draft.chance(note_share):
            rows.append(_text_row(table, f'<span style="font-style:italic">{draft.sentence("terms")}</span>'))
    if subtotals:
        rows.append(_sum_row(draft, table, sums))
    side = "".join(
        f'<th style="{table.head}{_align(name)}">{head}</th>'
        for name, head in zip(table.columns, table.heads, strict=True)
    )
    heads = f"<thead><tr>{side}</tr></thead>" if draft.chance(0.96) else ""
    return f'<table class="g i" style="width:100%">{heads}<tbody>{"".join(rows)}</tbody>{foot}</table>'


def _group(draft: Draft) -> str:
    return pick(draft.rng, (
        f"{draft.voice.labels['project_reference']} {digits(draft.rng, 3)}",
        f"{draft.voice.labels['order_number']} {digits(draft.rng, 5)}",
        draft.sale.ship_to.city, f"{whole(draft.rng, 1, 9)}. {draft.sale.people[1]}",
    ))  # fmt: skip


def _row(draft: Draft, table: Table, at: int, line: SoldLine, detailed: bool) -> str:
    values = _values(draft, table, at, line)
    if detailed and draft.chance(0.6):
        extra = "<br>".join(_detail(draft) for _ in range(whole(draft.rng, 1, 3)))
        values["description"] += f'<div style="font-size:.85em;color:#555">{extra}</div>'
    tint = "background:var(--t);" if table.zebra and at % 2 else ""
    return (
        "<tr>"
        + "".join(f'<td style="{table.cell}{_align(name)}{tint}">{values[name]}</td>' for name in table.columns)
        + "</tr>"
    )


def _detail(draft: Draft) -> str:
    """A line below a description."""
    rng, sale = draft.rng, draft.sale
    return pick(rng, (
        escape(pick(rng, vocabulary(draft.voice.country.language).items).description), f"EAN {digits(rng, 13)}",
        f"S/N {digits(rng, 8)}", escape(sale.people[0]), draft.day(sale.deal.issue_date), escape(sale.ship_to.city),
        f"{whole(rng, 10, 90)} x {whole(rng, 10, 200)} cm", draft.sentence("slogans"),
    ))  # fmt: skip


def _values(draft: Draft, table: Table, at: int, line: SoldLine) -> dict[str, str]:
    """HTML by column, only of the columns there are: each cell counts as shown."""
    makers = cell_values(draft, table.money, at)
    values = {name: makers[name]() for name in table.columns}
    if table.units and "unit" not in table.columns and "quantity" in values:
        values["quantity"] += f" {escape(line.unit)}"
    if "vat_rate" in values:
        values["vat_rate"] += table.percent
    return values


def cell_values(draft: Draft, money: Draft, at: int) -> dict[str, Callable[[], str]]:
    """What makes the HTML of each cell of the line numbered `at`; one that is made counts as shown."""
    key, ink, voice, line = f"invoice_lines.{at}", draft.ink, draft.voice, draft.sale.deal.lines[at]
    tax = cents(line.amount * line.vat_rate / 100)
    return {
        "position": lambda: str(at + 1),
        "day": lambda: draft.day(draft.sale.deal.issue_date - datetime.timedelta(days=at % 9)),
        "item_number": lambda: ink.show(f"{key}.item_number", line.item_number),
        "description": lambda: ink.show(f"{key}.description", line.description),
        "quantity": lambda: ink.show(f"{key}.quantity", voice.quantity(line.quantity)),
        "unit": lambda: escape(line.unit), "unit_price": lambda: money.money(line.unit_price, f"{key}.unit_price"),
        "line_discount": lambda: f"{voice.rate(line.discount_percent)} %" if line.discount_percent else "",
        "vat_rate": lambda: ink.show(f"{key}.vat_rate", voice.rate(line.vat_rate)),
        "vat_amount": lambda: money.money(tax), "gross": lambda: money.money(line.amount + tax),
        "net_amount": lambda: money.money(line.amount, f"{key}.net_amount"),
    }  # fmt: skip


def _text_row(table: Table, html: str) -> str:
    return f'<tr><td colspan="{len(table.columns)}" style="{table.cell}">{html}</td></tr>'


def _sum_row(draft: Draft, table: Table, value: Decimal) -> str:
    label = draft.label("subtotal")
    span = len(table.columns) - 1
    if "gross" in table.columns:
        return _text_row(table, f"{label}: {table.money.money(value)}")
    return row((cell(label, table.cell, "r", span), cell(table.money.money(value), table.cell, "r")))


def _align(name: str) -> str:
    return "text-align:right;" if name in _NUMBERS else ""
