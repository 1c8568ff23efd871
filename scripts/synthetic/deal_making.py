"""Random sales."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal

import numpy as np

from invoice_connector.evidence.vat_rates import rates_by_country
from scripts.synthetic import identifiers
from scripts.synthetic.culture import Country, countries
from scripts.synthetic.deals import ZERO, Deal, Kind, Payment, SoldLine, cents
from scripts.synthetic.draw import chance, digits, fill, pick, whole
from scripts.synthetic.parties import Party, make_party, person_name
from scripts.synthetic.quantities import random_day, ware_price
from scripts.synthetic.vocabulary import Ware, vocabulary

_NUMBERS = (
    "####", "#####", "######", "20#####", "{year}-###", "{year}-####", "F-#####", "F{year}/###", "INV-####",
    "INV-{year}-####",
    "INV######", "RE-{year}-###", "R######", "#####/{short}", "@@-#####", "FA-######", "{short}-####", "{year}####",
    "1#####",
)  # fmt: skip
_RECEIPT_NUMBERS = ("####", "#####", "######", "########", "0000####", "#-#####", "T#-####", "##/######", "CS########")
_BANKS = {
    "sv": ("Handelsbanken", "Swedbank", "SEB", "Nordea"),
    "de": ("Sparkasse", "Volksbank eG", "Commerzbank", "Postbank"),
    "fr": ("Crédit Agricole", "BNP Paribas", "La Banque Postale"), "es": ("CaixaBank", "Banco Santander", "BBVA"),
    "it": ("Intesa Sanpaolo", "UniCredit", "Banco BPM"),
    "pt": ("Caixa Geral de Depósitos", "Millennium bcp", "Novo Banco"),
    "en": ("Barclays Bank", "Lloyds Bank", "Allied Irish Banks", "Maybank"),
}  # fmt: skip
_OTHER_BANKS = ("Nordea", "Danske Bank", "ING", "Raiffeisenbank", "UniCredit Bank", "Citibank", "Swedbank", "OTP Bank")


def make_deal(rng: np.random.Generator, language: str, kind: Kind) -> Deal:
    """A sale in the language, in its main country two times out of three (more often on invoices in English)."""
    return make_deal_in(rng, _country(rng, language, kind), kind)


def make_deal_in(rng: np.random.Generator, country: Country, kind: Kind) -> Deal:
    """A sale in the country."""
    seller = make_party(rng, country, _shop_name(rng, country) if kind == "receipt" else None)
    issued = random_day(rng)
    country = _taxed(country, issued)
    lines = _receipt_lines(rng, country) if kind == "receipt" else _invoice_lines(rng, country)
    if kind == "credit" and chance(rng, 0.5):
        lines = tuple(_negated(line) for line in lines)
    number = _number(rng, issued, _RECEIPT_NUMBERS if kind == "receipt" else _NUMBERS)
    words = vocabulary(country.language)
    customer = digits(rng, whole(rng, 3, 6), "123456789")
    plain = kind == "invoice"
    return Deal(
        kind=kind, country=country, seller=seller, buyer=None if kind == "receipt" else _buyer(rng, country),
        number=number, issue_date=issued,
        due_date=issued + datetime.timedelta(days=pick(rng, (10, 14, 15, 20, 30, 30, 30, 45))) if plain else None,
        clock=f"{whole(rng, 7, 21):02d}:{whole(rng, 0, 59):02d}", lines=lines,
        allowance=_allowance(rng, lines) if plain and chance(rng, 0.18) else ZERO,
        charge=ware_price(rng, _FREIGHT, _scale(country)) if plain and chance(rng, 0.2) else ZERO,
        paid_amount=_prepaid(rng, lines) if plain and chance(rng, 0.08) else ZERO,
        rounding_step=_rounding_step(rng, country, kind),
        payment=_payment(rng, country, number, customer) if kind != "receipt" else _NO_PAYMENT,
        payment_terms=pick(rng, words.payment_terms), customer_number=customer,
        order_number=fill(rng, pick(rng, ("45########", "PO-#####", "######", "B#####", "##-####"))),
    )  # fmt: skip


_FREIGHT = Ware("", "", Decimal(5), Decimal(40))
_NO_PAYMENT = Payment("", "", "", "", "", "")


def _country(rng: np.random.Generator, language: str, kind: Kind) -> Country:
    every = countries(language)
    if language == "en":
        return (
            every[3] if kind == "receipt" and chance(rng, 0.4) else pick(rng, every[:3] if kind != "receipt" else every)
        )
    return every[0] if chance(rng, 0.67) else pick(rng, every)


def _scale(country: Country) -> Decimal:
    """Prices of small extras against the euro's."""
    return {"SEK": Decimal(10), "MYR": Decimal(4)}.get(country.currency, Decimal(1))


def _shop_name(rng: np.random.Generator, country: Country) -> str:
    words = vocabulary(country.language)
    name = pick(rng, words.shops)
    if country.code == "MY":
        return f"{pick(rng, words.stems)} {pick(rng, words.stems)} {pick(rng, words.trades)} Sdn Bhd".upper()
    return (
        f"{name} {pick(rng, words.legal_forms).lstrip(', ')}" if chance(rng, 0.3) and country.language != "en" else name
    )


def _buyer(rng: np.random.Generator, country: Country) -> Party:
    if chance(rng, 0.2):
        return make_party(rng, country, person_name(rng, vocabulary(country.language)))
    return make_party(rng, country)


def _number(rng: np.random.Generator, issued: datetime.date, patterns: tuple[str, ...]) -> str:
    text = pick(rng, patterns).format(year=issued.year, short=f"{issued.year % 100:02d}")
    return fill(rng, text)


def _taxed(country: Country, day: datetime.date) -> Country:
    """The country with those of its rates that it had on the day, or the highest of that day."""
    known = rates_by_country()[country.code]
    had = tuple(rate for rate in country.vat_rates if known.had(rate, day))
    return replace(country, vat_rates=had or known.on(day)[:1])


def _rates(rng: np.random.Generator, country: Country, several: float) -> tuple[Decimal, ...]:
    if chance(rng, several):
        return country.vat_rates[: whole(rng, 1, len(country.vat_rates))]
    return country.vat_rates[:1]


def _line_count(rng: np.random.Generator) -> int:
    draw = float(rng.random())
    if draw < 0.8:
        return whole(rng, 1, 8)
    return whole(rng, 9, 18) if draw < 0.93 else whole(rng, 19, 60)


def _wares(rng: np.random.Generator, pool: tuple[Ware, ...], count: int) -> list[Ware]:
    """Different ones as long as there are enough."""
    return [pool[int(at)] for at in rng.choice(len(pool), size=count, replace=count > len(pool))]


def _invoice_lines(rng: np.random.Generator, country: Country) -> tuple[SoldLine, ...]:
    words = vocabulary(country.language)
    rates = _rates(rng, country, 0.3)
    discounts = chance(rng, 0.12)
    width, letters = whole(rng, 3, 7), pick(rng, ("", "", "", "A", "K-", "B"))
    lines = []
    for at, ware in enumerate(_wares(rng, words.items, _line_count(rng))):
        rate = rates[0] if at == 0 else pick(rng, rates)
        discount = Decimal(pick(rng, (0, 0, 5, 10, 15, 20))) if discounts else Decimal(0)
        price = ware_price(rng, ware, country.price_factor)
        number = letters + digits(rng, width, "123456789")
        lines.append(SoldLine(number, ware.description, _quantity(rng, ware), ware.unit, price, discount, rate))
    return tuple(lines)


def _quantity(rng: np.random.Generator, ware: Ware) -> Decimal:
    if ware.high > 1000 or (ware.high > 200 and ware.unit not in _TIMES):
        return Decimal(whole(rng, 1, 3))
    if ware.unit in _TIMES and chance(rng, 0.4):
        return Decimal(whole(rng, 1, 60)) / 2
    if chance(rng, 0.06):
        return Decimal(whole(rng, 101, 4999)) / 100
    return Decimal(pick(rng, (1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 50)))


_TIMES = frozenset(("tim", "hrs", "Std.", "h", "ore", "m", "m²", "mq", "m2", "km"))


def _receipt_lines(rng: np.random.Generator, country: Country) -> tuple[SoldLine, ...]:
    words = vocabulary(country.language)
    rates = _rates(rng, country, 0.5)
    factor = country.price_factor * (2 if country.code == "AU" else 1)
    lines = []
    count = whole(rng, 1, 4) if chance(rng, 0.4) else whole(rng, 3, 16)
    for at, ware in enumerate(_wares(rng, words.shop_items, count)):
        quantity = Decimal(whole(rng, 2, 5)) if chance(rng, 0.22) else Decimal(1)
        rate = rates[0] if at == 0 else pick(rng, rates)
        number = digits(rng, 6, "123456789")
        price = ware_price(rng, ware, factor)
        lines.append(SoldLine(number, ware.description, quantity, "", price, Decimal(0), rate))
    return tuple(lines)


def _negated(line: SoldLine) -> SoldLine:
    return SoldLine(
        line.item_number,
        line.description,
        -line.quantity,
        line.unit,
        line.unit_price,
        line.discount_percent,
        line.vat_rate,
    )


def _allowance(rng: np.random.Generator, lines: tuple[SoldLine, ...]) -> Decimal:
    """Three to ten percent of what is charged at the first rate."""
    first = sum((line.amount for line in lines if line.vat_rate == lines[0].vat_rate), ZERO)
    return cents(first * whole(rng, 3, 10) / 100)


def _prepaid(rng: np.random.Generator, lines: tuple[SoldLine, ...]) -> Decimal:
    return cents((sum((line.amount for line in lines), ZERO) * whole(rng, 10, 50) / 100).quantize(Decimal(1)))


def _rounding_step(rng: np.random.Generator, country: Country, kind: Kind) -> Decimal | None:
    if country.code == "SE":
        return Decimal("1.00") if chance(rng, 0.7) else None
    if country.code == "CH" or (country.code == "MY" and kind == "receipt"):
        return Decimal("0.05") if chance(rng, 0.7) else None
    return None


def _payment(rng: np.random.Generator, country: Country, number: str, customer: str) -> Payment:
    """The account invoices of the country name, and a reference where one is usual."""
    bank = pick(rng, _BANKS.get(country.language, _OTHER_BANKS))
    if country.account == "giro" and chance(rng, 0.93):
        kind = "bankgiro" if chance(rng, 0.8) else "plusgiro"
        account = identifiers.bankgiro(rng) if kind == "bankgiro" else identifiers.plusgiro(rng)
        shown = identifiers.iban(rng, "SE") if chance(rng, 0.35) else ""
        base = customer + "".join(char for char in number if char.isdigit())
        reference = identifiers.ocr_number(rng, base.lstrip("0")) if chance(rng, 0.75) else ""
        return Payment(kind, account, shown, identifiers.bic(rng, "SE") if shown else "", bank, reference)
    if country.account in ("bsb", "local"):
        account = fill(rng, "###-### ########" if country.account == "bsb" else "5#### #### ####")
        return Payment("account", account, "", "", bank, "")
    account = identifiers.iban(rng, country.code)
    reference = identifiers.rf_reference(rng) if chance(rng, 0.2) else ""
    return Payment("iban", account, account, identifiers.bic(rng, country.code), bank, reference)
