"""What a party's name and address are on a page: broken over lines, on one line, repeated in full elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from field_pages import Placed, line, page

from invoice_connector.fields import FieldPage, extract
from invoice_connector.fields.extract import scene_of_pages
from invoice_connector.fields.labels import without_title
from invoice_connector.fields.lines import sender_parts
from invoice_connector.fields.parties import PartyLine, find_parties
from ocr_ensemble.layer_check import TEXT_LAYER
from ocr_ensemble.layout import BoundingBox, TextLine

SELLER = ((60, 60, "Copperfield Plumbing Ltd"), (60, 85, "4 Mill Lane"), (60, 110, "Leeds LS1 4DY"))
META = ((600, 60, "Invoice number"), (800, 60, "20417"), (600, 85, "Invoice date"), (800, 85, "2026-03-18"),
        (550, 700, "Total due"), (850, 700, "£ 1,250.00"))  # fmt: skip


def rows(left: int, top: int, *texts: str) -> tuple[Placed, ...]:
    return tuple((left, top + 25 * number, text) for number, text in enumerate(texts))


def parties(placed: Sequence[Placed]) -> dict[str, PartyLine]:
    return {party.name: party for party in find_parties(scene_of_pages([page(placed)]))}


@pytest.mark.parametrize(
    ("lines", "whole", "elsewhere"),
    [
        (("Tandartspraktijk", "Wilgenhof", "Kerkstraat 9", "3311 RG Dordrecht"), "Tandartspraktijk Wilgenhof", ""),
        (("UAB RIMANTAS", "KAZLAUSKAS", "Ąžuolų g. 12", "LT-35392 Panevėžys"), "UAB RIMANTAS KAZLAUSKAS",
         "UAB Rimantas Kazlauskas"),
        (("Savonnerie de la", "Touvière SARL", "4 rue des Lilas", "30042 Nîmes"), "Savonnerie de la Touvière SARL", ""),
        (("Lindberg & Falk Bygg", "Service och Måleri", "Storgatan 5", "111 22 Stockholm"),
         "Lindberg & Falk Bygg Service och Måleri", "Lindberg & Falk Bygg Service och Måleri, Storgatan 5"),
        (("Havsvik", "Redovisning HB", "Storgatan 5", "111 22 Lund"), "Havsvik Redovisning HB", ""),  # a narrow column
    ],
)  # fmt: skip
def test_a_name_over_several_lines_is_one_name_and_its_pieces_are_none(
    lines: tuple[str, ...], whole: str, elsewhere: str
) -> None:
    foot = ((60, 1300, elsewhere),) if elsewhere else ()
    found = parties([*SELLER, *rows(60, 240, *lines), *META, *foot])
    assert whole in found
    assert not {lines[0], lines[1]} & found.keys()
    assert len(found[whole].address) == 2


@pytest.mark.parametrize("second", ["Sweden", "12 Abbey Road", "Invoice", "Marta Ekberg"])
def test_what_stands_under_a_name_is_not_always_the_rest_of_it(second: str) -> None:
    assert "Harbour Coffee" in parties([*SELLER, *rows(60, 240, "Harbour Coffee", second, "Hull HU1 3DZ"), *META])


def test_a_word_over_a_company_is_none_of_its_name_where_the_column_has_room() -> None:
    block = rows(60, 240, "Havsvik", "Kvarnens Redovisning HB", "Stora Kungsgatan 125 B, vån 3", "111 22 Stockholm")
    assert "Kvarnens Redovisning HB" in parties([*SELLER, *block, *META])


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("Ms Joan Carter", "Harbour Coffee Ltd"), "Harbour Coffee Ltd"),
        (("Accounts Payable", "Harbour Coffee Ltd"), "Harbour Coffee Ltd"),
        (("Mme Claire Fournier", "Service comptabilité", "Ateliers Brunet SAS"), "Ateliers Brunet SAS"),
        (("Stadt Ravensburg", "Einkauf", "Frau Petra Lang"), "Stadt Ravensburg"),
        (("Purchasing Department", "Northfield Primary School"), "Northfield Primary School"),
        (("Bostadsrättsföreningen", "Lärkan i Borås"), "Bostadsrättsföreningen Lärkan i Borås"),
        (("Passeios e Turismo", "de Moinhos, Unipessoal Lda."), "Passeios e Turismo de Moinhos, Unipessoal Lda."),
        (("Kanzlei Hoffmeister", "& Partner mbB"), "Kanzlei Hoffmeister & Partner mbB"),
        (("GRUPO TERMAL SERRA", "DA LOUSÃ, S.A."), "GRUPO TERMAL SERRA DA LOUSÃ, S.A."),
    ],
)
def test_the_organisation_of_a_block_is_the_buyer_and_not_whom_the_letter_is_for(
    lines: tuple[str, ...], name: str
) -> None:
    block = rows(60, 240, "Bill to", *lines, "Quay Street 12", "Hull HU1 3DZ")
    fields = extract([page([*SELLER, *block, *META])]).fields
    assert fields["buyer_name"].text == name


@pytest.mark.parametrize(
    "below", ["Fastighetsförvaltningen", "Treasurer", "The voice of the estuary", "Museum Council of Hull"]
)
def test_a_name_of_several_words_does_not_go_on_where_it_had_room(below: str) -> None:
    block = rows(60, 240, "Bill to", "Estuary Rowing Club", below, "Quay Street 12", "Hull HU1 3DZ")
    assert extract([page([*SELLER, *block, *META])]).fields["buyer_name"].text == "Estuary Rowing Club"


def test_a_name_that_would_have_run_beyond_all_print_goes_on_below() -> None:
    block = rows(700, 240, "Bill to", "Estuary Maritime", "Conseil", "Quay Street 12", "Hull HU1 3DZ")
    assert "Estuary Maritime Conseil" in parties([*SELLER, *block])


def test_a_person_is_the_buyer_where_only_the_house_has_a_name() -> None:
    block = rows(60, 240, "Bill to", "Joan Carter", "Rose Cottage", "Quay Street 12", "Hull HU1 3DZ")
    assert extract([page([*SELLER, *block, *META])]).fields["buyer_name"].text == "Joan Carter"


@pytest.mark.parametrize(
    "behind",
    [
        " • Tel. 0113 496 0142",
        " | sales@harbourcoffee.example",
        " Quay Street 12",
        ", Norway",
        " Quay No: 87 06105 Hull",
    ],
)
def test_a_name_ends_where_something_else_follows_on_its_line(behind: str) -> None:
    found = parties([*SELLER, *rows(60, 240, f"Harbour Coffee AS{behind}", "0150 Oslo"), *META])
    assert "Harbour Coffee AS" in found


def test_a_street_short_for_calle_is_no_legal_form() -> None:
    foot = ((60, 1300, "Duero Metalúrgica SA, C/ Mayor 5, 28013 Madrid"),)
    assert "Duero Metalúrgica SA" in parties([*rows(60, 240, "Harbour Coffee AS", "0150 Oslo"), *META, *foot])


def test_a_slogan_above_a_name_with_its_own_domain_is_not_its_beginning() -> None:
    head = rows(60, 60, "Fast and fair", "COPPERFIELD", "4 Mill Lane", "Leeds LS1 4DY", "info@copperfield.example")
    assert "Fast and fair COPPERFIELD" not in parties([*head, *META])


def test_a_name_behind_its_label_goes_on_in_the_next_line() -> None:
    buyer = rows(60, 240, "Cliente: Gabinete Serra Design,", "Unipessoal Lda.")
    assert "Gabinete Serra Design, Unipessoal Lda." in parties([*SELLER, *buyer, *META])


def test_a_label_in_two_languages_is_as_wide_as_its_line() -> None:
    """Both stand at the right edge: the second language's words reach to it, the first one's do not."""
    label = (500, 240, "Naslov za pošiljanje računa/Billed to")  # 370 pixels wide
    buyer = ((720, 265, "Lipa Gostinstvo"), (680, 290, "Kidričeva ulica 103"), (750, 315, "1230 Domžale"))
    found = parties([*SELLER, label, *buyer, *META[:4]])
    assert found["Lipa Gostinstvo"].facts["buyer_label"] > 0.5


@pytest.mark.parametrize(
    ("line", "name", "address"),
    [
        ("Ekdahl & Berg ANS Fjordveien 102 1654 Fredrikstad", "Ekdahl & Berg ANS", "Fjordveien 102 1654 Fredrikstad"),
        ("Farine Boulangerie SARL 70 boulevard Hugo 30042 Nîmes", "Farine Boulangerie SARL",
         "70 boulevard Hugo 30042 Nîmes"),
        ("Viola Redovisning Ek. för. Norrastigen 47 | 903 29 Umeå", "Viola Redovisning Ek. för.",
         "Norrastigen 47 | 903 29 Umeå"),
        ("Oranje Beheer 2000 VOF Julianaplein 76 1082 AB Amsterdam", "Oranje Beheer 2000 VOF",
         "Julianaplein 76 1082 AB Amsterdam"),
        ("SIA „Ieva Kalna“ Brīvības gatve 2 LV-3655 Ventspils", "SIA „Ieva Kalna“",
         "Brīvības gatve 2 LV-3655 Ventspils"),
    ],
)  # fmt: skip
def test_a_company_and_its_address_may_share_a_line(line: str, name: str, address: str) -> None:
    head = ((60, 10, line),)
    buyer = rows(60, 240, "Bill to:", "Harbour Coffee Roasters Ltd", "56 Dock Street", "Hull HU1 3DZ")
    found = extract([page([*head, *buyer, *META])]).fields
    assert found["seller_name"].value == name
    assert found["seller_address"].value == address


@pytest.mark.parametrize("foot", ["Nyberg Färg AB - Orgnummer 556036-0793", "Nyberg FärgAB Smedvägen 27, 903 14 Umeå"])
def test_the_foot_gives_a_letterheads_brand_its_legal_form(foot: str) -> None:
    head = rows(60, 60, "Nyberg Färg", "Smedvägen 27", "903 14 Umeå", "www.nybergfarg.se")
    buyer = rows(60, 240, "Bergs Måleri HB", "Verkstadsgatan 3", "541 30 SKÖVDE")
    found = extract([page([*head, *buyer, *META, (60, 1300, foot)])]).fields
    assert found["seller_name"].value == "Nyberg Färg AB"
    assert found["seller_address"].value == "Smedvägen 27, 903 14 Umeå"


@pytest.mark.parametrize(
    "address",
    [
        ("Ąžuolų g. 85", "LT-55270 Jonava"),
        ("Liepu bulvāris 104", "Cēsis LV-4181"),
        ("Bd. Unirii nr. 124", "110766 Pitești"),
        ("Arany u. 6.", "1232 Budapest"),
    ],
)
def test_streets_and_towns_of_further_countries(address: tuple[str, ...]) -> None:
    buyer = rows(60, 240, "Bill to:", "Harbour Coffee Roasters Ltd", *address)
    found = extract([page([*SELLER, *buyer, *META])]).fields
    assert found["buyer_address"].value == ", ".join(address)


@pytest.mark.parametrize("behind", ["c/o Marta Ekberg", "NO 974 760 673 MVA", "ID: SI50223054"])
def test_what_stands_under_the_town_is_no_address(behind: str) -> None:
    buyer = rows(60, 240, "Bill to:", "Harbour Coffee Roasters AS", "Fjordveien 31", "3793 Skien", behind)
    found = extract([page([*SELLER, *buyer, *META])]).fields
    assert found["buyer_address"].value == "Fjordveien 31, 3793 Skien"


def test_goods_for_the_buyer_at_another_place_do_not_move_the_buyer() -> None:
    ship = rows(60, 240, "Ship to:", "Harbour Coffee Roasters Ltd", "56 Dock Street", "Hull HU1 3DZ")
    own = rows(500, 240, "Attention", "Harbour Coffee Roasters Ltd", "8 Abbey Road", "London NW8 9AY")
    found = extract([page([*SELLER, *ship, *own, *META])]).fields
    assert found["buyer_name"].value == "Harbour Coffee Roasters Ltd"
    assert found["buyer_address"].value == "8 Abbey Road, London NW8 9AY"


@pytest.mark.parametrize("label", ["Közösségi adószám (Vásárló)", "MOMSNUMMER (KUNDE)", "VAT no. of customer"])
def test_a_vat_number_whose_label_names_the_buyer_is_the_buyers(label: str) -> None:
    buyer = rows(60, 240, "Bill to:", "Harbour Coffee Roasters Ltd", "8 Abbey Road", "London NW8 9AY")
    own = ((60, 400, label), (400, 400, "DK13585628"), (60, 1300, "VAT no. IE6388047V"))
    found = extract([page([*SELLER, *buyer, *own, *META])]).fields
    assert found["buyer_vat_identifier"].value == "DK13585628"
    assert found["seller_vat_identifier"].value == "IE6388047V"


@pytest.mark.parametrize("company", ["Drogaria Simões Lda.", "Drogaria Simões & Filhos"])
def test_a_brand_over_its_company_is_the_company(company: str) -> None:
    seller = ((60, 60, "Vendedor"), *rows(60, 85, "Drogaria Simões", company, "Travessa Vasco 93", "3080-521 Figueira"))
    buyer = ((550, 60, "Cliente"), *rows(550, 85, "Publicidade Pires Lda.", "Praça da Liberdade 73", "8000-625 Faro"))
    assert extract([page([*seller, *buyer, *META])]).fields["seller_name"].value == company


def test_an_address_behind_a_name_in_the_foot_is_no_part_of_it() -> None:
    seller = ((60, 60, "Emisor"), *rows(60, 85, "Plaza Papelería", "Avenida del Pintor Sorolla, 23", "27073 Lugo"))
    foot = ((60, 1300, "Plaza Papelería  Avenida del Pintor Sorolla, 23 - 27073 Lugo"),)
    found = extract([page([*seller, *rows(550, 240, "VR Hostelería SL", "Plaza Gran Vía 48", "43026 Tarragona"),
                           *META, *foot])])  # fmt: skip
    assert found.fields["seller_name"].value == "Plaza Papelería"


@pytest.mark.parametrize("title", ["Sąskaita-faktūra (Invoice)", "Faktura / Invoice", "Rechnung"])
def test_a_title_beside_a_name_in_one_language_or_two_is_no_part_of_it(title: str) -> None:
    assert without_title(f"VUGAIGE FINAIBREM {title}") == "VUGAIGE FINAIBREM"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Planet Software, Inc. · 22 Market Street · Reno, NV 89502", ["Planet Software, Inc.", "22 Market Street"]),
        ("Studio 54 • 116 South Drive • Plymouth PL1 5HJ", ["Studio 54", "116 South Drive"]),
        ("Mill Timber Co. (Northern) Limited. Registered in England 1944821. Office: Canal Wharf, Stan Road, Thirsk "
         "YO7 9ZZ", ["Mill Timber Co. (Northern) Limited."]),
        ("Lindenweg 12 · 20457 Hamburg · Nordufer", []),
    ],
)  # fmt: skip
def test_the_name_in_one_line_of_a_foot_ends_with_its_legal_form(text: str, parts: list[str]) -> None:
    assert sender_parts(text)[: len(parts) or None] == parts


LARGE = 60  # pixels high, where the page's lines are twenty


def letterhead(*texts: str) -> dict[str, PartyLine]:
    """The parties of a page whose head is set large, letters without descenders being less high."""
    heights = [LARGE if set("gjpqy") & set(text) else int(LARGE * 0.77) for text in texts]
    head = [
        TextLine(text, BoundingBox(300, 60 + 70 * at, 300 + 30 * len(text), 60 + 70 * at + height), 1.0)
        for at, (text, height) in enumerate(zip(texts, heights, strict=True))
    ]
    others = [line(*each) for each in (*rows(60, 400, "Harbour Coffee Ltd", "56 Dock Street", "Hull HU1 3DZ"), *META)]
    foot = [line(60, 1300, f"{' '.join(texts)} • 116 South Drive • Plymouth PL1 5HJ")]
    lines = (*head, *others, *foot)
    scene = scene_of_pages([FieldPage(1, 1000, 1400, lines, ((TEXT_LAYER,),) * len(lines))])
    return {party.name: party for party in find_parties(scene)}


@pytest.mark.parametrize("texts", [("Bakery", "190"), ("Emma Berg", "IT-tjänster")])
def test_a_logo_over_two_lines_is_one_name(texts: tuple[str, str]) -> None:
    found = letterhead(*texts)
    assert " ".join(texts) in found
    assert not set(texts) & found.keys()


def test_a_legal_form_that_is_a_preposition_elsewhere_is_no_reason_to_take_the_street_for_the_name() -> None:
    head = [(40, 40, "HAVBRIS DATA DA"), (40, 63, "Nordregata 101"), (40, 86, "4049 Stavanger")]
    found = parties([*head, *META, *rows(60, 240, "Harbour Coffee Ltd", "56 Dock Street", "Hull HU1 3DZ")])
    assert all(not name.endswith("101") or name == "Nordregata 101" for name in found)


def test_a_partner_who_is_liable_is_no_party() -> None:
    found = parties([*SELLER, *META, (60, 1300, "Komplementärin: Nordlicht Verwaltungs GmbH")])
    assert "Nordlicht Verwaltungs GmbH" not in found


@pytest.mark.parametrize(
    "seller",
    [
        "From: Orchard Lane Garages Ltd, Pershore WR10 1AA",
        "Seller: Orchard Lane Garages Ltd · 4 Mill Lane, Leeds LS1 4DY · VAT GB 980 7806 84",
    ],
)
def test_a_label_before_a_name_and_its_address_in_one_line_names_the_seller(seller: str) -> None:
    buyer = rows(60, 60, "Evesham Taxis Ltd", "Abbey Road", "Evesham WR11 4SS")
    fields = extract([page([*buyer, (500, 60, seller), *((left, top + 200, text) for left, top, text in META)])]).fields
    assert fields["seller_name"].value == "Orchard Lane Garages Ltd"
