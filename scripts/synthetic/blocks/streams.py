"""Documents of one supplier after another: one layout and wording, other days, numbers and amounts each time."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from decimal import Decimal

import numpy as np
from playwright.sync_api import Page

from scripts.synthetic.blocks.documents import BlockDocument, composed
from scripts.synthetic.blocks.sales import Sale, make_sale
from scripts.synthetic.deals import ZERO
from scripts.synthetic.draw import pick, whole
from scripts.synthetic.more_countries import every_country

_ATTEMPTS = 8
_APART = (27, 34)  # days from one document to the next


def make_stream(page: Page, seed: int, language: str, count: int) -> list[BlockDocument]:
    """Invoices of one supplier to one buyer; the same arguments give the same ones."""
    for attempt in range(_ATTEMPTS):
        made = _stream(page, [seed, 177 + attempt, *language.encode()], language, count)
        if len(made) == count:
            return made
    raise ValueError(f"no stream of {_ATTEMPTS} tries for seed {seed} in {language} fits its paper; take another seed")


def _stream(page: Page, seed: list[int], language: str, count: int) -> list[BlockDocument]:
    """The documents up to the first whose text leaves its paper."""
    rng = np.random.default_rng(seed)
    sale = make_sale(rng, pick(rng, every_country(language)), "invoice")
    made: list[BlockDocument] = []
    for _ in range(count):
        look = np.random.default_rng([*seed, 1])  # every document is drawn alike
        document = composed(page, look, sale, language)
        if document is None:
            break
        made.append(document)
        sale = following(rng, sale)
    return made


def following(rng: np.random.Generator, sale: Sale) -> Sale:
    """The next sale to the same buyer: as many lines of other amounts, so that the layout's other choices stay."""
    later = datetime.timedelta(days=whole(rng, *_APART))
    deal = sale.deal
    lines = tuple(
        replace(line, quantity=Decimal(whole(rng, 1, 24)), unit_price=_other_price(rng, line.unit_price))
        for line in deal.lines
    )
    due = None if deal.due_date is None else deal.due_date + later
    deal = replace(
        deal, number=_next_number(rng, deal.number), issue_date=deal.issue_date + later, due_date=due, lines=lines,
        paid_amount=ZERO, allowance=ZERO,
    )  # fmt: skip
    facts = {name: value + later if isinstance(value, datetime.date) else value for name, value in sale.facts.items()}
    return replace(sale, deal=deal, facts=facts)


def _other_price(rng: np.random.Generator, price: Decimal) -> Decimal:
    return max(Decimal("0.01"), (price * whole(rng, 60, 150) / 100).quantize(Decimal("0.01")))


def _next_number(rng: np.random.Generator, number: str) -> str:
    """The number some documents later; one without digits gets one."""
    found = list(re.finditer(r"\d+", number))
    if not found:
        return f"{number}2"
    last = found[-1]
    more = str(int(last[0]) + whole(rng, 1, 9)).zfill(len(last[0]))
    return number[: last.start()] + more + number[last.end() :]
