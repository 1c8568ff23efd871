"""Numbers vote as wholes: check digits, sums and dates that exist decide between digits that were read differently."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_connector.fields.candidates import _with_digit
from invoice_connector.fields.extract import extract
from invoice_connector.fields.page import FieldPage
from invoice_connector.invoice import InvoiceField
from ocr_ensemble.fusion.confidence import calibrated
from ocr_ensemble.fusion.vote import vote
from ocr_ensemble.layout import BoundingBox, Word
from ocr_ensemble.reading import PageReading, Reading, Slot

ENGINES = ("rapidocr", "tesseract")
BANKGIRO, IBAN, VAT = "payment_account_identifier", "payment_account_identifier", "seller_vat_identifier"


def read(engine: str, text: str, top: int, doubtful: str = "", confidence: float = 0.99) -> Reading:
    """A line of letters 14 pixels wide; those above a mark of ``doubtful`` have a confidence of 0.5."""
    certain = tuple(0.5 if doubtful[at : at + 1] == "^" else confidence for at in range(len(text)))
    words, left = [], 100
    for word in text.split():
        words.append(Word(word, BoundingBox(left, top, left + 14 * len(word), top + 28), confidence))
        left += 14 * (len(word) + 1)
    return Reading(engine, text, BoundingBox(100, top, left, top + 28), confidence, None, certain, tuple(words))


def page(*lines: tuple[str, str]) -> FieldPage:
    """Each line as RapidOCR read it and as Tesseract did, who was less sure wherever they differ."""
    fused = []
    for number, (one, other) in enumerate(lines):
        marks = "".join("^" if a != b else " " for a, b in zip(one, other, strict=True))
        top = 100 + 50 * number
        slot = Slot(
            1, BoundingBox(100, top, 900, top + 28), (read("rapidocr", one, top), read("tesseract", other, top, marks))
        )
        fused.append(calibrated(vote(slot), ENGINES))
    return FieldPage.of_reading(PageReading(1, 1200, 1600, tuple(fused)))


def field_of(name: str, line: tuple[str, str]) -> InvoiceField | None:
    heads = (
        "Bergs Bageri AB",
        "Faktura",
        "Fakturanummer: 10442",
        "Fakturadatum: 2026-03-02",
        "Att betala: 1 250,00 SEK",
    )
    return extract([page(*((head, head) for head in heads), line)]).fields.get(name)


@pytest.mark.parametrize(
    ("name", "voted", "also_read", "right"),
    [
        (BANKGIRO, "Bankgiro: 5050-1085", "Bankgiro: 5050-1055", "5050-1055"),
        (IBAN, "IBAN: DE89 3704 0044 0582 0130 00", "IBAN: DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        (VAT, "VAT-nr: SE556677889801", "VAT-nr: SE556677889901", "SE556677889901"),
        (BANKGIRO, "Bankgiro: 5850-1085", "Bankgiro: 5050-1055", "5050-1055"),
    ],
)
def test_check_digits_decide_between_readings(name: str, voted: str, also_read: str, right: str) -> None:
    found = field_of(name, (voted, also_read))
    assert found is not None
    assert found.value == right
    runner_up = voted.split(": ")[1].replace(" ", "")
    assert runner_up in [other.value for other in found.alternatives]


@pytest.mark.parametrize(
    ("voted", "also_read"),
    [
        ("Bankgiro: 5050-1085", "Bankgiro: 5050-1075"),  # neither holds
        ("Bankgiro: 5050-1055", "Bankgiro: 5050-1085"),  # as voted it holds
        ("Bankgiro: 5050-1085", "Bankgiro: 5050-1085"),  # nobody read anything else
        ("Bankgiro: 5050-1085", "Bankgiro: 5050-1059"),  # 5050-1055 holds, and so does 5050-1089
    ],
)
def test_otherwise_the_vote_stands(voted: str, also_read: str) -> None:
    found = field_of(BANKGIRO, (voted, also_read))
    assert found is not None
    assert found.value == voted.removeprefix("Bankgiro: ")


@pytest.mark.parametrize(
    ("tax", "total", "expected"),
    [
        (("Moms 25 %: 250,00", "Moms 25 %: 250,00"), ("Summa: 1 290,00", "Summa: 1 250,00"), "1250.00"),
        (("Moms 25 %: 290,00", "Moms 25 %: 250,00"), ("Summa: 1 250,00", "Summa: 1 290,00"), "1250.00"),
        (("Moms 25 %: 250,00", "Moms 25 %: 250,00"), ("Summa: 1 290,00", "Summa: 1 270,00"), "1290.00"),
        (("Moms 25 %: 250,00", "Moms 25 %: 250,00"), ("Summa: 1 290,00", "Summa: 1 290,00"), "1290.00"),
    ],
)
def test_sums_decide_between_readings(tax: tuple[str, str], total: tuple[str, str], expected: str) -> None:
    net = ("Netto: 1 000,00", "Netto: 1 000,00")
    heads = (
        (head, head) for head in ("Bergs Bageri AB", "Faktura", "Fakturanummer: 10442", "Fakturadatum: 2026-03-02")
    )
    fields = extract([page(*heads, net, tax, total)]).fields
    assert str(fields["total_with_vat"].value) == expected
    if expected == "1250.00":
        assert str(fields["total_vat"].value) == "250.00"
        changed = fields["total_vat" if tax[0] != tax[1] else "total_with_vat"]
        voted = (tax if tax[0] != tax[1] else total)[0].split(": ")[1]
        assert voted in [other.text for other in changed.alternatives]


@pytest.mark.parametrize(
    ("voted", "also_read", "expected"),
    [
        ("Fakturadatum: 2026-13-02", "Fakturadatum: 2026-12-02", "2026-12-02"),
        ("Fakturadatum: 32/05/2026", "Fakturadatum: 22/05/2026", "2026-05-22"),
        ("Fakturadatum: 22/05/2026", "Fakturadatum: 21/05/2026", "2026-05-22"),
        ("Fakturadatum: 32/13/2026", "Fakturadatum: 22/12/2026", "None"),
    ],
)
def test_a_date_that_exists_decides_between_readings(voted: str, also_read: str, expected: str) -> None:
    heads = (
        (head, head) for head in ("Bergs Bageri AB", "Faktura", "Fakturanummer: 10442", "Att betala: 1 250,00 SEK")
    )
    fields = extract([page(*heads, (voted, also_read))]).fields
    assert str(fields["issue_date"].value if "issue_date" in fields else None) == expected


@given(st.decimals(-99999, 99999, places=2), st.integers(0, 8), st.sampled_from("0123456789"))
def test_another_digit_in_an_amount_is_the_amount_so_printed(amount: Decimal, at: int, digit: str) -> None:
    text = f"{amount:,.2f}"
    changed = _with_digit(amount, text, at, digit)
    if changed is None:
        assert not text[at : at + 1].isdecimal()
    else:
        assert changed == Decimal((text[:at] + digit + text[at + 1 :]).replace(",", ""))


def test_the_line_itself_stays_as_voted() -> None:
    fused = page(("Bankgiro: 5050-1085", "Bankgiro: 5050-1055"))
    assert fused.lines[0].text == "Bankgiro: 5050-1085"
    assert fused.lines[0].alternatives is not None
    assert [other[0] for other in fused.lines[0].alternatives if other] == ["5"]
