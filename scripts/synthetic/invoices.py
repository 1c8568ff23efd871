"""Whole invoices and credit notes: parts put together, page after page."""

from __future__ import annotations

import numpy as np

from scripts.synthetic.deals import Deal
from scripts.synthetic.draw import chance
from scripts.synthetic.feet import draw_foot, foot_height
from scripts.synthetic.heads import Design, Job, draw_continuation, draw_header, make_look
from scripts.synthetic.layouts import InvoiceLayout
from scripts.synthetic.metadata import draw_metadata
from scripts.synthetic.sheet import Page, Sheet
from scripts.synthetic.sums import draw_sums, make_sums, sums_height
from scripts.synthetic.tables import draw_table
from scripts.synthetic.typefaces import Typeface, typefaces
from scripts.synthetic.voice import make_voice


def draw_invoice(
    rng: np.random.Generator, deal: Deal, layout: InvoiceLayout, design: Design | None = None
) -> tuple[Page, ...]:
    """The pages of the deal in the layout; a design is drawn where none is given."""
    if design is None:
        design = Design(make_look(rng, layout, _faces(rng, layout)), make_voice(rng, deal.country))
    job = Job(rng, deal, layout, design)
    chosen = design.look
    sheet = Sheet(chosen.face)
    sums = make_sums(job)
    y = draw_metadata(sheet, job, draw_header(sheet, job))
    if layout.header == "letter":  # its head has an address where others have the title
        sheet.text(chosen.left, y + 10, job.title_runs, chosen.body.strong().sized(15))
        y += 26
    if y > sheet.height - 160:
        sheet.new_page()
        y = draw_continuation(sheet, job)
    bottom = sheet.height - 60
    y = draw_table(sheet, job, y, lambda: bottom)
    floor = sheet.height - foot_height(job)
    needed = sums_height(job, sums)
    if y + needed > floor:
        sheet.new_page()
        y = draw_continuation(sheet, job)
    elif layout.totals == "strip":
        y = floor - needed
    y = draw_sums(sheet, job, sums, y)
    if layout.foot in ("columns", "line", "box") and y + 2 * chosen.leading < floor and chance(rng, 0.6):
        _note(sheet, job, min(y + 14, floor - 12))
    draw_foot(sheet, job, sums)
    return _numbered(rng, sheet, job)


def _faces(rng: np.random.Generator, layout: InvoiceLayout) -> tuple[Typeface, ...]:
    if layout.monospaced:
        return typefaces("mono")
    return typefaces("serif") if chance(rng, 0.2) else typefaces("sans")


def _note(sheet: Sheet, job: Job, y: float) -> None:
    for line in sheet.wrap(job.voice.label("note"), job.look.small, job.look.right - job.look.left)[:2]:
        sheet.text(job.look.left, y, line, job.look.small)
        y += job.look.leading


def _numbered(rng: np.random.Generator, sheet: Sheet, job: Job) -> tuple[Page, ...]:
    """Page numbers in a corner, always on several pages, seldom on one."""
    pages = sheet.page_number
    if pages == 1 and chance(rng, 0.7):
        return sheet.finish()
    style = job.look.small.sized(job.look.size * 0.8).right()
    for number in range(1, pages + 1):
        text = job.voice.label("page").format(page=number, pages=pages)
        sheet.on_page(number).text(job.look.right, 26, text, style)
    return sheet.finish()
