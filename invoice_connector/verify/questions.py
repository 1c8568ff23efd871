"""Which lines and fields are put to the verifier, with the readings that compete for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from invoice_connector.invoice import Invoice, InvoiceField
from ocr_ensemble.document.page import Document
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import Consensus, DocumentReading, Reading
from verifier.verdict import Question
from verifier.verifier import Inquiry, crop_of, question_of

KEY_FIELDS = (
    "total_with_vat",
    "amount_due",
    "invoice_number",
    "issue_date",
    "due_date",
    "payment_account_identifier",
    "remittance_information",
    "total_without_vat",
    "total_vat",
    "seller_name",
)  # fmt: skip  the dearest mistakes first
LINE = "line"
UNSURE = 0.9  # a line below this is asked about even when its readings agree
MISSED = 2  # characters that a reading may have dropped or doubled
ALIKE = 0.5  # readings less alike than this are of another place, not of the same print


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a reading, by the index of its page and its index there."""

    page: int
    line: int


def line_at(reading: DocumentReading, place: Place) -> Consensus:
    return reading.pages[place.page].lines[place.line]


def contested(reading: DocumentReading, certain: float, everything: bool) -> list[Place]:
    """Lines in doubt, the least sure first. ``everything``: also those where engines differ but the vote is sure."""
    found = [
        (line.probability or 0.0, Place(number, index))
        for number, page in enumerate(reading.pages)
        for index, line in enumerate(page.lines)
        if _in_doubt(line, certain, everything)
    ]
    return [place for _, place in sorted(found)]


def _in_doubt(line: Consensus, certain: float, everything: bool) -> bool:
    chance = 0.0 if line.probability is None else line.probability
    return chance < min(UNSURE, certain) or (len(_distinct(line)) > 1 and (everything or chance < certain))


def _distinct(line: Consensus) -> set[str]:
    return {squeezed(text) for text in (line.line.text, *(reading.text for reading in line.slot.readings))} - {""}


def squeezed(text: str) -> str:
    """Without spaces: the picture of a line says little about them."""
    return "".join(text.split())


def lines_of(reading: DocumentReading, field: InvoiceField) -> list[Place]:
    """The lines that the field stands in."""
    number = next((n for n, page in enumerate(reading.pages) if page.number == field.page), None)
    if number is None:
        return []
    return [
        Place(number, index)
        for index, line in enumerate(reading.pages[number].lines)
        if _holds(line.line.box, field.box)
    ]


def _holds(line: BoundingBox, field: BoundingBox) -> bool:
    if line.bottom <= field.top or line.top >= field.bottom:  # most lines of a page, at once
        return False
    high = line.vertical_overlap(field) >= 0.5 * min(line.height, field.height)
    return high and line.horizontal_overlap(field) >= 0.25 * min(line.width, field.width)


def line_inquiry(
    document: Document, reading: DocumentReading, place: Place, more: Iterable[str] = ()
) -> Inquiry | None:
    """What stands in this line? None when there is no text to ask about."""
    line, page = line_at(reading, place), document.pages[place.page]
    texts = (line.line.text, *more, *(other.text for other in line.slot.readings))
    question = question_of(LINE, page.number, line.line.box, texts)
    return _inquiry(document, question)


def field_inquiry(document: Document, reading: DocumentReading, field: InvoiceField) -> Inquiry | None:
    """Does the field's text stand in its place, or what another engine read there?"""
    question = question_of(field.name, field.page, field.box, (field.text, *_rivals(reading, field)))
    return _inquiry(document, question)


def _inquiry(document: Document, question: Question) -> Inquiry | None:
    page = next((page for page in document.pages if page.number == question.page), None)
    if page is None or not question.options:
        return None
    return Inquiry(question, crop_of(page.pixels, question.box))


def asked_fields(invoice: Invoice, suspicious: Sequence[str] = ()) -> list[InvoiceField]:
    """The key fields and those that something else made suspicious, as far as the invoice has them."""
    names = dict.fromkeys((*KEY_FIELDS, *suspicious))
    return [invoice.fields[name] for name in names if name in invoice.fields]


def _rivals(reading: DocumentReading, field: InvoiceField) -> Iterator[str]:
    """Other texts for the same print: runner-ups of the field, and other engines' words there."""
    for other in field.alternatives:
        if other.page == field.page and _same_print(other.box, field.box) and _alike(other.text, field.text):
            yield other.text
    for place in lines_of(reading, field):
        for one in line_at(reading, place).slot.readings:
            text = _part(one, field.box)
            if _alike(text, field.text):
                yield text


def _part(reading: Reading, box: BoundingBox) -> str:
    words = [word for word in reading.words if word.box.horizontal_overlap(box) >= 0.5 * word.box.width]
    return " ".join(word.text for word in words)


def _same_print(one: BoundingBox, other: BoundingBox) -> bool:
    return one.intersection_area(other) >= 0.5 * min(one.area, other.area)


def _alike(text: str, other: str) -> bool:
    """Different texts that could be two readings of one print; not a text and a longer one that it is part of."""
    a, b = squeezed(text), squeezed(other)
    if not a or a == b:
        return False
    if a in b or b in a:
        shorter, longer = sorted((a, b), key=len)
        more = longer.replace(shorter, "", 1)
        return len(more) <= MISSED and more.isalnum()
    return float(Levenshtein.normalized_similarity(a, b)) >= ALIKE
