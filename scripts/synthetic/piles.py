"""Files that hold several documents: invoices of one to four pages with what lies among them in a pile.

A pile may hold several invoices of one supplier, terms and delivery notes behind an invoice, empty backs, sheets that
separate documents, and pages out of their order.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
from playwright.sync_api import Page as Browser
from reportlab.pdfgen.canvas import Canvas

from invoice_connector.locales import locales
from scripts.synthetic.blocks.documents import composed
from scripts.synthetic.blocks.sales import make_sale
from scripts.synthetic.blocks.streams import following
from scripts.synthetic.deal_making import make_deal_in
from scripts.synthetic.deals import ZERO, Deal, Kind, SoldLine
from scripts.synthetic.draw import chance, pick, whole
from scripts.synthetic.invoices import draw_invoice
from scripts.synthetic.layouts import InvoiceLayout, find_layout
from scripts.synthetic.more_countries import every_country
from scripts.synthetic.receipts import draw_receipt
from scripts.synthetic.rendering import to_pdf
from scripts.synthetic.sheet import A4, Page, Text
from scripts.synthetic.typefaces import typefaces

_LINES = {1: (1, 12), 2: (20, 45), 3: (50, 85), 4: (85, 125)}  # that fill so many pages, about
_SHARE_OF_PAGES = (0.45, 0.3, 0.15, 0.1)
_SENTENCES = Path(__file__).resolve().parent.parent / "sentences"
_NUMBERED_AT = 26.0  # points from the top, where drawn documents have their page numbers


@dataclass(frozen=True)
class Single:
    """One document: its pages, each a PDF, and those of what may lie behind it, by kind."""

    pages: tuple[bytes, ...]
    beside: Mapping[str, tuple[bytes, ...]]


@dataclass(frozen=True)
class Pile:
    """Several documents one after another. ``pages``: each a PDF; ``parts``: the pages of each document, counted from
    1, in their right order; ``loose``: pages that are no document's."""

    pages: tuple[bytes, ...]
    parts: tuple[tuple[int, ...], ...]
    loose: tuple[int, ...]


def drawn_documents(seed: int, language: str, layout: int, count: int) -> list[Single]:
    """Documents of one supplier in one of the drawn layouts."""
    rng = np.random.default_rng([seed, layout, 5, *language.encode()])
    family, country = find_layout(layout), pick(rng, every_country(language))
    kind: Kind = "invoice" if isinstance(family, InvoiceLayout) else "receipt"
    numbered, first, made = chance(rng, 0.6), make_deal_in(rng, country, kind), list[Single]()
    for _ in range(count):
        deal = make_deal_in(rng, country, kind)
        payment = replace(first.payment, reference=deal.payment.reference)
        buyer = first.buyer if chance(rng, 0.5) else deal.buyer
        deal = replace(deal, seller=first.seller, payment=payment, buyer=buyer)
        look = np.random.default_rng([seed, 1])
        if isinstance(family, InvoiceLayout):
            pages = draw_invoice(look, _of_length(rng, deal), family)
        else:
            pages = draw_receipt(look, deal, family)
        made.append(_single(rng, to_pdf(pages if numbered else _unnumbered(pages)), deal))
    return made


def block_documents(browser: Browser, seed: int, language: str, count: int) -> list[Single]:
    """The same in blocks that a browser lays out; fewer where one leaves its paper."""
    rng = np.random.default_rng([seed, 277, *language.encode()])
    sale = make_sale(rng, pick(rng, every_country(language)), "receipt" if chance(rng, 0.06) else "invoice")
    made: list[Single] = []
    for _ in range(count):
        if sale.deal.kind == "invoice":
            sale = replace(sale, deal=_of_length(rng, sale.deal))
        document = composed(browser, np.random.default_rng([seed, 1]), sale, language)
        if document is not None:
            made.append(_single(rng, document.printed.pdf, sale.deal))
        sale = following(rng, sale)
    return made


def make_pile(rng: np.random.Generator, suppliers: Sequence[Sequence[Single]], count: int) -> Pile:
    """A pile of ``count`` documents of the suppliers, several of one of them in a third of the piles."""
    singles = _chosen(rng, suppliers, count)
    separated, backs, behind = chance(rng, 0.15), chance(rng, 0.12), 0.3 if chance(rng, 0.4) else 0.0
    pages, parts, loose = list[bytes](), list[tuple[int, ...]](), list[int]()
    for number, single in enumerate(singles):
        if separated and number:
            loose.append(len(pages) + 1)
            pages.append(separating_sheet(rng))
        own = single.pages
        order = list(range(len(own)))
        if len(own) > 1 and chance(rng, 0.06):
            order = [int(at) for at in rng.permutation(len(own))]
        begin = len(pages) + 1
        pages += [own[at] for at in order]
        part = [begin + order.index(at) for at in range(len(own))]
        if single.beside and chance(rng, behind):
            part.append(len(pages) + 1)
            pages += single.beside[pick(rng, sorted(single.beside))]
            part += range(part[-1] + 1, len(pages) + 1)
        parts.append(tuple(part))
        if backs and len(part) % 2 and number + 1 < len(singles):
            loose.append(len(pages) + 1)
            pages.append(empty_sheet())
    return Pile(tuple(pages), tuple(parts), tuple(loose))


def joined(pdfs: Sequence[bytes]) -> bytes:
    """One PDF of all pages."""
    with pikepdf.new() as whole_file:
        for pdf in pdfs:
            with pikepdf.open(io.BytesIO(pdf)) as part:
                whole_file.pages.extend(part.pages)
        out = io.BytesIO()
        whole_file.save(out, deterministic_id=True)
    return out.getvalue()


def _chosen(rng: np.random.Generator, suppliers: Sequence[Sequence[Single]], count: int) -> list[Single]:
    places = list(rng.permutation(len(suppliers)))
    chosen = list[Single]()
    if chance(rng, 0.35):
        several = [suppliers[int(at)] for at in places if len(suppliers[int(at)]) > 1]
        chosen += several[0][: whole(rng, 2, max(2, min(count, len(several[0]))))] if several else []
    while len(chosen) < count:
        chosen.append(pick(rng, suppliers[int(places.pop())]))
    chosen = chosen[:count]
    return [chosen[int(at)] for at in rng.permutation(count)] if chance(rng, 0.5) else chosen


def _of_length(rng: np.random.Generator, deal: Deal) -> Deal:
    """The deal with as many lines as fill a number of pages that is drawn."""
    wanted = whole(rng, *_LINES[1 + int(rng.choice(4, p=_SHARE_OF_PAGES))])
    lines = [_varied(rng, deal.lines[at % len(deal.lines)], at < len(deal.lines)) for at in range(wanted)]
    return replace(deal, lines=tuple(lines), allowance=ZERO, paid_amount=ZERO)


def _varied(rng: np.random.Generator, line: SoldLine, first: bool) -> SoldLine:
    if first:
        return line
    return replace(line, quantity=Decimal(whole(rng, 1, 24)), item_number=f"{line.item_number}{whole(rng, 1, 9)}")


def _unnumbered(pages: tuple[Page, ...]) -> tuple[Page, ...]:
    """Without the page numbers, which stand above everything else."""

    def numbers(command: Any) -> bool:
        return isinstance(command, Text) and command.y == _NUMBERED_AT and any(c.isdigit() for c in command.text)

    return tuple(replace(page, commands=tuple(each for each in page.commands if not numbers(each))) for page in pages)


def _single(rng: np.random.Generator, pdf: bytes, deal: Deal) -> Single:
    return Single(_pages_of(pdf), {"terms": _terms(rng, deal), "delivery_note": _delivery_note(rng, deal)})


def _pages_of(pdf: bytes) -> tuple[bytes, ...]:
    out = list[bytes]()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            with pikepdf.new() as one:
                one.pages.append(page)
                stream = io.BytesIO()
                one.save(stream, deterministic_id=True)
                out.append(stream.getvalue())
    return tuple(out)


@dataclass
class _Paper:
    """A page that is written from top to bottom; y in points from the top."""

    canvas: Canvas
    font: str
    y: float = 60.0

    def say(self, text: str, size: float = 9.0, x: float = 56.0) -> None:
        if self.y > A4[1] - 60:
            self.canvas.showPage()
            self.y = 60.0
        self.canvas.setFont(self.font, size)
        self.canvas.drawString(x, A4[1] - self.y, text)
        self.y += 1.4 * size


def _paper(rng: np.random.Generator) -> tuple[io.BytesIO, _Paper]:
    out = io.BytesIO()
    return out, _Paper(Canvas(out, pagesize=A4, invariant=1), pick(rng, typefaces("sans")).regular)


def _terms(rng: np.random.Generator, deal: Deal) -> tuple[bytes, ...]:
    """One or two pages of sentences about paying, delivering and what else sellers say."""
    stream, paper = _paper(rng)
    if chance(rng, 0.5):
        paper.say(deal.seller.name, 12)
    sentences = list(_prose(rng, deal.country.language, whole(rng, 35, 120)))
    for number, start in enumerate(range(0, len(sentences), 3), start=1):
        paper.say(f"{number}. {sentences[start]}", 8)
        for sentence in sentences[start + 1 : start + 3]:
            paper.say(sentence[:120], 8)
        paper.y += 5
    paper.canvas.save()
    return _pages_of(stream.getvalue())


def _prose(rng: np.random.Generator, language: str, count: int) -> Iterator[str]:
    patterns = _patterns(language)
    for _ in range(count):
        text = pick(rng, patterns)
        while (found := re.search(r"\(([^()]*)\)", text)) is not None:
            text = text[: found.start()] + pick(rng, found[1].split("|")) + text[found.end() :]
        yield re.sub(r"\{\w*\}", lambda _: str(whole(rng, 7, 60)), text)


@cache
def _patterns(language: str) -> tuple[str, ...]:
    path = _SENTENCES / f"{language}.toml"
    return tuple(tomllib.loads((path if path.exists() else _SENTENCES / "en.toml").read_text("utf-8"))["ordinary"])


def _delivery_note(rng: np.random.Generator, deal: Deal) -> tuple[bytes, ...]:
    """What was delivered, with a number and a day of its own, and without prices."""
    stream, paper = _paper(rng)
    seller, own = deal.seller, locales()
    words = own.get(deal.country.language, own["en"])
    title = pick(rng, words.other_kinds.get("delivery_note", own["en"].other_kinds["delivery_note"]))
    paper.say(seller.name, 13)
    paper.say(f"{seller.street}, {seller.place}")
    paper.y += 20
    paper.say(title.capitalize(), 15)
    paper.say(f"{title.capitalize()}: {whole(rng, 10_000, 99_999)}")
    paper.say(f"{deal.issue_date:%d.%m.%Y}")
    if chance(rng, 0.5):
        paper.say(deal.number)
    if deal.buyer is not None:
        for text in (deal.buyer.name, deal.buyer.street, deal.buyer.place):
            paper.say(text)
    paper.y += 20
    for line in deal.lines:
        paper.say(f"{line.quantity.normalize():f} {line.unit}", x=56)
        paper.y -= 1.4 * 9
        paper.say(line.description[:70], x=140)
    if chance(rng, 0.5):
        paper.say(f"{seller.vat_identifier}   {seller.phone}", 7)
    paper.canvas.save()
    return _pages_of(stream.getvalue())


def empty_sheet() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def separating_sheet(rng: np.random.Generator) -> bytes:
    """An empty sheet, or one with a few large words."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setFont(pick(rng, typefaces("sans")).regular, whole(rng, 24, 60))
    text = pick(rng, ("", "***", "Trennblatt", "SEPARATOR", "SEPARATOR SHEET", "PATCH T", "Patch II", "--- / ---"))
    canvas.drawCentredString(A4[0] / 2, A4[1] / 2, text)
    canvas.showPage()
    canvas.save()
    return out.getvalue()
