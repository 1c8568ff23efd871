"""Pages with print that nobody can read: none is dropped as an empty sheet, none is booked unseen."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from invoice_connector.fields.page import FieldPage
from invoice_connector.piles.dividing import divided_pages
from invoice_connector.piles.pages import facts_of
from invoice_connector.pipeline.receipt import receipt
from invoice_connector.rules.decision import unread_pages
from ocr_ensemble.document.page import Document, PageImage
from ocr_ensemble.document.preprocess import RawPage, Treatments, prepare_page
from ocr_ensemble.illegible import is_bare, is_illegible
from ocr_ensemble.layout import BoundingBox, TextLine
from ocr_ensemble.reading import Consensus, DocumentReading, EngineRun, PageReading, Reading, RunStatus, Slot
from verifier.verdict import NOT_REACHED

SHAPE = (1170, 827)
OK = (EngineRun("tesseract", "5", 1, RunStatus.OK, 1.0, 0, 0, None),)


def paper(rows: int = 0) -> NDArray[np.uint8]:
    """A sheet with printed lines."""
    pixels = np.full((*SHAPE, 3), 255, np.uint8)
    for row in range(rows):
        cv2.putText(pixels, "Invoice 4711 total 1 250,00", (60, 90 + 36 * row), 0, 0.9, (0, 0, 0), 2)
    return pixels


def blurred() -> NDArray[np.uint8]:
    return np.asarray(cv2.GaussianBlur(paper(24), (0, 0), 7), np.uint8)


def noise() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (*SHAPE, 3), np.uint8)


def dark() -> NDArray[np.uint8]:
    """An underexposed page, on which print is two grey levels from paper."""
    return (paper(24) // 25).astype(np.uint8)


def picture() -> NDArray[np.uint8]:
    """A dark shape with a caption's place over it."""
    pixels = paper(1)
    cv2.circle(pixels, (410, 600), 250, (60, 60, 60), -1)
    return pixels


def prepared(pixels: NDArray[np.uint8]) -> PageImage:
    return prepare_page(RawPage(pixels), 1, Treatments())


def read(*texts: str, confidence: float = 0.98) -> PageReading:
    """A reading of lines at the height of the first printed one."""
    lines = []
    for row, text in enumerate(texts):
        box = BoundingBox(55, 60 + 36 * row, 520, 100 + 36 * row)
        reading = Reading("tesseract", text, box, confidence, confidence)
        lines.append(Consensus(Slot(1, box, (reading,)), TextLine(text, box, confidence), {"tesseract": 1.0}))
    return PageReading(1, SHAPE[1], SHAPE[0], tuple(lines), runs=OK)


@pytest.mark.parametrize(
    ("pixels", "texts"),
    [(blurred(), ()), (blurred(), ("Lit",)), (noise(), ()), (noise(), ("Lit",)), (dark(), ())],
)
def test_print_that_nobody_read_stops_and_is_told(pixels: NDArray[np.uint8], texts: tuple[str, ...]) -> None:
    page, reading = prepared(pixels), read(*texts, confidence=0.5)
    document, readings = Document("p.pdf", "application/pdf", "0" * 64, (page,)), DocumentReading((reading,))
    (violation,) = unread_pages(document, readings)
    assert violation.rule == "page-unread" and "blurred, dark or a picture" in violation.message
    assert [told["part"] for told in receipt(document, readings, NOT_REACHED, None)] == ["page 1"]
    assert not is_bare(page, reading)


def test_what_was_read_or_is_empty_does_not_stop() -> None:
    text = "Invoice 4711 total 1 250,00"
    separator = paper(1)
    for pixels, reading in (
        (paper(), read()),
        (separator, read(text)),
        (picture(), read(text)),
        (paper(6), read(*[text] * 6)),
    ):
        assert not is_illegible(prepared(pixels), reading)
    assert is_bare(prepared(paper()), read()) and is_bare(prepared(separator), read(text))
    assert not is_bare(prepared(picture()), read(text))


def test_only_a_bare_sheet_is_dropped_from_a_pile() -> None:
    invoice = facts_of(FieldPage.of_reading(read("Invoice 4711", "Total 1 250,00", "Date 2026-10-14")))
    invoice = replace(invoice, numbers=frozenset({"4711"}), title="invoice", totals=invoice.totals)
    sheet = facts_of(FieldPage.of_reading(read()))
    other = replace(invoice, numbers=frozenset({"4712"}))
    assert divided_pages([invoice, sheet, other], "p.pdf", 0.01).loose == (1,)
    pile = divided_pages([invoice, replace(sheet, bare=False), other], "p.pdf", 0.01)
    assert pile.loose == () and sum(len(part.places) for part in pile.parts) == 3
