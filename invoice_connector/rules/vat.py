"""VAT that cannot be: rates the seller's country never had, taxes that no rate leads to, bases that are too much."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from invoice_connector.evidence.vat_rates import CountryRates, highest_rate, rates_by_country
from invoice_connector.exports.places import postal_address
from invoice_connector.invoice import CENT, Invoice, InvoiceLine, VatBreakdown, Violation, rounded_by

_MOST_LINES = 10  # of which sums of some are tried
# Tax numbers without a country's letters: India's GSTIN and Canada's business number.
_NATIONAL = {"IN": re.compile(r"\d{2}[A-Z]{5}\d{4}[A-Z]\d[A-Z0-9]{2}"), "CA": re.compile(r"\d{9}RT\d{4}")}


def check_vat(invoice: Invoice) -> Iterator[Violation]:
    """VAT-RATE, BR-S-08 and BR-CO-17 on what was found; a term that was not found breaks no rule."""
    yield from known_rates(invoice)
    yield from _possible_share(invoice)
    yield from _bases(invoice)
    yield from _implied_base(invoice)


def seller_country(invoice: Invoice) -> str | None:
    """ISO 3166-1 code by the seller's tax number or address; None where neither shows one."""
    return _country(invoice.seller.vat_identifier, invoice.seller.address)


def _country(identifier: str | None, address: str | None) -> str | None:
    for country, form in _NATIONAL.items():
        if form.fullmatch(identifier or ""):
            return country
    return postal_address(address, identifier, None).country


def _rates(invoice: Invoice) -> dict[str, CountryRates]:
    """Of the seller's country and, where another is taxed at the buyer's place, of the buyer's; of all where the
    seller's is not known."""
    known = rates_by_country()
    seller = seller_country(invoice)
    if seller is None or seller not in known:
        return dict(known)
    buyer = _country(invoice.buyer.vat_identifier, invoice.buyer.address)
    return {country: known[country] for country in (seller, buyer) if country is not None and country in known}


def known_rates(invoice: Invoice) -> Iterator[Violation]:
    """VAT-RATE: a rate is one that the seller's country has had by the invoice's date."""
    day, countries = invoice.day("issue_date"), _rates(invoice)
    for rate in dict.fromkeys(entry.rate for entry in invoice.vat_breakdown):
        if not any(rates.had(rate, day) for rates in countries.values()):
            yield Violation(
                "VAT-RATE", f"The VAT rate {rate:f} % is stated, but {_had(invoice, countries)}.", ("total_vat",)
            )


def _had(invoice: Invoice, countries: dict[str, CountryRates]) -> str:
    if len(countries) > 2:
        return "no country known here has had it"
    day = invoice.day("issue_date")
    when = "" if day is None else f" on {day.isoformat()}"
    listed = (
        f"{country} had {', '.join(f'{rate:f}' for rate in rates.on(day))} %" for country, rates in countries.items()
    )
    return " and ".join(listed) + when


def _possible_share(invoice: Invoice) -> Iterator[Violation]:
    """VAT-RATE: the whole VAT is no larger a share of the net total than the country's highest rate."""
    net, vat, whole = (invoice.amount(n) for n in ("total_without_vat", "total_vat", "total_with_vat"))
    base = net if net is not None or whole is None or vat is None else whole - vat
    if base is None or vat is None or vat == 0:
        return
    highest = min(highest_rate(), max(rates.highest for rates in _rates(invoice).values()))
    if abs(vat) > abs(base) * highest / 100 + rounded_by(vat, base):
        share = "" if base == 0 else f", {abs(vat / base * 100):.0f} % of it"
        yield Violation(
            "VAT-RATE",
            f"The VAT is {vat} and the total without it {base}{share}, but the highest rate there is {highest:f} %.",
            ("total_vat", "total_without_vat"),
        )


def _bases(invoice: Invoice) -> Iterator[Violation]:
    """BR-S-08: the bases of all rates together are no more than the total without VAT, but for taxes side by side."""
    net, bases = invoice.amount("total_without_vat"), [entry.taxable_amount for entry in invoice.vat_breakdown]
    known = [base for base in bases if base is not None]
    if net is None or not known or len(known) < len(bases) or all(base == net for base in known):
        return
    made = sum(known, Decimal(0))
    if abs(made) > abs(net) + rounded_by(net, *known) * len(known):
        yield Violation(
            "BR-S-08",
            f"The bases of the VAT rates add up to {made}, more than the total without VAT {net}.",
            ("total_vat",),
        )


def _implied_base(invoice: Invoice) -> Iterator[Violation]:
    """BR-CO-17 for rates printed without their bases: the bases that the taxes imply are the total without VAT, or
    some lines, where the others bear none. Where no total without VAT was found, the total with VAT less the taxes is
    it: VAT that is in another total than this invoice's shows so."""
    net, whole, entries = invoice.amount("total_without_vat"), invoice.amount("total_with_vat"), invoice.vat_breakdown
    taxes = sum((entry.tax_amount for entry in entries), Decimal(0))
    base = net if net is not None or whole is None else whole - taxes - invoice.printed_sums.get("untaxed", Decimal(0))
    if base is None or not entries or not any(entry.taxable_amount is None for entry in entries):
        return
    made, slack = _implied(entries)
    rest = abs(base) - abs(made)
    if abs(rest) <= slack or (rest > 0 and _untaxed_part(invoice, abs(made), slack)):
        return
    named = " and ".join(f"{entry.rate:f} %" for entry in entries)
    says = f"total without VAT says {net}" if net is not None else f"total with VAT {whole} leaves {base}"
    yield Violation(
        "BR-CO-17",
        f"VAT of {taxes} at {named} belongs to {made.quantize(CENT)}, but the {says} and nothing says that the rest "
        "bears none.",
        ("total_vat", "total_without_vat" if net is not None else "total_with_vat"),
    )


def _implied(entries: Sequence[VatBreakdown]) -> tuple[Decimal, Decimal]:
    """(sum of the bases, what rounded taxes leave open)."""
    unit = rounded_by(*(entry.tax_amount for entry in entries))
    made, slack = Decimal(0), unit * len(entries)
    for entry in entries:
        if entry.taxable_amount is not None or entry.rate == 0:
            made += entry.taxable_amount or Decimal(0)
        else:
            made += entry.tax_amount * 100 / entry.rate
            slack += unit * 100 / entry.rate  # a cent more or less of tax
    return made, slack


def _untaxed_part(invoice: Invoice, taxed: Decimal, slack: Decimal) -> bool:
    """Whether a line or rate of 0 % is printed, or some of the lines alone make up what is taxed."""
    rates = {entry.rate for entry in invoice.vat_breakdown} | {line.vat_rate for line in invoice.lines}
    return 0 in rates or _some_make(invoice.lines, taxed, slack)


def _some_make(lines: Sequence[InvoiceLine], amount: Decimal, slack: Decimal) -> bool:
    if len(lines) > _MOST_LINES:
        return False
    amounts = [abs(line.net_amount) for line in lines]
    sums = (sum(some) for size in range(1, len(lines)) for some in combinations(amounts, size))
    return any(abs(made - amount) <= slack for made in sums)
