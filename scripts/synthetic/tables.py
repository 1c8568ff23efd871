"""The table of an invoice's lines, over as many pages as it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from scripts.synthetic.deals import SoldLine
from scripts.synthetic.draw import chance
from scripts.synthetic.heads import WHITE, Job, draw_continuation
from scripts.synthetic.sheet import Align, Area, Rule, Run, Sheet, Type


@dataclass(frozen=True)
class Column:
    """One column, left and right in points; `field` is the truth's name of its cells."""

    field: str
    title: str
    left: float
    right: float
    align: Align

    def anchor(self) -> float:
        return {"left": self.left + 3, "right": self.right - 3, "centre": (self.left + self.right) / 2}[self.align]


def draw_table(sheet: Sheet, job: Job, y: float, limit: Callable[[], float]) -> float:
    """Draws all lines from y on; `limit()` is the lowest y on the current page. Returns the y below the table."""
    columns = _columns(sheet, job)
    height = job.look.leading + (7 if job.layout.table in ("boxed", "zebra") else 4)
    top, y = y, _head(sheet, job, columns, y)
    for at, line in enumerate(job.deal.lines):
        if y + height > limit():
            _close(sheet, job, columns, (top, y))
            sheet.new_page()
            top = draw_continuation(sheet, job)
            y = _head(sheet, job, columns, top)
        _row(sheet, job, columns, (at, line, y, height))
        y += height
    _close(sheet, job, columns, (top, y))
    return y + 6


_FACTS: dict[str, tuple[str, Align]] = {
    "item_number": ("item_number", "left"), "description": ("description", "left"), "quantity": ("quantity", "right"),
    "unit": ("unit", "left"), "unit_price": ("unit_price", "right"), "discount_percent": ("line_discount", "right"),
    "vat_rate": ("vat_rate", "right"), "net_amount": ("net_amount", "right"),
}  # fmt: skip


def _columns(sheet: Sheet, job: Job) -> tuple[Column, ...]:
    """The columns this business shows, as wide as their contents; the description takes the rest."""
    look, lines = job.look, job.deal.lines
    names = ["description", "quantity", "unit", "unit_price", "net_amount"]
    if chance(job.rng, 0.35):
        names.insert(0, "item_number")
    if chance(job.rng, 0.2):
        names = [name for name in names if name not in ("quantity", "unit")]
        names[1 if chance(job.rng, 0.5) else 0 : 0] = ["quantity", "unit"]
    if chance(job.rng, 0.25):
        names.remove("unit")
    if any(line.discount_percent for line in lines):
        names.insert(-1, "discount_percent")
    if len({line.vat_rate for line in lines}) > 1 or chance(job.rng, 0.3):
        names.insert(-1, "vat_rate")
    texts = {name: [_cell(job, name, line).text for line in lines] for name in names}
    titles = {name: job.voice.label(_FACTS[name][0]) for name in names}
    widths = {
        name: max(sheet.measure(text, look.body.strong()) for text in (*texts[name], titles[name])) + 14
        for name in names if name != "description"
    }  # fmt: skip
    widths["description"] = max(look.right - look.left - sum(widths.values()), 90.0)
    shrink = (look.right - look.left) / sum(widths.values())
    columns, left = [], look.left
    for name in names:
        right = left + widths[name] * min(shrink, 1.0)
        columns.append(Column(name, titles[name], left, right, _FACTS[name][1]))
        left = right
    return tuple(columns)


def _cell(job: Job, name: str, line: SoldLine, at: int = 0) -> Run:
    voice, field = job.voice, f"invoice_lines.{at}.{name}"
    if name in ("item_number", "description", "unit"):
        return Run(str(getattr(line, name)), field)
    if name == "quantity":
        return Run(voice.quantity(line.quantity), field)
    if name == "unit_price":
        return voice.amount(line.unit_price, field)
    if name == "net_amount":
        return voice.amount(line.amount, field)
    value: Decimal = getattr(line, name)
    return Run(
        f"{voice.rate(value)}{'' if '%' in job.voice.label(_FACTS[name][0]) else ' %'}"
        if value or name == "vat_rate"
        else "",
        field,
    )


def _head(sheet: Sheet, job: Job, columns: tuple[Column, ...], y: float) -> float:
    look, table = job.look, job.layout.table
    height = look.leading + 6
    filled = table in ("filled", "zebra")
    if filled:
        sheet.draw(Area(look.left, y, look.right, y + height, fill=look.accent if table == "filled" else look.tint))
    elif table == "boxed":
        sheet.draw(Area(look.left, y, look.right, y + height, fill=look.tint, stroke=look.body.colour, width=0.5))
    elif table == "ruled":
        sheet.draw(Rule(look.left, y + height - 1, look.right, y + height - 1, 0.9, look.accent))
    style = Type(look.size * 0.95, True, WHITE if table == "filled" else look.body.colour)
    for column in columns:
        aligned = {"left": style, "right": style.right(), "centre": style.centre()}[column.align]
        sheet.fitted((column.anchor(), y + look.leading - 0.5), column.title, aligned, column.right - column.left - 5)
    return y + height + (0 if table in ("boxed", "zebra") else 3)


def _row(sheet: Sheet, job: Job, columns: tuple[Column, ...], row: tuple[int, SoldLine, float, float]) -> None:
    look, (at, line, y, height) = job.look, row
    if job.layout.table == "zebra" and at % 2:
        sheet.draw(Area(look.left, y, look.right, y + height, fill=look.tint))
    if job.layout.table == "boxed":
        sheet.draw(Rule(look.left, y + height, look.right, y + height, 0.4, look.body.colour))
    baseline = y + height / 2 + look.size * 0.34
    for column in columns:
        style = {"left": look.body, "right": look.body.right(), "centre": look.body.centre()}[column.align]
        run = _cell(job, column.field, line, at)
        sheet.fitted((column.anchor(), baseline), (run,), style, column.right - column.left - 5)


def _close(sheet: Sheet, job: Job, columns: tuple[Column, ...], span: tuple[float, float]) -> None:
    """What the layout draws when a page's part of the table is complete."""
    look, (top, bottom) = job.look, span
    if job.layout.table in ("ruled", "filled"):
        sheet.draw(Rule(look.left, bottom + 1, look.right, bottom + 1, 0.9, look.accent))
    elif job.layout.table == "boxed":
        sheet.draw(Area(look.left, top, look.right, bottom, stroke=look.body.colour, width=0.6))
        for column in columns[1:]:
            sheet.draw(Rule(column.left, top, column.left, bottom, 0.4, look.body.colour))
