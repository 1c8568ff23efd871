"""Identifiers that cannot be, or that are another's: each kind generated anew, and nothing wrong booked unseen."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from field_pages import page
from hard_invoices import Hard, Maker, Sheet, booked, check_few, check_many, plain_totals, sheet, some_lines

from invoice_connector.fields import extract
from invoice_connector.fields.identifier_rules import check_identifiers
from invoice_connector.fields.identifiers import iban_valid
from scripts.synthetic.draw import chance, digits, pick, whole
from scripts.synthetic.identifiers import iban, spaced, vat_identifier

_IBANS = ("DE", "AT", "FR", "ES", "IT", "PT", "BE", "FI", "SE")


def _body(made: Sheet) -> None:
    net = sum(some_lines(made, whole(made.rng, 1, 3)), Decimal(0))
    _, total = plain_totals(made, net, made.country.vat_rates[0])
    made.truth["total_with_vat"] = total


def short_account(rng: np.random.Generator) -> Hard:
    """An IBAN that lost characters, or has one too many wrong ones: never booked as if it were one."""
    made = sheet(rng)
    _body(made)
    right = iban(rng, pick(rng, _IBANS))
    at, cut = whole(rng, 4, len(right) - 3), pick(rng, (1, 2, 4))
    short = right[:at] + right[at + cut :]
    made.put(60, 1240, f"{made.label('iban')} {spaced(short)}" if chance(rng, 0.7) else spaced(short))
    return made.done(payment_account_identifier=right)


def account_in_pieces(rng: np.random.Generator) -> Hard:
    """An IBAN printed in two pieces, beside or below each other: its tail is no account of its own."""
    made = sheet(rng)
    _body(made)
    right = iban(rng, pick(rng, _IBANS))
    groups = spaced(right).split()
    at = whole(rng, 2, len(groups) - 1)
    first, second = " ".join(groups[:at]), " ".join(groups[at:])
    made.put(60, 1240, pick(rng, ("IBAN", "Konto", "Bank account", "Account")))
    made.put(200, 1240, first)
    if chance(rng, 0.5):
        made.put(200 + 10 * len(first) + 25, 1240, second)
    else:
        made.put(200, 1264, second)
    return made.done(payment_account_identifier=right)


def telephone_for_number(rng: np.random.Generator) -> Hard:
    """No invoice number, or one without a label; telephone numbers stand where one may be looked for."""
    made = sheet(rng)
    _body(made)
    own = made.truth["invoice_number"]
    made.placed = [place for place in made.placed if place[2] != own]
    label = pick(rng, ("Tel", "Telefon", "Phone", "Fax", "Mobil", "Tel."))
    number = pick(
        rng, ("031-390 06 20", "08-123 45 67", "+49 40 123456", "0151 / 2345678", "+44 20 7946 0958", "(0)40-998877")
    )
    sample = "".join(digits(rng, 1) if c.isdigit() and c != "0" else c for c in number)
    made.put(520, 215, f"{label} {sample}" if chance(rng, 0.5) else label)
    if made.placed[-1][2] == label:
        made.put(780, 215, sample)
    return made.done(invoice_number="none is printed")


def buyers_vat_number(rng: np.random.Generator) -> Hard:
    """The buyer's VAT number in the buyer's block; the seller's in the foot, or nowhere."""
    made = sheet(rng, pick(rng, ("de", "sv", "fr", "es", "it", "pt")))
    _body(made)
    theirs = vat_identifier(rng, made.country.code)
    words = made.label("seller_vat_identifier") if chance(rng, 0.7) else made.label("buyer_vat_identifier")
    made.put(60, 258 + 75, f"{words} {theirs}")
    seller = made.seller.vat_identifier
    if chance(rng, 0.5):
        made.placed = [place for place in made.placed if seller not in place[2]]
        seller = "none is printed"
    return made.done(seller_vat_identifier=seller, buyer_vat_identifier=theirs)


def two_numbers(rng: np.random.Generator) -> Hard:
    """Two invoice numbers, each with its label: nobody knows which, so it is not booked."""
    made = sheet(rng)
    _body(made)
    own = str(made.truth["invoice_number"])
    label = next(text for _, top, text in made.placed if top == 240 and text != own)
    made.put(520, 340, label)
    made.put(780, 340, "".join(digits(rng, 1) if c.isdigit() else c for c in own))
    return made.done(total_with_vat="never booked")


ANNOUNCED = (
    "Fordringsägare:",
    "Rechnungssteller: ",
    "Créancier:",
    "Sprzedawca: ",
    "Uitgever: ",
    "Utställare:",
    "Acreedor: ",
)


def label_before_the_name(rng: np.random.Generator) -> Hard:
    """The seller's name behind a word that announces it, with a colon and perhaps no blank: the word is no name."""
    made = sheet(rng)
    _body(made)
    name = made.seller.name
    made.placed[0] = (60, 60, pick(rng, ANNOUNCED) + name)
    return made.done(seller_name=name)


KINDS: dict[str, tuple[Maker, float]] = {
    "short account": (short_account, 0.0),
    "account in pieces": (account_in_pieces, 0.3),
    "telephone for a number": (telephone_for_number, 0.0),
    "buyer's VAT number": (buyers_vat_number, 0.5),
    "two numbers": (two_numbers, 0.0),
    "label before the name": (label_before_the_name, 0.2),
}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_wrong_is_booked_of_a_few(kind: str) -> None:
    check_few(*KINDS[kind], 20262, 0.7)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_hardly_anything_wrong_is_booked_of_many(kind: str, documents: int) -> None:
    check_many(*KINDS[kind], 19, documents)


def test_an_account_of_a_wrong_length_has_a_lower_probability() -> None:
    seen = 0
    for number in range(20):
        _, _, invoice = booked(short_account(np.random.default_rng((3, number))))
        found = invoice.fields.get("payment_account_identifier")
        if found is not None and not iban_valid(str(found.value)):
            seen += 1
            assert (found.confidence or 0.0) <= 0.7
            assert any(violation.rule == "CHECK-IBAN" for violation in check_identifiers(invoice))
    assert seen >= 10


@pytest.mark.parametrize(
    ("printed", "stops"),
    [
        ("Please pay to GB29 NWBK 6016", True),  # a watermark hid the rest
        ("IBAN GB29 NWBK 6016 1331 9268 19", False),
        ("VAT no. GB 980 7806 84", False),
        ("Order AB12 3456 7890", False),  # no country with IBANs
    ],
)
def test_the_beginning_of_an_iban_stops_where_no_account_is_read(printed: str, stops: bool) -> None:
    placed = [(60, 60, "Harbour Light Studio Ltd"), (60, 85, "8 Mill Road"), (60, 110, "Leeds LS2 8AB"),
              (600, 60, "Invoice no."), (800, 60, "4471"), (600, 85, "Invoice date"), (800, 85, "11 May 2026"),
              (450, 600, "Total"), (850, 600, "£120.00"), (60, 800, printed)]  # fmt: skip
    rules = {violation.rule for violation in extract([page(placed)]).conflicts}
    assert ("CHECK-IBAN" in rules) == stops
