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
TILL = ("GST ID: 000204816350", "TAX INVOICE", "Inv No: 20417", "Date: 19-05-2026 11:42")
SALE = ("Pears in syrup  10.14", "Sugar  35.21")


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


HEAD = ("KEDAI SERULING MAJU SDN BHD", "21, JALAN SERULING 4/9")


def test_a_telephone_number_behind_the_town_is_not_part_of_the_address() -> None:
    head = (*HEAD, "81310 Skudai, Johor. Tel No.: 07-555 0140")
    found = read(*head, *TILL, *SALE, "TOTAL  45.35", "CASH  50.00", "CHANGE  4.65").fields["seller_address"]
    assert found.text == "21, JALAN SERULING 4/9\n81310 Skudai, Johor."


def test_a_state_centred_under_the_town_belongs_to_the_address() -> None:
    found = read(*HEAD, "47610 Subang Jaya", "Selangor", *TILL, *SALE, "TOTAL  45.35", "CASH  50.00")
    assert found.fields["seller_address"].text.endswith("47610 Subang Jaya\nSelangor")


def test_what_follows_a_state_is_not_part_of_the_address() -> None:
    found = read(*HEAD, "47610 Subang Jaya, Selangor", "Meranti Vista", *TILL, *SALE, "TOTAL  45.35", "CASH  50.00")
    assert found.fields["seller_address"].text.endswith("47610 Subang Jaya, Selangor")


def test_a_branch_in_brackets_belongs_to_the_name() -> None:
    found = read(HEAD[0], "(TAMAN MERANTI LAMA)", HEAD[1], "53100 KUALA LUMPUR", *TILL, *SALE, "TOTAL  45.35")
    assert found.fields["seller_name"].text == "KEDAI SERULING MAJU SDN BHD (TAMAN MERANTI LAMA)"
    assert found.fields["seller_address"].text == "21, JALAN SERULING 4/9\n53100 KUALA LUMPUR"


def test_what_a_logo_was_read_as_is_nobodys_name() -> None:
    logo = "DBg re Wud"
    found = read(logo, *HEAD, "53100 KUALA LUMPUR", *TILL, *SALE, "TOTAL  45.35", unsure=[logo])
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
        "53100 KUALA LUMPUR",
        *TILL,
        "PRAWNS  23.40",
        "FISH BALLS 200G  2.40",
        "TOTAL  25.80",
        "CASH  30.00",
    )
    assert "buyer_name" not in found.fields


def test_words_of_wide_letters_belong_together() -> None:
    """Letters 24 wide and 20 high: a space of that face is wider than the letters are high."""
    places = [(60, 40, 256, "SERULING"), (286, 41, 454, "HARDWARE"), (60, 70, 300, "ENTERPRISE")]
    lines = tuple(TextLine(t, BoundingBox(left, top, right, top + 20), 0.97) for left, top, right, t in places)
    segments = segments_of(FieldPage(1, 600, 1200, lines, (("reader",),) * len(lines)))
    assert [segment.text for segment in segments] == ["SERULING HARDWARE", "ENTERPRISE"]


def test_a_line_cut_inside_a_letter_is_one_line() -> None:
    places = [(46, 79, 445, 129, "3-7, GROUND FLOOR, 3"), (417, 80, 792, 129, "JLN MERANTI 1")]
    lines = tuple(TextLine(t, BoundingBox(left, top, right, end), 0.97) for left, top, right, end, t in places)
    (segment,) = segments_of(FieldPage(1, 900, 1200, lines, (("reader",),) * len(lines)))
    assert segment.text == "3-7, GROUND FLOOR, 3 JLN MERANTI 1"


def test_a_receipt_that_says_what_to_pay_and_that_a_card_paid_it_names_no_customer() -> None:
    head = ("Épicerie Fine", "29 rue des Artisans", "31010 Toulouse", "Tél. : 04 00 83 84 56", "Ticket n° : 9778")
    lines = ("Désignation  Montant", "Steak frites  16,70", "Comté 200 g  5,99")
    found = read(*head, "Date : 27/05/2026 13:45", *lines, "Net à payer  22,69 €", "CB  22,69", "À bientôt !")
    assert found.fields["amount_due"].value == Decimal("22.69")
    assert "buyer_name" not in found.fields
