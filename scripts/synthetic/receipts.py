"""Whole receipts on narrow paper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scripts.synthetic.deals import Deal, SoldLine
from scripts.synthetic.draw import chance, digits, pick, whole
from scripts.synthetic.layouts import ReceiptLayout
from scripts.synthetic.receipt_sums import draw_taxes, draw_totals
from scripts.synthetic.sheet import Area, Page, Run, Sheet, Type
from scripts.synthetic.slips import Slip, row, say, separate
from scripts.synthetic.typefaces import typefaces
from scripts.synthetic.vocabulary import vocabulary
from scripts.synthetic.voice import Voice, make_voice

_NARROW, _WIDE = 204.0, 252.0
_LONGEST = 1400.0  # points; the paper is cut where the print ends


def draw_receipt(rng: np.random.Generator, deal: Deal, layout: ReceiptLayout) -> tuple[Page, ...]:
    """The one page of a receipt, as long as its print."""
    category = pick(rng, ("mono", "mono", "mono", "thermal", "thermal", "sans"))
    width = _WIDE if layout.wide else _NARROW
    sheet = Sheet(pick(rng, typefaces(category)), (width, _LONGEST))
    size = float(rng.choice([6.6, 7.0, 7.4])) if not layout.wide else float(rng.choice([7.4, 8.0]))
    margin = float(rng.uniform(9, 16))
    voice = make_voice(rng, deal.country)
    if layout.items in ("columns", "two_line_columns"):
        voice = _terse(voice)
    slip = Slip(rng, deal, voice, layout, Type(size), margin, width - margin, chance(rng, 0.3))
    y = _head(sheet, slip, 26.0)
    if layout.details in ("top", "spread"):
        y = _details(sheet, slip, y)
    y = _items(sheet, slip, separate(sheet, slip, y))
    y = draw_totals(sheet, slip, separate(sheet, slip, y))
    y = draw_taxes(sheet, slip, y)
    if layout.details == "bottom":
        y = _details(sheet, slip, separate(sheet, slip, y))
    y = _thanks(sheet, slip, y)
    return sheet.finish(y + 22)


def _terse(voice: Voice) -> Voice:
    """The shortest titles for narrow columns."""
    choices = vocabulary(voice.country.language).labels
    return replace(voice, labels={**voice.labels, **{name: min(choices[name], key=len) for name in _COLUMN_TITLES}})


_COLUMN_TITLES = ("quantity", "unit_price", "net_amount")


def _head(sheet: Sheet, slip: Slip, y: float) -> float:
    voice, seller = slip.voice, slip.deal.seller
    top = y - 14
    name_style = slip.style.strong().sized(slip.style.size * 1.25)
    for line in sheet.wrap(slip.case(seller.name), name_style, slip.right - slip.left - 8):
        y = say(sheet, slip, y, (Run(line, "seller_name#head"),), strong=True)
    y = say(sheet, slip, y, (Run(seller.street, "seller_address#head"),))
    y = say(sheet, slip, y, (Run(seller.place, "seller_address#head"),))
    if chance(slip.rng, 0.75):
        y = say(sheet, slip, y, (Run(f"{voice.label('phone', colon=True)} {seller.phone}"),))
    if seller.registration_identifier and chance(slip.rng, 0.6):
        label = voice.label("seller_legal_registration_identifier", colon=True)
        number = Run(seller.registration_identifier, "seller_legal_registration_identifier")
        y = say(sheet, slip, y, (Run(f"{label} "), number))
    if chance(slip.rng, 0.75):
        label = {"MY": "GST ID", "AU": "ABN"}.get(seller.country) or voice.label("seller_vat_identifier")
        number = voice.vat_identifier(seller.vat_identifier, "seller_vat_identifier")
        y = say(sheet, slip, y, (Run(f"{label}{voice.colon} "), number))
    if slip.layout.head == "boxed":
        sheet.draw(Area(slip.left - 3, top - 4, slip.right + 3, y - slip.style.size * 0.7, stroke=(0, 0, 0), width=0.7))
        y += slip.step * 0.4
    if chance(slip.rng, 0.5):
        y = say(sheet, slip, y + slip.step * 0.4, (Run(voice.label("receipt_title")),), strong=True)
    return y + slip.step * 0.4


def _details(sheet: Sheet, slip: Slip, y: float) -> float:
    """Number, date, time and who served."""
    deal, voice = slip.deal, slip.voice
    number = (Run(f"{slip.case(voice.label('receipt_number'))}{voice.colon} "), Run(deal.number, "invoice_number"))
    day, clock = voice.day(deal.issue_date, "issue_date"), Run(deal.clock)
    if slip.layout.details == "spread":
        y = row(sheet, slip, y, (voice.label("receipt_number"), (Run(deal.number, "invoice_number"),)))
        y = row(sheet, slip, y, (voice.label("issue_date") if chance(slip.rng, 0.2) else _plain_date(slip), (day,)))
        y = row(sheet, slip, y, (voice.label("time"), (clock,)))
        return row(sheet, slip, y, (voice.label("cashier"), (Run(str(whole(slip.rng, 1, 30))),)))
    if chance(slip.rng, 0.5):
        y = row(sheet, slip, y, (number, ()))
        y = row(sheet, slip, y, ((Run(f"{_plain_date(slip)}{voice.colon} "), day, Run(f"  {deal.clock}")), ()))
    else:
        y = row(sheet, slip, y, ((day, Run(" "), clock), (Run(deal.number, "invoice_number"),)))
    if chance(slip.rng, 0.7):
        who = pick(slip.rng, (deal.seller.contact.split()[0], digits(slip.rng, 2)))
        y = row(sheet, slip, y, (f"{voice.label('cashier')}{voice.colon} {who}", ()))
    return y


def _plain_date(slip: Slip) -> str:
    return {"sv": "Datum", "en": "Date", "de": "Datum", "fr": "Date", "es": "Fecha", "it": "Data", "pt": "Data"}[
        slip.deal.country.language
    ]


def _items(sheet: Sheet, slip: Slip, y: float) -> float:
    columns = slip.layout.items in ("columns", "two_line_columns")
    if columns:
        y = _item_titles(sheet, slip, y)
    for at, line in enumerate(slip.deal.lines):
        y = (_column_item if columns else _plain_item)(sheet, slip, y, (at, line))
    return y


def _item_runs(slip: Slip, at: int, line: SoldLine) -> tuple[Run, Run, Run, Run]:
    """Description, quantity, unit price, amount."""
    field, voice = f"invoice_lines.{at}", slip.voice
    return (
        Run(line.description, f"{field}.description"), Run(voice.quantity(line.quantity), f"{field}.quantity"),
        voice.amount(line.unit_price, f"{field}.unit_price"), voice.amount(line.amount, f"{field}.net_amount"),
    )  # fmt: skip


def _plain_item(sheet: Sheet, slip: Slip, y: float, item: tuple[int, SoldLine]) -> float:
    at, line = item
    description, quantity, price, amount = _item_runs(slip, at, line)
    several = line.quantity != 1
    detail = (quantity, Run(" x "), price)
    if slip.layout.items == "single":
        label = (quantity, Run(" x "), description) if several else (description,)
        return row(sheet, slip, y, (label, (amount,)))
    if slip.layout.items == "quantity_before" and several:
        y = row(sheet, slip, y, (detail, ()))
    y = row(sheet, slip, y, ((description,), (amount,)))
    if slip.layout.items == "quantity_after" and several:
        y = row(sheet, slip, y, ((Run("   "), *detail), ()))
    return y


def _column_ends(slip: Slip) -> tuple[float, float, float]:
    """Right edges of the columns quantity, price and amount."""
    space = slip.right - slip.left
    shares = (0.56, 0.78, 1.0) if slip.layout.items == "columns" else (0.3, 0.62, 1.0)
    first, second, third = (slip.left + share * space for share in shares)
    return first, second, third


def _item_titles(sheet: Sheet, slip: Slip, y: float) -> float:
    titles = [slip.case(slip.voice.label(name)) for name in _COLUMN_TITLES]
    ends = _column_ends(slip)
    first = slip.case(slip.voice.label("description"))
    if slip.layout.items == "two_line_columns":
        sheet.text(slip.left, y, first, slip.style)
        y += slip.step
    else:
        sheet.fitted((slip.left, y), first, slip.style, ends[0] - slip.left - 26)
    starts = (
        slip.left + (0 if slip.layout.items == "two_line_columns" else (ends[0] - slip.left) * 0.75),
        ends[0],
        ends[1],
    )
    for title, start, end in zip(titles, starts, ends, strict=True):
        sheet.fitted((end, y), title, slip.style.right(), end - start - 4)
    return separate(sheet, slip, y + slip.step)


def _column_item(sheet: Sheet, slip: Slip, y: float, item: tuple[int, SoldLine]) -> float:
    description, quantity, price, amount = _item_runs(slip, *item)
    ends = _column_ends(slip)
    name = (Run(slip.case(description.text), description.field),)
    if slip.layout.items == "two_line_columns":
        sheet.fitted((slip.left, y), name, slip.style, slip.right - slip.left)
        y += slip.step
    else:
        sheet.fitted((slip.left, y), name, slip.style, (ends[0] - slip.left) * 0.8)
    for run, end in zip((quantity, price, amount), ends, strict=True):
        sheet.fitted((end, y), (run,), slip.style.right(), (slip.right - slip.left) * 0.3)
    return y + slip.step


def _thanks(sheet: Sheet, slip: Slip, y: float) -> float:
    y = say(sheet, slip, y + slip.step * 0.6, (Run(slip.voice.label("thanks")),))
    if chance(slip.rng, 0.4):
        y = say(sheet, slip, y, (Run(slip.deal.seller.web),))
    return y
