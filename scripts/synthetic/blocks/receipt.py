"""Receipts on narrow paper."""

from __future__ import annotations

from html import escape

from scripts.synthetic.blocks.draft import Draft, Entry
from scripts.synthetic.blocks.html import cell, document, row
from scripts.synthetic.blocks.parties import address_lines, contact_entries, identifier_entries, labelled
from scripts.synthetic.blocks.sales import vat_rows
from scripts.synthetic.draw import digits, pick, whole


def receipt_html(draft: Draft, width: int) -> str:
    """The receipt on paper `width` millimetres wide, as long as its print."""
    rng, style = draft.rng, draft.style
    parts = [_head(draft), _details(draft), _items(draft), _sums(draft), _taxes(draft), _thanks(draft)]
    if draft.chance(0.3):
        parts.insert(4, parts.pop(1))
    rule = pick(rng, ("border-top:.8pt dashed #333", "border-top:.6pt solid #333", ""))
    body = f'<div style="{rule};margin:1.5mm 0"></div>'.join(part for part in parts if part)
    box = f"width:{width}mm;padding:4mm {whole(rng, 2, 6)}mm"
    css = f"@page{{margin:0;size:auto}}body{{font-size:{min(style.size, 8)}pt;{box}}}"
    return document(draft.voice.country.language, style.css + css, body)


def _head(draft: Draft) -> str:
    seller = draft.sale.deal.seller
    name = seller.name.upper() if draft.chance(0.4) else seller.name
    css = pick(draft.rng, ("font-weight:bold;font-size:1.3em", "font-size:1.2em", "font-weight:bold", ""))
    out = [f'<span style="{css}">{draft.ink.show("seller_name", name)}</span>']
    if draft.chance(0.2):
        out.insert(draft.rng.integers(0, 2), draft.sentence("slogans"))
    if draft.chance(0.9):
        out += address_lines(draft, seller, "seller_address", 0.15)
    out += labelled(draft, contact_entries(draft)) + labelled(draft, identifier_entries(draft))
    side = pick(draft.rng, ("center", "center", "center", "left"))
    return f'<div style="text-align:{side}">{"".join(f"<div>{each}</div>" for each in out)}</div>'


def _details(draft: Draft) -> str:
    deal, rng = draft.sale.deal, draft.rng
    title = f'<div class="c">{draft.label("document_title_receipt")}</div>' if draft.chance(0.4) else ""
    rows: list[Entry] = [
        (draft.label("invoice_number"), draft.ink.show("invoice_number", deal.number)),
        (
            draft.label("issue_date"),
            f"{draft.day(deal.issue_date, 'issue_date')} {deal.clock if draft.chance(0.7) else ''}",
        ),
    ]
    if draft.chance(0.5):
        rows.append(
            (draft.label("seller_reference"), escape(pick(rng, (draft.sale.people[0].split()[0], digits(rng, 2)))))
        )
    if draft.chance(0.3):
        rng.shuffle(rows)
    if draft.chance(0.4):
        return title + "".join(
            f'<div class="row"><span>{draft.announced(label)}</span><span>{value}</span></div>' for label, value in rows
        )
    return title + "".join(f"<div>{draft.announced(label, True)} {value}</div>" for label, value in rows)


def _items(draft: Draft) -> str:
    form = pick(draft.rng, ("one", "two", "columns"))
    body = ""
    for at, line in enumerate(draft.sale.deal.lines):
        key = f"invoice_lines.{at}"
        name = draft.ink.show(f"{key}.description", line.description.upper() if form == "two" else line.description)
        total = draft.amount(line.amount, f"{key}.net_amount")
        if form == "columns":
            count = draft.ink.show(f"{key}.quantity", draft.voice.quantity(line.quantity))
            price = draft.amount(line.unit_price, f"{key}.unit_price")
            body += row((cell(name), cell(count, "", "r"), cell(price, "padding:0 2mm", "r"), cell(total, "", "r")))
            continue
        body += f'<tr><td>{name}</td><td class="r">{total}</td></tr>'
        if line.quantity != 1:
            count = draft.ink.show(f"{key}.quantity", draft.voice.quantity(line.quantity))
            price = draft.amount(line.unit_price, f"{key}.unit_price")
            body += row((cell(f"&nbsp;&nbsp;{count} x {price}", across=2),))
    return f'<table style="width:100%">{body}</table>'


def _sums(draft: Draft) -> str:
    deal, out = draft.sale.deal, ""
    rows: list[tuple[str, str, bool]] = []
    if draft.chance(0.3):
        rows.append(
            (draft.label("total_without_vat"), draft.amount(deal.total_without_vat, "total_without_vat"), False)
        )
        rows.append((draft.label("total_vat"), draft.amount(deal.total_vat, "total_vat"), False))
    rows.append((draft.label("total_with_vat"), draft.money(deal.total_with_vat, "total_with_vat"), True))
    if deal.rounding_amount:
        rows.append((draft.label("rounding_amount"), draft.amount(deal.rounding_amount, "rounding_amount"), False))
        rows.append((draft.label("amount_due"), draft.money(deal.amount_due, "amount_due"), True))
    if draft.chance(0.5):
        rows.append((draft.label("card_payment"), draft.amount(deal.amount_due), False))
    elif draft.chance(0.6):
        change = whole(draft.rng, 0, 40)
        rows.append((draft.label("cash_tendered"), draft.amount(deal.amount_due + change), False))
        rows.append((draft.label("change_given"), draft.amount(deal.amount_due * 0 + change), False))
    size = pick(draft.rng, ("font-weight:bold;font-size:1.3em", "font-weight:bold", "font-size:1.2em"))
    for label, value, strong in rows:
        out += f'<div class="row" style="{size if strong else ""}"><span>{label}</span><span>{value}</span></div>'
    return out


def _taxes(draft: Draft) -> str:
    rows = vat_rows(draft.sale.deal)
    if not rows or draft.chance(0.25):
        return ""
    single = len(rows) == 1
    body = ""
    for at, rate in enumerate(rows):
        tax = draft.amount(rate.tax_amount, "total_vat" if single else f"vat_breakdown.{at}.tax_amount")
        base = draft.amount(
            rate.taxable_amount, "total_without_vat" if single else f"vat_breakdown.{at}.taxable_amount"
        )
        body += row((cell(f"{draft.voice.rate(rate.rate)} %"), cell(base, "", "r"), cell(tax, "", "r")))
    names = ("vat_rate", "line_net_amount", "total_vat")
    heads = row(cell(draft.label(name), "", "r" if at else "") for at, name in enumerate(names))
    return f'<table style="width:100%;font-size:.9em">{heads}{body}</table>'


def _thanks(draft: Draft) -> str:
    parts = [draft.label("thank_you")] * draft.chance(0.8) + [draft.sentence("slogans")] * draft.chance(0.2)
    return "".join(f'<div class="c">{each}</div>' for each in parts)
