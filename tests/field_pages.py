"""Pages for field tests: text put down at places, ten pixels a character, lines twenty pixels high."""

from __future__ import annotations

from collections.abc import Sequence

from invoice_connector.fields import FieldPage
from ocr_ensemble.layout import BoundingBox, TextLine
from ocr_ensemble.reading import Consensus, PageReading, Reading, Slot

Placed = tuple[int, int, str]  # left, top, text

# An English invoice line by line: its head, and its sums.
LINES = (
    "Fjordlys Handel",
    "Havnegata 12, 5003 Bergen",
    "Invoice No. 4410",
    "Invoice date: 12 June 2026",
    "To: Mill Cafe",
)
SUMS = ("Total net 300.00", "VAT 20 % 60.00", "Total 360.00")


def line(left: int, top: int, text: str, confidence: float | None = 1.0) -> TextLine:
    return TextLine(text, BoundingBox(left, top, left + 10 * len(text), top + 20), confidence)


def page(placed: Sequence[Placed], number: int = 1, engine: str = "reader") -> FieldPage:
    lines = tuple(line(*place) for place in placed)
    return FieldPage(number, 1000, 1400, lines, ((engine,),) * len(lines))


def page_reading(*texts: str, engine: str = "reader") -> PageReading:
    """What one engine reads of a page of those lines, one below the other."""
    placed = [line(60, 60 + 60 * at, text) for at, text in enumerate(texts)]
    slots = [Slot(1, each.box, (Reading(engine, each.text, each.box, 1.0),)) for each in placed]
    lines = tuple(Consensus(slot, each) for slot, each in zip(slots, placed, strict=True))
    return PageReading(1, 1000, 1400, lines)


GERMAN = page(
    [
        (60, 60, "Nordlicht Bürobedarf GmbH"),
        (60, 85, "Hafenstraße 12"),
        (60, 110, "20457 Hamburg"),
        (60, 240, "Käufer AG"),
        (60, 265, "Marktplatz 3"),
        (60, 290, "70173 Stuttgart"),
        (600, 240, "Rechnungsnummer"),
        (800, 240, "RE-2024/0815"),
        (600, 265, "Rechnungsdatum"),
        (800, 265, "03.04.2024"),
        (600, 290, "Fällig am"),
        (800, 290, "03.05.2024"),
        (60, 500, "Ordner A4"),
        (400, 500, "10"),
        (550, 500, "25,00"),
        (800, 500, "250,00"),
        (60, 525, "Toner schwarz"),
        (400, 525, "5"),
        (550, 525, "200,00"),
        (780, 525, "1.000,00"),
        (550, 600, "Summe netto"),
        (780, 600, "1.250,00"),
        (550, 625, "zzgl. USt. 19 %"),
        (800, 625, "237,50"),
        (550, 650, "Rechnungsbetrag"),
        (780, 650, "1.487,50 €"),
        (60, 1300, "USt-IdNr.: DE136695976"),
        (400, 1300, "IBAN: DE34 5019 0000 0012 3456 78"),
        (60, 1325, "HRB 36093"),
        (400, 1325, "BIC: COBADEFFXXX"),
    ]
)

SWEDISH = page(
    [
        (60, 60, "Fjällbygg AB"),
        (600, 60, "FAKTURA"),
        (60, 90, "Storgatan 5"),
        (60, 115, "111 22 Stockholm"),
        (600, 150, "Fakturanr"),
        (800, 150, "10023"),
        (600, 175, "Fakturadatum"),
        (800, 175, "2025-02-03"),
        (600, 200, "Förfallodatum"),
        (800, 200, "2025-03-05"),
        (600, 225, "OCR-nummer"),
        (800, 225, "1002344"),
        (600, 280, "Faktureras till:"),
        (600, 305, "Kund & Söner HB"),
        (600, 330, "Lillgatan 1"),
        (600, 355, "222 33 Lund"),
        (550, 600, "Netto"),
        (800, 600, "1 000,30"),
        (550, 625, "Moms 25%"),
        (800, 625, "250,08"),
        (550, 650, "Totalt inkl. moms"),
        (800, 650, "1 250,38"),
        (550, 675, "Öresavrundning"),
        (800, 675, "-0,38"),
        (550, 700, "Att betala"),
        (800, 700, "1 250,00 kr"),
        (60, 1300, "Bankgiro 5050-1055"),
        (360, 1300, "Org.nr 556036-0793"),
        (660, 1300, "Momsreg.nr SE556036079301"),
    ]
)

RECEIPT = page(
    [
        (300, 40, "MERANTI PAPER"),
        (270, 65, "CO. (M) SDN BHD"),
        (280, 90, "(CO. NO. 204816-K)"),
        (230, 115, "NO 21, JALAN SERULING 4/9, DESA MERANTI"),
        (260, 140, "53100 KUALA LUMPUR, MALAYSIA"),
        (280, 190, "TEL : 03-55500140"),
        (100, 240, "05/03/18 15:02"),
        (100, 300, "NOTE BOOK"),
        (600, 300, "9.92"),
        (100, 350, "SUBTOTAL"),
        (600, 350, "9.92"),
        (100, 375, "ROUNDING ADJ"),
        (600, 375, "-0.02"),
        (100, 400, "NET TOTAL RM"),
        (600, 400, "9.90"),
        (100, 425, "CASH"),
        (600, 425, "20.00"),
        (100, 450, "CHANGE"),
        (600, 450, "10.10"),
    ]
)
