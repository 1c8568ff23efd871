"""Page in, kind out: titles that share their line with a number, in many languages, and what only refers to papers."""

from __future__ import annotations

import pytest

from invoice_connector.fields import extract
from invoice_connector.fields.kind_phrases import is_numbered, titles_in
from invoice_connector.invoice import Evidence, Invoice
from invoice_connector.rules.calibration import calibrated
from invoice_connector.rules.decision import doubts
from invoice_connector.rules.kinds import INVOICE_OR_CREDIT, NOT_AN_INVOICE, check_paper
from invoice_connector.rules.witnesses import with_witnesses
from ocr_ensemble.reading import DocumentReading
from tests.field_pages import page

SELLER = ("Fjordlys Handel", "Havnegata 12, 5003 Bergen")
SUMS = ("Total net 300.00", "VAT 20 % 60.00", "Total 360.00")


def paper(*lines: str) -> Invoice:
    """One column of lines, as a plain page prints them."""
    texts = (*SELLER, *lines, *SUMS)
    return extract([page([(120, 120 + 60 * place, text) for place, text in enumerate(texts)])])


@pytest.mark.parametrize(
    "title",
    [
        "Credit note No. CR-88", "Credit Note #CR-88", "Kreditfaktura nr 9034", "Kreditfaktura 9034",
        "Gutschrift Nr. 9034", "Stornorechnung Nr. 9035 zu Rechnung Nr. 9034", "AVOIR N° AV-9034",
        "Facture d'avoir N° AV-9034", "Note de crédit N° 9034", "Nota di credito n. 90/2026 del 03/06/2026",
        "ABONO Nº 2026/A/90", "Hyvityslasku nro 9034", "Faktura korygująca nr FK/90/2026", "Creditnota nr. 9034",
        "FATTURA n. 91/2026 - STORNO TOTALE FATTURA n. 90/2026",
    ],
)  # fmt: skip
@pytest.mark.parametrize("reference", ["Original invoice: INV-71", "Date: 12 June 2026"])
def test_a_credit_note_with_its_number_on_the_line_is_one(title: str, reference: str) -> None:
    invoice = paper(title, reference)
    assert invoice.document_kind is not None
    assert (invoice.document_kind.value, invoice.text("invoice_type_code")) == ("credit_note", "381")
    assert invoice.document_kind.opposite < 0.2


@pytest.mark.parametrize(("code", "kind"), [("TD04", "credit_note"), ("TD01", "invoice"), ("TD24 fattura", "invoice")])
def test_a_printed_code_of_fatturapa_says_what_the_paper_is(code: str, kind: str) -> None:
    invoice = paper("Tipologia documento", code, "Numero 31/2026", "Data 12 giugno 2026")
    assert invoice.document_kind is not None
    assert invoice.document_kind.value == kind
    assert invoice.document_kind.probability > 0.8


@pytest.mark.parametrize(
    "line",
    [
        "To credit note 12", "Your credit note CN-12 was set off", "Refers to credit note No. 12",
        "Your order confirmation 3 of 12 June 2026", "Our delivery note 77 of 1 June 2026", "Order No. 5512",
        "Delivery note No. 5512", "Credit note No. 12 -50.00",
    ],
)  # fmt: skip
@pytest.mark.parametrize("title", ["Invoice No. 4410", "INVOICE"])
def test_an_invoice_that_refers_to_another_paper_is_one(title: str, line: str) -> None:
    invoice = paper(title, "Invoice date: 12 June 2026", line)
    assert invoice.document_kind is not None
    assert invoice.document_kind.value == "invoice"
    assert NOT_AN_INVOICE not in {broken.rule for broken in check_paper(invoice)}


@pytest.mark.parametrize(
    "title",
    [
        "PROFORMA INVOICE No. 77", "FACTURA PROFORMA Nº 9/2026", "SOLLECITO DI PAGAMENTO - fattura n. 45/2026",
        "Lettre de relance - Facture N° FA-45", "FINAL NOTICE - Invoice No. 4410", "2. Mahnung zu Rechnung Nr. 45",
        "DOCUMENTO DI TRASPORTO n. 45/2026", "Bon de commande N° 45", "Bon de livraison N° 45", "Ponudba št. 45",
    ],
)  # fmt: skip
def test_another_paper_with_its_number_on_the_line_is_not_booked(title: str) -> None:
    assert [broken.rule for broken in check_paper(paper(title, "Date: 12 June 2026"))] == [NOT_AN_INVOICE]


@pytest.mark.parametrize("title", ["PONUDA br. 77-2026", "ETTEMAKSUARVE nr 2026-15", "Zzyxq 2026-15"])
def test_a_page_of_which_nothing_says_what_it_is_is_not_booked_unseen(title: str) -> None:
    rules = {broken.rule for broken in check_paper(paper(title))}
    assert rules & {INVOICE_OR_CREDIT, NOT_AN_INVOICE}


@pytest.mark.parametrize(
    ("text", "numbered"),
    [
        ("Credit note No. CN-2291", True),
        ("Gutschrift 4711 vom 3. Mai", True),
        ("To credit note 12", False),
        ("Gutschrift zu Rechnung 12", False),
        ("Credit note", False),
    ],
)
def test_a_number_belongs_to_the_title_that_it_follows_at_once(text: str, numbered: bool) -> None:
    assert is_numbered(text, titles_in(text)) is numbered


@pytest.mark.parametrize(
    ("stub", "slip"),
    [
        ("Empfangsschein", "Zahlteil"), ("Récépissé", "Section paiement"), ("Ricevuta", "Sezione pagamento"),
        ("Receipt", "Payment part"), ("Auftragsbestätigung", "Zahlungsanweisung"),
    ],
)  # fmt: skip
def test_the_stub_of_a_payment_slip_gives_no_title(stub: str, slip: str) -> None:
    above = [
        (120, 60 + 40 * place, text) for place, text in enumerate((*SELLER, "Invoice No. 4410", "12 June 2026", *SUMS))
    ]
    with_slip = extract([page([*above, (60, 900, stub), (400, 900, slip), (60, 940, "Fjordlys Handel")])]).document_kind
    without = extract([page(above)]).document_kind
    assert with_slip is not None
    assert without is not None
    assert with_slip.value == "invoice"
    assert with_slip.not_booked <= without.not_booked + 0.01


@pytest.mark.parametrize("line", ["Amount due in USD: 412.30", "Amount due USD 412.30", "Payable amount 412.30 USD"])
def test_what_is_to_be_paid_in_another_currency_stops(line: str) -> None:
    def rules(last: str) -> set[str]:
        texts = (*SELLER, "Invoice No. 4410", "12 June 2026", "All amounts in EUR", *SUMS, "Amount due 360.00", last)
        invoice = extract([page([(120, 120 + 60 * place, text) for place, text in enumerate(texts)])])
        return {violation.rule for violation in invoice.conflicts}

    assert "TOTAL-COMPETES" in rules(line)
    assert "TOTAL-COMPETES" not in rules("For information: 412.30 USD at 1.1453")


@pytest.mark.parametrize(
    "title",
    [
        "Delivery note / Invoice copy", "Lieferschein / Rechnungskopie", "Bon de livraison / copie de facture",
        "Følgeseddel / fakturakopi", "Albarán / copia de factura", "Pakbon / kopiefactuur",
        "Dodací list / kopie faktury", "Copy invoice and packing list", "Order confirmation (invoice copy)",
    ],
)  # fmt: skip
def test_a_paper_that_calls_the_invoice_a_copy_is_the_other_one(title: str) -> None:
    assert [broken.rule for broken in check_paper(paper(title, "Invoice No. 4410", "Date: 12 June 2026"))] == [
        NOT_AN_INVOICE
    ]


@pytest.mark.parametrize(
    "title",
    ["Invoice copy", "Rechnungskopie", "Invoice / Delivery note", "Lieferschein/Rechnung", "Fatura / Guia de remessa"],
)
def test_a_copy_alone_and_an_invoice_that_serves_for_another_paper_are_invoices(title: str) -> None:
    invoice = paper(title, "Invoice No. 4410", "Date: 12 June 2026")
    assert invoice.document_kind is not None
    assert invoice.document_kind.value == "invoice"
    assert not check_paper(invoice)


@pytest.mark.parametrize(("printed", "missing"), [("Page 1 of 3", True), ("Page 1 of 1", False), ("1 (2)", True)])
def test_pages_that_the_file_lacks_stop(printed: str, missing: bool) -> None:
    first = page(
        [
            *((120, 120 + 60 * at, text) for at, text in enumerate((*SELLER, "INVOICE 4410", *SUMS))),
            (850, 1360, printed),
        ]
    )
    second = page([(120, 120, "Terms and conditions")], number=2)
    assert ("PAGES-MISSING" in {broken.rule for broken in extract([first]).conflicts}) == missing
    alone = {broken.rule for broken in extract([first, second]).conflicts}
    assert ("PAGES-MISSING" in alone) == (printed == "Page 1 of 3")


@pytest.mark.parametrize("line", ["74/100", "PLN 74/100"])
def test_the_hundredths_of_an_amount_in_words_are_no_page_number(line: str) -> None:
    invoice = paper("INVOICE 4410", "Słownie: trzysta sześćdziesiąt PLN", line)
    assert "PAGES-MISSING" not in {broken.rule for broken in invoice.conflicts}


@pytest.mark.parametrize(
    "foot", ["Fjordlys Handel · Org.nr 973 633 902 · Page 1 of 3", "Fjordlys Handel | Page 1 of 3"]
)
def test_a_page_number_behind_what_else_a_foot_says_counts(foot: str) -> None:
    lines = [(120, 120 + 60 * at, text) for at, text in enumerate((*SELLER, "INVOICE 4410", *SUMS))]
    assert "PAGES-MISSING" in {broken.rule for broken in extract([page([*lines, (120, 1340, foot)])]).conflicts}


def test_the_first_line_of_an_invoice_without_its_last_page_is_no_total() -> None:
    columns = (60, 500, 650, 800)
    rows = (
        ("Description", "Quantity", "Price", "Amount EUR"), ("Oak counter", "1", "480.00", "480.00"),
        ("Fitting", "9", "68.50", "616.50"), ("Travel", "2", "35.00", "70.00"),
    )  # fmt: skip
    table = [
        (left, 500 + 30 * at, text) for at, row in enumerate(rows) for left, text in zip(columns, row, strict=True)
    ]
    head = (*SELLER, "INVOICE 4410", "Invoice date: 12 June 2026")
    lines = [(60, 60 + 40 * at, text) for at, text in enumerate(head)]
    invoice = calibrated(with_witnesses(extract([page([*lines, *table])]), DocumentReading(())))
    rules = {broken.rule for broken in (*invoice.conflicts, *doubts(invoice))}
    assert rules & {"TOTAL-IN-A-LINE", "field-missing"}
    assert not any(witness.kind is Evidence.SUM for field in invoice.fields.values() for witness in field.witnesses)


@pytest.mark.parametrize(
    ("label", "carried"),
    [("Carried forward", True), ("Suma y sigue", True), ("Übertrag", True), ("Total", False), ("Total due", False)],
)
def test_an_amount_that_is_carried_forward_is_no_total(label: str, carried: bool) -> None:
    head = (*SELLER, "INVOICE 4410", "Invoice date: 12 June 2026", "Net 300.00", "VAT 20 % 60.00", f"{label} 360.00")
    found = extract([page([(120, 120 + 60 * at, text) for at, text in enumerate(head)])])
    assert ("PAGES-MISSING" in {broken.rule for broken in found.conflicts}) == carried
