"""The sums of an invoice."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.synthetic.draw import chance
from scripts.synthetic.heads import WHITE, Job
from scripts.synthetic.sheet import Area, Rule, Run, Sheet, Type

Row = tuple[str, tuple[Run, ...]]


@dataclass(frozen=True)
class Sums:
    """Labelled sums in reading order, the last one to stand out."""

    rows: tuple[Row, ...]
    final: Row


def make_sums(job: Job) -> Sums:
    """Which sums this invoice shows, decided once so that it can be measured before it is drawn."""
    deal, voice = job.deal, job.voice
    rows = _before_tax(job)
    rows.extend(_taxes(job))
    final_name = "amount_credited" if deal.kind == "credit" and chance(job.rng, 0.6) else "amount_due"
    differs = deal.amount_due != deal.total_with_vat
    if differs or chance(job.rng, 0.35):
        rows.append((voice.label("total_with_vat"), voice.money(deal.total_with_vat, "total_with_vat")))
        if deal.paid_amount:
            rows.append((voice.label("paid_amount"), (voice.amount(-deal.paid_amount, "paid_amount"),)))
        if deal.rounding_amount:
            rows.append((voice.label("rounding_amount"), (voice.amount(deal.rounding_amount, "rounding_amount"),)))
        return Sums(tuple(rows), (voice.label(final_name), voice.money(deal.amount_due, "amount_due")))
    name = final_name if chance(job.rng, 0.5) else "total_with_vat"
    return Sums(tuple(rows), (voice.label(name), voice.money(deal.amount_due, "total_with_vat|amount_due")))


def sums_height(job: Job, sums: Sums) -> float:
    """Points needed below the table."""
    if job.layout.totals == "strip":
        return 70.0
    return (len(sums.rows) + 3) * (job.look.leading + 3) + 14


def draw_sums(sheet: Sheet, job: Job, sums: Sums, y: float) -> float:
    """Draws the sums below y and returns the y beneath."""
    look = job.look
    span = look.right - look.left
    if job.layout.totals == "strip":
        return _strip(sheet, job, sums, y)
    if job.layout.totals == "left":
        return _column(sheet, job, sums, (look.left, y, look.left + span * 0.5))
    left = look.left + span * (0.54 if job.layout.header != "sidebar" else 0.4)
    if job.layout.totals == "breakdown":
        bottom = _breakdown(sheet, job, (look.left, y, left - 16))
        return max(bottom, _column(sheet, job, sums, (left, y, look.right)))
    return _column(sheet, job, sums, (left, y, look.right))


def _before_tax(job: Job) -> list[Row]:
    deal, voice = job.deal, job.voice
    rows: list[Row] = []
    if deal.allowance or deal.charge:
        rows.append((voice.label("subtotal"), (voice.amount(deal.line_total),)))
    if deal.allowance:
        rows.append((voice.label("allowance"), (voice.amount(-deal.allowance),)))
    if deal.charge:
        rows.append((voice.label("charge"), (voice.amount(deal.charge),)))
    rows.append((voice.label("total_without_vat"), voice.money(deal.total_without_vat, "total_without_vat")))
    return rows


def _taxes(job: Job) -> list[Row]:
    deal, voice = job.deal, job.voice
    if len(deal.vat) == 1:
        label = voice.vat_row_label(deal.vat[0].rate) if chance(job.rng, 0.65) else voice.label("total_vat")
        return [(label, voice.money(deal.total_vat, "total_vat|vat_breakdown.0.tax_amount"))]
    rows: list[Row] = [
        (voice.vat_row_label(row.rate), (voice.amount(row.tax_amount, f"vat_breakdown.{at}.tax_amount"),))
        for at, row in enumerate(deal.vat)
    ]
    if job.layout.totals == "breakdown":
        rows = []
    if not rows or chance(job.rng, 0.6):
        rows.append((voice.label("total_vat"), voice.money(deal.total_vat, "total_vat")))
    return rows


def _column(sheet: Sheet, job: Job, sums: Sums, area: tuple[float, float, float]) -> float:
    """One sum a line: label at the left, value at the right end of left..right."""
    look, (left, y, right) = job.look, area
    boxed = job.layout.totals == "boxed"
    inset = 7.0 if boxed else 0.0
    top, step = y, look.leading + 3
    y += look.leading + 4
    for label, value in sums.rows:
        _pair(sheet, job, (label, value), (left + inset, y, right - inset, look.body))
        y += step
    final = look.body.strong().sized(look.size + 2)
    if boxed:
        sheet.draw(Area(left, top, right, y + look.size + 6, stroke=look.accent, width=0.8))
        sheet.draw(Area(left, y - look.size - 1, right, y + look.size + 6, fill=look.accent))
        final = final.coloured(WHITE)
    elif chance(job.rng, 0.7):
        sheet.draw(Rule(left, y - look.size - 1, right, y - look.size - 1, 0.9, look.accent))
    y += 3.5
    _pair(sheet, job, sums.final, (left + inset, y, right - inset, final))
    return y + look.leading + 8


def _pair(sheet: Sheet, job: Job, row: Row, place: tuple[float, float, float, Type]) -> None:
    (label, value), (left, y, right, style) = row, place
    used = sheet.fitted(
        (left, y), label + (job.voice.colon if job.layout.meta == "colon" else ""), style, (right - left) * 0.6
    )
    sheet.fitted((right, y), value, style.right(), right - left - used - 6)


def _strip(sheet: Sheet, job: Job, sums: Sums, y: float) -> float:
    """Labels above values in one row over the whole width, the last cell stands out."""
    look = job.look
    cells = [*sums.rows, sums.final]
    weights = [1.0] * len(sums.rows) + [1.35]
    unit = (look.right - look.left) / sum(weights)
    bottom, left = y + look.size * 3.6, look.left
    sheet.draw(Rule(look.left, y, look.right, y, 0.8, look.accent))
    sheet.draw(Rule(look.left, bottom, look.right, bottom, 0.8, look.accent))
    for (label, value), weight in zip(cells, weights, strict=True):
        right = left + unit * weight
        last = weight > 1
        style = look.body.strong().sized(look.size + 2) if last else look.body
        at = right - 4 if last else left + 2
        place = (style.right(), look.small.right()) if last else (style, look.small)
        sheet.fitted((at, y + look.size * 1.25), label, place[1].sized(look.size * 0.82).strong(), right - left - 6)
        sheet.fitted((at, y + look.size * 2.9), value, place[0], right - left - 6)
        left = right
    return bottom + 14


def _breakdown(sheet: Sheet, job: Job, area: tuple[float, float, float]) -> float:
    """The table of tax rates: rate, taxable amount, tax."""
    look, voice, (left, y, right) = job.look, job.voice, area
    y += look.leading + 4
    columns = (left, left + (right - left) * 0.62, right)
    titles = (
        f"{voice.label('vat_rate').replace('%', '').strip()} %",
        voice.label("taxable_amount"),
        voice.label("total_vat"),
    )
    small = look.small.strong()
    for x, title, style in zip(columns, titles, (small, small.right(), small.right()), strict=True):
        sheet.fitted((x, y), title, style, (right - left) * 0.34)
    sheet.draw(Rule(left, y + 3, right, y + 3, 0.5, look.accent))
    for at, row in enumerate(job.deal.vat):
        y += look.leading + 2
        sheet.text(columns[0], y, (Run(f"{voice.rate(row.rate)} %", f"vat_breakdown.{at}.rate"),), look.body)
        sheet.text(
            columns[1], y, (voice.amount(row.taxable_amount, f"vat_breakdown.{at}.taxable_amount"),), look.body.right()
        )
        sheet.text(columns[2], y, (voice.amount(row.tax_amount, f"vat_breakdown.{at}.tax_amount"),), look.body.right())
    return y + look.leading
