"""Invoices that are easy to book wrongly, made anew from a seed: their page of words and what is right.

Sellers, buyers, labels and formats come from ``scripts.synthetic``; each kind adds what makes it hard. ``Hard.truth``
has the values that a booking must have where it has any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from field_pages import Placed, page

from invoice_connector.fields import FieldPage, extract
from invoice_connector.invoice import Invoice
from invoice_connector.rules.calibration import calibrated
from invoice_connector.rules.consistency import check
from invoice_connector.rules.decision import decide, doubts
from invoice_connector.rules.sentences import check_remarks
from invoice_connector.rules.witnesses import with_witnesses
from ocr_ensemble.reading import DocumentReading
from scripts.synthetic.culture import AmountStyle, Country, countries, format_amount, format_day
from scripts.synthetic.draw import pick, whole
from scripts.synthetic.parties import Party, make_party
from scripts.synthetic.vocabulary import LANGUAGES, vocabulary

CENT = Decimal("0.01")
BOOKED = "completed"
WRONGLY = 0.005  # share of the documents of a kind that may be booked wrongly


@dataclass(frozen=True)
class Hard:
    """One page and the values that are right on it."""

    page: FieldPage
    truth: Mapping[str, object]


@dataclass
class Sheet:
    """A page that is being written: labels left, amounts ending at one right edge, one row below the other."""

    rng: np.random.Generator
    country: Country
    style: AmountStyle
    seller: Party
    buyer: Party
    day: date
    placed: list[Placed] = field(default_factory=list)
    top: int = 620
    left: int = 520
    right: int = 940
    truth: dict[str, object] = field(default_factory=dict)

    def label(self, name: str) -> str:
        return pick(self.rng, vocabulary(self.country.language).labels[name])

    def money(self, amount: Decimal, mark: bool = False) -> str:
        text = format_amount(amount, self.style)
        return f"{text} {self.country.currency}" if mark else text

    def put(self, left: int, top: int, text: str) -> None:
        self.placed.append((left, top, text))

    def row(self, label: str, amount: Decimal | None, step: int = 26) -> None:
        """A row of the totals; without an amount, its label alone."""
        if label:
            self.put(self.left, self.top, label)
        if amount is not None:
            text = self.money(amount)
            self.put(self.right - 10 * len(text), self.top, text)
        self.top += step

    def line(self, description: str, net: Decimal) -> None:
        text = self.money(net)
        self.put(60, self.top, description)
        self.put(480, self.top, "1")
        self.put(700 - 10 * len(text), self.top, text)
        self.put(self.right - 10 * len(text), self.top, text)
        self.top += 26

    def done(self, **truth: object) -> Hard:
        told = page(self.placed, engine="pdf_text")
        seen = replace(told, engines=(("pdf_text", "tesseract"),) * len(told.lines))  # as after the picture's check
        return Hard(seen, {**self.truth, **truth})


def sheet(rng: np.random.Generator, language: str | None = None) -> Sheet:
    """A page with its letterhead, address, numbers and dates."""
    country = pick(rng, countries(language or pick(rng, LANGUAGES)))
    while country.code in ("MY", "AU"):
        country = pick(rng, countries("en"))
    day = date(2026, 1, 15) + timedelta(days=whole(rng, 0, 300))
    style = pick(rng, country.amounts)
    made = Sheet(rng, country, style, make_party(rng, country), make_party(rng, country), day)
    seller, buyer = made.seller, made.buyer
    for number, text in enumerate((seller.name, seller.street, seller.place, seller.mail)):
        made.put(60, 60 + 25 * number, text)
    made.put(60, 230, made.label("bill_to"))
    for number, text in enumerate((buyer.name, buyer.street, buyer.place)):
        made.put(60, 258 + 25 * number, text)
    made.put(640, 60, made.label("title"))
    issued, due = (format_day(d, country.dates[0], country.locale) for d in (day, day + timedelta(days=30)))
    own = f"{whole(rng, 10, 99)}-{whole(rng, 1000, 99999)}"
    facts = (("invoice_number", own), ("issue_date", issued), ("due_date", due))
    for at, (name, value) in enumerate(facts):
        made.put(520, 240 + 25 * at, made.label(name))
        made.put(780, 240 + 25 * at, value)
    made.put(60, 1300, f"{made.label('seller_vat_identifier')} {seller.vat_identifier}")
    made.put(60, 560, made.label("description"))
    heading = made.label("net_amount")
    made.put(made.right - 10 * len(heading), 560, heading)
    made.truth.update(issue_date=day, invoice_number=own)
    return made


def priced(rng: np.random.Generator, lowest: int = 60, highest: int = 4000) -> Decimal:
    return Decimal(whole(rng, lowest * 100, highest * 100)) / 100


def taxed(net: Decimal, rate: Decimal) -> Decimal:
    return (net * rate / 100).quantize(CENT)


def some_lines(made: Sheet, count: int) -> list[Decimal]:
    """Lines of the sheet's language, and their net amounts."""
    wares = vocabulary(made.country.language).items
    nets = [priced(made.rng) for _ in range(count)]
    for net in nets:
        made.line(pick(made.rng, wares).description, net)
    made.top += 20
    return nets


def plain_totals(made: Sheet, net: Decimal, rate: Decimal) -> tuple[Decimal, Decimal]:
    """Net, VAT and total as rows; returns VAT and total."""
    vat = taxed(net, rate)
    made.row(made.label("total_without_vat"), net)
    made.row(made.label("vat_line").format(rate=f"{rate:f}"), vat)
    made.row(made.label("total_with_vat"), net + vat)
    return vat, net + vat


def booked(hard: Hard) -> tuple[bool, list[str], Invoice]:
    """Whether the page alone would be booked unseen, which values are wrong, and what was read."""
    invoice = calibrated(with_witnesses(extract([hard.page]), DocumentReading(())))
    stops = (*check(invoice), *doubts(invoice)) or check_remarks(invoice)
    wrong = [
        f"{name}: {found!r} is not {right!r}"
        for name, right in hard.truth.items()
        if not alike(found := value_of(invoice, name), right) and not (found is None and name != "total_with_vat")
    ]
    return decide(stops).value == BOOKED, wrong, invoice


def alike(found: object, right: object) -> bool:
    """Texts but for their blanks, as identifiers are compared."""
    both = isinstance(found, str) and isinstance(right, str)
    return str(found).replace(" ", "") == str(right).replace(" ", "") if both else found == right


def value_of(invoice: Invoice, name: str) -> object:
    if name == "breakdown":
        return frozenset((b.rate, b.taxable_amount, b.tax_amount) for b in invoice.vat_breakdown) or None
    return invoice.fields[name].value if name in invoice.fields else None


Maker = Callable[[np.random.Generator], Hard]


def check_few(maker: Maker, least: float, seed: int, share: float = 0.8) -> None:
    """Of twelve pages none is booked wrongly, and ``share`` of ``least`` (0..1) or more are booked."""
    count, wrong = several(maker, 12, seed)
    assert wrong == [], "\n".join(wrong)
    assert count >= share * least * 12, f"{count} of 12 are booked"


def check_many(maker: Maker, least: float, seed: int, documents: int) -> None:
    """Of many pages hardly any is booked wrongly, and nearly ``least`` of them or more are booked."""
    count, wrong = several(maker, documents, seed)
    assert len(wrong) <= WRONGLY * documents, "\n".join(wrong)
    assert count >= 0.8 * least * documents, f"{count} of {documents} are booked"


def several(maker: Maker, count: int, seed: int) -> tuple[int, list[str]]:
    """How many of ``count`` pages would be booked, and a line for each that would be booked wrongly."""
    whole_count, wrong = 0, []
    for number in range(count):
        hard = maker(np.random.default_rng((seed, number)))
        done, differing, _ = booked(hard)
        whole_count += done
        if done and differing:
            wrong.append(f"{seed}/{number}: " + "; ".join(differing))
    return whole_count, wrong
