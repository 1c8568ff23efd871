"""Lines whose amount is not quantity times price, in tables with heads and without, and what explains that."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from field_pages import page
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_connector.fields import extract
from invoice_connector.fields.line_amounts import RULE

Line = tuple[str, str, str, str]  # description, quantity, price, amount
HEADS = ("Description", "Qty", "Unit price", "Amount")
GOOD: tuple[Line, ...] = (("Oak board", "3", "20.00", "60.00"), ("Brass hinge", "12", "4.50", "54.00"))
LEFT = (60, 420, 560, 800)


def told(lines: Sequence[Line], heads: Sequence[str] = HEADS, more: Sequence[str] = ()) -> list[str]:
    """The messages about lines of a page, whose amounts make its totals; ``more``: the head and cells of one further
    column."""
    net = sum(Decimal(amount.replace(",", "")) for *_, amount in lines)
    head = [(60, 60, "Fjordlys Handel Ltd"), (60, 85, "12 High Street, London"), (60, 160, "Invoice No. 4410")]
    table = [(left, 400, text) for left, text in zip(LEFT, heads, strict=False)]
    for place, line in enumerate(lines):
        table += [(left, 430 + 30 * place, text) for left, text in zip(LEFT, line, strict=True)]
    table += [(690, 400 + 30 * place, text) for place, text in enumerate(more) if text]
    sums = (("Total net", net), ("VAT 20 %", net / 5), ("Total GBP", net * 6 / 5))
    foot = [(560, 800 + 30 * at, name) for at, (name, _) in enumerate(sums)]
    foot += [(800, 800 + 30 * at, f"{amount:.2f}") for at, (_, amount) in enumerate(sums)]
    invoice = extract([page([*head, (60, 190, "Invoice date: 12 June 2026"), *table, *foot])])
    assert len(invoice.lines) == len(lines)
    return [conflict.message for conflict in invoice.conflicts if conflict.rule == RULE]


def test_a_line_that_does_not_multiply_is_told_with_its_numbers() -> None:
    (message,) = told([*GOOD, ("Consulting", "5", "90.00", "400.00")])
    assert "5 times 90.00 makes 450.00" in message
    assert "'Consulting' says 400.00" in message


@pytest.mark.parametrize(
    "heads",
    [HEADS, ("Beschreibung", "Menge", "Einzelpreis", "Betrag"), ("Opis", "Ilość", "Cena jednostkowa", "Wartość"),
     ("Désignation", "Quantité", "Prix unitaire", "Montant")],
)  # fmt: skip
def test_heads_tell_it_of_a_line_alone(heads: Sequence[str]) -> None:
    assert told([("Consulting", "5", "90.00", "400.00")], heads)
    assert not told([("Consulting", "5", "90.00", "450.00")], heads)


@pytest.mark.parametrize("price", ["80.00", "81.00", "0.90"])
@pytest.mark.parametrize("heads", [HEADS, ()])
def test_most_lines_tell_it_without_heads(heads: Sequence[str], price: str) -> None:
    lines = [*GOOD, ("Steel bolt", "2", "30.00", "60.00"), ("Consulting", "5", price, "401.00")]
    assert bool(told(lines, heads)) is True


@pytest.mark.parametrize(
    ("line", "more"),
    [
        (("Consulting", "5", "90.00", "405.00"), ("Discount", "", "", "10 %")),
        (("Consulting", "5", "90.00", "400.00"), ("Discount", "", "", "50.00")),
        (("Screws", "5000", "90.00", "4,500.00"), ("Per", "", "", "100")),
        (("Scaffold", "5", "90.00", "1,350.00"), ("Days", "", "", "3")),
        (("Consulting", "5", "90.00", "540.00"), ()),  # with VAT of 20 %
        (("Cable", "3.25", "1.33", "4.32"), ()),
        (("Energy", "1234", "0.31", "385.00"), ()),  # a price of 0.312
        (("Refund", "-5", "90.00", "-450.00"), ()),
    ],
)  # fmt: skip
def test_discounts_units_further_factors_tax_and_rounding_explain_it(line: Line, more: Sequence[str]) -> None:
    assert not told([*GOOD, line], HEADS, more)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(101, 90_000)), min_size=1, max_size=5))
def test_lines_that_multiply_are_never_told(lines: list[tuple[int, int]]) -> None:
    made = [(f"Board {chr(65 + at)}", str(count), f"{Decimal(cents) / 100:.2f}", f"{Decimal(count * cents) / 100:.2f}")
            for at, (count, cents) in enumerate(lines)]  # fmt: skip
    assert not told(made)
