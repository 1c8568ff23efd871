"""A sale with all that its document may mention beside it: other addresses, dates, numbers and amounts."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from scripts.synthetic.blocks.accounts import Account, make_account
from scripts.synthetic.blocks.names import business_name
from scripts.synthetic.culture import COUNTRIES, Country
from scripts.synthetic.deal_making import make_deal_in
from scripts.synthetic.deals import ZERO, Deal, Kind, VatRow
from scripts.synthetic.draw import chance, digits, fill, pick, whole
from scripts.synthetic.more_countries import MORE_COUNTRIES
from scripts.synthetic.parties import Party, make_party, person_name
from scripts.synthetic.vocabulary import vocabulary

_NUMBERS = (
    "#####", "######", "{year}-####", "{year}/###", "INV-######", "#######", "{year}#####", "@@@-####", "@####/{year}",
    "##-####", "{short}-#####", "F{short}#####", "{year}.###", "No##", "@@#####", "1", "##", "###",
    "FV/##/{year}", "{month}/{year}/##", "SI-####", "#-######-#", "R-{year}-##", "V{short}###", "8#########",
)  # fmt: skip
_CURRENCIES = (
    ("EUR", ("€", "EUR", "EUR")), ("USD", ("$", "USD", "US$")), ("GBP", ("£", "GBP")), ("SEK", ("SEK",)),
    ("CHF", ("CHF",)),
)  # fmt: skip
_MAILS = ("gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com", "gmx.net")


Fact = str | datetime.date | tuple[datetime.date, datetime.date]  # a period has two days


@dataclass(frozen=True)
class Sale:
    """`brand` is the seller without its legal form; `facts` are distractors by the name of their label; `balance` was
    owed before this document."""

    deal: Deal
    brand: str
    private: bool
    account: Account
    ship_to: Party
    people: tuple[str, str]
    facts: Mapping[str, Fact]
    balance: Decimal


def make_sale(rng: np.random.Generator, country: Country, kind: Kind, collected: float = 0.0) -> Sale:
    """A random sale in the country; `collected`: the share of names that people made up."""
    deal = make_deal_in(rng, country, kind)
    name = business_name(rng, country, 0.55 if kind == "receipt" else 0.72, collected)
    seller = _reachable(rng, make_party(rng, country, name.full))
    private = chance(rng, 0.2)
    words = vocabulary(country.language)
    other = person_name(rng, words) if private else business_name(rng, country, 0.75, collected).full
    abroad = pick(rng, (*COUNTRIES, *MORE_COUNTRIES)) if chance(rng, 0.06) and not private else country
    buyer = None if kind == "receipt" else make_party(rng, abroad, other if abroad is country else None)
    number = fill(rng, pick(rng, _NUMBERS).format(
        year=deal.issue_date.year, short=f"{deal.issue_date.year % 100:02d}", month=f"{deal.issue_date.month:02d}",
    )) if chance(rng, 0.6) else deal.number  # fmt: skip
    account = make_account(rng, country, deal.payment)
    deal = replace(_shortened(rng, deal), seller=seller, buyer=buyer, number=number, payment=account.payment)
    if country.currency != _home_currency(country):
        deal = replace(deal, rounding_step=None)
    if chance(rng, 0.04) and kind == "invoice":
        deal = replace(deal, lines=tuple(replace(line, vat_rate=Decimal(0)) for line in deal.lines))
    people = (person_name(rng, words), person_name(rng, words))
    facts, balance = _facts(rng, deal, people), Decimal(whole(rng, 500, 900000)) / 100
    return Sale(deal, name.brand, private, account, make_party(rng, country, other), people, facts, balance)


def _home_currency(country: Country) -> str:
    return next(each.currency for each in (*COUNTRIES, *MORE_COUNTRIES) if each.code == country.code)


def _reachable(rng: np.random.Generator, party: Party) -> Party:
    if chance(rng, 0.12):
        return replace(party, mail=f"{party.mail.split('@')[0]}{whole(rng, 1, 99)}@{pick(rng, _MAILS)}")
    if chance(rng, 0.08):
        return replace(party, mail=f"info@{digits(rng, 2)}{party.web.removeprefix('www.')}")
    return party


def _shortened(rng: np.random.Generator, deal: Deal) -> Deal:
    """Fewer long tables than the drawn layouts have."""
    if len(deal.lines) < 14 or chance(rng, 0.25):
        return deal
    return replace(deal, lines=deal.lines[: whole(rng, 1, 9)], allowance=ZERO, paid_amount=ZERO)


def _facts(rng: np.random.Generator, deal: Deal, people: tuple[str, str]) -> dict[str, Fact]:
    day = datetime.timedelta(days=1)
    start = (deal.issue_date.replace(day=1) - day).replace(day=1)
    return {
        "customer_number": fill(rng, pick(rng, ("####", "#####", "K-####", "C#####", "######", "10###", "@@@@##"))),
        "order_number": fill(rng, pick(rng, ("SO-#####", "W######", "####", "##-####"))),
        "delivery_date": deal.issue_date - whole(rng, 0, 20) * day,
        "service_period": (start, deal.issue_date.replace(day=1) - day),
        "project_reference": fill(rng, pick(rng, ("P-####", "####-##", "@@-###", f"{deal.seller.city} ##"))),
        "contract_reference": fill(rng, pick(rng, ("V-######", "######/##", "C####-#"))),
        "seller_reference": people[0], "contact_person": people[1],
        "currency": deal.country.currency,
    }  # fmt: skip


def in_english(rng: np.random.Generator, sale: Sale) -> Sale:
    """The sale as a business of another language puts it for customers abroad: wares and terms in English."""
    words = vocabulary("en")
    wares = [pick(rng, words.items) for _ in sale.deal.lines]
    lines = tuple(
        replace(line, description=ware.description, unit=ware.unit)
        for line, ware in zip(sale.deal.lines, wares, strict=True)
    )
    return replace(sale, deal=replace(sale.deal, lines=lines, payment_terms=pick(rng, words.payment_terms)))


def in_currency(rng: np.random.Generator, country: Country) -> Country:
    """The country with a foreign currency on its invoices."""
    code, symbols = pick(rng, [each for each in _CURRENCIES if each[0] != country.currency])
    return replace(country, currency=code, symbols=symbols)


def vat_rows(deal: Deal) -> tuple[VatRow, ...]:
    """The breakdown that a document may print; none where nothing is taxed."""
    return () if deal.total_vat == ZERO else deal.vat
