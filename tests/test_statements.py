"""What sentences say of a paper, in every language, and what ordinary terms do not say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from invoice_connector.fields import extract
from invoice_connector.invoice import Invoice
from invoice_connector.locales import locales
from ocr_ensemble.layout import BoundingBox, TextLine
from tests.field_pages import LINES, SUMS, page

RULES = {
    "ALREADY-PAID", "VOID", "REFUND", "DRAFT", "ASSIGNED", "COLLECTED", "CORRECTED-INVOICE", "AMOUNT-IN-SENTENCE"
}  # fmt: skip


def read(*said: str) -> Invoice:
    texts = (*LINES, *SUMS, *said)
    return extract([page([(120, 120 + 60 * place, text) for place, text in enumerate(texts)])])


def rules(*said: str) -> set[str]:
    return {conflict.rule for conflict in read(*said).conflicts} & RULES


def in_language(language: str, said: str) -> Invoice:
    """A page whose labels are those of the language, which settled amounts are told in."""
    labels = locales()[language].labels
    totals = ("total_without_vat", "total_vat", "total_with_vat")
    named = [f"{labels[name][0]}: 4410" for name in ("invoice_number",)]
    named += [f"{labels[name][0]}: {day}" for name, day in (("issue_date", "12.06.2026"), ("due_date", "12.07.2026"))]
    named += [f"{labels[name][0]}: {sum_}" for name, sum_ in zip(totals, ("300,00", "60,00", "360,00"), strict=True)]
    texts = ("Fjordlys Handel", *named, said)
    return extract([page([(120, 120 + 60 * place, text) for place, text in enumerate(texts)])])


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("This debt has been assigned to Northgate Ltd.", "ASSIGNED"),
        ("Die Forderung ist an die Nordbank abgetreten.", "ASSIGNED"),
        ("Fordringen er overdraget til Nordbank A/S.", "ASSIGNED"),
        ("Kravet er overdratt til Nordbank ASA.", "ASSIGNED"),
        ("Tämän laskun saatava on siirretty Nordbank Oy:lle.", "ASSIGNED"),
        ("De vordering is overgedragen aan Nordbank NV.", "ASSIGNED"),
        ("Wierzytelność została przeniesiona na Nordbank SA.", "ASSIGNED"),
        ("Pohledávka byla postoupena společnosti Nordbank.", "ASSIGNED"),
        ("Creanța a fost cesionată către Nordbank.", "ASSIGNED"),
        ("A követelést a Nordbank Zrt. részére engedményeztük.", "ASSIGNED"),
        ("Alacak Nordbank A.Ş.'ye devredilmiştir.", "ASSIGNED"),
        ("The amount of this invoice will be collected from your account.", "COLLECTED"),
        ("Le montant sera prélevé sur votre compte.", "COLLECTED"),
        ("Beløbet trækkes automatisk via Betalingsservice.", "COLLECTED"),
        ("Het bedrag wordt automatisch geïncasseerd.", "COLLECTED"),
        ("Kwota zostanie pobrana z Państwa konta.", "COLLECTED"),
        ("Bitte nicht bezahlen.", "ALREADY-PAID"),
        ("Prosíme, neplaťte.", "ALREADY-PAID"),
        ("Nem kell fizetni.", "ALREADY-PAID"),
        ("Factura este anulată.", "VOID"),
        ("Superseded by invoice 123", "VOID"),
        ("SUPERSEDED", "VOID"),
        ("This invoice was replaced by invoice INV-2026-0123 of 3 May.", "VOID"),
        ("Ersetzt durch Rechnung 4411", "VOID"),
        ("Annulée et remplacée par la facture 4411", "VOID"),
        ("Sustituida por la factura 4411", "VOID"),
        ("Sostituita dalla fattura 4411", "VOID"),
        ("Vervangen door factuur 4411", "VOID"),
        ("Ersätts av faktura 4411", "VOID"),
        ("Zastąpiona fakturą 4411", "VOID"),
        ("This invoice replaces invoice 4409.", "CORRECTED-INVOICE"),
        ("Diese Rechnung ersetzt die Rechnung 4409.", "CORRECTED-INVOICE"),
        ("Annule et remplace la facture 4409", "CORRECTED-INVOICE"),
        ("Denna faktura ersätter faktura 4409", "CORRECTED-INVOICE"),
    ],
)
def test_a_sentence_about_the_debt_stops(line: str, rule: str) -> None:
    assert rules(line) == {rule}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Despite our reminder of 3 May this invoice has not been paid.", "reminder"),
        ("Trots vår påminnelse har fakturan inte betalats.", "reminder"),
        ("Huolimatta muistutuksestamme laskua ei ole maksettu.", "reminder"),
        ("Ondanks onze herinnering is de factuur nog niet betaald.", "reminder"),
        ("Przypominamy, że faktura nie została zapłacona.", "reminder"),
        ("Faktura dosud nebyla uhrazena.", "reminder"),
        ("Malgrat el nostre recordatori, la factura no s'ha pagat.", "reminder"),
        ("This is a draft.", "proforma"),
        ("Dies ist nur ein Entwurf.", "proforma"),
        ("Ez csak egy piszkozat.", "proforma"),
    ],
)
def test_a_sentence_tells_the_kind_of_paper(line: str, kind: str) -> None:
    found = read(line).document_kind
    assert found is not None
    assert found.value == kind
    assert found.not_booked > 0.9


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "We have received your payment of 100,00 with thanks."),
        ("en", "Deposit of 200 paid on 3 May."),
        ("en", "Less 5 % retention until practical completion."),
        ("de", "Ihre Anzahlung in Höhe von 100,00 haben wir dankend erhalten."),
        ("sv", "Vi har mottagit ett förskott på 100,00."),
        ("da", "Vi har modtaget en forudbetaling på 100,00."),
        ("nb", "Vi har mottatt et forskudd på 100,00."),
        ("fi", "Ennakkomaksu 100,00 on vastaanotettu kiitollisuudella."),
        ("nl", "Uw aanbetaling van 100,00 hebben wij ontvangen."),
        ("pl", "Zaliczka w kwocie 100,00 została wpłacona."),
        ("cs", "Záloha ve výši 100,00 byla přijata."),
        ("sk", "Zálohu vo výške 100,00 sme prijali."),
        ("hu", "A 100,00 összegű előleget megkaptuk."),
        ("ro", "Am primit un avans de 100,00."),
        ("sl", "Prejeli smo predplačilo v višini 100,00."),
        ("lt", "Gavome 100,00 avansą."),
        ("lv", "Esam saņēmuši avansu 100,00."),
        ("ca", "Hem rebut una bestreta de 100,00."),
    ],
)
def test_an_amount_that_a_sentence_settles_and_no_sum_has_stops(language: str, line: str) -> None:
    found = in_language(language, line)
    assert found.language == language
    assert "AMOUNT-IN-SENTENCE" in {conflict.rule for conflict in found.conflicts}


def test_a_sentence_goes_on_in_the_next_line() -> None:
    upper, lower = "We have received your payment of", "100.00 with thanks."
    lines = [(120, 120 + 60 * place, text) for place, text in enumerate((*LINES, *SUMS))]
    placed = [*lines, (120, 900, upper), (120, 924, lower)]
    found = extract([page(placed)]).conflicts
    assert any(conflict.rule == "AMOUNT-IN-SENTENCE" and "payment of 100.00" in conflict.message for conflict in found)


@pytest.mark.parametrize(
    "line",
    [
        "2 % discount within 10 days, 30 days net.",
        "If paid within 10 days, 352.80 settles this invoice.",
        "Payment received after the due date bears interest of 8 %.",
        "A fee of 40.00 is charged for invoices not paid within 30 days.",
        "Please pay 360.00 within 30 days.",
        "We thank you for your payment.",
        "The goods remain our property until paid in full.",
        "If this invoice has already been paid, please disregard it.",
        "Your customer number has been assigned to our northern office.",
        "Goods will be collected by the customer.",
        "The faulty unit was replaced by a new one, see delivery note 12.",
        "This price list replaces all earlier ones.",
        "This invoice replaces the proforma invoice 4409.",
        "Fakturakopia",
        "Bei Zahlung innerhalb von 10 Tagen 2 % Skonto.",
        "Bitte überweisen Sie 360,00 bis zum 12.07.2026.",
        "Sollten Sie bereits bezahlt haben, ist dieses Schreiben gegenstandslos.",
        "Die Ware bleibt bis zur vollständigen Bezahlung unser Eigentum.",
        "Forderungen aus dem Weiterverkauf werden bereits jetzt an uns abgetreten.",
        "Vid försenad betalning debiteras dröjsmålsränta och en avgift på 60,00.",
        "Betalas senast 12 juli.",
        "En cas de retard, une indemnité forfaitaire de 40,00 est due.",
        "Sus datos no serán cedidos a terceros.",
        "In caso di ritardo saranno addebitati interessi di mora.",
        "Prestazione non soggetta a ritenuta d'acconto del 20 %.",
        "Jeżeli faktura nie została opłacona w terminie, naliczymy odsetki.",
        "Indien niet betaald binnen 30 dagen wordt 40,00 in rekening gebracht.",
        "Prosíme o úhradu 360,00 do 30 dnů.",
    ],
)
def test_ordinary_terms_stop_nothing(line: str) -> None:
    found = read(line)
    assert not {conflict.rule for conflict in found.conflicts} & RULES
    assert found.document_kind is not None
    assert found.document_kind.value == "invoice"


def test_what_the_sums_have_already_contradicts_nothing() -> None:
    said = ("Less deposit paid 100.00", "Balance due 260.00", "We have received your deposit of 100.00 with thanks.")
    assert rules(*said) == set()


@pytest.mark.parametrize(
    "line",
    [
        "MUSTERRECHNUNG",
        "Facsimile",
        "Factura 4410 BORRADOR",
        "Faktura VZOR",
        "WZÓR",
        "Számla minta",
        "Voorbeeldfactuur",
        "Invoice No. 4410 SAMPLE",
        "Fatura 4410 taslak",
        "Rēķins PARAUGS",
        "PROIECT",
        "MALLI",
        "Versión preliminar",
        "Faktura 4410 UDKAST",
    ],
)
def test_a_word_beside_the_title_makes_it_a_draft(line: str) -> None:
    found = read(line).document_kind
    assert found is not None
    assert (found.value, found.code) == ("proforma", "325")
    assert found.not_booked > 0.9


@pytest.mark.parametrize(
    "line",
    [
        "Projekt: Neubau Halle 3",
        "Projekt",
        "Muster GmbH",
        "Sample pack of three",
        "PROJEKT: HALLE",
        "Invoice for sample tiles",
        "KOPIE",
        "DUPLICATA",
        "COPIA",
        "Zweitschrift",
    ],
)
def test_a_project_a_sample_or_a_copy_is_no_draft(line: str) -> None:
    found = read(line).document_kind
    assert found is not None
    assert found.value == "invoice"
    assert found.not_booked < 0.2


@pytest.mark.parametrize(
    ("stamp", "rule"),
    [
        ("PAYÉE LE 3 MARS 2026", "ALREADY-PAID"),
        ("VOLDAAN 12-06-2026", "ALREADY-PAID"),
        ("UHRADENE", "ALREADY-PAID"),  # the accents are what a stamp loses first
        ("ZAPLACONO", "ALREADY-PAID"),
        ("RENDEZVE", "ALREADY-PAID"),
        ("SALDATA", "ALREADY-PAID"),
        ("UGYLDIG", "VOID"),
        ("COPIE SANS VALEUR", "VOID"),
        ("NIEWAZNA", "VOID"),
        ("MITÄTÖN", "VOID"),
        ("KREDITERAD", "REFUND"),
    ],
)
def test_a_stamp_at_an_angle_counts_though_rows_run_through_it(stamp: str, rule: str) -> None:
    """Its line reaches over the rows with the sums; a row's label is joined with it to one segment."""
    lines = page([(120, 120 + 60 * place, text) for place, text in enumerate((*LINES, *SUMS))])
    turned = TextLine(stamp, BoundingBox(330, 400, 640, 560), 0.9)
    found = extract([replace(lines, lines=(*lines.lines, turned), engines=(*lines.engines, ("reader",)))])
    assert {conflict.rule for conflict in found.conflicts} & RULES == {rule}
