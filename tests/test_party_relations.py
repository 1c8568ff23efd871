"""What is known of a name elsewhere on the pages, and of everybody else, counts for its role."""

from __future__ import annotations

from field_pages import page
from hypothesis import given
from hypothesis import strategies as st

from invoice_connector.fields.extract import scene_of_pages
from invoice_connector.fields.parties import find_parties
from invoice_connector.fields.party_relations import RELATIONS, relations
from invoice_connector.fields.registrations import mixed_parties

NAMES = st.sampled_from(["Nordhav Bygg", "Nordhav Bygg AB", "Kvarn & Son", "Ek", "Ekman", "Rosita Lindqvist"])
FACTS = st.fixed_dictionaries({"seller_label": st.sampled_from([0.0, 0.4, 1.0]), "domain": st.sampled_from([0.0, 1.0])})


@given(st.lists(st.tuples(NAMES, FACTS), max_size=8))
def test_the_same_name_has_the_same_relations(
    parties: list[tuple[str, dict[str, float]]],
) -> None:
    found = relations(parties)
    assert [set(own) for own in found] == [set(RELATIONS)] * len(parties)
    for (name, facts), own in zip(parties, found, strict=True):
        assert all(own == again for (other, _), again in zip(parties, found, strict=True) if other == name)
        assert own["own_domain"] >= facts["domain"]


@given(st.lists(st.tuples(NAMES, FACTS), max_size=8))
def test_what_holds_for_one_name_only_holds_for_no_other(parties: list[tuple[str, dict[str, float]]]) -> None:
    stranger = ("Zyx Trading Ltd", {"account_below": 1.0})
    *others, own = relations([*parties, stranger])
    assert own["own_account_below"] == 1.0
    assert own["other_account_below"] == 0.0
    assert all(facts["own_account_below"] == 0.0 and facts["other_account_below"] == 1.0 for facts in others)


def test_a_brand_knows_what_stands_at_its_company_in_the_foot() -> None:
    brand, company, buyer = relations([
        ("Nordhav", {"domain": 0.0}), ("Nordhav Bygg AB", {"domain": 1.0, "account_below": 1.0}),
        ("Kvarn & Son HB", {"buyer_label": 1.0}),
    ])  # fmt: skip
    assert brand["own_domain"] == brand["own_account_below"] == brand["other_buyer_label"] == 1.0
    assert company["own_buyer_label"] == buyer["own_domain"] == 0.0
    assert buyer["other_domain"] == 1.0


def test_a_vat_number_called_the_buyers_does_not_stand_with_the_seller() -> None:
    letter = page([
        (60, 60, "Bergs Måleri HB"), (60, 85, "Verkstadsgatan 3"), (60, 110, "541 30 Skövde"),
        (60, 135, "Your VAT no. SE556677889901"), (700, 60, "Nordvik Tele AB"), (700, 85, "Box 7, 903 28 Umeå"),
    ])  # fmt: skip
    scene = scene_of_pages([letter])
    one, other = ({line for line in scene.kinds if name in line.text} for name in ("Bergs", "Nordvik"))
    (found,) = mixed_parties(scene, seller=one, buyer=other)
    assert found.rule == "SELLER-OR-BUYER"
    assert "SE556677889901" in found.message
    assert not [*mixed_parties(scene, seller=other, buyer=one)]


def test_a_name_in_the_window_of_an_envelope_stands_below_its_sender() -> None:
    letter = page([
        (100, 200, "Nordhav Bygg AB | Storgatan 4 | 111 22 Stockholm"), (100, 240, "Kvarn & Son HB"),
        (100, 270, "Lillgatan 8"), (100, 300, "222 33 Lund"), (700, 240, "Rosita Ek AB"),
    ])  # fmt: skip
    below = {party.name: party.facts["below_sender"] for party in find_parties(scene_of_pages([letter]))}
    assert below["Kvarn & Son HB"] == 1.0
    assert below["Rosita Ek AB"] == 0.0
