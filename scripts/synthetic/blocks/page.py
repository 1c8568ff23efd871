"""Whole invoices and credit notes: blocks put in rows, and rows below each other, by free composition."""

from __future__ import annotations

from collections.abc import Callable

from scripts.synthetic.blocks.draft import Draft, columns
from scripts.synthetic.blocks.html import div, document
from scripts.synthetic.blocks.items import items, make_table
from scripts.synthetic.blocks.letter import letter_head
from scripts.synthetic.blocks.letterhead import BRAND, letterhead
from scripts.synthetic.blocks.meta import NARROW, WIDE, day_line, entries, meta, title
from scripts.synthetic.blocks.parties import contact_block, parties
from scripts.synthetic.blocks.payment import foot, notes, payment, payment_entries
from scripts.synthetic.blocks.totals import (
    Sum,
    aside,
    breakdown,
    due_box,
    sums,
    totals_boxes,
    totals_foot,
    totals_lines,
    totals_strip,
    totals_table,
)  # fmt: skip
from scripts.synthetic.draw import pick, whole

Part = tuple[str, str]  # a block's name and its HTML


def invoice_html(draft: Draft) -> str:
    """The document's HTML with the links of its marks."""
    body = _sidebar(draft) if draft.chance(0.07) else _above(draft) + _middle(draft)
    needs = set()
    if not draft.ink.shown("seller_name") and not (draft.ink.shown(BRAND) and draft.chance(0.25)):
        needs.add("name")
    if draft.sale.account.payment.account and not draft.ink.shown("payment_account_identifier") and draft.chance(0.75):
        needs.add("account")
    if not draft.ink.shown("seller_vat_identifier"):
        needs.add("ids")
    last = foot(draft, frozenset(needs))
    return sheet(draft, body, last)


def _above(draft: Draft) -> str:
    return letter_head(draft) if draft.chance(0.3) else _head(draft)


def sheet(draft: Draft, body: str, last: str) -> str:
    """The HTML file: the foot stands at the bottom of a page that is not full."""
    top, _, bottom, _ = draft.style.margins
    height = (279.4 if draft.style.letter else 297) - top - bottom - 1
    numbers = _repeated(draft)
    if draft.chance(0.4):
        corner = pick(draft.rng, ("bottom-right", "bottom-center", "top-right", "bottom-left"))
        word = pick(draft.rng, (f'"{draft.voice.labels["page_number"]} " ', "", ""))
        sign = pick(draft.rng, ("/", " / ", " (", " - "))
        close = '")"' if "(" in sign else ""
        numbers = f'@page{{@{corner}{{font-size:7pt;content:{word}counter(page) "{sign}" counter(pages) {close}}}}}'
    place = "margin-top:auto" if draft.chance(0.8) else "margin-top:8mm"
    wrap = div(div(body) + div(last, place), f"min-height:{height}mm;display:flex;flex-direction:column")
    return document(draft.voice.country.language, draft.style.css + numbers, wrap)


def _repeated(draft: Draft) -> str:
    """A line at the head of the second page and those after it."""
    if draft.chance(0.8):
        return ""
    text = f"{draft.voice.labels['title']} {draft.sale.deal.number}".replace('"', "")
    return f'@page{{@top-left{{font-size:7.5pt;content:"{text}"}}}}@page:first{{@top-left{{content:none}}}}'


def _sidebar(draft: Draft) -> str:
    """A column for the sender, the references and the payment beside the letter itself."""
    rng = draft.rng
    numbered = draft.chance(0.22)
    parts = [
        letterhead(draft, pick(rng, ("left", "center", "right"))),
        meta(draft, entries(draft, numbered, False), pick(rng, ("stacked", "list", "stacked", "table"))),
    ]
    if draft.sale.account.payment.account and draft.chance(0.7):
        parts.append(meta(draft, payment_entries(draft), pick(rng, ("stacked", "list"))))
    if draft.chance(0.3):
        parts.append(contact_block(draft))
    if draft.chance(0.2):
        parts.insert(0, parts.pop(1))
    look = pick(
        rng, ("background:var(--t);padding:4mm", "border-right:.7pt solid var(--a);padding-right:4mm", "padding:0")
    )
    side = div(
        "".join(div(part, "margin-bottom:6mm") for part in parts),
        f"{look};flex:0 0 {whole(rng, 42, 56)}mm;font-size:.9em",
    )
    main = div(
        div(title(draft, numbered, False), kind="g") + parties(draft, False) + _middle(draft), "flex:1;min-width:0"
    )
    order = (side, main) if draft.chance(0.6) else (main, side)
    return div("".join(order), "display:flex;gap:7mm")


def _head(draft: Draft) -> str:
    """Everything above the items: blocks in a random order, neighbours joined into rows."""
    rng = draft.rng
    worded, dated = draft.chance(0.06), draft.chance(0.1)  # the day is part of the title, or has a line of its own
    numbered = worded or draft.chance(0.22)
    wide = draft.chance(0.35)
    form = pick(rng, WIDE if wide else NARROW)
    with_seller = draft.chance(0.5)
    align = pick(rng, ("left", "left", "left", "left", "right", "center"))
    shown = draft.chance(0.75 if with_seller else 0.93)  # else the seller's name stands in the foot alone
    blocks: list[tuple[float, str, Callable[[], str]]] = [
        (whole(rng, 10, 30) / 10, "title", lambda: title(draft, numbered, worded)),
        (whole(rng, 16, 40) / 10, "meta", lambda: meta(draft, rows[:cut], form)),
        (whole(rng, 18, 36) / 10, "parties", lambda: parties(draft, with_seller)),
    ]
    rows = entries(draft, numbered, dated or worded)
    cut = whole(rng, 1, len(rows) - 1) if len(rows) > 3 and draft.chance(0.18) else len(rows)
    if cut < len(rows):
        blocks.append((4.5, "more", lambda: meta(draft, rows[cut:], pick(rng, WIDE[:3]))))
    if dated and not worded:
        blocks.append((whole(rng, 12, 40) / 10, "day", lambda: day_line(draft)))
    if draft.chance(0.1):
        blocks.append((whole(rng, 14, 36) / 10, "contact", lambda: contact_block(draft)))
    if shown:
        blocks.append((1.2 if draft.chance(0.85) else 2.5, "letterhead", lambda: letterhead(draft, align)))
    if draft.chance(0.1):
        blocks.append((whole(rng, 20, 40) / 10, "due", lambda: due_box(draft)))
    parts: list[Part] = [(name, make()) for _, name, make in sorted(blocks, key=lambda block: block[0])]
    alone = {"more", "parties"} if with_seller else {"more"}
    if wide:
        alone.add("meta")
    if align == "center":
        alone.add("letterhead")
    return "".join(_rows(draft, parts, alone))


def _rows(draft: Draft, parts: list[Part], alone: set[str]) -> list[str]:
    """Neighbouring blocks beside each other where both may share a row."""
    out: list[str] = []
    at = 0
    while at < len(parts):
        name, html = parts[at]
        following = parts[at + 1] if at + 1 < len(parts) else None
        if name not in alone and following and following[0] not in alone and draft.chance(0.62):
            pair = [html, following[1]]
            if draft.chance(0.3):
                pair.reverse()
            elif draft.chance(0.35):
                pair[1] = f'<div style="text-align:right">{pair[1]}</div>'
            third = parts[at + 2] if at + 2 < len(parts) else None
            if third and third[0] not in alone and draft.chance(0.25):
                pair.append(third[1])
            widths = [whole(draft.rng, 4, 6) for _ in pair]
            align = pick(draft.rng, ("flex-start", "flex-start", "flex-end", "center"))
            out.append(columns(pair, widths, align, pick(draft.rng, (2, 4, 6, 10))))
            at += len(pair)
            continue
        movable = name in ("parties", "meta") and name not in alone
        side = pick(draft.rng, ("", "", "", "margin-left:45%;", "margin-left:55%;")) if movable else ""
        gap = pick(draft.rng, (2, 4, 6, 9))
        out.append(f'<div style="margin-bottom:{gap}mm;{side}">{html}</div>')
        at += 1
    return out


def _totals(draft: Draft, rows: list[Sum], form: str) -> str:
    """The sums below the items; nothing where the item table has them."""
    forms = {"strip": totals_strip, "boxes": totals_boxes, "lines": totals_lines}
    if form == "foot":
        return ""
    return forms[form](draft, rows) if form in forms else totals_table(draft, rows, form)


def _middle(draft: Draft) -> str:
    """Items, sums, breakdown, payment and notes."""
    rng = draft.rng
    intro = f'<div class="g">{draft.sentence("intro")}</div>' if draft.chance(0.25) else ""
    table = make_table(draft)
    form = pick(rng, ("right", "right", "right", "left", "full", "foot", "foot", "strip", "boxes", "lines"))
    rows = sums(draft)
    if form in ("strip", "boxes") and len(rows) > 5:
        form = "right"
    body = items(draft, table, totals_foot(draft, rows, len(table.columns)) if form == "foot" else "")
    total = _totals(draft, rows, form)
    rates = breakdown(draft) if draft.chance(0.35) else ""
    known = draft.ink.shown("payment_account_identifier") or not draft.sale.account.payment.account
    paying = "" if known or draft.chance(0.4) else payment(draft)
    extra = aside(draft) if draft.chance(0.1) else ""
    note = notes(draft)
    if form == "right" and draft.chance(0.35) and (paying or rates):
        beside = paying or rates
        rest = rates if paying else ""
        return intro + body + columns([beside, f"<div>{total}</div>"], (1, 1)) + rest + extra + note
    tail = pick(rng, ((rates, paying, note), (rates, paying, note), (paying, rates, note), (note, rates, paying)))
    return intro + body + total + extra + "".join(tail)
