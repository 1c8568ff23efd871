"""Sums and their breakdown by rate, in the ways that documents state them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from scripts.synthetic.blocks.draft import Draft, without_symbol
from scripts.synthetic.blocks.sales import vat_rows
from scripts.synthetic.draw import pick


@dataclass(frozen=True)
class Sum:
    """A row: its label and HTML; `strong` for what is paid."""

    label: str
    value: str
    strong: bool = False


def sums(draft: Draft) -> list[Sum]:
    """The rows in the order of the arithmetic, as many as this business states."""
    deal = draft.sale.deal
    plain = draft if draft.chance(0.5) else without_symbol(draft)
    out: list[Sum] = []
    extras = bool(deal.allowance or deal.charge)
    if extras or draft.chance(0.06):
        out.append(Sum(draft.label("subtotal"), plain.money(deal.line_total)))
    if deal.allowance:
        out.append(Sum(draft.label("allowance"), plain.money(-deal.allowance)))
    if deal.charge:
        out.append(Sum(draft.label("charge"), plain.money(deal.charge)))
    if draft.chance(0.85) or extras:
        name = "total_without_vat"
        out.append(Sum(draft.label(name), plain.money(deal.total_without_vat, name)))
    out += _taxes(draft, plain)
    last = deal.paid_amount or deal.rounding_amount
    code = f" {deal.country.currency}" if draft.chance(0.12) else ""
    due_only = not last and draft.chance(0.25)
    if not due_only:
        out.append(
            Sum(draft.label("total_with_vat") + code, draft.money(deal.total_with_vat, "total_with_vat"), not last)
        )
    if deal.paid_amount:
        shown = deal.paid_amount
        sign = draft.chance(0.5)
        out.append(Sum(draft.label("paid_amount"), ("-" if sign else "") + plain.money(shown, "paid_amount")))
    if deal.rounding_amount:
        out.append(Sum(draft.label("rounding_amount"), plain.money(deal.rounding_amount, "rounding_amount")))
    if last or due_only or draft.chance(0.25):
        out.append(Sum(draft.label("amount_due") + code, draft.money(deal.amount_due, "amount_due"), True))
    return out


def _taxes(draft: Draft, plain: Draft) -> list[Sum]:
    """One row a rate, their total, or both."""
    rows = vat_rows(draft.sale.deal)
    if not rows:
        return [Sum(draft.label("total_vat"), plain.money(Decimal("0.00"), "total_vat"))] if draft.chance(0.4) else []
    total = Sum(draft.label("total_vat"), plain.money(draft.sale.deal.total_vat, "total_vat"))
    if draft.chance(0.4):
        return [total]
    single = len(rows) == 1
    base = draft.chance(0.2)
    by_rate = [
        Sum(
            draft.voice.vat_row_label(row.rate) + (f" ({plain.money(row.taxable_amount)})" if base else ""),
            plain.money(row.tax_amount, "total_vat" if single else f"vat_breakdown.{at}.tax_amount"),
        )
        for at, row in enumerate(rows)
    ]
    return by_rate if single or draft.chance(0.5) else [*by_rate, total]


def totals_table(draft: Draft, rows: list[Sum], place: str) -> str:
    """Labels beside their amounts; `place` is left, right or full."""
    rng = draft.rng
    rule = pick(
        rng, ("", "border-bottom:.5pt solid #bbb;", "border:.5pt solid #999;", "border-bottom:.5pt dotted #888;")
    )
    strong = pick(
        rng,
        (
            "font-weight:bold;",
            "font-weight:bold;font-size:1.2em;",
            "background:var(--a);color:#fff;font-weight:bold;",
            "border-top:1.2pt solid #222;font-weight:bold;",
            "background:var(--t);",
        ),
    )
    side = "text-align:right;" if draft.chance(0.35) else ""
    pad = f"padding:{pick(rng, ('.3mm 2mm', '.8mm 2mm', '1.4mm 3mm'))};"
    body = "".join(
        f'<tr><td style="{pad}{rule}{side}{strong if row.strong else ""}">'
        f'<span class="{"" if row.strong else "l"}">{draft.announced(row.label)}</span></td>'
        f'<td class="r" style="{pad}{rule}{strong if row.strong else ""}">{row.value}</td></tr>'
        for row in rows
    )
    margin = {"left": "", "right": "margin-left:auto;", "full": "width:100%;"}[place]
    width = "" if place == "full" else f"min-width:{pick(rng, (35, 45, 55))}%;"
    return f'<table class="g" style="{margin}{width}">{body}</table>'


def totals_foot(draft: Draft, rows: list[Sum], count: int) -> str:
    """The sums as last rows of the item table."""
    span = max(count - 1, 1)
    css = pick(
        draft.rng,
        (
            "padding:.8mm 1.5mm;",
            "padding:1mm 2mm;border:.5pt solid #999;",
            "padding:1mm 2mm;border-bottom:.5pt solid #ccc;",
        ),
    )
    body = "".join(
        f'<tr style="{"font-weight:bold" if row.strong else ""}">'
        f'<td colspan="{span}" class="r" style="{css}">{draft.announced(row.label)}</td>'
        f'<td class="r" style="{css}">{row.value}</td></tr>'
        for row in rows
    )
    return f"<tbody>{body}</tbody>"


def totals_strip(draft: Draft, rows: list[Sum]) -> str:
    """Labels over their amounts, in a row."""
    rule = pick(draft.rng, ("border:.6pt solid #888;", "border-top:1pt solid var(--a);", "background:var(--t);"))
    side = pick(draft.rng, ("right", "left", "center"))
    css = f"{rule}padding:1mm 2mm;text-align:{side}"
    heads = "".join(f'<td style="{css}"><span class="l">{row.label}</span></td>' for row in rows)
    cells = "".join(f'<td style="{css};{"font-weight:bold" if row.strong else ""}">{row.value}</td>' for row in rows)
    return f'<table class="g" style="width:100%"><tr>{heads}</tr><tr>{cells}</tr></table>'


def totals_boxes(draft: Draft, rows: list[Sum]) -> str:
    """Each sum in a box of its own."""
    cells = "".join(
        f'<div style="border:.6pt solid #777;padding:1mm 2mm;flex:1"><div class="l">{row.label}</div>'
        f'<div class="r" style="{"font-weight:bold" if row.strong else ""}">{row.value}</div></div>'
        for row in rows
    )
    return f'<div class="g" style="display:flex;gap:{pick(draft.rng, ("0", "1.5mm"))}">{cells}</div>'


def totals_lines(draft: Draft, rows: list[Sum]) -> str:
    """One sum a line of text."""
    side = pick(draft.rng, ("right", "left"))
    body = "".join(
        f'<div style="{"font-weight:bold" if row.strong else ""}">{draft.announced(row.label, True)} {row.value}</div>'
        for row in rows
    )
    return f'<div class="g" style="text-align:{side}">{body}</div>'


def breakdown(draft: Draft) -> str:
    """The table of rates, bases and taxes, columns in any order; "" where nothing is taxed."""
    rows = vat_rows(draft.sale.deal)
    if not rows:
        return f'<div class="g">{draft.sentence("exempt")}</div>' if draft.chance(0.7) else ""
    names = ["rate", "taxable_amount", "tax_amount"]
    if draft.chance(0.3):
        names.append("gross")
    if draft.chance(0.3):
        draft.rng.shuffle(names)
    plain = without_symbol(draft)
    labels = {
        "rate": draft.label("vat_rate"), "taxable_amount": draft.label("taxable_amount"),
        "tax_amount": draft.label("total_vat"),
        "gross": draft.label("total_with_vat"),
    }  # fmt: skip
    rule = pick(draft.rng, ("border:.5pt solid #999;", "border-bottom:.5pt solid #bbb;", ""))
    css = f"{rule}padding:.5mm 3mm;text-align:right;"
    body = ""
    for at, row in enumerate(rows):
        key = f"vat_breakdown.{at}"
        values = {
            "rate": draft.ink.show(f"{key}.rate", draft.voice.rate(row.rate)) + " %",
            "taxable_amount": plain.money(row.taxable_amount, f"{key}.taxable_amount"),
            "tax_amount": plain.money(row.tax_amount, f"{key}.tax_amount"),
            "gross": plain.money(row.taxable_amount + row.tax_amount),
        }  # fmt: skip
        body += "<tr>" + "".join(f'<td style="{css}">{values[name]}</td>' for name in names) + "</tr>"
    heads = "".join(f'<th class="l" style="{css}">{labels[name]}</th>' for name in names)
    place = pick(draft.rng, ("", "margin-left:auto;", "width:100%;"))
    return f'<table class="g" style="{place}font-size:.9em"><tr>{heads}</tr>{body}</table>'


def due_box(draft: Draft) -> str:
    """What is to pay, in large print at the head."""
    deal = draft.sale.deal
    value = draft.money(deal.amount_due, "amount_due")
    when = (
        f"<div>{draft.label('due_date')} {draft.day(deal.due_date, 'due_date')}</div>"
        if deal.due_date and draft.chance(0.5)
        else ""
    )
    css = pick(draft.rng, ("background:var(--t);", "border:1pt solid var(--a);", "background:var(--a);color:#fff;"))
    return (
        f'<div class="g" style="{css}padding:3mm 4mm;display:inline-block"><div>{draft.label("amount_due")}</div>'
        f'<div style="font-size:{pick(draft.rng, (1.4, 1.8, 2.2))}em;font-weight:bold">{value}</div>{when}</div>'
    )


def aside(draft: Draft) -> str:
    """Amounts that are no sum of this document: an earlier balance, the total in a second currency."""
    deal = draft.sale.deal
    if draft.chance(0.5):
        label = draft.announced(draft.label("previous_balance"))
        return f'<div class="g">{label} {draft.money(draft.sale.balance)}</div>'
    other = pick(draft.rng, [each for each in ("EUR", "USD", "GBP", "SEK", "CHF") if each != deal.country.currency])
    rate = Decimal(int(draft.rng.integers(200, 90000))) / 10000
    converted = draft.amount((deal.total_with_vat * rate).quantize(Decimal("0.01")))
    return (
        f'<div class="g">{other} {converted} (1 {deal.country.currency} = {draft.voice.quantity(rate)} {other})</div>'
    )
