"""What on a page bears out a date or a number beside a label that means it alone."""

from __future__ import annotations

import pytest
from field_pages import Placed, page
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_connector.fields import extract
from invoice_connector.invoice import Evidence, Invoice

SELLER = ((60, 60, "Nordlicht Bürobedarf GmbH"), (60, 85, "Hafenstraße 12"), (60, 110, "20457 Hamburg"))
SUMS = (
    (550, 600, "Summe netto"), (780, 600, "1.250,00"), (550, 625, "zzgl. USt. 19 %"), (800, 625, "237,50"),
    (550, 650, "Rechnungsbetrag"), (780, 650, "1.487,50 €"),
)  # fmt: skip


def read(*more: Placed) -> Invoice:
    return extract([page([*SELLER, *more, *SUMS])])


def kinds(invoice: Invoice, name: str) -> set[Evidence]:
    return {witness.kind for witness in invoice.fields[name].witnesses}


@settings(max_examples=10)
@given(days=st.integers(1, 28), number=st.integers(10_000, 99_999))
def test_a_heading_that_means_many_things_names_the_only_value_it_can_mean(days: int, number: int) -> None:
    heads = ((60, 300, "Rechnungs-Nr."), (260, 300, "Datum"), (460, 300, "Fällig"))
    invoice = read(*heads, (60, 325, str(number)), (260, 325, f"{days:02d}.03.2025"), (460, 325, f"{days:02d}.04.2025"))
    assert invoice.text("issue_date") == f"2025-03-{days:02d}"
    assert Evidence.LABEL in kinds(invoice, "issue_date")


def test_a_heading_that_two_values_have_names_neither() -> None:
    placed = ((60, 300, "Datum"), (60, 325, "03.03.2025"), (460, 300, "Datum"), (460, 325, "09.03.2025"))
    invoice = read(*placed)
    assert "issue_date" not in invoice.fields or Evidence.LABEL not in kinds(invoice, "issue_date")


@pytest.mark.parametrize(
    ("line", "stands"),
    [
        ("Rechnung Nr. R87654 vom 06.08.2018", True),
        ("Rechnungsnummer R87654 · 06.08.2018", True),
        ("Rechnung Nr. R87654 für Ihre Bestellung im Laden vom 06.08.2018", False),
    ],
)
def test_a_date_right_behind_the_invoice_number_is_the_invoices(line: str, stands: bool) -> None:
    invoice = read((60, 300, line))
    assert invoice.text("issue_date") == "2018-08-06"
    assert (Evidence.PLACE in kinds(invoice, "issue_date")) is stands
