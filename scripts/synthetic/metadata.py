"""The block under an invoice's head: the buyer's address, and number and dates with their labels."""

from __future__ import annotations

import datetime

from scripts.synthetic.draw import chance, pick
from scripts.synthetic.heads import Job
from scripts.synthetic.parties import Party, make_party
from scripts.synthetic.sheet import Area, Rule, Run, Sheet, Type

Entry = tuple[str, tuple[Run, ...]]


def draw_metadata(sheet: Sheet, job: Job, y: float) -> float:
    """Draws buyer and data below y and returns the y beneath both."""
    look, layout = job.look, job.layout
    entries = meta_entries(job)
    middle = look.left + (look.right - look.left) * (0.56 if layout.header != "sidebar" else 0.52)
    if layout.buyer == "two_boxes":
        y = _two_boxes(sheet, job, y)
        return _wide_meta(sheet, job, y, entries)
    on_right = layout.buyer == "right"
    bottom = _buyer(sheet, job, (middle if on_right else look.left, y))
    if layout.meta in ("stacked", "grid"):
        return _wide_meta(sheet, job, bottom + 8, entries)
    left, right = (look.left, middle - 20) if on_right else (middle, look.right)
    return max(bottom, _narrow_meta(sheet, job, (left, y, right), entries)) + 12


def meta_entries(job: Job) -> list[Entry]:
    """Number and date first, then due date and whatever else this business states."""
    deal, voice, rng = job.deal, job.voice, job.rng
    entries: list[Entry] = [
        (voice.label("invoice_number"), (Run(deal.number, "invoice_number"),)),
        (voice.label("issue_date"), (voice.day(deal.issue_date, "issue_date"),)),
    ]
    if chance(rng, 0.25):
        entries.reverse()
    others = _details(job)
    names = job.design.details
    if names is None:
        count = pick(rng, (1, 2, 2, 3, 3, 4, 5))
        chosen = sorted(rng.choice(len(others), size=min(count, len(others)), replace=False))
        names = tuple(list(others)[at] for at in chosen)
    middle: list[Entry] = [(voice.label(name), others[name]) for name in names]
    if deal.due_date is not None:
        due: Entry = (voice.label("due_date"), (voice.day(deal.due_date, "due_date"),))
        middle.insert(0 if chance(rng, 0.6) else len(middle), due)
    return entries + middle


def _details(job: Job) -> dict[str, tuple[Run, ...]]:
    """All that a head can state, by the name of its label."""
    deal, voice = job.deal, job.voice
    values: dict[str, tuple[Run, ...]] = {}
    if deal.buyer is not None:
        vat = voice.vat_identifier(deal.buyer.vat_identifier, "buyer_vat_identifier")
        values |= {"buyer_reference": (Run(deal.buyer.contact, "buyer_reference"),), "buyer_vat_identifier": (vat,)}
    delivered = deal.issue_date - datetime.timedelta(days=int(job.rng.integers(0, 12)))
    values |= {
        "customer_number": (Run(deal.customer_number),), "seller_reference": (Run(deal.seller.contact),),
        "purchase_order_reference": (Run(deal.order_number, "purchase_order_reference"),),
        "payment_terms": (Run(deal.payment_terms, "payment_terms"),), "delivery_date": (voice.day(delivered),),
    }  # fmt: skip
    if deal.payment.reference:
        values["remittance_information"] = (Run(deal.payment.reference, "remittance_information"),)
    return values


def _buyer_lines(party: Party, group: str) -> list[tuple[Run, ...]]:
    return [
        (Run(party.name, "buyer_name" if group else ""),),
        (Run(party.street, f"buyer_address#{group}" if group else ""),),
        (Run(party.place, f"buyer_address#{group}" if group else ""),),
    ]


def _buyer(sheet: Sheet, job: Job, at: tuple[float, float]) -> float:
    look, (x, y) = job.look, at
    if job.deal.buyer is None:
        return y
    width = (look.right - look.left) * 0.44
    boxed = job.layout.buyer == "box"
    inset = 8.0 if boxed else 0.0
    top, y = y, y + (16 if boxed else 14)
    if boxed or chance(job.rng, 0.5):
        sheet.text(x + inset, y, job.voice.label("bill_to"), look.small.strong())
        y += look.leading + 1
    for at_line, line in enumerate(_buyer_lines(job.deal.buyer, "main")):
        style = look.body.sized(look.size + 1)
        sheet.fitted((x + inset, y), line, style.strong() if at_line == 0 and boxed else style, width - 2 * inset)
        y += look.leading + 1
    if boxed:
        sheet.draw(Area(x, top, x + width, y, stroke=look.accent, width=0.7))
    return y + 10


def _two_boxes(sheet: Sheet, job: Job, y: float) -> float:
    look, deal = job.look, job.deal
    if deal.buyer is None:
        return y
    gap = 14.0
    width = (look.right - look.left - gap) / 2
    bottom = y + 24 + 3 * (look.leading + 1) + 6
    delivery = make_party(job.rng, deal.country, deal.buyer.name) if chance(job.rng, 0.3) else deal.buyer
    for at, (label, party, group) in enumerate((("bill_to", deal.buyer, "main"), ("deliver_to", delivery, ""))):
        left = look.left + at * (width + gap)
        sheet.draw(Area(left, y, left + width, y + 15, fill=look.tint))
        sheet.draw(Area(left, y, left + width, bottom, stroke=look.accent, width=0.6))
        sheet.text(left + 6, y + 11, job.voice.label(label), look.small.strong())
        line_y = y + 29
        for line in _buyer_lines(party, group):
            sheet.fitted((left + 6, line_y), line, look.body, width - 12)
            line_y += look.leading + 1
    return bottom + 14


def _narrow_meta(sheet: Sheet, job: Job, area: tuple[float, float, float], entries: list[Entry]) -> float:
    """One entry a line in the column left..right."""
    look, (left, y, right) = job.look, area
    y += 14
    style = look.body
    label_width = max(sheet.measure(label, style.strong()) for label, _ in entries) + 8
    for label, value in entries:
        if job.layout.meta == "colon":
            sheet.fitted((left, y), (Run(f"{label}{job.voice.colon} "), *value), style, right - left)
        elif job.layout.meta == "spread":
            used = sheet.text(left, y, label + job.voice.colon, look.small)
            sheet.fitted((right, y), value, style.right(), right - left - used - 6)
        else:
            sheet.text(left, y, label, style.strong())
            sheet.fitted((left + label_width, y), value, style, right - left - label_width)
        y += look.leading + 1.5
    return y + 4


def _wide_meta(sheet: Sheet, job: Job, y: float, entries: list[Entry]) -> float:
    if job.layout.meta == "stacked":
        return _stacked(sheet, job, y, entries)
    if job.layout.meta == "grid":
        return _grid(sheet, job, y, entries)
    look = job.look
    return _narrow_meta(sheet, job, (look.left, y - 6, look.left + (look.right - look.left) * 0.6), entries) + 6


def _stacked(sheet: Sheet, job: Job, y: float, entries: list[Entry]) -> float:
    """Labels above their values, four cells a row, with or without frames."""
    look = job.look
    framed = chance(job.rng, 0.6)
    columns = 4 if look.right - look.left > 440 else 3
    width, height = (look.right - look.left) / columns, look.size * 3.1
    for at, (label, value) in enumerate(entries):
        left = look.left + (at % columns) * width
        top = y + (at // columns) * height
        if framed:
            sheet.draw(Area(left, top, left + width, top + height, stroke=look.accent, width=0.5))
        sheet.fitted((left + 5, top + look.size * 1.05), label, look.small.sized(look.size * 0.76), width - 9)
        sheet.fitted((left + 5, top + look.size * 2.45), value, look.body, width - 9)
    rows = (len(entries) + columns - 1) // columns
    return y + rows * height + 16


def _grid(sheet: Sheet, job: Job, y: float, entries: list[Entry]) -> float:
    """Two columns of label and value between two rules."""
    look = job.look
    width = (look.right - look.left) / 2
    rows = (len(entries) + 1) // 2
    sheet.draw(Rule(look.left, y, look.right, y, 0.7, look.accent))
    y += look.leading + 3
    label_style = Type(look.size, colour=look.body.colour, bold=True)
    for at, (label, value) in enumerate(entries):
        left = look.left + (at // rows) * width
        line_y = y + (at % rows) * (look.leading + 2)
        sheet.fitted((left, line_y), label + job.voice.colon, label_style, width * 0.5)
        sheet.fitted((left + width * 0.52, line_y), value, look.body, width * 0.46)
    bottom = y + (rows - 1) * (look.leading + 2) + 7
    sheet.draw(Rule(look.left, bottom, look.right, bottom, 0.7, look.accent))
    return bottom + 16
