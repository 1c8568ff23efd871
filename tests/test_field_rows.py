"""Invoice lines and the VAT breakdown: what is printed in any of its forms is found, and what is not is not made up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from field_pages import GERMAN, Placed, page
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_connector.fields import extract
from invoice_connector.invoice import Invoice

HEAD: list[Placed] = [
    (60, 60, "Nordlicht Bürobedarf GmbH"), (60, 85, "Hafenstraße 12"), (60, 110, "20457 Hamburg"),
    (600, 240, "Rechnungsnummer"), (800, 240, "RE-2024/0815"), (600, 265, "Rechnungsdatum"), (800, 265, "03.04.2024"),
    (600, 290, "Fällig am"), (800, 290, "03.05.2024"),
]  # fmt: skip


def sums(net: str | None, vat: str | None, whole: str) -> list[Placed]:
    rows = [("Summe netto", net), ("Mehrwertsteuer", vat), ("Rechnungsbetrag", whole)]
    return [
        place
        for number, (label, amount) in enumerate(rows)
        if amount is not None
        for place in ((550, 800 + 25 * number, label), (780, 800 + 25 * number, amount))
    ]


def read(*rows: Placed) -> Invoice:
    return extract([page([*HEAD, *rows])])


def vat(invoice: Invoice) -> list[tuple[str, str | None, str]]:
    return [
        (f"{v.rate:f}", None if v.taxable_amount is None else f"{v.taxable_amount:f}", f"{v.tax_amount:f}")
        for v in invoice.vat_breakdown
    ]


@pytest.mark.parametrize("rate", ["19 %", "19", "19  %"])
def test_a_rate_beside_the_lines_stands_with_the_printed_totals(rate: str) -> None:
    lines: list[Placed] = [(60, 500, "Ordner A4"), (400, 500, "10"), (550, 500, "25,00"), (680, 500, rate),
                           (800, 500, "250,00")]  # fmt: skip
    assert vat(read(*lines, *sums("250,00", "47,50", "297,50"))) == [("19", "250.00", "47.50")]


def test_a_rate_that_is_printed_nowhere_is_not_made_up() -> None:
    lines: list[Placed] = [(60, 500, "Ordner A4"), (400, 500, "10"), (550, 500, "25,00"), (800, 500, "250,00")]
    assert vat(read(*lines, *sums("250,00", "47,50", "297,50"))) == []


def test_a_rate_that_does_not_lead_from_net_to_vat_is_none() -> None:
    lines: list[Placed] = [(60, 500, "Ordner A4"), (400, 500, "10"), (550, 500, "25,00"), (680, 500, "7 %"),
                           (800, 500, "250,00")]  # fmt: skip
    assert vat(read(*lines, *sums("250,00", "47,50", "297,50"))) == []


def test_several_rates_with_their_taxes_alone_explain_the_total() -> None:
    rows: list[Placed] = [(60, 500, "MwSt. 19 %"), (780, 500, "19,00"), (60, 525, "MwSt. 7 %"), (780, 525, "14,00")]
    invoice = read(*sums(None, None, "333,00"), *rows)
    assert sorted(vat(invoice)) == [("19", None, "19.00"), ("7", None, "14.00")]
    assert "total_vat" not in invoice.fields  # it is not printed, and no rate's share may stand for it
    broken = read(*sums(None, None, "444,00"), *rows)
    assert len(vat(broken)) < 2  # two rates that do not make up the total are no breakdown


def test_rates_in_headings_have_their_taxes_below() -> None:
    heads: list[Placed] = [(60, 600, "Netto"), (200, 600, "MwSt. 19%"), (340, 600, "MwSt. 7%"), (480, 600, "Gesamt")]
    under: list[Placed] = [(60, 625, "300,00"), (210, 625, "19,00"), (350, 625, "14,00"), (480, 625, "333,00")]
    assert sorted(vat(read(*heads, *under))) == [("19", None, "19.00"), ("7", None, "14.00")]


@pytest.mark.parametrize("discount", ["10 %", "10"])
def test_a_line_with_its_discount(discount: str) -> None:
    row: list[Placed] = [(60, 500, "Ordner A4"), (400, 500, "12"), (500, 500, "25,00"), (600, 500, discount),
                         (680, 500, "19 %"), (800, 500, "270,00")]  # fmt: skip
    [line] = read(*row, *sums("270,00", "51,30", "321,30")).lines
    assert (line.quantity, line.unit_price, line.net_amount) == (Decimal(12), Decimal("25.00"), Decimal("270.00"))
    assert line.vat_rate == 19


def test_names_with_amounts_are_lines_where_they_make_up_the_total() -> None:
    rows: list[Placed] = [(60, 300, "Kaffee Crema"), (600, 300, "3,99"), (60, 325, "Brezel"), (600, 325, "0,99"),
                          (60, 350, "Summe EUR"), (600, 350, "4,98")]  # fmt: skip
    shop: list[Placed] = [(60, 60, "Bäckerei Sonnenschein"), (60, 85, "Dorfring 75"), (60, 110, "42242 Wuppertal")]
    assert [line.description for line in extract([page([*shop, *rows])]).lines] == ["Kaffee Crema", "Brezel"]
    other = [*rows[:-1], (600, 350, "5,98")]
    assert extract([page([*shop, *other])]).lines == ()
    assert extract([GERMAN]).lines[0].quantity == 10


def test_a_bare_rate_in_a_line_is_known_from_the_totals() -> None:
    lines: list[Placed] = [(60, 500, "Ordner A4"), (400, 500, "19"), (550, 500, "25,00"), (680, 500, "7"),
                           (800, 500, "475,00"), (60, 525, "Heft"), (400, 525, "4"), (550, 525, "25,00"),
                           (680, 525, "19"), (800, 525, "100,00")]  # fmt: skip
    rates: list[Placed] = [(60, 700, "MwSt. 7 %"), (780, 700, "33,25"), (60, 725, "MwSt. 19 %"), (780, 725, "19,00")]
    invoice = read(*lines, *rates, *sums("575,00", None, "627,25"))
    assert [line.vat_rate for line in invoice.lines] == [7, 19]
    assert sorted(vat(invoice)) == [("19", "100.00", "19.00"), ("7", "475.00", "33.25")]


@pytest.mark.parametrize("by_heading", [False, True])
def test_a_discount_that_leads_from_the_lines_to_the_net_total(by_heading: bool) -> None:
    line: list[Placed] = [(60, 500, "Ordner A4"), (400, 500, "12"), (550, 500, "25,00"), (800, 500, "300,00")]
    beside: list[Placed] = [(60, 600, "19 %"), (160, 600, "270,00"), (260, 600, "51,30"), (550, 600, "Rabatt"),
                            (780, 600, "-30,00")]  # fmt: skip
    heads: list[Placed] = [(60, 600, "Zwischensumme"), (300, 600, "Rabatt"), (60, 625, "300,00"), (300, 625, "-30,00")]
    [found] = read(*line, *(heads if by_heading else beside), *sums("270,00", "51,30", "321,30")).adjustments
    assert (found.reason, found.amount, found.charge) == ("Rabatt", Decimal("30.00"), False)


PRINTS = [
    "MwSt. 0 %", "MwSt. 19 %", "GST 6 %", "0%", "Z=GST @0%:", "Summe netto", "Gesamt", "Total", "Rabatt", "Netto",
    "Steuer", "Brutto", "0,00", "19,00", "-5,00", "26.88", "119,00", "1.000,00", "10", "2 x 5,00", "31.02.2024", "EUR",
]  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 12), st.sampled_from(PRINTS)), max_size=30))
def test_no_page_of_labels_and_figures_breaks_the_extraction(prints: list[tuple[int, int, str]]) -> None:
    placed = [(100 * column, 30 * row, text) for column, row, text in prints]
    extract([page(placed)])


def test_a_rate_of_nothing_without_a_base_explains_nothing() -> None:
    rows: list[Placed] = [(60, 500, "MwSt. 19 %"), (780, 500, "19,00"), (60, 525, "MwSt. 0 %"), (780, 525, "0,00")]
    assert read(*sums(None, None, "119,00"), *rows).fields["total_with_vat"].value == Decimal("119.00")
