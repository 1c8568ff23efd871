"""The sums of a receipt: total, rounding, payment, taxes."""

from __future__ import annotations

from decimal import ROUND_CEILING

from scripts.synthetic.culture import format_amount
from scripts.synthetic.draw import chance, digits, pick, whole
from scripts.synthetic.sheet import Run, Sheet, Type
from scripts.synthetic.slips import Slip, row


def draw_totals(sheet: Sheet, slip: Slip, y: float) -> float:
    """Sum, rounding, what was given and what came back."""
    deal, voice, rng = slip.deal, slip.voice, slip.rng
    if chance(rng, 0.3):
        count = sum(int(line.quantity) for line in deal.lines)
        y = row(sheet, slip, y, (voice.label("item_count"), (Run(str(count)),)))
    rounded = deal.rounding_amount != 0
    field = "total_with_vat" if rounded else "total_with_vat|amount_due"
    large = slip.style.strong().sized(slip.style.size * pick(rng, (1.0, 1.25, 1.5)))
    total = (f"{voice.label('receipt_total')}{pick(rng, ('', voice.colon))}", voice.money(deal.total_with_vat, field))
    y = _large_row(sheet, slip, y + 2, total, slip.style if rounded else large)
    if rounded:
        y = row(
            sheet, slip, y, (voice.label("rounding_amount"), (voice.amount(deal.rounding_amount, "rounding_amount"),))
        )
        y = _large_row(sheet, slip, y, (voice.label("amount_due"), voice.money(deal.amount_due, "amount_due")), large)
    if chance(rng, 0.5):
        given = (deal.amount_due / 5).to_integral_value(ROUND_CEILING) * 5 + whole(rng, 0, 3) * 10
        y = row(sheet, slip, y + 2, (voice.label("cash"), (voice.amount(given),)))
        y = row(sheet, slip, y, (voice.label("change"), (voice.amount(given - deal.amount_due),)))
    elif chance(rng, 0.8):
        y = row(sheet, slip, y + 2, (voice.label("card"), (voice.amount(deal.amount_due),)))
        y = row(sheet, slip, y, (f"{'*' * pick(rng, (4, 8, 12))}{digits(rng, 4)}", ()))
    return y + slip.step * 0.4


def _large_row(sheet: Sheet, slip: Slip, y: float, row: tuple[str, tuple[Run, ...]], style: Type) -> float:
    label, value = row
    y += style.size - slip.style.size
    space = slip.right - slip.left
    sheet.fitted((slip.left, y), slip.case(label), style, space * 0.5)
    sheet.fitted((slip.right, y), value, style.right(), space * 0.47)
    return y + style.size * 1.34


def draw_taxes(sheet: Sheet, slip: Slip, y: float) -> float:
    """What tax the sum contains."""
    deal, voice = slip.deal, slip.voice
    if slip.layout.vat == "lines":
        for at, tax in enumerate(deal.vat):
            field = f"vat_breakdown.{at}.tax_amount" + ("|total_vat" if len(deal.vat) == 1 else "")
            y = row(sheet, slip, y, (voice.vat_row_label(tax.rate), (voice.amount(tax.tax_amount, field),)))
        return y
    if slip.layout.vat == "summary":
        y = row(
            sheet,
            slip,
            y,
            (voice.label("total_without_vat"), (voice.amount(deal.total_without_vat, "total_without_vat"),)),
        )
        return row(sheet, slip, y, (voice.label("total_vat"), (voice.amount(deal.total_vat, "total_vat"),)))
    return _tax_table(sheet, slip, y)


def _tax_table(sheet: Sheet, slip: Slip, y: float) -> float:
    deal, voice = slip.deal, slip.voice
    space = slip.right - slip.left
    ends = [slip.left + space * share for share in (0.24, 0.62, 1.0)]
    titles = (
        f"{voice.label('vat_rate').replace('%', '').strip()} %",
        voice.label("taxable_amount"),
        voice.label("total_vat"),
    )
    for title, end in zip(titles, ends, strict=True):
        sheet.fitted((end, y), slip.case(title), slip.style.right(), space * 0.34 if end > ends[0] else space * 0.24)
    y += slip.step
    single = len(deal.vat) == 1
    for at, tax in enumerate(deal.vat):
        field = f"vat_breakdown.{at}"
        runs = (
            Run(format_amount(tax.rate, voice.amounts), f"{field}.rate"),
            voice.amount(tax.taxable_amount, f"{field}.taxable_amount" + ("|total_without_vat" if single else "")),
            voice.amount(tax.tax_amount, f"{field}.tax_amount" + ("|total_vat" if single else "")),
        )
        for run, end in zip(runs, ends, strict=True):
            sheet.text(end, y, (run,), slip.style.right())
        y += slip.step
    return y + slip.step * 0.3
