"""Key fields that a PDF's text layer told, compared with the picture: what a person sees decides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from invoice_connector.fields.statements import stamp_conflicts
from invoice_connector.invoice import Invoice, InvoiceField, Violation
from invoice_connector.rules.decision import HIDDEN
from invoice_connector.rules.kinds import check_stamps
from invoice_connector.verify.questions import KEY_FIELDS, lines_of
from ocr_ensemble.confirming import confirmed_by, tells_number
from ocr_ensemble.document.page import Document, PageImage
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.layer_check import TEXT_LAYER, Checked, with_checks
from ocr_ensemble.reading import Consensus, DocumentReading, PageReading, Reading

RULE = "TEXT-LAYER-DIFFERS"
STRUCK_OUT = "STRUCK-OUT"
_FEWEST_WORDS = 1  # that the page does not show, from which a text that nobody sees says more than the page
_QUOTED = 80  # characters
_WORD = re.compile(r"[^\W\d_]{4,}")  # no ligature or initial
_NUMBER = re.compile(r"\d(?:[ .,'’/-]?\d)*")
_COMPARED = (*KEY_FIELDS, "currency_code")


@dataclass(frozen=True, slots=True)
class Seen:
    """A document's reading and invoice after they were compared with the picture; ``conflicts`` name what is open."""

    reading: DocumentReading
    invoice: Invoice
    conflicts: tuple[Violation, ...] = ()


def compare_with_picture(
    document: Document,
    reading: DocumentReading,
    ensemble: OCREnsemble,
    extract: Callable[[DocumentReading], Invoice],
    risk: float,
) -> Seen:
    """The reading with the engines that saw its key fields in the picture.

    A page whose picture shows something else is read anew without its text layer. A key field that then has another
    value is a conflict, unless the picture's value is wrong with at most ``risk`` (0..1).
    """
    told = extract(reading)
    images = {page.number: page for page in document.pages}
    checks = {page.number: _checked(images[page.number], page, told, reading, ensemble) for page in reading.pages}
    if not any(checked.lines for checked in checks.values()):
        return Seen(reading, told)
    pages = (_settled(images[page.number], page, checks[page.number], ensemble) for page in reading.pages)
    settled = DocumentReading(tuple(pages))
    if not any(checked.contradicted for checked in checks.values()):
        return Seen(settled, seen_by_engines(told, settled))
    seen = extract(settled)
    return Seen(settled, seen, tuple(_conflicts(told, seen, risk)))


def crossed_out(reading: DocumentReading) -> tuple[Violation, ...]:
    """One sentence per number that is crossed out: what is printed or written instead may be anywhere."""
    return tuple(
        Violation(
            STRUCK_OUT,
            f"{line.text!r} is crossed out on page {page.number} and was not read as a value; compare what replaces it "
            "with the page",
        )
        for page in reading.pages
        for line in page.struck
        if tells_number(line.text)
    )


def hidden_texts(document: Document, reading: DocumentReading) -> tuple[Violation, ...]:
    """One sentence per page whose file says in a place that nobody sees what it does not show: a number that may be an
    amount, a day or an account, or a sentence. None of it was read."""
    told = ((page, not_shown(image.hidden, page)) for image, page in zip(document.pages, reading.pages, strict=True))
    return tuple(
        Violation(
            HIDDEN,
            f"page {page.number} holds text that nobody sees, such as {texts[0][:_QUOTED]!r}; none of it was read, "
            "but ask the sender why it is there",
        )
        for page, texts in told
        if texts
    )


def not_shown(texts: Sequence[str], page: PageReading) -> list[str]:
    """Those of the texts that have a number or words that the page does not show, crossed out or not."""
    if not texts:
        return []
    lines = [*(line.line.text for line in page.lines), *(line.text for line in page.struck)]
    shown = {part for line in lines for part in (*_numbers(line), *_words(line))}
    return [t for t in texts if not _numbers(t) <= shown or len(_words(t) - shown) >= _FEWEST_WORDS]


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _numbers(text: str) -> set[str]:
    """The digits of each number of a text that may be an amount, a day or an identifier."""
    digits = ("".join(filter(str.isdigit, match[0])) for match in _NUMBER.finditer(text))
    return {number for number in digits if tells_number(number)}


def stamps_of(reading: DocumentReading) -> list[str]:
    """The texts of all pages that stand at an angle, or are drawn beside a text layer."""
    return [text for page in reading.pages for text in page.stamps]


def stamped(reading: DocumentReading, invoice: Invoice) -> tuple[Violation, ...]:
    """What texts at an angle, or drawn beside a text layer, say of a debt."""
    if invoice.is_receipt or invoice.amount("amount_due") == 0:
        return ()
    stamps = stamps_of(reading)
    said = stamp_conflicts(stamps, invoice.conflicts, invoice.text("invoice_type_code") == "381")
    return (*said, *check_stamps(invoice, stamps))


def seen_by_engines(invoice: Invoice, reading: DocumentReading) -> Invoice:
    """The fields that the text layer told, with the engines that read all of their lines so in the picture."""
    return replace(invoice, fields={name: _seen_by_engines(field, reading) for name, field in invoice.fields.items()})


def _seen_by_engines(field: InvoiceField, reading: DocumentReading) -> InvoiceField:
    lines = [reading.pages[place.page].lines[place.line] for place in lines_of(reading, field)]
    if TEXT_LAYER not in field.engines or not lines:
        return field
    witnesses = set.intersection(*(set(confirmed_by(line.line.text, _of_picture(line))) for line in lines))
    return replace(field, engines=tuple(dict.fromkeys((*field.engines, *sorted(witnesses)))))


def _of_picture(line: Consensus) -> Sequence[Reading]:
    return [reading for reading in line.slot.readings if reading.engine != TEXT_LAYER]


def only_told(page: PageReading, invoice: Invoice, reading: DocumentReading) -> list[Consensus]:
    """The lines of key fields on a page that only the text layer has told so far."""
    fields = [field for name in _COMPARED if (field := invoice.fields.get(name)) and field.page == page.number]
    places = dict.fromkeys(place for field in fields for place in lines_of(reading, field))
    lines = [page.lines[place.line] for place in places]
    return [line for line in lines if TEXT_LAYER in line.support and not _of_picture(line)]


def _checked(
    image: PageImage, page: PageReading, invoice: Invoice, reading: DocumentReading, ensemble: OCREnsemble
) -> Checked:
    return ensemble.compare(image, [line.line for line in only_told(page, invoice, reading)])


def _settled(image: PageImage, page: PageReading, checked: Checked, ensemble: OCREnsemble) -> PageReading:
    return ensemble.read_refuted(image, checked) if checked.contradicted else with_checks(page, checked)


def _conflicts(told: Invoice, seen: Invoice, risk: float) -> Iterator[Violation]:
    for name in _COMPARED:
        one, other = told.fields.get(name), seen.fields.get(name)
        if one is None or (other is not None and (one.value == other.value or (other.confidence or 0.0) >= 1 - risk)):
            continue
        shown = f"shows {other.text!r}" if other else "shows nothing that can be read as one"
        yield Violation(
            RULE,
            f"the text layer of page {one.page} gives the {name.replace('_', ' ')} as {one.text!r}, but the picture "
            f"{shown}; enter what is printed",
            (name,),
        )
