"""The top of an invoice: who sends it and what it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scripts.synthetic.deals import Deal
from scripts.synthetic.draw import chance, pick
from scripts.synthetic.layouts import InvoiceLayout
from scripts.synthetic.sheet import Area, Polygon, Rule, Run, Sheet, Type
from scripts.synthetic.typefaces import Typeface
from scripts.synthetic.voice import Voice

Colour = tuple[float, float, float]

INK: Colour = (0.08, 0.08, 0.09)
GREY: Colour = (0.38, 0.38, 0.4)
WHITE: Colour = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Look:
    """Typography of one business: points and RGB 0..1. `logo` numbers a drawn mark, 0 is none."""

    face: Typeface
    size: float
    accent: Colour
    tint: Colour
    left: float
    right: float
    logo: int

    @property
    def body(self) -> Type:
        return Type(self.size, colour=INK)

    @property
    def small(self) -> Type:
        return Type(self.size * 0.86, colour=GREY)

    @property
    def leading(self) -> float:
        return self.size * 1.36


@dataclass(frozen=True)
class Design:
    """What one business decided for all its invoices. `details` names what the head states beside number and dates, by
    label; None leaves it to chance."""

    look: Look
    voice: Voice
    details: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Job:
    """Everything a part of the page needs to know to draw itself."""

    rng: np.random.Generator
    deal: Deal
    layout: InvoiceLayout
    design: Design

    @property
    def look(self) -> Look:
        return self.design.look

    @property
    def voice(self) -> Voice:
        return self.design.voice

    @property
    def title(self) -> str:
        return self.voice.label("credit_title" if self.deal.kind == "credit" else "title")

    @property
    def title_runs(self) -> tuple[Run, ...]:
        """The title, which tells an invoice (380) from a credit note (381)."""
        return (Run(self.title, "invoice_type_code"),)

    @property
    def address_in_header(self) -> bool:
        """Whether the head shows the seller's address; otherwise the foot's columns do."""
        return self.layout.foot != "columns"


def draw_header(sheet: Sheet, job: Job) -> float:
    """Draws the head and returns the y below it."""
    return {
        "left": _left, "right": _right, "centre": _centre, "banner": _banner, "letter": _letter, "sidebar": _sidebar,
    }[job.layout.header](sheet, job)  # fmt: skip


def draw_continuation(sheet: Sheet, job: Job) -> float:
    """The short head of a further page; returns the y below it."""
    look, deal = job.look, job.deal
    y = 52.0
    if job.layout.header == "sidebar":
        _side_area(sheet, job)
    sheet.text(look.left, y, (Run(deal.seller.name, "seller_name"),), look.body.strong())
    number = (Run(f"{job.title} "), Run(deal.number, "invoice_number"))
    sheet.text(look.right, y, number, look.body.right())
    sheet.draw(Rule(look.left, y + 6, look.right, y + 6, 0.5, look.accent))
    return y + 26


def seller_lines(job: Job, with_web: bool = True) -> list[tuple[Run, ...]]:
    """Street, place, phone and mail, one line each."""
    seller, voice = job.deal.seller, job.voice
    lines: list[tuple[Run, ...]] = [
        (Run(seller.street, "seller_address#head"),),
        (Run(seller.place, "seller_address#head"),),
        (Run(f"{voice.label('phone', colon=True)} {seller.phone}"),),
    ]
    return [*lines, (Run(seller.mail),), (Run(seller.web),)] if with_web else [*lines, (Run(seller.mail),)]


def _name(job: Job) -> tuple[Run, ...]:
    return (Run(job.deal.seller.name, "seller_name"),)


def _block(sheet: Sheet, x: float, y: float, lines: list[tuple[Run, ...]], style: Type) -> float:
    for line in lines:
        sheet.text(x, y, line, style)
        y += style.size * 1.32
    return y


def _left(sheet: Sheet, job: Job) -> float:
    look = job.look
    x = look.left + draw_logo(sheet, look, look.left, 38)
    width = sheet.measure(job.title, Type(22, bold=True))
    sheet.fitted((x, 60), _name(job), Type(17, True, look.accent), look.right - x - width - 14)
    sheet.text(look.right, 62, job.title_runs, Type(22, True, INK, "right"))
    y = 78.0
    if job.address_in_header:
        y = _block(sheet, x, y + 2, seller_lines(job), look.small)
    return y + 12


def _right(sheet: Sheet, job: Job) -> float:
    look = job.look
    draw_logo(sheet, look, look.left, 36)
    top = 102.0 if look.logo else 62.0
    sheet.text(look.left, top, job.title_runs, Type(24, True, look.accent))
    sheet.fitted((look.right, 52), _name(job), Type(14, True, INK, "right"), (look.right - look.left) * 0.55)
    lines = seller_lines(job) if job.address_in_header else []
    y = _block(sheet, look.right, 68, lines, look.small.right())
    return max(y, top + 18) + 10


def _centre(sheet: Sheet, job: Job) -> float:
    look, seller = job.look, job.deal.seller
    middle = (look.left + look.right) / 2
    sheet.fitted((middle, 58), _name(job), Type(20, True, look.accent, "centre"), look.right - look.left)
    y = 74.0
    if job.address_in_header:
        address = (Run(seller.street, "seller_address#head"), Run("  ·  "), Run(seller.place, "seller_address#head"))
        sheet.text(middle, y, address, look.small.centre())
        sheet.text(
            middle,
            y + 13,
            f"{job.voice.label('phone', colon=True)} {seller.phone}  ·  {seller.mail}",
            look.small.centre(),
        )
        y += 26
    sheet.draw(Rule(look.left, y, look.right, y, 1.2, look.accent))
    sheet.text(look.left, y + 34, job.title_runs, Type(18, True, INK))
    return y + 56


def _banner(sheet: Sheet, job: Job) -> float:
    look = job.look
    sheet.draw(Area(0, 0, sheet.width, 84, fill=look.accent))
    width = sheet.measure(job.title, Type(20, bold=True))
    sheet.fitted((look.left, 52), _name(job), Type(19, True, WHITE), look.right - look.left - width - 16)
    sheet.text(look.right, 52, job.title_runs, Type(20, True, WHITE, "right"))
    y = 102.0
    if job.address_in_header:
        seller = job.deal.seller
        line = (Run(seller.street, "seller_address#head"), Run(", "), Run(seller.place, "seller_address#head"))
        sheet.text(look.left, y, line, look.small)
        sheet.text(look.right, y, f"{seller.phone}   {seller.mail}", look.small.right())
    return y + 18


def _letter(sheet: Sheet, job: Job) -> float:
    look, seller = job.look, job.deal.seller
    column = look.right - 165
    draw_logo(sheet, look, look.right - 34, 30)
    sheet.fitted((column, 82), _name(job), Type(13, True, look.accent), 165)
    y = _block(sheet, column, 98, seller_lines(job), look.small)
    sender = (
        Run(f"{seller.name} · "), Run(seller.street, "seller_address#sender"), Run(" · "),
        Run(seller.place, "seller_address#sender"),
    )  # fmt: skip
    if job.layout.buyer == "left":
        width = sheet.text(look.left, 136, sender, Type(6.5, colour=GREY))
        sheet.draw(Rule(look.left, 138.5, look.left + width, 138.5, 0.4, GREY))
    return max(y, 144) + 6


def _sidebar(sheet: Sheet, job: Job) -> float:
    look = job.look
    _side_area(sheet, job)
    draw_logo(sheet, look, 26, 40)
    y = 96.0
    for line in sheet.wrap(job.deal.seller.name, Type(12, bold=True), 122):
        sheet.text(26, y, (Run(line, "seller_name#side"),), Type(12, True, look.accent))
        y += 15
    _narrow_block(sheet, 26, y + 6, seller_lines(job), look.small)
    sheet.text(look.left, 66, job.title_runs, Type(24, True, INK))
    return 92.0


def _narrow_block(sheet: Sheet, x: float, y: float, lines: list[tuple[Run, ...]], style: Type) -> None:
    for line in lines:
        sheet.fitted((x, y), line, style, 124)
        y += style.size * 1.4


def _side_area(sheet: Sheet, job: Job) -> None:
    sheet.draw(Area(0, 0, 158, sheet.height, fill=job.look.tint))


def draw_logo(sheet: Sheet, look: Look, x: float, top: float, size: float = 34) -> float:
    """A mark of simple shapes with its top left corner at (x, top); returns the width to leave for it."""
    bottom, middle = top + size, (x + size / 2, top + size / 2)
    if look.logo == 1:
        sheet.draw(Polygon((middle, (x, top + size / 2)), look.accent))
        peak = (
            (x + size * 0.2, top + size * 0.68),
            (x + size / 2, top + size * 0.2),
            (x + size * 0.8, top + size * 0.68),
        )
        sheet.draw(Polygon(peak, WHITE))
    elif look.logo == 2:
        for at in range(3):
            left = x + at * size * 0.36
            sheet.draw(Area(left, top + size * (0.5 - at * 0.22), left + size * 0.26, bottom, fill=look.accent))
    elif look.logo == 3:
        half = size / 2
        sheet.draw(Polygon(((x, top), (x + half, top), (x, top + half)), look.accent))
        sheet.draw(Polygon(((x + size, bottom), (x + half, bottom), (x + size, top + half)), look.accent))
        sheet.draw(Polygon(((x + half, top), (x + size, top), (x, bottom), (x, top + half)), look.tint))
    elif look.logo == 4:
        sheet.draw(Area(x, top, x + size, bottom, fill=look.accent, radius=6))
        sheet.draw(Polygon((middle, (x + size * 0.25, top + size / 2)), WHITE))
        sheet.draw(Polygon((middle, (x + size * 0.38, top + size / 2)), look.accent))
    return size + 12 if look.logo else 0.0


_ACCENTS: tuple[Colour, ...] = (
    (0.08, 0.08, 0.09), (0.1, 0.22, 0.42), (0.07, 0.36, 0.34), (0.45, 0.1, 0.14), (0.16, 0.34, 0.16), (0.05, 0.3, 0.55),
    (0.32, 0.18, 0.42), (0.62, 0.29, 0.05), (0.2, 0.25, 0.3), (0.0, 0.4, 0.6), (0.3, 0.3, 0.3),
)  # fmt: skip


def make_look(rng: np.random.Generator, layout: InvoiceLayout, faces: tuple[Typeface, ...]) -> Look:
    """A random look for the layout out of the given typefaces."""
    accent = pick(rng, _ACCENTS)
    share = float(rng.uniform(0.84, 0.93))
    red, green, blue = (share + (1 - share) * part for part in accent)
    left = 176.0 if layout.header == "sidebar" else float(rng.uniform(40, 60))
    return Look(
        face=pick(rng, faces), size=float(rng.choice([8.5, 9.0, 9.0, 9.5, 10.0])), accent=accent,
        tint=(red, green, blue),
        left=left, right=595.28 - float(rng.uniform(38, 56)), logo=int(rng.integers(1, 5)) if chance(rng, 0.65) else 0,
    )  # fmt: skip
