"""Which lines are the address of a party: a block as it is set, and what is read of it."""

from __future__ import annotations

import pytest
from field_pages import Placed, page

from invoice_connector.fields import extract

META = ((600, 500, "Invoice number: 20417"), (600, 525, "Invoice date: 2026-03-18"), (60, 700, "Total due: £ 1,250.00"))
SELLER = ((60, 60, "Copperfield Plumbing Ltd"), (60, 85, "4 Mill Lane"), (60, 110, "Leeds LS1 4DY"))


def rows(left: int, top: int, *texts: str) -> tuple[Placed, ...]:
    return tuple((left, top + 25 * number, text) for number, text in enumerate(texts))


def address(role: str, *placed: Placed) -> str | None:
    field = extract([page([*placed, *META])]).fields.get(f"{role}_address")
    return None if field is None else str(field.value)


@pytest.mark.parametrize(
    "lines",
    [
        ("The Granary", "Mill End", "Otley", "LS21 3AB"),
        ("Estate Office", "P.O. Box 41", "Wetherby LS22 6XY"),
        ("K12, 7 km", "Riversdale 6670"),
        ("Quinta do Salgueiro", "4900-281 Viana"),
        ("Unit 2, Harbour Row", "Dublin 4", "D04 AB12", "Ireland"),
        ("18 Sherbrooke Avenue", "Gatineau, Quebec J8X 2K1"),
        ("c/o Bergmans Förvaltning", "FE 204", "721 30 Västerås"),
    ],
)
def test_all_that_stands_between_a_buyer_and_its_town_is_its_address(lines: tuple[str, ...]) -> None:
    buyer = rows(60, 240, "Bill to:", "Harbour Coffee Roasters Ltd", *lines)
    assert address("buyer", *SELLER, *buyer) == ", ".join(lines)


@pytest.mark.parametrize(
    "behind", ["Object: Kiln 7:31", "VAT BE 0733.122.908 Gent", "Berth 9-11 m, 4 nights", "Wall, front ...... 85.00"]
)
def test_behind_the_town_an_address_is_whole(behind: str) -> None:
    buyer = rows(60, 240, "Bill to:", "Harbour Coffee Roasters Ltd", "56 Dock Street", "Hull HU1 3DZ", behind)
    assert address("buyer", *SELLER, *buyer) == "56 Dock Street, Hull HU1 3DZ"


@pytest.mark.parametrize("trade", ["Heating and drains", "Chartered Plumbers", "founded 1893"])
def test_what_a_letterhead_says_of_its_company_is_no_address(trade: str) -> None:
    head = rows(60, 60, "Copperfield Plumbing Ltd", trade, "4 Mill Lane", "Leeds LS1 4DY")
    buyer = rows(60, 280, "Bill to:", "Harbour Coffee Roasters Ltd", "56 Dock Street", "Hull HU1 3DZ")
    assert address("seller", *head, *buyer) == "4 Mill Lane, Leeds LS1 4DY"


def test_a_wider_space_ends_an_address() -> None:
    buyer = rows(60, 240, "Bill to:", "Harbour Coffee Roasters Ltd", "56 Dock Street")
    other = (60, 355, "9 Coal Road, Seacroft")
    assert address("buyer", *SELLER, *buyer, other) == "56 Dock Street"


@pytest.mark.parametrize(
    ("line", "own"),
    [
        ("Shop and workshop: Dock Street 6, 730 60 Hedby. Owner Ingrid Falk", "Dock Street 6, 730 60 Hedby"),
        ("a society of 1894 - Mill Street, 48140 Hedby", "Mill Street, 48140 Hedby"),
        ("Secretary: c/- Faculty of Law, Box 12, Hobart TAS 7001", "c/- Faculty of Law, Box 12, Hobart TAS 7001"),
        ("Dock Street 6, Hedby 730611, North Shore", "Dock Street 6, Hedby 730611, North Shore"),
    ],
)
def test_an_address_on_one_line_is_given_without_the_words_around_it(line: str, own: str) -> None:
    assert address("seller", *rows(60, 60, "Copperfield Plumbing", line)) == own


@pytest.mark.parametrize(
    ("lines", "own"),
    [
        (("Copperfield Plumbing Ltd | 4 Mill Lane, Riversdale 7930 | 0113 555 0126",), "4 Mill Lane, Riversdale 7930"),
        (
            ("Copperfield Plumbing Ltd, 4 Mill Lane, Bandon, Co. Cork P72 AB12",),
            "4 Mill Lane, Bandon, Co. Cork P72 AB12",
        ),
        (("Copperfield Plumbing Ltd - Via Monte 3 - 28844", "Trontano (VB)"), "Via Monte 3 - 28844, Trontano (VB)"),
        (("Copperfield Plumbing, 4 Mill Lane, Singapore 168976. GST Reg. M9",), "4 Mill Lane, Singapore 168976"),
    ],
)
def test_an_address_may_follow_its_name_on_one_line(lines: tuple[str, ...], own: str) -> None:
    assert address("seller", *rows(60, 60, *lines)) == own


def test_a_buyer_may_be_named_on_one_line_with_its_address() -> None:
    line = "Harbour Coffee Roasters Ltd, Level 2, 18 Dock Lane, Adelaide SA 5000, Australia"
    assert address("buyer", *SELLER, (60, 240, "Bill to:"), (60, 265, line)) == line.partition(", ")[2]


@pytest.mark.parametrize(("behind", "belongs"), [("Brandenburg", True), ("Jutta Falk", False), ("EINGEGANGEN", False)])
def test_one_word_close_under_the_town_is_its_state(behind: str, belongs: bool) -> None:
    buyer = rows(60, 240, "Bill to:", "Harbour Coffee Roasters Ltd", "56 Dock Street", "14467 Hedby", behind)
    own = "56 Dock Street, 14467 Hedby"
    assert address("buyer", *SELLER, *buyer) == (f"{own}, {behind}" if belongs else own)


def test_a_company_with_its_address_on_one_line_is_another_party() -> None:
    head = ((60, 60, "Copperfield Plumbing Ltd"), (60, 90, "VAT no. GB980780684"))
    other = (60, 120, "Customer Harbour Roasters Ltd, 56 Dock Street, Hull HU1 3DZ")
    assert address("seller", *head, other, (60, 1300, "4 Mill Lane, Leeds LS1 4DY")) == "4 Mill Lane, Leeds LS1 4DY"
