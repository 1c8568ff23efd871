"""Number, dates and references of a document, in the ways that documents list them."""

from __future__ import annotations

import datetime
from html import escape, unescape

from scripts.synthetic.blocks.draft import Draft, Entry, lines
from scripts.synthetic.blocks.html import cell, row
from scripts.synthetic.blocks.wording import may_be_purchase_order
from scripts.synthetic.draw import pick, whole

WIDE = ("over", "boxes", "inline", "prose")
NARROW = ("dots", "list", "list", "table", "table", "spread", "right", "before", "stacked")
_DISTRACTORS = (
    "customer_number", "order_number", "delivery_date", "service_period", "project_reference", "contract_reference",
    "seller_reference", "contact_person", "currency",
)  # fmt: skip


def title(draft: Draft, numbered: bool, dated: bool) -> str:
    """The document's name, large, sometimes with its number, or as a sentence with number and day."""
    rng, deal = draft.rng, draft.sale.deal
    text = draft.voice.labels["credit_title" if deal.kind == "credit" else "title"]
    if draft.chance(0.3):
        text = text.upper()
    shown = draft.ink.show("invoice_type_code", text)
    if numbered and dated:
        day, number = draft.day(deal.issue_date, "issue_date"), draft.ink.show("invoice_number", deal.number)
        shown = draft.sentence("meta", title=shown, number=number, date=day)
    elif numbered:
        sign = pick(rng, (" ", " ", " nr ", " # ", " no. ", ": "))
        shown += f"{escape(sign)}{draft.ink.show('invoice_number', deal.number)}"
    css = f"font-size:{float(rng.choice([1.1, 1.3, 1.6, 2.0, 2.6])):.1f}em;line-height:1.2;"
    css += pick(rng, ("font-weight:bold;", "font-weight:bold;", "", "letter-spacing:.15em;", "color:var(--a);"))
    return f'<div class="h" style="{css}">{shown}</div>'


def entries(draft: Draft, numbered: bool, dated: bool) -> list[Entry]:
    """What the document states of itself, less a number that stands in the title and a date in a line of its own."""
    deal, rng = draft.sale.deal, draft.rng
    out: list[Entry] = []
    if not numbered:
        out.append((draft.label("invoice_number"), draft.ink.show("invoice_number", deal.number)))
    if not dated:
        out.append((draft.label("issue_date"), draft.day(deal.issue_date, "issue_date")))
    if deal.due_date is not None and draft.chance(0.85):
        out.append((draft.label("due_date"), draft.day(deal.due_date, "due_date")))
    more = [fact(draft, name) for name in _DISTRACTORS if draft.chance(0.2)]
    ordered = draft.ink.shown("purchase_order_reference")
    for name, value, share in (
        ("purchase_order_reference", deal.order_number, 0.0 if ordered else 0.25),
        ("payment_terms", deal.payment_terms, 0.25),
        ("buyer_reference", draft.sale.people[1], 0.2),
    ):  # fmt: skip
        if draft.chance(share):
            more.append((draft.label(name), draft.ink.show(name, value)))
    if deal.payment.reference and draft.chance(0.25):
        name = "remittance_information"
        more.append((draft.label(name), draft.ink.show(name, deal.payment.reference)))
    more += _identifiers(draft)
    if draft.chance(0.25):
        rng.shuffle(out)
    at = whole(rng, 0, len(out)) if draft.chance(0.5) else len(out)
    return [*out[:at], *more, *out[at:]]


def _identifiers(draft: Draft) -> list[Entry]:
    """Tax numbers of the two parties, where this business has them among the references."""
    deal, out = draft.sale.deal, []
    if draft.chance(0.06):
        out.append((draft.label("seller_vat_identifier"), draft.vat(deal.seller, "seller_vat_identifier")))
    if deal.buyer is not None and not draft.sale.private and draft.chance(0.08):
        label = f"{draft.label('buyer_vat_identifier')} ({draft.label('bill_to')})"
        out.append((label, draft.vat(deal.buyer, "buyer_vat_identifier")))
    return out


def day_line(draft: Draft) -> str:
    """Place and day as in a letter."""
    side = pick(draft.rng, ("right", "right", "left"))
    day = draft.sentence("day", date=draft.day(draft.sale.deal.issue_date, "issue_date"))
    return f'<div style="text-align:{side}">{day}</div>'


def fact(draft: Draft, name: str) -> Entry:
    value = draft.sale.facts[name]
    if name == "order_number" and may_be_purchase_order(draft.voice.labels[name], draft.voice.country):
        return draft.label(name), draft.ink.show("purchase_order_reference", draft.sale.deal.order_number)
    if name == "currency":
        return draft.label(name), draft.ink.show("currency_code", str(value))
    if isinstance(value, datetime.date):
        return draft.label(name), draft.day(value)
    if isinstance(value, tuple):
        return draft.label(name), f"{draft.day(value[0])} {pick(draft.rng, ('-', '–', '—'))} {draft.day(value[1])}"
    return draft.label(name), escape(value)


def meta(draft: Draft, rows: list[Entry], form: str) -> str:
    """The entries in one of the forms of `WIDE` and `NARROW`; nothing without entries."""
    return _FORMS[form](draft, rows) if rows else ""


def _list(draft: Draft, rows: list[Entry]) -> str:
    return lines([f'<span class="l">{draft.announced(label, True)}</span> {value}' for label, value in rows])


def _table(draft: Draft, rows: list[Entry]) -> str:
    rule = pick(draft.rng, ("", "", "border:.5pt solid #999;", "border-bottom:.5pt solid #bbb;"))
    pad = f"{rule}padding:{pick(draft.rng, ('.2mm 4mm .2mm 0', '1mm 3mm', '.6mm 5mm .6mm 1mm'))}"
    tint = "background:var(--t);" if draft.chance(0.2) else ""
    right = "text-align:right;" if draft.chance(0.3) else ""
    body = "".join(
        row((cell(draft.announced(label), f"{pad};{tint}", "l"), cell(value, f"{pad};{right}")))
        for label, value in rows
    )
    return f"<table>{body}</table>"


def _spread(draft: Draft, rows: list[Entry]) -> str:
    """Label left, value at the right edge."""
    return "".join(
        f'<div class="row"><span class="l">{draft.announced(label)}</span><span>{value}</span></div>'
        for label, value in rows
    )


def _right(draft: Draft, rows: list[Entry]) -> str:
    """Pairs set to the right, label against value."""
    cells = "".join(
        f'<tr><td class="l r" style="padding-right:3mm">{draft.announced(label)}</td><td>{value}</td></tr>'
        for label, value in rows
    )
    return f'<table style="margin-left:auto">{cells}</table>'


def _before(draft: Draft, rows: list[Entry]) -> str:
    """Values on the left of their labels."""
    cells = "".join(
        f'<tr><td class="r" style="padding-right:4mm">{value}</td><td class="l">{label}</td></tr>'
        for label, value in rows
    )
    return f"<table>{cells}</table>"


def _dots(draft: Draft, rows: list[Entry]) -> str:
    """Labels filled up with dots, as line printers set them."""
    width = max(len(unescape(label)) for label, _ in rows) + whole(draft.rng, 1, 6)
    sign = pick(draft.rng, (":", ": ", " "))
    return lines([f"{label}{'.' * (width - len(unescape(label)))}{sign} {value}" for label, value in rows])


def _stacked(draft: Draft, rows: list[Entry]) -> str:
    return "".join(
        f'<div style="margin-bottom:1.5mm"><div class="l">{label}</div><div>{value}</div></div>'
        for label, value in rows
    )


def _over(draft: Draft, rows: list[Entry]) -> str:
    """A heading row over its values, at most five a row."""
    rule = pick(
        draft.rng, ("border:.6pt solid #888;", "border-bottom:.6pt solid var(--a);", "", "border-top:.6pt solid #888;")
    )
    tint = pick(draft.rng, ("", "background:var(--t);", "background:var(--a);color:#fff;"))
    side = pick(draft.rng, ("left", "left", "center"))
    out, size = "", pick(draft.rng, (3, 4, 5))
    for at in range(0, len(rows), size):
        part = rows[at : at + size]
        css = f"{rule}padding:1mm 2mm;text-align:{side};width:{100 // max(len(part), 2)}%"
        heads = "".join(f'<th style="{css};{tint}">{label}</th>' for label, _ in part)
        cells = "".join(f'<td style="{css}">{value}</td>' for _, value in part)
        out += f'<table style="width:100%;margin-bottom:2mm"><tr>{heads}</tr><tr>{cells}</tr></table>'
    return out


def _boxes(draft: Draft, rows: list[Entry]) -> str:
    """Boxes in a grid, the label small in each."""
    count = pick(draft.rng, (2, 3, 4))
    border = pick(draft.rng, ("border:.6pt solid #777;", "background:var(--t);", "border-left:1.5pt solid var(--a);"))
    beside = draft.chance(0.3)
    cells = "".join(
        f'<div style="{border}padding:1mm 2mm"><span class="l" style="{"" if beside else "display:block"}">{label}'
        f"{draft.voice.colon if beside else ''}</span> {value}</div>"
        for label, value in rows
    )
    gap = pick(draft.rng, ("0", "2mm"))
    return f'<div style="display:grid;grid-template-columns:repeat({count},1fr);gap:{gap}">{cells}</div>'


def _inline(draft: Draft, rows: list[Entry]) -> str:
    """All in one line of text."""
    sign = pick(draft.rng, (" | ", " · ", ", ", " &nbsp; &nbsp; "))
    body = sign.join(
        f'<span class="k"><span class="l">{draft.announced(label, True)}</span> {value}</span>' for label, value in rows
    )
    rule = pick(draft.rng, ("", "border-top:.6pt solid #888;border-bottom:.6pt solid #888;padding:1mm 0"))
    return f'<div style="{rule}">{body}</div>'


def _prose(draft: Draft, rows: list[Entry]) -> str:
    """The other entries in a line below the intro sentence."""
    return f"<div>{draft.sentence('intro')}</div>{_inline(draft, rows)}"


_FORMS = {
    "list": _list, "table": _table, "spread": _spread, "right": _right, "before": _before, "dots": _dots,
    "stacked": _stacked,
    "over": _over,
    "boxes": _boxes, "inline": _inline, "prose": _prose,
}  # fmt: skip
