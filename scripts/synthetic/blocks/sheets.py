"""Whole documents in layouts that people drew one by one: HTML templates under `sheets/HAND/`, filled with a sale.

A hand is one author's templates, so that a hand can be left out of a fit as a whole. The names of templates begin with
"invoice" (also drawn as credit notes) or "receipt"; `docs/layouts.md` says what they may use.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import markupsafe
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from scripts.synthetic.blocks.accounts import printed_account
from scripts.synthetic.blocks.draft import Draft, Entry, without_symbol
from scripts.synthetic.blocks.items import cell_values
from scripts.synthetic.blocks.letterhead import BRAND, logo
from scripts.synthetic.blocks.meta import entries, fact
from scripts.synthetic.blocks.parties import address_lines, departments
from scripts.synthetic.blocks.payment import payment_entries
from scripts.synthetic.blocks.sales import vat_rows
from scripts.synthetic.blocks.totals import sums
from scripts.synthetic.draw import pick, whole
from scripts.synthetic.parties import Party

FOLDER = Path(__file__).parent / "sheets"
_DAYS = ("issue_date", "due_date")


@dataclass(frozen=True)
class Sheet:
    """A template: `hand` is its author's folder, `name` its file's stem."""

    hand: str
    name: str

    @property
    def is_receipt(self) -> bool:
        return self.name.startswith("receipt")


def all_sheets(hands: Iterable[str] = ()) -> tuple[Sheet, ...]:
    """The templates of the hands, of all where none is given; `FileNotFoundError` for an unknown one."""
    chosen = tuple(hands) or sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
    for hand in chosen:
        if not (FOLDER / hand).is_dir():
            raise FileNotFoundError(f"no hand {hand!r} in {FOLDER}")
    return tuple(Sheet(hand, path.stem) for hand in chosen for path in sorted((FOLDER / hand).glob("*.html")))


def sheet_html(draft: Draft, sheet: Sheet, roll: int | None) -> str:
    """The document's HTML with the links of its marks; `roll` is the width of a receipt's paper in millimetres."""
    template = _environment().get_template(f"{sheet.hand}/{sheet.name}.html")
    return template.render(_context(draft, roll))


@functools.cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


class ShownParty:
    """A party whose every use prints it and is remembered as its field; `who` is seller or buyer, "" for a third."""

    def __init__(self, draft: Draft, party: Party, who: str) -> None:
        self._draft, self._party, self._who = draft, party, who
        self._group = ""

    @property
    def name(self) -> Markup:
        return self._text("name", self._party.name)

    @property
    def street(self) -> Markup:
        self._group = f"{self._who}_address#{len(self._draft.ink.marks)}" if self._who else ""
        return Markup(self._draft.party(self._group, self._party.street))

    @property
    def place(self) -> Markup:
        """Postal code and town in the country's order."""
        return Markup(self._draft.party(self._group, self._party.place))

    @property
    def address(self) -> list[Markup]:
        """Street, place and, as often as businesses do, the country."""
        field = f"{self._who}_address" if self._who else ""
        return [Markup(line) for line in address_lines(self._draft, self._party, field, 0.0)]

    @property
    def country(self) -> Markup:
        return Markup(escape(self._draft.territory(self._party)))

    @property
    def vat(self) -> Markup:
        return Markup(self._draft.vat(self._party, f"{self._who}_vat_identifier"))

    @property
    def registration(self) -> Markup:
        """The seller's company number; "" for others and where the country has none."""
        if self._who != "seller" or not self._party.registration_identifier:
            return Markup("")
        return self._text("legal_registration_identifier", self._party.registration_identifier)

    @property
    def phone(self) -> str:
        return self._party.phone

    @property
    def mail(self) -> str:
        return self._party.mail

    @property
    def web(self) -> str:
        return self._party.web

    @property
    def city(self) -> str:
        return self._party.city

    def _text(self, term: str, text: str) -> Markup:
        return Markup(self._draft.party(f"{self._who}_{term}" if self._who else "", text))


def _context(draft: Draft, roll: int | None) -> dict[str, Any]:
    sale, deal, style = draft.sale, draft.sale.deal, draft.style
    show, kind = draft.ink.show, "credit_title" if deal.kind == "credit" else "title"
    return {
        "chance": draft.chance, "pick": lambda *options: pick(draft.rng, options),
        "whole": lambda low, high: whole(draft.rng, low, high),
        "label": lambda name: Markup(draft.label(name)), "colon": draft.voice.colon,
        "sentence": lambda name, **values: _sentence(draft, name, values),
        "announced": lambda name: Markup(draft.announced(draft.label(name))),
        "title": Lazy(lambda: show("invoice_type_code", draft.voice.labels[kind])),
        "receipt_title": Markup(draft.label("document_title_receipt")),
        "seller": ShownParty(draft, deal.seller, "seller"),
        "buyer": ShownParty(draft, deal.buyer, "buyer") if deal.buyer else None,
        "ship_to": ShownParty(draft, sale.ship_to, ""), "private": sale.private,
        "brand": Lazy(lambda: show("seller_name" if sale.brand == deal.seller.name else BRAND, sale.brand)),
        "clerk": sale.people[0], "contact": "" if sale.private else sale.people[1],
        "department": "" if sale.private else pick(draft.rng, departments(draft.voice.country.language)),
        "value": lambda name: _value(draft, name), "entry": lambda name: _entry(draft, name),
        "meta": lambda *names: [each for name in names if (each := _entry(draft, name))],
        "references": lambda: _marked(entries(draft, False, False)),
        "lines": _Lines(draft), "sums": lambda: _marked((row.label, row.value, row.strong) for row in sums(draft)),
        "rates": lambda: list(_rates(draft)), "payment": lambda: _marked(payment_entries(draft)),
        "logo": lambda: Markup(logo(draft)), "accent": style.accent, "tint": style.tint, "family": style.family,
        "heading": style.heading, "paper": "letter" if style.letter else "A4", "roll": roll, "clock": deal.clock,
        "language": draft.voice.country.language,
        "currency": Lazy(lambda: show("currency_code", deal.country.currency)),
        "css": Markup("a{color:inherit;text-decoration:none}.k{white-space:nowrap}*{box-sizing:border-box}"
                      "html,body{margin:0;padding:0}"),
    }  # fmt: skip


class Lazy:
    """A text that is only remembered as printed where it is printed."""

    def __init__(self, html: Callable[[], str]) -> None:
        self._html = html

    def __html__(self) -> str:
        return self._html()


class _Lines:
    """The sold lines; each gives the HTML of its cells by name and only remembers those that are used."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def __iter__(self) -> Iterator[_Line]:
        return iter([_Line(self._draft, at) for at in range(len(self))])

    def __len__(self) -> int:
        return len(self._draft.sale.deal.lines)


class _Line:
    def __init__(self, draft: Draft, at: int) -> None:
        self._draft, self._at = draft, at

    def __getattr__(self, name: str) -> Markup:
        """A cell of `items.cell_values`; with `_sign` behind an amount's name, with its currency."""
        plain = name.removesuffix("_sign")
        money = self._draft if plain != name else without_symbol(self._draft)
        values = cell_values(self._draft, money, self._at)
        if plain not in values:
            raise AttributeError(f"a line has no {plain!r}; it has {', '.join(values)}")
        return Markup(values[plain]())


def _sentence(draft: Draft, name: str, values: Mapping[str, object]) -> Markup:
    return Markup(draft.sentence(name, **{key: str(markupsafe.escape(value)) for key, value in values.items()}))


def _entry(draft: Draft, name: str) -> Entry | None:
    """A label and its value; None where the sale has no such value."""
    value = _value(draft, name)
    key = {"account": "iban" if draft.sale.account.payment.account_kind == "iban" else "account"}.get(name, name)
    return (Markup(draft.label(key)), value) if value else None


def _value(draft: Draft, name: str) -> Markup:
    """What the document states under a label, remembered as printed; "" where the sale has none."""
    deal, account = draft.sale.deal, draft.sale.account.payment
    texts = {
        "invoice_number": deal.number, "purchase_order_reference": deal.order_number,
        "payment_terms": deal.payment_terms, "buyer_reference": "" if draft.sale.private else draft.sale.people[1],
        "remittance_information": account.reference, "payment_service_provider_identifier": account.bic,
        "payment_account_identifier": printed_account(draft.rng, account) if account.account else "",
    }  # fmt: skip
    amounts = {
        "total_without_vat": deal.total_without_vat, "total_vat": deal.total_vat, "amount_due": deal.amount_due,
        "total_with_vat": deal.total_with_vat, "paid_amount": deal.paid_amount,
    }  # fmt: skip
    own = {"account": "payment_account_identifier", "bic": "payment_service_provider_identifier"}.get(name, name)
    if own in texts:
        return Markup(draft.ink.show(own, texts[own]))
    if name in _DAYS:
        day = getattr(deal, name)
        return Markup(draft.day(day, name)) if day else Markup("")
    if name in amounts:
        return Markup(draft.money(amounts[name], name)) if amounts[name] or name != "paid_amount" else Markup("")
    if name == "bank":
        return Markup(escape(account.bank))
    if name == "previous_balance":
        return Markup(draft.money(draft.sale.balance))
    return Markup(fact(draft, name)[1])


def _rates(draft: Draft) -> Iterator[dict[str, Markup]]:
    """Rate, base, tax and gross of each row of the breakdown."""
    plain = without_symbol(draft)
    for at, row in enumerate(vat_rows(draft.sale.deal)):
        key = f"vat_breakdown.{at}"
        yield {
            "rate": Markup(draft.ink.show(f"{key}.rate", draft.voice.rate(row.rate))),
            "base": Markup(plain.money(row.taxable_amount, f"{key}.taxable_amount")),
            "tax": Markup(plain.money(row.tax_amount, f"{key}.tax_amount")),
            "gross": Markup(plain.money(row.taxable_amount + row.tax_amount)),
        }


def _marked(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows of HTML as what templates do not escape."""
    return [tuple(Markup(each) if isinstance(each, str) else each for each in row) for row in rows]
