"""Sellers that are taken for buyers: what only a seller prints of itself stands with another name."""

from __future__ import annotations

import pytest
from field_pages import Placed, page

from invoice_connector.fields import extract

META = ((60, 400, "Invoice number"), (320, 400, "20417"), (60, 425, "Invoice date"), (320, 425, "2026-03-18"),
        (550, 640, "Net total"), (850, 640, "£ 1,000.00"), (550, 670, "VAT 20 %"), (850, 670, "£ 200.00"),
        (550, 700, "Total due"), (850, 700, "£ 1,200.00"))  # fmt: skip
COMPANY = ((60, 60, "Cornish Granite Ltd"), (60, 85, "Quarry Lane 4"), (60, 110, "Penryn TR10 9DE"))
SHOP = ((700, 60, "Tom Ashby Photography"), (700, 85, "9 Quay Street"), (700, 110, "Truro TR1 2HE"))
VAT = "VAT GB 980 7806 84"


def rules(*placed: Placed) -> list[str]:
    found = extract([page([*placed, *META])])
    return [violation.rule for violation in found.conflicts]


@pytest.mark.parametrize(
    "proof",
    [
        (700, 135, VAT),
        (60, 1300, f"Tom Ashby Photography · 9 Quay Street, Truro · {VAT} · IBAN GB29 NWBK 6016 1331 9268 19"),
    ],
)
def test_a_sellers_number_with_the_other_name_stops(proof: Placed) -> None:
    assert "SELLER-OR-BUYER" in rules(*COMPANY, *SHOP, proof)


def test_a_sellers_number_with_its_own_name_does_not() -> None:
    foot = (60, 1300, f"Cornish Granite Ltd · Quarry Lane 4, Penryn · {VAT} · IBAN GB29 NWBK 6016 1331 9268 19")
    assert "SELLER-OR-BUYER" not in rules(*COMPANY, *SHOP, foot)


def test_nor_does_one_where_labels_say_who_is_who() -> None:
    labels = ((60, 35, "Seller"), (700, 35, "Bill to"))
    assert "SELLER-OR-BUYER" not in rules(*labels, *COMPANY, *SHOP, (60, 135, VAT))


STRIP = ((60, 1280, "Quay Street Photography Ltd"), (60, 1305, "9 Quay Street"), (600, 1280, "Company no. 04718263"))


@pytest.mark.parametrize(
    ("strip", "stops"),
    [
        ((*STRIP, (600, 1305, VAT)), True),  # another company stands beside the seller's VAT number
        (((60, 1280, "Cornish Granite Ltd"), (60, 1305, "Quarry Lane 4"), (600, 1305, VAT)), False),
        (((60, 1280, "Barclays Bank plc"), (60, 1305, "Truro"), (600, 1305, VAT)), False),
        (((60, 1280, "With kind regards"), (600, 1280, VAT)), False),
        (((60, 1280, "Registered office"), (300, 1280, "Seat Truro"), (600, 1280, VAT)), False),
    ],
)
def test_a_foot_that_names_another_company_beside_the_sellers_number_stops(
    strip: tuple[Placed, ...], stops: bool
) -> None:
    assert ("SELLER-OR-BUYER" in rules(*COMPANY, *strip)) == stops
