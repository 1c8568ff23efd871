"""The wording and formats one business keeps throughout a document."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from scripts.synthetic.culture import COUNTRIES, AmountStyle, Country, format_amount, format_day, format_quantity
from scripts.synthetic.draw import chance, pick
from scripts.synthetic.identifiers import spaced
from scripts.synthetic.sheet import Run
from scripts.synthetic.vocabulary import vocabulary

_BARE_VAT = ("ES", "PT", "IT")  # domestic invoices leave the prefix out
_BEFORE = frozenset(("£", "$", "RM", "CHF", "Fr.", "AUD", "GBP"))


@dataclass(frozen=True)
class Voice:
    """Chosen labels and formats. `colon` follows a label before its value; `symbol` is "" where sums carry none."""

    country: Country
    labels: Mapping[str, str]
    colon: str
    amounts: AmountStyle
    symbol: str
    symbol_first: bool
    symbol_gap: str
    date_pattern: str
    vat_prefix: bool
    vat_spaced: bool

    def label(self, name: str, colon: bool = False) -> str:
        text = self.labels[name]
        return text + self.colon if colon and not text.endswith(":") else text

    def amount(self, value: Decimal, field: str = "") -> Run:
        """Without a currency."""
        return Run(format_amount(value, self.amounts), field)

    def money(self, value: Decimal, field: str = "") -> tuple[Run, ...]:
        """With the currency, where this business writes one."""
        number = self.amount(value, field)
        if not self.symbol:
            return (number,)
        symbol = Run(self.symbol, "currency_code")
        gap = Run(self.symbol_gap)
        return (symbol, gap, number) if self.symbol_first else (number, gap, symbol)

    def quantity(self, value: Decimal) -> str:
        return format_quantity(value, AmountStyle("", self.amounts.decimal))

    def rate(self, value: Decimal) -> str:
        """A tax rate without its percent sign."""
        return self.quantity(value)

    def day(self, value: datetime.date, field: str = "") -> Run:
        return Run(format_day(value, self.date_pattern, self.country.locale), field)

    def vat_row_label(self, rate: Decimal) -> str:
        return self.labels["vat_line"].replace("{rate}", self.rate(rate))

    def vat_identifier(self, identifier: str, field: str) -> Run:
        """As printed: with or without the country's letters, in one piece or in groups."""
        text = identifier
        if not self.vat_prefix and text[:2] in _BARE_VAT:
            text = text[2:]
        elif self.vat_spaced and text[:2] in ("GB", "FR", "DE", "BE"):
            text = f"{text[:2]} {spaced(text[2:], 3)}"
        return Run(text, field)


def make_voice(rng: np.random.Generator, country: Country) -> Voice:
    """A random voice of the country."""
    words = vocabulary(country.language)
    foreign = {each.currency for each in COUNTRIES} - {country.currency}
    choices = {
        name: tuple(text for text in texts if not any(code in text for code in foreign))
        for name, texts in words.labels.items()
    }
    labels = {name: pick(rng, texts) for name, texts in choices.items()}
    if country.code in ("AU", "MY"):
        labels = {name: text.replace("VAT", "GST") for name, text in labels.items()}
        labels["seller_legal_registration_identifier"] = "ABN" if country.code == "AU" else "Co. Reg. No"
    labels = _distinct(labels, choices)
    if labels["vat_line"].endswith(":"):
        labels["vat_line"] = labels["vat_line"][:-1]
    symbol = pick(rng, country.symbols)
    space_before_colon = country.language == "fr" and chance(rng, 0.5)
    return Voice(
        country=country, labels=labels, colon=" :" if space_before_colon else ":",
        amounts=pick(rng, country.amounts), symbol=symbol,
        symbol_first=symbol in _BEFORE or (symbol == "€" and country.code == "IE"),
        symbol_gap="" if symbol in ("£", "$") or (symbol == "€" and country.code == "IE") else " ",
        date_pattern=pick(rng, country.dates), vat_prefix=chance(rng, 0.35), vat_spaced=chance(rng, 0.25),
    )  # fmt: skip


def _distinct(labels: dict[str, str], choices: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """No two sums of a document under the same word."""
    sums = ("total_without_vat", "total_vat", "total_with_vat", "amount_due", "subtotal", "allowance")
    seen: set[str] = set()
    out = dict(labels)
    for name in sums:
        if out[name].lower() in seen:
            out[name] = next((each for each in choices[name] if each.lower() not in seen), out[name])
        seen.add(out[name].lower())
    return out
