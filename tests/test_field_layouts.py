"""Whole documents as trades and countries print them: deposits, rounding, sender lines, names behind their labels."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from field_pages import Placed, page

from invoice_connector.fields import extract
from invoice_connector.invoice import Invoice
from ocr_ensemble.layout import BoundingBox, TextLine

SELLER = ((60, 60, "Hammar & Co AB"), (60, 85, "Industrivägen 12"), (60, 110, "541 34 Skövde"))
HEAD = ((600, 60, "Fakturanr"), (800, 60, "20417"), (600, 85, "Fakturadatum"), (800, 85, "2026-03-18"))
BUYER = ((60, 240, "Bergs Måleri HB"), (60, 265, "Verkstadsgatan 3"), (60, 290, "541 30 SKÖVDE"))


def read(*rows: Placed, seller: tuple[Placed, ...] = SELLER, buyer: tuple[Placed, ...] = BUYER) -> Invoice:
    return extract([page([*seller, *HEAD, *buyer, *rows])])


def below(y: int, *pairs: tuple[str, str]) -> list[Placed]:
    """Rows of a label and an amount, one under the other."""
    return [place for at, (label, amount) in enumerate(pairs) for place in _row(y + 25 * at, label, amount)]


def _row(y: int, label: str, amount: str) -> list[Placed]:
    return [(550, y, label), (850, y, amount)]


def test_a_total_that_is_printed_only_after_rounding_agrees_with_net_vat_and_rounding() -> None:
    rows = below(600, ("Netto", "10 695,00"), ("Moms 25%", "2 673,75"), ("Öresavrundning", "0,25"))
    found = read(*rows, *below(680, ("Att betala", "13 369,00"))).fields
    amounts = {name: str(found[name].value) for name in ("total_without_vat", "total_vat", "rounding_amount")}
    assert amounts == {"total_without_vat": "10695.00", "total_vat": "2673.75", "rounding_amount": "0.25"}
    assert found["amount_due"].value == Decimal("13369.00")


@pytest.mark.parametrize("paid", ["Payments", "Less paid on account", "Something else"])
def test_what_lies_between_the_total_and_the_balance_was_paid(paid: str) -> None:
    rows = below(600, ("Subtotal", "$2,390.00"), ("Sales Tax", "$185.23"), ("Total", "$2,575.23"), (paid, "-$500.00"))
    found = read(*rows, *below(705, ("Balance Due", "$2,075.23"))).fields
    assert found["total_with_vat"].value == Decimal("2575.23")
    assert found["amount_due"].value == Decimal("2075.23")
    assert found["paid_amount"].value == Decimal("500.00")


def test_a_price_on_a_receipt_is_no_rounding() -> None:
    lines = (
        "RESTAURANTE CASA PEPE", "Plaza Mayor 3 28012 Madrid", "FACTURA SIMPLIFICADA", "2 Menú del día    29,00",
        "1 Café solo    1,50", "TOTAL    30,50 €", "EFECTIVO    40,00", "CAMBIO    9,50",
    )  # fmt: skip
    places: list[Placed] = []
    for at, line in enumerate(lines):
        label, *amount = line.split("    ")
        places += [(60, 60 + 30 * at, label), *((400, 60 + 30 * at, text) for text in amount)]
    found = extract([page(places)]).fields
    assert found["total_with_vat"].value == Decimal("30.50")
    assert "rounding_amount" not in found


def test_the_last_day_for_a_discount_is_not_the_due_date() -> None:
    terms = "Zahlbar bis 25.02.2026 mit 2 % Skonto, bis 13.03.2026 netto Kasse."
    rows = below(600, ("Rechnungsbetrag", "1.250,00 €"))
    assert read((60, 700, terms), *rows).fields["due_date"].value == date(2026, 3, 13)


def test_a_letters_place_and_day_date_it_and_a_treatment_does_not() -> None:
    seller = ((60, 60, "Praxis Dr. med. Ute Sommer"), (60, 85, "Rosenweg 2, 80331 München"))
    rows = [(600, 240, "München, den 06.03.2026"), (60, 380, "Rechnung Nr. 7714/26")]
    rows += [(60, 420, "Für ärztliche Leistungen vom 20.02.2026 berechne ich:"), (550, 500, "Endbetrag")]
    found = extract([page([*seller, *BUYER, *rows, (850, 500, "EUR 32,17")])]).fields
    assert found["issue_date"].value == date(2026, 3, 6)


def test_the_line_over_the_buyer_holds_the_sellers_address() -> None:
    seller = ((60, 60, "Elektro Hofmann GmbH & Co. KG"),)
    line = (60, 200, "Elektro Hofmann GmbH & Co. KG · Werkstr. 5 · 70565 Stuttgart")
    found = read(line, *below(600, ("Rechnungsbetrag", "1.250,00 €")), seller=seller).fields
    assert found["seller_address"].text == "Werkstr. 5 · 70565 Stuttgart"
    assert found["seller_address"].box.left > 60


def test_a_letterheads_short_name_is_given_in_full_where_the_address_stands_under_it() -> None:
    seller = (
        (60, 60, "acme supplies"), (60, 85, "Office products since 1974"), (600, 120, "Acme Supplies Inc"),
        (600, 145, "400 Industrial Pkwy"), (600, 170, "Columbus, OH 43085"),
    )  # fmt: skip
    found = read(*below(600, ("Please pay this amount", "$718.00")), seller=seller).fields
    assert found["seller_name"].value == "Acme Supplies Inc"
    assert found["seller_address"].value == "400 Industrial Pkwy, Columbus, OH 43085"


@pytest.mark.parametrize("label", ["Kund", "Customer", "Cliente", "Rechnungsempfänger"])
def test_a_name_behind_its_label_is_the_buyers(label: str) -> None:
    buyer = ((600, 240, f"{label}: Maria Oliveira"), (600, 265, "Rua do Sol 5, 3810-164 Aveiro"))
    found = read(*below(600, ("Att betala", "1 250,00 kr")), buyer=buyer).fields
    assert found["buyer_name"].value == "Maria Oliveira"
    assert found["buyer_name"].box.left > 600
    assert found["buyer_address"].value == "Rua do Sol 5, 3810-164 Aveiro"


@pytest.mark.parametrize("text", ["Customer: 1180", "Customer: CASH", "Kund: Kontant"])
def test_a_number_or_cash_behind_the_label_is_no_buyer(text: str) -> None:
    found = read((600, 140, text), *below(600, ("Att betala", "1 250,00 kr"))).fields
    assert found["buyer_name"].value == "Bergs Måleri HB"


def test_care_of_belongs_to_the_address() -> None:
    buyer = ((60, 240, "Brf Solgläntan"), (60, 265, "c/o Fastighetsförvaltning AB"), (60, 290, "Box 220"),
             (60, 315, "701 44 Örebro"))  # fmt: skip
    found = read(*below(600, ("Att betala", "1 250,00 kr")), buyer=buyer).fields
    assert found["buyer_name"].value == "Brf Solgläntan"
    assert found["buyer_address"].value == "c/o Fastighetsförvaltning AB, Box 220, 701 44 Örebro"


@pytest.mark.parametrize(
    ("printed", "number"),
    [("Fatura FT 2026/77", "FT2026/77"), ("Fatura-Recibo FR A/1092", "FRA/1092"), ("Rechnung 2026/77", "2026/77")],
)
def test_the_series_belongs_to_a_portuguese_number(printed: str, number: str) -> None:
    places = [(60, 60, "Padaria Lisboa, Lda."), (60, 85, "Rua Augusta 100"), (60, 110, "1100-053 Lisboa")]
    places += [(600, 60, printed), (600, 85, "Data: 2026-03-02"), *below(600, ("Total a pagar", "63,60 €"))]
    assert extract([page(places)]).fields["invoice_number"].value == number


def test_a_number_printed_in_groups_is_one_number() -> None:
    places = [(60, 60, "NetCom Deutschland GmbH"), (600, 60, "Rechnungsnummer"), (800, 60, "76 4410 9922 01")]
    places += [(600, 85, "Datum"), (800, 85, "08.03.2026"), *below(600, ("Zu zahlender Betrag", "44,99 €"))]
    assert extract([page(places)]).fields["invoice_number"].value == "764410992201"


def test_a_post_office_box_is_no_order() -> None:
    seller = ((60, 60, "Northern Light & Power"), (60, 85, "PO Box 900, Duluth MN 55801"))
    found = read(*below(600, ("Total amount due", "$95.96")), seller=seller).fields
    assert "purchase_order_reference" not in found


@pytest.mark.parametrize(("seller", "assumed"), [(SELLER, False), (((60, 60, "Hammar & Co"),), True)])
def test_amounts_without_a_sign_are_in_the_sellers_currency_where_its_country_is_clear(
    seller: tuple[Placed, ...], assumed: bool
) -> None:
    invoice = read(*below(600, ("Att betala", "1 250,00")), seller=seller, buyer=())
    assert ("CURRENCY-ASSUMED" in [doubt.rule for doubt in invoice.conflicts]) is assumed
    assert assumed or invoice.text("currency_code") == "SEK"


def test_a_subtotal_that_discount_and_shipping_lead_on_from_is_not_the_total_without_vat() -> None:
    rows = below(600, ("Subtotal", "$8,595.00"), ("Discount (10%)", "-$859.50"), ("Tax (8.81%)", "$681.50"))
    found = read(*rows, *below(675, ("Shipping", "$250.00"), ("TOTAL", "$8,667.00"))).fields
    assert found["total_vat"].value == Decimal("681.50")
    assert found["total_with_vat"].value == Decimal("8667.00")
    assert "total_without_vat" not in found


def test_a_net_total_below_the_carriage_is_the_total_without_vat() -> None:
    rows = below(600, ("Goods total", "401.00"), ("Carriage", "15.00"), ("Net total", "416.00"), ("VAT @ 20%", "83.20"))
    found = read(*rows, *below(705, ("Invoice total", "£499.20"))).fields
    assert found["total_without_vat"].value == Decimal("416.00")


def test_a_town_is_no_label_and_a_letters_place_stands_before_its_date() -> None:
    buyer = ((60, 240, "Kanzlei Dr. Weber & Partner mbB"), (60, 265, "Königstraße 70"), (60, 290, "90402 Nürnberg"))
    rows = [(600, 240, "Nürnberg, 26.02.2026"), (600, 265, "Bestellung vom 24.02.2026")]
    places = [*SELLER, *buyer, *rows, (600, 60, "Rechnung Nr. 2026/1188"), *below(600, ("Endbetrag EUR", "294,41"))]
    found = extract([page(places)]).fields
    assert found["issue_date"].value == date(2026, 2, 26)
    assert found["buyer_name"].value == "Kanzlei Dr. Weber & Partner mbB"


def test_stars_round_a_name_are_not_part_of_it() -> None:
    places = [(60, 60, "** KIOSK CITY **"), (60, 85, "02 Mar 2026 06:14"), (60, 120, "WATER 500ML"), (400, 120, "1.89")]
    places += [(60, 160, "TOTAL TO PAY"), (400, 160, "£1.89"), (60, 185, "CONTACTLESS"), (400, 185, "£1.89")]
    assert extract([page(places)]).fields["seller_name"].value == "KIOSK CITY"


def test_a_companys_capital_is_nobodys_name() -> None:
    seller = ((60, 60, "ELECTRO SERVICES"), (60, 85, "S.A.S. au capital de 50 000 €"), (60, 110, "33700 MERIGNAC"))
    buyer = ((600, 240, "MAIRIE DE PESSAC"), (600, 265, "Place de la Ve République"), (600, 290, "33600 PESSAC"))
    found = read(*below(600, ("Net à payer", "510,00 €")), seller=seller, buyer=buyer).fields
    assert found["seller_name"].value == "ELECTRO SERVICES"
    assert "buyer_name" not in found or "capital" not in found["buyer_name"].text


def test_the_no_of_a_vat_number_is_not_norway() -> None:
    found = read((60, 135, "VAT NO 123 4567 82"), *below(600, ("Total", "£510.00"))).fields
    assert found["seller_vat_identifier"].value == "123456782"


@pytest.mark.parametrize("behind", [" - P.IVA 00743110157", " | peakfit.example | 303-555-0190", ""])
def test_what_stands_behind_the_town_is_no_address(behind: str) -> None:
    seller = ((60, 60, "Luce Viva S.p.A."), (60, 85, f"Via Torino 40, 20123 Milano{behind}"))
    found = read(*below(600, ("Totale da pagare", "87,56 €")), seller=seller).fields
    assert found["seller_address"].value == "Via Torino 40, 20123 Milano"


@pytest.mark.parametrize("heading", ["HQ Address: ", "Add.: ", "Registered Office Address : ", "Besöksadress: ", ""])
def test_the_heading_of_an_address_is_no_part_of_it(heading: str) -> None:
    seller = (
        (60, 60, "Meranti Maju Sdn Bhd"),
        (60, 85, f"{heading}Lot 21, Jalan Seruling 4"),
        (60, 110, "47610 Subang Jaya"),
    )
    found = read(*below(600, ("Total payable", "RM 87.56")), seller=seller).fields
    assert found["seller_address"].value == "Lot 21, Jalan Seruling 4, 47610 Subang Jaya"


def test_one_address_belongs_to_one_party_by_its_legal_name() -> None:
    names = (
        (60, 40, "Home of Sticky Plums"),
        (60, 65, "Seruling Kitchens Sdn Bhd"),
        (60, 90, "GST Reg no: 0002 0481 6350"),
    )
    address = ((60, 115, "Lot 21, Jalan Seruling 4"), (60, 140, "47610 Subang Jaya"))
    found = read(*below(600, ("Total", "RM 87.56")), seller=(*names, *address), buyer=()).fields
    assert found["seller_name"].value == "Seruling Kitchens Sdn Bhd"
    assert "buyer_name" not in found


def test_a_telephone_beside_its_fax_under_the_name_is_the_sellers() -> None:
    head = (
        (60, 40, "vivid"),
        (200, 60, "SERULING BAKERIES SDN BHD"),
        (210, 85, "Lot 21, Jalan Seruling 4"),
        (230, 110, "47610 Subang Jaya"),
    )
    contact = ((100, 135, "Tel: 03-55500140 Fax: 03-55500141"), (230, 160, "GST ID: 000204816350"))
    buyer = ((60, 240, "MERANTI FRESH SDN BHD"), (60, 265, "GROUND FLOOR, NO. 6"), (60, 290, "47500 SUBANG JAYA"))
    found = read(*below(600, ("Total", "RM 87.56")), seller=(*head, *contact), buyer=buyer).fields
    assert found["seller_name"].value == "SERULING BAKERIES SDN BHD"


@pytest.mark.parametrize(
    "town",
    [
        "Cork T12 J7C6",
        "Adelaide SA 5018",
        "Toronto, ON M5V 2T6",
        "1012 AB Amsterdam",
        "00-950 Warszawa",
        "Pune - 411001",
    ],
)
def test_an_address_far_below_the_letterhead_is_the_sellers_in_every_country(town: str) -> None:
    seller = ((60, 60, "Lucky Foods Ltd"), (60, 200, f"4a School Way, {town}"))
    found = read(*below(600, ("Total", "87.56")), seller=seller).fields
    assert found["seller_address"].value == f"4a School Way, {town}"
    cable = read(*below(600, ("Total", "87,56")), (60, 400, "Câble R2V 3G2,5"), seller=((60, 60, "Lucky Foods Ltd"),))
    assert "seller_address" not in cable.fields


@pytest.mark.parametrize(
    ("ours", "yours"),
    [("Notre référence:", "V/réf.:"), ("N/ Ref.", "V/ Ref."), ("Ns. rif.", "Vs. rif."), ("Vår referens", "Er referens"),
     ("Nuestra referencia", "Su referencia"), ("Our contact", "Your reference"), ("Unsere Referenz", "Ihre Referenz")],
)  # fmt: skip
def test_our_reference_is_not_the_buyers(ours: str, yours: str) -> None:
    rows = ((600, 110, ours), (800, 110, "Eva Lindgren"), (600, 135, yours), (800, 135, "Karin Holm"))
    found = read(*rows, *below(600, ("Total", "87.56")))
    assert found.fields["buyer_reference"].value == "Karin Holm"


def test_a_brand_is_given_its_legal_name_from_the_foot() -> None:
    seller = ((400, 60, "Hotel Alpenrose"), (300, 100, "Dorfplatz 3 · 5622 Goldegg · Telefon +43 6415 4718"))
    foot = (200, 1300, "Hotel Alpenrose GmbH · Firmensitz Goldegg · FN 318472k, Landesgericht Salzburg")
    found = read(foot, *below(600, ("Summe", "725,50")), seller=seller).fields
    assert found["seller_name"].value == "Hotel Alpenrose GmbH"
    assert found["seller_address"].value == "Dorfplatz 3 · 5622 Goldegg"


def test_a_brand_may_be_shorter_than_its_name_in_the_foot() -> None:
    foot = (200, 1300, "Nordvik Tele AB, Box 7, 903 28 Umeå, org.nr 556677-8899")
    found = read(foot, *below(600, ("Att betala", "725,50")), seller=((400, 60, "nordvik"),)).fields
    assert found["seller_name"].value == "Nordvik Tele AB"


def test_a_postal_code_set_apart_belongs_to_its_town() -> None:
    buyer = ((60, 240, "Bergs Måleri HB"), (60, 265, "Verkstadsgatan 3"), (60, 290, "541 30"), (160, 290, "SKÖVDE"))
    found = read(*below(600, ("Att betala", "510,00")), buyer=buyer).fields
    assert found["buyer_address"].text == "Verkstadsgatan 3\n541 30  SKÖVDE"


def test_a_house_with_a_name_begins_an_address() -> None:
    buyer = (
        (60, 240, "Oakmere Homes Ltd"),
        (60, 265, "Oakmere House"),
        (60, 290, "118 Wakefield Road"),
        (60, 315, "Dewsbury WF12 8AT"),
    )
    found = read(*below(600, ("To pay", "£510.00")), buyer=buyer).fields
    assert found["buyer_address"].text == "Oakmere House\n118 Wakefield Road\nDewsbury WF12 8AT"


def test_whom_a_letter_is_meant_for_is_not_the_reference_that_is_asked_for() -> None:
    rows = ((60, 315, "Att.: Accounts Payable"), (600, 110, "Your ref."), (800, 110, "Signe Holm"))
    assert read(*rows, *below(600, ("Total", "87.56"))).fields["buyer_reference"].value == "Signe Holm"


def test_an_address_in_two_columns_is_no_sellers_under_the_letterhead() -> None:
    seller = ((140, 100, "Mälardalens Servicegrossist AB, allt till kiosk och restaurang"),)
    columns = [
        (100, 300, "Fakturaadress"),
        (100, 325, "Kafé Tornsvalan AB"),
        (100, 350, "Stora Torget 4"),
        (100, 375, "732 30 Arboga"),
    ]
    columns += [
        (500, 300, "Leveransadress"),
        (500, 325, "Tornsvalan Kiosk"),
        (500, 350, "Hamnplan 1"),
        (500, 375, "732 31 Arboga"),
    ]
    foot = [(100, 1300, "Tallmätargatan 19"), (100, 1325, "721 34 Västerås")]
    found = read(*columns, *foot, *below(600, ("Att betala", "510,00")), seller=seller, buyer=()).fields
    assert found["buyer_name"].value == "Kafé Tornsvalan AB"
    assert found["buyer_address"].value == "Stora Torget 4, 732 30 Arboga"
    assert found["seller_address"].value == "Tallmätargatan 19, 721 34 Västerås"


@pytest.mark.parametrize(
    ("printed", "name"),
    [("(owned by Rempah Timur Sdn Bhd)", "Rempah Timur Sdn Bhd"), ("SARL Maison Berthe", "SARL Maison Berthe"),
     ("Bostadsrättsföreningen Fiskmåsen 7", "Bostadsrättsföreningen Fiskmåsen 7")],
)  # fmt: skip
def test_forms_before_a_name(printed: str, name: str) -> None:
    seller = ((60, 60, printed), (60, 85, "Måsvägen 7"), (60, 110, "392 33 Kalmar"), (60, 135, "Tel. 0480-190 65 03"),
              (600, 30, "AVI april 2026"))  # fmt: skip
    assert read(*below(600, ("Att betala", "510,00")), seller=seller).fields["seller_name"].value == name


def test_a_street_is_no_label() -> None:
    buyer = (
        (60, 240, "Ridgeway Dental Group, LLC"),
        (60, 265, "77 Commercial Street"),
        (60, 290, "Portland, ME 04106"),
    )
    found = read(*below(600, ("Total", "$510.00")), buyer=buyer).fields
    assert found["buyer_address"].value == "77 Commercial Street, Portland, ME 04106"


def test_the_telephone_beside_the_town_does_not_end_the_address() -> None:
    seller = ((60, 60, "Toko Cendekia Jaya Sdn. Bhd., Jalan Seruling"), (60, 85, "G-08 & 1-08, Jalan Onn 3,"))
    beside = ((60, 111, "80300 Skudai, Johor"), (300, 110, "Tel 07-335 2284"))
    found = read(*below(600, ("Total", "RM 510.00")), seller=(*seller, *beside)).fields
    assert found["seller_address"].text.endswith("80300 Skudai, Johor")


def test_a_credit_memo_is_numbered_by_its_own_number_and_sold_by_a_name() -> None:
    places = [(60, 60, "Nova Office Products"), (60, 85, "88 Commerce Way, Reno, NV 89502"), (600, 60, "CREDIT MEMO")]
    places += [(600, 85, "Credit #: CM-1180"), (600, 110, "Original Invoice: 55210"), (60, 215, "Credit To:")]
    places += [(60, 240, "Lakeside Dental Group"), (60, 265, "14 Shore Drive"), (60, 290, "Lake Tahoe, NV 89449")]
    found = extract([page([*places, *below(600, ("Total Credit", "$194.83"))])]).fields
    assert (found["seller_name"].value, found["invoice_number"].value) == ("Nova Office Products", "CM-1180")
    assert found["buyer_name"].value == "Lakeside Dental Group"


def test_a_year_is_no_house_and_a_number_plate_no_registration() -> None:
    seller = ((60, 60, "IFK Lyckan"), (60, 85, "Medlemsavgift 2026"), (600, 120, "Reg.nr"), (800, 120, "ABC 12D"))
    found = read(*below(600, ("Summa att betala", "1 450,00 kr")), seller=seller).fields
    assert "seller_legal_registration_identifier" not in found
    assert "2026" not in str(found["seller_address"].value if "seller_address" in found else "")


def test_an_indian_invoices_tax_and_rupees() -> None:
    rows = below(600, ("Taxable Value", "2,22,000.00"), ("IGST 5%", "11,100.00"), ("Grand Total", "Rs. 2,33,100.00"))
    found = read(*rows).fields
    assert found["total_vat"].value == Decimal("11100.00")
    assert found["total_with_vat"].value == Decimal("233100.00")
    assert found["currency_code"].value == "INR"


def test_a_number_stands_under_a_title_of_large_type() -> None:
    """Lines of large type overlap in pixels by more than a third of the small lines' height."""
    title = TextLine("FAKTURA", BoundingBox(60, 200, 360, 264), 1.0)
    number = TextLine("7214", BoundingBox(60, 252, 220, 316), 1.0)
    small = page(
        [
            *SELLER,
            *BUYER,
            (600, 85, "Fakturadatum"),
            (800, 85, "2026-03-18"),
            *below(700, ("Att betala", "1 250,00 kr")),
        ]
    )
    whole = replace(small, lines=(*small.lines, title, number), engines=(*small.engines, ("reader",), ("reader",)))
    assert extract([whole]).text("invoice_number") == "7214"


def test_a_word_for_number_makes_no_other_label_of_a_title() -> None:
    """ "Račun nr" is one letter from "račun na", which announces the customer."""
    lines = ((60, 60, "Lipa Gostinstvo d.o.o."), (60, 240, "Račun nr 16-0097"), (60, 300, "Datum računa: 14.10.2026"),
             (60, 700, "Za plačilo: 120,00 EUR"))  # fmt: skip
    assert extract([page(lines)]).text("invoice_number") == "16-0097"


def test_two_amounts_that_make_up_the_total_stop() -> None:
    """What the words beside them are called is not known, but one of them was paid, or is due at another day."""
    rows = below(600, ("Att betala", "1 250,00 kr"), ("Zzyxq", "-500,00"), ("Vvorb", "750,00 kr"))
    found = [broken for broken in read(*rows).conflicts if broken.rule == "TOTAL-COMPETES"]
    assert found
    assert "750.00" in found[0].message


def test_the_net_total_and_the_vat_are_no_two_parts_of_a_debt() -> None:
    rows = below(600, ("Att betala", "1 250,00 kr"), ("Netto", "1 000,00"), ("Moms 25 %", "250,00"))
    assert not [broken for broken in read(*rows).conflicts if broken.rule == "TOTAL-COMPETES"]
