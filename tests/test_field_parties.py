"""Who sells and who buys: a table of pages and the parties on them, and what is nobody's name."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from field_pages import Placed, page
from hypothesis import given
from hypothesis import strategies as st

from invoice_connector.fields import extract
from invoice_connector.fields.extract import scene_of_pages
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.parties import PartyLine, find_parties
from invoice_connector.fields.roles import decide_roles
from invoice_connector.locales import locales
from ocr_ensemble.layout import BoundingBox


def rows(left: int, top: int, *texts: str) -> tuple[Placed, ...]:
    return tuple((left, top + 25 * number, text) for number, text in enumerate(texts))


def right(edge: int, top: int, *texts: str) -> tuple[Placed, ...]:
    return tuple((edge - 10 * len(text), top + 25 * number, text) for number, text in enumerate(texts))


MILL, DOCK = ("4 Mill Lane", "Leeds LS1 4DY"), ("56 Dock Street", "Hull HU1 3DZ")
META = (*rows(60, 500, "Invoice number: 20417", "Invoice date: 2026-03-18"), *rows(60, 700, "Total due: £ 1,250.00"))
PAGES: dict[str, tuple[Sequence[Placed], str, str | None]] = {
    "a label at the right, over what is aligned with it": (
        [*right(900, 60, "Copperfield Plumbing Ltd", "4 Mill Lane, Leeds LS1 4DY"),
         *right(900, 240, "Client:", "Harbour Coffee Roasters Ltd", "56 Dock Street, Hull HU1 3DZ"), *META],
        "Copperfield Plumbing Ltd", "Harbour Coffee Roasters Ltd",
    ),
    "a label left of a column of its own": (
        [*rows(60, 60, "Creditor:", "Address:"), *rows(170, 60, "Copperfield Plumbing Ltd", *MILL),
         *rows(60, 240, "Customer:", "Address:"), *rows(170, 240, "Harbour Coffee Ltd", *DOCK),
         *META],
        "Copperfield Plumbing Ltd", "Harbour Coffee Ltd",
    ),
    "countries and headings of addresses are nobody": (
        [*rows(60, 60, "Store address", "Copperfield Plumbing", *MILL, "United Kingdom"), *META],
        "Copperfield Plumbing", None,
    ),
    "a name that is broken inside a word": (
        [*rows(60, 60, "Copperfield Plumbing Ltd", *MILL),
         *rows(60, 240, "Customer:", "Weston-under-", "Lyme Coffee Ltd", *DOCK), *META],
        "Copperfield Plumbing Ltd", "Weston-under- Lyme Coffee Ltd",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("placed", "seller", "buyer"), PAGES.values(), ids=PAGES)
def test_parties_of_a_page(placed: Sequence[Placed], seller: str, buyer: str | None) -> None:
    fields = extract([page(placed)]).fields
    assert fields["seller_name"].value == seller
    assert (fields["buyer_name"].value if "buyer_name" in fields else None) == buyer


def test_what_has_a_price_is_no_party() -> None:
    items = [*rows(60, 560, "Harbour View Brochure", "Dock Street Poster"), *rows(700, 560, "120.00", "80.00")]
    scene = scene_of_pages([page([*rows(60, 60, "Copperfield Plumbing Ltd", *MILL), *META, *items])])
    names = {party.name for party in find_parties(scene)}
    assert "Copperfield Plumbing Ltd" in names
    assert names.isdisjoint({"Harbour View Brochure", "Dock Street Poster"})


@pytest.mark.parametrize("language", sorted(locales()))
def test_labels_of_every_language_are_no_party(language: str) -> None:
    labels = locales()[language].labels
    announced = [
        phrases[0] for term, phrases in labels.items() if term in ("seller", "buyer", "due_date", "amount_due")
    ]
    placed = [(60, 60 + 60 * number, phrase.capitalize()) for number, phrase in enumerate(announced)]
    fields = extract([page([*placed, *META])]).fields
    names = {str(fields[name].value).casefold() for name in ("seller_name", "buyer_name") if name in fields}
    assert names.isdisjoint(announced)


SCORES = st.lists(st.tuples(st.floats(-8, 8), st.floats(-8, 8)), max_size=12)


@given(SCORES, st.booleans())
def test_one_party_has_one_role(scores: Sequence[tuple[float, float]], receipt: bool) -> None:
    parties = [_party(f"Company {n} Ltd", *own) for n, own in enumerate(scores)]
    seller, buyer = decide_roles(parties, receipt)
    assert (seller is None) == (not parties)
    assert buyer is None or (seller is not None and buyer.name != seller.name)
    if receipt and seller is not None:
        assert seller.seller_score == max(party.seller_score for party in parties)


def test_roles_are_decided_together() -> None:
    client, shop = _party("Harbour Coffee Ltd", 3.0, 2.5), _party("Copperfield Plumbing Ltd", 2.8, -3.0)
    assert decide_roles([client, shop], receipt=False) == (shop, client)


def _party(name: str, seller: float, buyer: float) -> PartyLine:
    segment = Segment(1, name, (), (), BoundingBox(0, 0, 10 * len(name), 20))
    return PartyLine(
        name,
        (segment,),
        (),
        {"legal_form": 1.0, "party_label": 0.0, "seller_label": 0.0},
        seller_score=seller,
        buyer_score=buyer,
    )


@pytest.mark.parametrize("opening", ["Issued by", "Billed by", "Invoice from", "Sold by"])
@pytest.mark.parametrize("person", ["Tomas Quill", "Anna Maria Brook"])
def test_a_label_before_the_name_of_a_person_is_no_part_of_it(opening: str, person: str) -> None:
    placed = [(60, 60, f"{opening} {person}"), (60, 85, "8 Mill Road, Leeds LS2 8AB"), (600, 60, "INVOICE"),
              (60, 230, "Bill to"), (60, 255, "Bramble House Clinic Ltd"), (600, 200, "Invoice no."),
              (800, 200, "118"), (600, 225, "Date"), (800, 225, "11 May 2026"), (60, 500, "Glass panel"),
              (840, 500, "120.00"), (600, 640, "Total"), (840, 640, "£120.00")]  # fmt: skip
    assert extract([page(placed)]).text("seller_name") == person
