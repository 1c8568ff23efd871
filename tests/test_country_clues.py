"""What a line shows of its country, and what only looks so."""

from __future__ import annotations

import pytest

from invoice_connector.evidence.country import PlacedText, Side, seller_country
from invoice_connector.evidence.country_clues import clues_of
from invoice_connector.evidence.currency import Mention, Place, currency_belief, find_currencies


@pytest.mark.parametrize(
    ("text", "kind", "country"),
    [
        ("Tel: 0046 8 555 01 42", "telephone", "SE"),
        ("London, KY 40741", "postal form", "US"),
        ("Momsreg.nr SE5560360793O1", "VAT number", "SE"),  # O for 0
        ("Bankgiro 5050-1055", "identifier", "SE"),
        ("ABN 51 824 753 556", "identifier", "AU"),
        ("PERNIAGAAN KELI (M) BHD (126926-H)", "legal form", "MY"),
        ("Industrigatan 9", "street", "SE"),
        ("TOTAL 12.500 BHD", "currency", "BH"),
    ],
)
def test_a_print_speaks_once_and_for_its_country(text: str, kind: str, country: str) -> None:
    (found,) = clues_of(text)
    assert found.kind == kind
    assert max(found.countries, key=lambda code: found.countries[code]) == country


@pytest.mark.parametrize("text", ["001019043840", "001 019043840", "SOS 123", "AOA4-ADI", "Invoice 0046 8 555 01 42"])
def test_other_numbers_and_codes_show_no_country(text: str) -> None:
    assert clues_of(text) == ()


@pytest.mark.parametrize("text", ["Harbour Street DT (#36", "DT 04/05/18", "AOA4-ADI", "KELI (M) BHD (126926-H)"])
def test_letters_that_only_look_like_money(text: str) -> None:
    assert find_currencies(text) == ()


@pytest.mark.parametrize("text", ["Belopp (kr)", "Belopp kr", "kr/st", "belopp i kr", "500 kr", "RM5", "DT 12,500"])
def test_short_signs_of_money(text: str) -> None:
    assert len(find_currencies(text)) == 1


def _belief(*texts: str, side: Side = "seller", language: str | None = "en") -> dict[str, float]:
    return dict(seller_country([PlacedText(text, side) for text in texts], language).odds)


def test_weak_signs_that_agree_are_near_certainty() -> None:
    assert _belief("9 Pier Ave,  Portland,  ME 04101", "Sales tax 5.5 %")["US"] > 0.99
    assert _belief("12, Jalan Kenari 3", "53300 Kuala Lumpur", "GST 6 %")["MY"] > 0.99


def test_an_american_buyer_makes_no_american_seller() -> None:
    assert _belief("90 High St, Columbus, OH 43215, USA", side="buyer")["US"] < 0.9


def test_a_sign_beside_amounts_excludes_other_currencies() -> None:
    kroner = [Mention(("SEK", "NOK", "DKK", "ISK"), Place.AMOUNT)] * 2
    country = seller_country([PlacedText("Bankgiro 5050-1055", "seller")], "sv")
    belief = currency_belief([*kroner, Mention(("EUR",), Place.ROW)], country)
    assert belief.likeliest == "SEK" and belief.odds["EUR"] < 0.001
