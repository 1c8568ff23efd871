"""Receipts as tills print them and as photos show them: centred heads, lost spaces, logos, cash and change."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from invoice_connector.fields import FieldPage, extract
from invoice_connector.fields.geometry import segments_of
from invoice_connector.invoice import Invoice
from ocr_ensemble.layout import BoundingBox, TextLine

MIDDLE = 300
TILL = ("GST ID: 000181747712", "TAX INVOICE", "Inv No: 18301", "Date: 07-02-2018 15:16")
SALE = ("Lychees in syrup  10.14", "Sugar  35.21")


def receipt(*lines: str, unsure: Sequence[str] = ()) -> FieldPage:
    """Lines below each other around one centre; two spaces are a wide gap to a column at the right."""
    rows = []
    for number, text in enumerate(lines):
        top = 40 + 30 * number
        label, _, amount = text.partition("  ")
        left = 60 if amount else MIDDLE - 5 * len(label)
        rows.append((left, top, label))
        if amount:
            rows.append((540 - 10 * len(amount), top, amount))
    placed = tuple(
        TextLine(text, BoundingBox(left, top, left + 10 * len(text), top + 20), 0.05 if text in unsure else 0.97)
        for left, top, text in rows
    )
    return FieldPage(1, 600, 1200, placed, (("reader",),) * len(placed))


def read(*lines: str, unsure: Sequence[str] = ()) -> Invoice:
    return extract([receipt(*lines, unsure=unsure)])


HEAD = ("KEDAI RUNCIT ZBH SDN BHD", "17, JALAN PERMAS 1/7")


def test_a_telephone_number_behind_the_town_is_not_part_of_the_address() -> None:
    head = (*HEAD, "81750 Johor Bahru, Johor. Tel No.: 07-387 3322")
    found = read(*head, *TILL, *SALE, "TOTAL  45.35", "CASH  50.00", "CHANGE  4.65").fields["seller_address"]
    assert found.text == "17, JALAN PERMAS 1/7\n81750 Johor Bahru, Johor."


def test_a_state_centred_under_the_town_belongs_to_the_address() -> None:
    found = read(*HEAD, "47301 Petaling Jaya", "Selangor", *TILL, *SALE, "TOTAL  45.35", "CASH  50.00")
    assert found.fields["seller_address"].text.endswith("47301 Petaling Jaya\nSelangor")


def test_what_follows_a_state_is_not_part_of_the_address() -> None:
    found = read(*HEAD, "47301 Petaling Jaya, Selangor", "Sunway Velocity", *TILL, *SALE, "TOTAL  45.35", "CASH  50.00")
    assert found.fields["seller_address"].text.endswith("47301 Petaling Jaya, Selangor")


def test_a_branch_in_brackets_belongs_to_the_name() -> None:
    found = read(HEAD[0], "(TAMAN KLANG LAMA)", HEAD[1], "58000 KUALA LUMPUR", *TILL, *SALE, "TOTAL  45.35")
    assert found.fields["seller_name"].text == "KEDAI RUNCIT ZBH SDN BHD (TAMAN KLANG LAMA)"
    assert found.fields["seller_address"].text == "17, JALAN PERMAS 1/7\n58000 KUALA LUMPUR"


def test_what_a_logo_was_read_as_is_nobodys_name() -> None:
    logo = "DBg re Wud"
    found = read(logo, *HEAD, "58000 KUALA LUMPUR", *TILL, *SALE, "TOTAL  45.35", unsure=[logo])
    assert found.fields["seller_name"].text == HEAD[0]


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        ("Grand TotalRM21.85", "Grand Total RM21.85"),
        ("TOTALEUR12,50", "TOTAL EUR12,50"),
        ("Summakr12,50", "Summa kr12,50"),
        ("Total:21.85", "Total: 21.85"),
        ("SEK250,00", "SEK250,00"),
        ("ABC12.345", "ABC12.345"),
    ],
)
def test_an_amount_glued_to_its_label(printed: str, words: str) -> None:
    line = TextLine(printed, BoundingBox(10, 10, 10 + 10 * len(printed), 30), 0.9)
    (segment,) = segments_of(FieldPage(1, 600, 100, (line,), (("reader",),)))
    assert segment.text == words
    assert segment.box == line.box


def test_cash_less_change_tells_the_total_from_the_sum_before_rounding() -> None:
    found = read(
        *HEAD, *TILL, *SALE, "Total (incl GST)  45.36", "Total (incl GST)  45.35", "CASH  50.00", "CHANGE  4.65"
    )
    other = read(
        *HEAD, *TILL, *SALE, "Total (incl GST)  45.36", "Total (incl GST)  45.35", "CASH  50.00", "CHANGE  4.64"
    )
    assert found.fields["total_with_vat"].value == Decimal("45.35")
    assert other.fields["total_with_vat"].value == Decimal("45.36")


def test_a_till_sells_to_nobody_in_particular() -> None:
    found = read(
        *HEAD,
        "58000 KUALA LUMPUR",
        *TILL,
        "SEAFOOD  23.40",
        "KENKO BEBOLA IKAN 200G  2.40",
        "TOTAL  25.80",
        "CASH  30.00",
    )
    assert "buyer_name" not in found.fields
