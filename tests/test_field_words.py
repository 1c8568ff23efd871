"""Words that are a label here and a value there, and streets and towns as they are printed."""

from __future__ import annotations

from datetime import date

import pytest
from field_pages import Placed, page

from invoice_connector.fields import extract
from invoice_connector.invoice import Evidence, Invoice

SELLER = ((60, 60, "Nordlicht Bürobedarf GmbH"), (60, 85, "Hafenstraße 12"), (60, 110, "20457 Hamburg"))
BUYER = ((60, 240, "Käufer AG"), (60, 265, "Marktplatz 3"), (60, 290, "70173 Stuttgart"))
SUMS = ((550, 600, "Summe netto"), (780, 600, "1.250,00"), (550, 650, "Rechnungsbetrag"), (780, 650, "1.487,50 €"))


PERSON = (
    (60, 215, "Rechnungsadresse"),
    (60, 240, "Karin Schröder"),
    (60, 265, "Marktplatz 3"),
    (60, 290, "70173 Stuttgart"),
)


def read(*rows: Placed, seller: tuple[Placed, ...] = SELLER, buyer: tuple[Placed, ...] = BUYER) -> Invoice:
    return extract([page([*seller, *buyer, *rows, *SUMS])])


@pytest.mark.parametrize(
    ("label", "terms"),
    [
        ("Zahlungsziel", "Zahlbar innerhalb 14 Tagen ohne Abzug"),
        ("Zahlungsbedingungen", "14 Tage netto"),
        ("Zahlungsziel", "Sofort fällig ohne Abzug"),
        ("Payment terms", "Due on receipt"),
        ("Terms", "Net 14"),
        ("Betalningsvillkor", "Netto 30 dagar"),
        ("Conditions de paiement", "Comptant à réception"),
    ],
)
@pytest.mark.parametrize("apart", [True, False])
def test_terms_that_begin_with_a_label_are_terms(label: str, terms: str, apart: bool) -> None:
    rows = [(600, 350, label), (850, 350, terms)] if apart else [(600, 350, f"{label}: {terms}")]
    assert read(*rows).fields["payment_terms"].value == terms


def test_a_date_behind_a_term_of_payment_is_the_due_date() -> None:
    found = read((600, 320, "Rechnungsdatum: 03.04.2024"), (600, 350, "Zahlungsziel: 03.05.2024")).fields
    assert found["due_date"].value == date(2024, 5, 3)
    assert "payment_terms" not in found


def test_the_number_behind_a_label_is_no_term_of_payment() -> None:
    assert "payment_terms" not in read((600, 350, "Zahlungsbedingungen"), (850, 350, "Netto 1.250,00")).fields


@pytest.mark.parametrize("label", ["V/ contribuinte", "Kundens VAT-nr", "Vosso NIF", "Ihre USt-IdNr."])
def test_a_vat_number_that_is_called_yours_is_the_buyers(label: str) -> None:
    seller = (*SELLER, (60, 135, "USt-IdNr.: DE136695976"))
    found = read((600, 350, label), (800, 350, "PT550904042"), seller=seller).fields
    assert found["buyer_vat_identifier"].value == "PT550904042"
    assert found["seller_vat_identifier"].value == "DE136695976"


def test_the_words_of_a_date_are_no_label() -> None:
    rows = ((600, 320, "Data emissão:"), (800, 320, "26 de março de 2026"), (600, 350, "Data venc.:"))
    found = read(*rows, (800, 350, "25 de abril de 2026")).fields
    assert found["issue_date"].value == date(2026, 3, 26)
    assert found["due_date"].value == date(2026, 4, 25)


def test_the_tax_point_is_not_the_date_of_the_invoice() -> None:
    rows = ((600, 320, "Invoice date"), (800, 320, "19 Aug 2029"), (600, 350, "Tax point"), (800, 350, "11 Aug 2029"))
    assert read(*rows).fields["issue_date"].value == date(2029, 8, 19)


@pytest.mark.parametrize(
    ("street", "town"),
    [("Grünerstr.  119", "1080 Wien"), ("Camino Nueva,  113", "32036 Ourense"), ("Gartenallee 67", "9023 St. Gallen")],
)
def test_a_street_is_one_however_wide_its_spaces_are(street: str, town: str) -> None:
    buyer = ((60, 240, "Käufer AG"), (60, 265, street), (60, 290, town))
    address = read(buyer=buyer).fields["buyer_address"].text
    assert "".join(address.split()) == "".join(f"{street}{town}".split())


def test_the_heading_of_an_address_is_nobodys_name() -> None:
    heading = (60, 240, "Faktureringsadress")
    buyer = (heading, (60, 265, "Mårten Hägglund"), (60, 290, "Storgatan 75"), (60, 315, "753 31 Uppsala"))
    assert read(buyer=buyer).fields["buyer_name"].value == "Mårten Hägglund"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Jackson & Wilson Sdn.", "Bhd."),
        ("Rossi & Martinelli", "S.n.c."),
        ("Talleres Giralda S.", "Coop."),
        ("Löwen Energie", "UG (haftungsbeschränkt)"),
        ("Nordlicht Bürobedarf GmbH", "& Co. KG"),
        ("Meranti Maju Hardware &", "Electrical"),
    ],
)
def test_a_name_goes_on_where_its_legal_form_or_an_and_was_broken(first: str, second: str) -> None:
    seller = ((60, 60, first), (60, 82, second), (60, 110, "Hafenstraße 12"), (60, 135, "20457 Hamburg"))
    assert read(seller=seller, buyer=PERSON).fields["seller_name"].value == f"{first} {second}"


def test_an_address_below_is_no_part_of_the_name() -> None:
    seller = ((60, 60, "Hansson och"), (60, 82, "Storgatan 12"), (60, 110, "753 31 Uppsala"))
    assert read(seller=seller, buyer=PERSON).fields["seller_name"].value == "Hansson och"


FOOT = (60, 1300)


def account_of(*texts: str) -> str | None:
    placed = [
        (60, 60, "Lucky Foods Ltd"),
        (60, 85, "4a School Way, London SW1A 1AA"),
        (600, 60, "Invoice"),
        (800, 60, "20417"),
    ]
    placed += [(60, 1200 + 25 * number, text) for number, text in enumerate(texts)]
    found = extract([page(placed)]).fields.get("payment_account_identifier")
    return None if found is None else str(found.value)


@pytest.mark.parametrize(
    ("texts", "account"),
    [
        (("Sort code 60-83-12 Account no. 31048826",), "31048826"),
        (("BSB 124-607", "Account 2249 1836"), "22491836"),
        (("Straits Bank Ltd, current account no. 047-902618-5",), "047-902618-5"),
        (("IBAN:", "ES91 2100 0418", "4502 0005 1332"), "ES9121000418450200051332"),
        (("Numer konta 61 1090 1014 0000", "0712 1981 2874"), "61109010140000071219812874"),
        (("Account number 0047318655", "Meter no. 5521907"), None),
    ],
)
def test_an_account_without_check_digits_is_one_beside_its_bank(texts: tuple[str, ...], account: str | None) -> None:
    assert account_of(*texts) == account


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("avec la communication structurée +++090/9337/55493+++", "remittance_information", "+++090/9337/55493+++"),
        ("Payment reference: ONI4471", "remittance_information", "ONI4471"),
        ("Armor Fibre SAS, RCS Rennes 502 847 163", "seller_legal_registration_identifier", "502847163"),
        ("Registered in England and Wales 01047735", "seller_legal_registration_identifier", "01047735"),
        ("TVA BE 0403.170.701", "seller_vat_identifier", "BE0403170701"),
        ("VAT reg. NO 990 592 624 MVA", "seller_vat_identifier", "NO990592624MVA"),
        ("Your PO number PO-BH-20931", "purchase_order_reference", "PO-BH-20931"),
        ("BTW no. NL8229.08.360.B01", "seller_vat_identifier", "NL822908360B01"),
        ("KID 0044118202603", "remittance_information", "0044118202603"),
        ("To account 1503.28.53282", "payment_account_identifier", "1503.28.53282"),
    ],
)
def test_numbers_as_their_countries_print_them(text: str, name: str, value: str) -> None:
    found = extract([page([(60, 60, "Lucky Foods Ltd"), (600, 60, "Invoice"), (800, 60, "20417"), (60, 1200, text)])])
    assert str(found.fields[name].value) == value


def test_two_numbers_with_a_label_between_them_are_not_one() -> None:
    found = extract([page([(40, 40, "TVA 111 Invoice 25%")])]).fields
    assert all(value.text in "TVA 111 Invoice 25%" for value in found.values())


@pytest.mark.parametrize(
    ("texts", "account"),
    [
        (("IBAN DE89 3704 0044 0532 0130", "00"), "DE89370400440532013000"),
        (("IBAN SE45 5000 0000 0583 9825", "7466"), "SE4550000000058398257466"),
        (("Zahlbar auf IBAN DE89 3704 0044", "0532 0130 00 bei der Bank"), "DE89370400440532013000"),
        (("Nr konta: 61 1090 1014 0000 0712 1981 2874",), "61109010140000071219812874"),
    ],
)
def test_an_account_goes_on_in_the_next_line_of_a_narrow_column(texts: tuple[str, ...], account: str) -> None:
    assert account_of(*texts) == account


def test_a_line_whose_digits_do_not_complete_an_account_is_no_part_of_it() -> None:
    assert account_of("IBAN DE89 3704 0044 0532 0130", "01") != "DE89370400440532013001"
    assert account_of("IBAN DE89 3704 0044 0532 0130", "0012") != "DE89370400440532013000"


@pytest.mark.parametrize("rows", [3, 5])
def test_the_dates_of_a_tables_rows_date_no_document(rows: int) -> None:
    head = [(60, 60, "Copperfield Plumbing Ltd"), (60, 85, "4 Mill Lane"), (60, 110, "Leeds LS1 4DY"),
            (600, 200, "Leeds, 30 April 2026"), (60, 250, "Invoice no. 20417")]  # fmt: skip
    table = [(60, 400, "Date"), (300, 400, "Service"), (800, 400, "Amount")]
    for at in range(rows):
        top = 430 + 30 * at
        table += [(60, top, f"0{2 + at}.04.2026"), (300, top, "Call-out"), (800, top, "50.00")]
    total = [(600, 640, "Total"), (800, 640, f"£ {50 * rows}.00")]
    assert extract([page([*head, *table, *total])]).text("issue_date") == "2026-04-30"


@pytest.mark.parametrize("hint", ["(dd/mm/yyyy)", "(zi/luna/an)"])
def test_a_hint_in_brackets_does_not_part_a_label_from_its_value(hint: str) -> None:
    placed = [(60, 60, "Copperfield Plumbing Ltd"), (60, 85, "4 Mill Lane"), (60, 110, "Leeds LS1 4DY"),
              (600, 200, f"Invoice date {hint}: 13/04/2026"), (60, 640, "Total £ 50.00")]  # fmt: skip
    day = extract([page(placed)]).fields["issue_date"]
    assert day.text == "13/04/2026"
    assert Evidence.LABEL in {witness.kind for witness in day.witnesses}


def test_the_hour_of_a_receipt_is_not_its_number() -> None:
    placed = [(60, 60, "MERANTI PAPER"), (60, 110, "RECEIPT"), (60, 140, "17/10/2026 09:41"), (60, 300, "NOTE BOOK"),
              (600, 300, "9.92"), (60, 400, "TOTAL"), (600, 400, "9.92"), (60, 425, "CASH"), (600, 425, "20.00"),
              (60, 450, "CHANGE"), (600, 450, "10.08")]  # fmt: skip
    assert extract([page(placed)]).text("invoice_number") not in {"09", "41", "9", "10"}


@pytest.mark.parametrize(
    ("number", "stops"), [("THL-SERV-2026-", True), ("FACT/2026/", True), ("THL-SERV-2026", False)]
)
def test_a_number_that_goes_on_in_another_line_stops(number: str, stops: bool) -> None:
    placed = [(60, 60, "Copperfield Plumbing Ltd"), (600, 100, "Invoice no."), (800, 100, number),
              (800, 125, "000417"), (600, 640, "Total"), (800, 640, "£ 50.00")]  # fmt: skip
    assert ("NUMBER-UNREAD" in {each.rule for each in extract([page(placed)]).conflicts}) is stops
