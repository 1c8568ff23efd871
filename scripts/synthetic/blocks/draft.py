"""A document while it is composed: the sale, its wording and look, and the ink that remembers what shows a field."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from html import escape

import numpy as np
from babel import Locale

from scripts.synthetic.blocks.accounts import reference_label
from scripts.synthetic.blocks.ink import Ink
from scripts.synthetic.blocks.phrases import Words, words_of
from scripts.synthetic.blocks.sales import Sale
from scripts.synthetic.blocks.style import Style
from scripts.synthetic.blocks.wording import choose_labels, two_languages
from scripts.synthetic.culture import Country
from scripts.synthetic.deals import Kind
from scripts.synthetic.draw import chance, pick, whole
from scripts.synthetic.parties import Party
from scripts.synthetic.voice import Voice

_BEFORE = frozenset(("£", "$", "RM", "CHF", "Fr.", "AUD", "GBP", "R", "S$", "C$", "₺"))
_TIGHT = frozenset(("£", "$", "S$", "C$", "R", "₺"))

Entry = tuple[str, str]  # a label and the HTML of its value


@dataclass(frozen=True)
class Draft:
    """What every block draws from; `capitals`: names and addresses of parties in capitals."""

    rng: np.random.Generator
    sale: Sale
    voice: Voice
    words: Words
    style: Style
    ink: Ink
    capitals: bool = False

    def label(self, name: str) -> str:
        """HTML of a label, without what follows it."""
        return escape(self.voice.labels[name])

    def party(self, field: str, text: str) -> str:
        """HTML of a party's name or a line of its address."""
        return self.ink.show(field, text.upper() if self.capitals else text)

    def announced(self, label: str, always: bool = False) -> str:
        """A label with the business's colon; `always`: with one even where this business writes none."""
        colon = self.voice.colon or (":" if always else "")
        return label if not label or label[-1] in ":#?" or (label[-1] == "." and colon == ".") else label + colon

    def money(self, value: Decimal, field: str = "") -> str:
        return f'<span class="k">{self.ink.runs(*self.voice.money(value, field))}</span>'

    def amount(self, value: Decimal, field: str = "") -> str:
        return f'<span class="k">{self.ink.runs(self.voice.amount(value, field))}</span>'

    def day(self, value: datetime.date, field: str = "") -> str:
        return self.ink.runs(self.voice.day(value, field))

    def vat(self, party: Party, field: str) -> str:
        return self.ink.runs(self.voice.vat_identifier(party.vat_identifier, field))

    def territory(self, party: Party) -> str:
        """The party's country in the document's language."""
        return str(Locale.parse(self.voice.country.language).territories[party.country])

    def sentence(self, name: str, **values: str) -> str:
        """One of the language's sentences; `values` are HTML."""
        text = escape(pick(self.rng, self.words.sentences[name]), quote=False)
        plain = {
            "year": str(whole(self.rng, 1898, 2019)), "days": str(whole(self.rng, 5, 45)),
            "city": self.sale.deal.seller.city,
            "percent": pick(self.rng, ("2", "3", "8", "1,5", "10", "0,05")), "person": self.sale.people[0],
            "person2": self.sale.people[1],
        }  # fmt: skip
        for key, value in {**{key: escape(value) for key, value in plain.items()}, **values}.items():
            text = text.replace(f"{{{key}}}", value)
        return text

    def chance(self, probability: float) -> bool:
        return chance(self.rng, probability)


def make_draft(rng: np.random.Generator, sale: Sale, style: Style, language: str) -> Draft:
    """A draft with random wording in the language, which need not be the country's."""
    country = sale.deal.country
    if language != country.language:
        dates = ("d MMMM yyyy", "d MMM yyyy", *country.dates[:2])
        country = replace(country, language=language, locale=language, dates=dates)
    voice = make_block_voice(rng, country, sale.deal.kind)
    return Draft(rng, sale, voice, words_of(language), style, Ink(), chance(rng, 0.06))


def make_block_voice(rng: np.random.Generator, country: Country, kind: Kind) -> Voice:
    """Labels out of the locales, with the punctuation of one business."""
    labels = choose_labels(rng, country, kind)
    if country.language != "en" and chance(rng, 0.05):
        labels = two_languages(rng, labels)
    own = reference_label(country)
    if own and country.language != "en" and chance(rng, 0.6):
        labels["remittance_information"] = own
    number = labels["invoice_number"]
    if chance(rng, 0.12) and number[-1:].isalpha():
        labels["invoice_number"] = number + pick(rng, (" #", " No.", " nr", "#"))
    symbol = pick(rng, country.symbols)
    usual = symbol in _BEFORE or (symbol == "€" and country.code in ("IE", "NL", "BE") and chance(rng, 0.8))
    first = usual != chance(rng, 0.05)
    tight = symbol in _TIGHT or (first and symbol == "€" and chance(rng, 0.5))
    return Voice(
        country=country, labels=labels, colon=pick(rng, (":", ":", ":", "", "", " :", ".")),
        amounts=pick(rng, country.amounts),
        symbol=symbol, symbol_first=first, symbol_gap="" if tight else " ",
        date_pattern=pick(rng, country.dates), vat_prefix=chance(rng, 0.5), vat_spaced=chance(rng, 0.2),
    )  # fmt: skip


def without_symbol(draft: Draft) -> Draft:
    """The same with bare amounts, as in tables whose head names the currency."""
    return replace(draft, voice=replace(draft.voice, symbol=""))


def columns(parts: Sequence[str], widths: Sequence[int], align: str = "stretch", gap: int = 6) -> str:
    """Blocks beside each other; `gap` between them in millimetres."""
    cells = "".join(f'<div style="flex:{width} 1 0">{part}</div>' for part, width in zip(parts, widths, strict=True))
    return f'<div class="row g" style="align-items:{align};gap:{gap}mm">{cells}</div>'


def lines(parts: Sequence[str]) -> str:
    """One below the other."""
    return "".join(f"<div>{part}</div>" for part in parts if part)
