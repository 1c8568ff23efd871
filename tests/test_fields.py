"""From placed text to business terms, in several languages and forms of print."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from field_pages import GERMAN, RECEIPT, SWEDISH, line, page
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_connector.fields import FieldPage, extract
from invoice_connector.invoice import Invoice, InvoiceField
from ocr_ensemble.layout import BoundingBox, TextLine, Word


def values(invoice: Invoice) -> dict[str, str | None]:
    return {name: invoice.text(name) for name in invoice.fields}


def test_a_german_invoice() -> None:
    invoice = extract([GERMAN])
    assert invoice.language == "de"
    assert values(invoice) == {
        "invoice_number": "RE-2024/0815",
        "issue_date": "2024-04-03",
        "due_date": "2024-05-03",
        "invoice_type_code": "380",  # as the number is called
        "currency_code": "EUR",
        "total_without_vat": "1250.00",
        "total_vat": "237.50",
        "total_with_vat": "1487.50",
        "amount_due": "1487.50",
        "seller_name": "Nordlicht Bürobedarf GmbH",
        "seller_address": "Hafenstraße 12, 20457 Hamburg",
        "seller_vat_identifier": "DE136695976",
        "seller_legal_registration_identifier": "HRB36093",
        "buyer_name": "Käufer AG",
        "buyer_address": "Marktplatz 3, 70173 Stuttgart",
        "payment_account_identifier": "DE34501900000012345678",
        "payment_service_provider_identifier": "COBADEFFXXX",
    }
    assert [(i.description, i.quantity, i.net_amount) for i in invoice.lines] == [
        ("Ordner A4", 10, Decimal("250.00")),
        ("Toner schwarz", 5, Decimal("1000.00")),
    ]
    assert [(v.rate, v.taxable_amount, v.tax_amount) for v in invoice.vat_breakdown] == [
        (19, Decimal("1250.00"), Decimal("237.50"))
    ]


def test_a_swedish_invoice_with_rounding() -> None:
    found = values(extract([SWEDISH]))
    assert found["total_with_vat"] == "1250.38"
    assert found["rounding_amount"] == "-0.38"
    assert found["amount_due"] == "1250.00"
    assert found["remittance_information"] == "1002344"
    assert found["payment_account_identifier"] == "5050-1055"
    assert found["seller_legal_registration_identifier"] == "556036-0793"
    assert found["seller_vat_identifier"] == "SE556036079301"
    assert (found["seller_name"], found["buyer_name"]) == ("Fjällbygg AB", "Kund & Söner HB")
    assert (found["currency_code"], found["invoice_type_code"]) == ("SEK", "380")


def test_a_receipt_gives_the_rounded_total_not_the_cash() -> None:
    invoice = extract([RECEIPT])
    assert invoice.text("seller_name") == "MERANTI PAPER CO. (M) SDN BHD"
    assert invoice.text("seller_address") == "NO 21, JALAN SERULING 4/9, DESA MERANTI, 53100 KUALA LUMPUR, MALAYSIA"
    assert invoice.amount("total_with_vat") == Decimal("9.90")
    assert invoice.day("issue_date") == date(2018, 3, 5)
    assert invoice.text("currency_code") == "MYR"


TOTALS = {
    "sv": ("Fakturanummer", "Fakturadatum", "Summa exkl. moms", "Moms 25 %", "Summa inkl. moms"),
    "en": ("Invoice number", "Invoice date", "Net amount", "VAT 25 %", "Invoice total"),
    "de": ("Rechnungsnummer", "Rechnungsdatum", "Nettobetrag", "MwSt. 25 %", "Bruttobetrag"),
    "fr": ("Facture n°", "Date de facture", "Total HT", "TVA 25 %", "Total TTC"),
    "es": ("Nº de factura", "Fecha de factura", "Base imponible", "IVA 25 %", "Total factura"),
    "it": ("Numero fattura", "Data fattura", "Imponibile", "IVA 25 %", "Totale fattura"),
    "pt": ("Fatura nº", "Data da fatura", "Total sem IVA", "IVA 25 %", "Total com IVA"),
}
PRINTED = ("A-1047", "17.06.2024", "400,00", "100,00", "500,00")
EXPECTED = ["A-1047", "2024-06-17", "400.00", "100.00", "500.00"]
NAMES = ("invoice_number", "issue_date", "total_without_vat", "total_vat", "total_with_vat")


@pytest.mark.parametrize("language", TOTALS)
@pytest.mark.parametrize("place", ["right", "same line", "below"])
def test_labels_of_seven_languages_in_three_places(language: str, place: str) -> None:
    placed = []
    for index, (label, value) in enumerate(zip(TOTALS[language], PRINTED, strict=True)):
        top = 100 + 80 * index
        if place == "same line":
            placed.append((60, top, f"{label}: {value}"))
        else:
            placed += [(60, top, label), (400, top, value) if place == "right" else (60, top + 25, value)]
    invoice = extract([page(placed)])
    assert [invoice.text(name) for name in NAMES] == EXPECTED
    assert invoice.language == language


def test_labels_above_values_in_a_grid() -> None:
    labels = ["Invoice no", "Invoice date", "Due date", "Amount due"]
    row = ["7788", "02/03/2024", "13/03/2024", "99.50"]
    placed = [(60 + 230 * i, 200, text) for i, text in enumerate(labels)]
    placed += [(60 + 230 * i, 225, text) for i, text in enumerate(row)]
    found = values(extract([page(placed)]))
    assert found["invoice_number"] == "7788"
    assert (found["issue_date"], found["due_date"]) == ("2024-03-02", "2024-03-13")
    assert found["amount_due"] == "99.50"


@pytest.mark.parametrize("label", ["lnvoice No", "InvoiceNo:", "INVOICE N0", "Invoioe number", "INVOICENUMBER"])
def test_labels_survive_misreading(label: str) -> None:
    assert extract([page([(60, 100, f"{label} 20417")])]).text("invoice_number") == "20417"


def test_sums_decide_between_candidates() -> None:
    placed = [
        (60, 400, "Total"), (400, 400, "80.00"),
        (60, 500, "Subtotal"), (400, 500, "100.00"),
        (60, 525, "VAT 20 %"), (400, 525, "20.00"),
        (60, 550, "Total"), (400, 550, "120.00"),
    ]  # fmt: skip
    invoice = extract([page(placed)])
    assert invoice.amount("total_with_vat") == 120
    assert invoice.amount("total_without_vat") == 100
    assert invoice.fields["total_with_vat"].confidence is not None
    assert invoice.fields["total_with_vat"].confidence > 0.9


def test_sums_that_fail_change_no_value() -> None:
    placed = [(60, 500, "Net amount 100.00"), (60, 525, "VAT 20 % 20.00"), (60, 550, "Invoice total 125.00")]
    invoice = extract([page(placed)])
    assert invoice.amount("total_with_vat") == 125


def test_an_ambiguous_date_keeps_the_other_reading() -> None:
    field = extract([page([(60, 100, "Invoice date: 03/04/2024")])]).fields["issue_date"]
    assert field.value == date(2024, 4, 3)
    assert [other.value for other in field.alternatives] == [date(2024, 3, 4)]


def test_a_credit_note() -> None:
    invoice = extract([page([(60, 60, "KREDITFAKTURA"), (60, 100, "Fakturanummer: 55")])])
    assert invoice.text("invoice_type_code") == "381"


def test_customer_numbers_and_telephones_are_no_invoice_numbers() -> None:
    placed = [(60, 60, "Kundennummer: 4711"), (60, 85, "Telefon: 040 123456"), (60, 110, "Bestellnummer: 99-10472")]
    invoice = extract([page(placed)])
    assert "invoice_number" not in invoice.fields
    assert invoice.text("purchase_order_reference") == "99-10472"


def test_the_box_is_that_of_the_value_inside_a_long_line() -> None:
    field = extract([page([(60, 100, "Rechnung Nr. 471102 vom 05.03.2018")])]).fields["issue_date"]
    assert field.box == BoundingBox(60 + 240, 100, 60 + 340, 120)
    assert (field.text, field.engines) == ("05.03.2018", ("reader",))


def test_words_of_a_line_that_spans_columns_are_kept_apart() -> None:
    words = (
        Word("Due", BoundingBox(60, 100, 90, 120)),
        Word("date", BoundingBox(100, 100, 140, 120)),
        Word("05/06/2024", BoundingBox(200, 100, 300, 120)),
        Word("Invoice", BoundingBox(600, 100, 670, 120)),
        Word("date", BoundingBox(680, 100, 720, 120)),
        Word("01/06/2024", BoundingBox(800, 100, 900, 120)),
    )
    whole = TextLine(" ".join(w.text for w in words), BoundingBox(60, 100, 900, 120), None, words)
    found = values(extract([FieldPage(1, 1000, 1400, (whole,))]))
    assert (found["issue_date"], found["due_date"]) == ("2024-06-01", "2024-06-05")


def test_doubtful_letters_lower_the_confidence() -> None:
    sure, unsure = (
        extract([FieldPage(1, 1000, 1400, (line(60, 100, "Invoice no: 20417", confidence),))])
        for confidence in (1.0, 0.5)
    )
    high, low = (invoice.fields["invoice_number"].confidence for invoice in (sure, unsure))
    assert high is not None and low is not None and low < high


def test_totals_on_the_second_page() -> None:
    first = page([(60, 100, "Invoice no: 1"), (60, 400, "Carried forward 50.00")])
    second = page([(60, 100, "Total amount due: 70.00")], number=2)
    field = extract([first, second]).fields["amount_due"]
    assert (field.value, field.page) == (Decimal("70.00"), 2)


def test_nothing_to_read() -> None:
    assert extract([]).fields == {}
    assert extract([FieldPage(1, 100, 100, ())]).fields == {}


def test_engine_lists_must_match_the_lines() -> None:
    with pytest.raises(ValueError, match="engine lists"):
        FieldPage(1, 10, 10, (line(0, 0, "a"),), ((), ()))


def test_a_field_outside_the_contract_is_refused() -> None:
    with pytest.raises(ValueError, match="no field of the contract"):
        InvoiceField("grand_total", "1", "1", None, 1, BoundingBox(0, 0, 1, 1))


def test_one_space_of_a_typewriter_is_one_space() -> None:
    """Twelve pixels a letter, of which the print fills seven: spaces look wide, but the columns are not."""
    text = "IBAN: DE34 5019 0000 0012 3456 78"
    words, position = [], 0
    for word in text.split():
        position = text.index(word, position)
        left = 60 + 12 * position
        words.append(Word(word, BoundingBox(left, 100, left + 12 * len(word) - 5, 114)))
        position += len(word)
    whole = TextLine(text, BoundingBox(60, 100, 60 + 12 * len(text), 114), None, tuple(words))
    invoice = extract([FieldPage(1, 1000, 1400, (whole,))])
    assert invoice.text("payment_account_identifier") == "DE34501900000012345678"


def test_the_date_of_an_order_is_not_the_invoices_date() -> None:
    placed = [
        (60, 60, "Rechnung Nr. 4711 vom 14.05.2024"),
        (60, 100, "gemäß Ihrer Bestellung 99-1 vom 02.04.2024"),
    ]
    invoice = extract([page(placed)])
    assert invoice.day("issue_date") == date(2024, 5, 14)


def test_numbers_of_the_buyer_are_the_buyers() -> None:
    placed = [(60, 60, "Partita IVA cliente: 01756520720"), (60, 400, "P. IVA: 06243090013")]
    invoice = extract([page(placed)])
    assert invoice.text("buyer_vat_identifier") == "01756520720"
    assert invoice.text("seller_vat_identifier") == "06243090013"


@pytest.mark.parametrize("tax", ["MWST", "TVA", "IVA"])
def test_a_swiss_vat_number_keeps_the_name_of_the_tax(tax: str) -> None:
    """The name is a label elsewhere."""
    invoice = extract([page([(60, 60, "Muster AG"), (60, 400, f"UID: CHE-137.418.280 {tax}")])])
    assert invoice.text("seller_vat_identifier") == f"CHE-137.418.280{tax}"


def test_a_tax_table_of_two_rates() -> None:
    placed = [
        (60, 500, "MwSt. %"), (250, 500, "Netto"), (450, 500, "MwSt."),
        (60, 530, "19,00"), (250, 530, "64,73"), (450, 530, "12,30"),
        (60, 560, "7,00"), (250, 560, "28,72"), (450, 560, "2,01"),
        (60, 600, "Gesamtbetrag"), (450, 600, "107,76 €"),
    ]  # fmt: skip
    invoice = extract([page(placed)])
    assert [(v.rate, v.taxable_amount, v.tax_amount) for v in invoice.vat_breakdown] == [
        (19, Decimal("64.73"), Decimal("12.30")),
        (7, Decimal("28.72"), Decimal("2.01")),
    ]
    assert invoice.amount("total_vat") != Decimal("12.30")
    assert invoice.amount("total_with_vat") == Decimal("107.76")


def test_discount_and_freight_between_lines_and_totals() -> None:
    placed = [
        (60, 400, "Toner"), (400, 400, "2"), (500, 400, "50,00"), (800, 400, "100,00"),
        (550, 500, "Summe der Positionen"), (800, 500, "100,00"),
        (550, 525, "Rabatt"), (800, 525, "-10,00"),
        (550, 550, "Versandkosten"), (800, 550, "5,00"),
        (550, 575, "Nettobetrag"), (800, 575, "95,00"),
        (550, 600, "MwSt. 20 %"), (800, 600, "19,00"),
        (550, 625, "Gesamtbetrag"), (800, 625, "114,00"),
    ]  # fmt: skip
    invoice = extract([page(placed)])
    assert [(a.amount, a.charge) for a in invoice.adjustments] == [(Decimal("10.00"), False), (Decimal("5.00"), True)]
    assert invoice.printed_sums == {"line_total": Decimal("100.00")}


PRINT = """
Invoice Total VAT Rechnung Datum Summe moms 12.03.2024 1.250,00 99,50 25% AB GmbH 471102 SE45 Kund TVA Org.nr
556036-0793 RF18 Bankgiro 5050-1055 kr € Storgatan 5 111 22 : | EUR total date no
"""
WORDS = st.sampled_from(PRINT.split())


@settings(max_examples=40)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=7), min_size=1, max_size=14))
def test_every_value_is_printed_where_its_box_says(rows: list[list[str]]) -> None:
    placed = [(40, 40 + 45 * index, " ".join(words)) for index, words in enumerate(rows)]
    for field in extract([page(placed)]).fields.values():
        tops = range(field.box.top - 25, field.box.bottom + 1)
        printed = " ".join(text for _, top, text in placed if top in tops)
        assert re.sub(r"\s", "", field.text) in re.sub(r"\s", "", printed)
        assert field.box.left >= 40
