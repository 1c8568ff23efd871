"""Rates by country and day, and which VAT cannot be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from test_rules import BOX, invoice, money, rules

from invoice_connector.evidence.vat_rates import rates_by_country
from invoice_connector.invoice import FieldValue, Invoice, VatBreakdown
from invoice_connector.rules.consistency import check


def entry(rate: str, base: str | None, tax: str) -> VatBreakdown:
    return VatBreakdown(Decimal(rate), None if base is None else Decimal(base), Decimal(tax), 1, BOX)


def seller(identifier: str, day: date = date(2026, 3, 1), **amounts: str) -> dict[str, FieldValue]:
    return {"seller_vat_identifier": identifier, "issue_date": day, **money(**amounts)}


@pytest.mark.parametrize(
    ("country", "rate", "day", "had"),
    [
        ("DE", "19", date(2026, 1, 1), True),
        ("DE", "16", date(2020, 8, 1), True),
        ("DE", "16", date(2021, 11, 30), True),  # a correction within a year
        ("DE", "16", date(2024, 1, 1), False),
        ("DE", "16", None, True),
        ("FI", "25.5", date(2024, 8, 31), False),
        ("FI", "25.5", date(2024, 9, 1), True),
        ("SE", "0", date(2026, 1, 1), True),
        ("SE", "19", None, False),
        ("US", "8.875", date(2026, 1, 1), True),
        ("US", "25", date(2026, 1, 1), False),
        ("CA", "9.975", date(2026, 1, 1), True),
    ],
)
def test_rates_of_countries(country: str, rate: str, day: date | None, had: bool) -> None:
    assert rates_by_country()[country].had(Decimal(rate), day) is had


def test_every_rate_is_a_percentage_and_every_period_has_an_order() -> None:
    for country, rates in rates_by_country().items():
        assert len(country) == 2
        assert rates.highest > 0, country
        for rate, spans in rates.periods.items():
            assert 0 < rate <= 40, country
            assert all(first <= last for first, last in spans), (country, rate)


def test_a_rate_that_the_country_never_had() -> None:
    amounts = seller("DE136695976", total_without_vat="100.00", total_vat="15.00", total_with_vat="115.00")
    (violation,) = check(invoice(amounts, (entry("15", "100.00", "15.00"),)))
    assert violation.rule == "VAT-RATE"
    assert "DE had 19, " in violation.message
    assert "2026-03-01" in violation.message


def test_the_buyers_country_may_tax() -> None:
    amounts = seller("DE136695976", total_without_vat="100.00", total_vat="20.00", total_with_vat="120.00")
    assert rules(invoice({**amounts, "buyer_vat_identifier": "ATU13585627"}, (entry("20", "100.00", "20.00"),))) == []


def test_a_vat_four_times_the_net_total() -> None:
    swapped = money(total_without_vat="2950.00", total_vat="11800.00", total_with_vat="14750.00")
    (violation,) = check(invoice(swapped))
    assert violation.rule == "VAT-RATE"
    assert "400 %" in violation.message


@pytest.mark.parametrize(
    ("entries", "broken"),
    [
        ((entry("25", None, "1599.68"),), ["BR-CO-17"]),
        ((entry("25", None, "860.00"), entry("12", None, "739.68")), []),
        ((entry("25", "9000.00", "860.00"), entry("12", "6164.00", "739.68")), ["BR-S-08", "BR-CO-17"]),
        ((entry("25", "3440.00", "860.00"), entry("12", "6164.00", "739.68")), []),
    ],
)
def test_bases_of_the_rates(entries: tuple[VatBreakdown, ...], broken: list[str]) -> None:
    amounts = money(total_without_vat="9604.00", total_vat="1599.68", total_with_vat="11203.68")
    assert sorted(rules(invoice(amounts, entries))) == sorted(broken)


def test_taxes_beside_each_other_share_a_base() -> None:
    amounts = money(total_without_vat="100.00", total_vat="14.98", total_with_vat="114.98")
    assert rules(invoice(amounts, (entry("5", "100.00", "5.00"), entry("9.975", "100.00", "9.98")))) == []


def test_named_amounts_close_the_sums() -> None:
    amounts = money(total_without_vat="67.00", total_vat="5.36", total_with_vat="84.36", amount_due="100.00")
    assert rules(invoice(amounts)) == ["BR-CO-15", "BR-CO-16"]
    told = Invoice(invoice(amounts).fields, printed_sums={"untaxed": Decimal(12), "balance_forward": Decimal("15.64")})
    assert rules(told) == []


@pytest.mark.parametrize(("vat", "possible"), [("75838", True), ("75840", False), ("75837.99", False)])
def test_vat_of_whole_units_may_be_rounded_up(vat: str, possible: bool) -> None:
    values = seller("HU12345676", total_without_vat="280880", total_vat=vat)  # 27 % are 75,837.60
    assert ("VAT-RATE" in rules(invoice(values))) is not possible
