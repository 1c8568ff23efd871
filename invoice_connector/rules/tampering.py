"""Signs that a document was changed after it was made, each with its place, for a person to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.fields.candidates import Candidate, Kind, find_candidates
from invoice_connector.fields.context import contexts_of
from invoice_connector.fields.page import FieldPage
from invoice_connector.invoice import Invoice, Violation
from invoice_connector.rules.picture_check import not_shown
from invoice_connector.verify.questions import KEY_FIELDS
from ocr_ensemble.confirming import tells_number
from ocr_ensemble.document.copied import copied_letters
from ocr_ensemble.document.page import Document, PageImage
from ocr_ensemble.document.signs import Change, Layer, Sign
from ocr_ensemble.grey import grey_of
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import DocumentReading, PageReading

TAMPER = "TAMPER"
_MOST = 5  # sentences of one page about one kind of change
_QUOTED = 60  # characters
_CENTS = 2  # decimals
_RIM = 0.3  # times the height of a value, by which its box may be wider than its ink
_ACCOUNTS = frozenset({Kind.IBAN, Kind.BANKGIRO, Kind.PLUSGIRO, Kind.ACCOUNT})
_COMPARE = "compare it with what the seller sent"
_SENTENCES: Mapping[Change, str] = {
    Change.SIGNED: f"page {{page}} was changed after it was signed{{where}}; {_COMPARE}",
    Change.PAGES: f"pages were added, taken out or made larger after the file was signed; {_COMPARE}",
    Change.SIGNATURE: "the file is not as it was signed, its signature is of other bytes; ask the seller for it again",
    Change.REVISED: f"an earlier revision in the file shows other print on page {{page}}{{where}}; {_COMPARE}",
    Change.MIXED: "not all digits of {text!r} on page {page} are of one font, size, colour and line, as where one was "
    f"replaced; {_COMPARE}",
    Change.COVERED: f"something was put over print of page {{page}}{{where}}; {_COMPARE}",
    Change.COPIED: "a letter of {text!r} on page {page} is the copy of another letter of the page, pixel by pixel; "
    f"{_COMPARE}",
    Change.EDITOR: f"{{text!r}}, a program that can change what pages show, had the file after it was made; {_COMPARE}",
}


def signs_of_change(document: Document, reading: DocumentReading, invoice: Invoice) -> tuple[Violation, ...]:
    """One sentence per sign, at most five of a kind on a page; what is said of the file as a whole is said once."""
    pages = zip(document.pages, reading.pages, strict=True)
    found = (told for image, page in pages for told in (*_covered(image, page, invoice), *_signs(image, page, invoice)))
    return tuple({(told.message, told.box): told for told in found}.values())


def _covered(image: PageImage, page: PageReading, invoice: Invoice) -> Iterator[Violation]:
    """Lines of the file's text that something is painted over, with a number or words that the page does not show
    elsewhere: an account, an amount or a day that was replaced."""
    missing = set(not_shown([line.text for line in image.covered], page))
    for line in image.covered:
        if line.text in missing:
            hidden = f"under what is painted over it, page {page.number} says {line.text!r}, which it does not show"
            yield _at(f"{hidden}; {_COMPARE}", page, line.box, invoice)


def _signs(image: PageImage, page: PageReading, invoice: Invoice) -> Iterator[Violation]:
    found = (*image.signs, *_copied(image, page, invoice))
    for change in Change:
        signs = [sign for sign in found if sign.change is change and _concerns(sign, page, invoice)]
        for sign in signs[:_MOST]:
            where = "" if sign.box is None else _where(page, sign.box)
            message = _SENTENCES[change].format(page=page.number, text=sign.text, where=where)
            yield Violation(TAMPER, message) if _is_of_the_file(sign) else _at(message, page, sign.box, invoice)


def _copied(image: PageImage, page: PageReading, invoice: Invoice) -> Iterator[Sign]:
    """COPIED for the letters of key fields with numbers, where they were read from a picture."""
    fields = [field for name in KEY_FIELDS if (field := invoice.fields.get(name)) and field.page == page.number]
    numbers = [field for field in fields if tells_number(field.text)]
    if image.text_layer is not None or not numbers:
        return
    grey = grey_of(image.pixels)
    for box in copied_letters(grey, [field.box for field in numbers]):
        text = next(field.text for field in numbers if field.box.contains(box.center))
        yield Sign(Change.COPIED, text, box)


def _concerns(sign: Sign, page: PageReading, invoice: Invoice) -> bool:
    """Digits set unlike each other count where a field was read: headings play with print, and columns touch. What a
    colleague writes into fields and notes counts where a value that is booked is another one by it."""
    if sign.box is None:
        return True
    if sign.change is Change.MIXED:
        return bool(_fields_in(sign.box, page.number, invoice))
    return sign.layer is Layer.PAGE or _changes_a_value(sign, sign.box, page, invoice)


def _changes_a_value(sign: Sign, box: BoundingBox, page: PageReading, invoice: Invoice) -> bool:
    """Whether a note or field that hides nothing makes the page say another key value than it did.

    In a file that nobody signed it may say one itself, as forms of invoices do; not a part of one that is printed.
    """
    said = [alphanumeric(word) for word in _words_in(page, box)]
    before = alphanumeric(sign.text)
    if all(word in before for word in said):  # a mark, or a symbol
        return False
    values = [field for name in _fields_in(box, page.number, invoice) if name in KEY_FIELDS
              and (field := invoice.fields[name])]  # fmt: skip
    if sign.change is Change.REVISED:
        return any(_reaches_beyond(field.box, box) for field in values)
    return bool(values) or (sign.layer is Layer.NOTE and _says_more(page, box))


def _reaches_beyond(field: BoundingBox, box: BoundingBox) -> bool:
    """Whether a value stands on both sides of the box's left or right edge."""
    rim = _RIM * field.height
    return field.left < box.left - rim or field.right > box.right + rim


def _says_more(page: PageReading, box: BoundingBox) -> bool:
    """Whether the box holds an amount or account that the page does not say elsewhere."""
    (context,) = contexts_of([FieldPage.of_reading(page)])
    found = [each for each in find_candidates(context) if each.kind in _ACCOUNTS or _is_amount(each)]
    elsewhere = {each.value for each in found if not box.contains(each.box.center)}
    return any(box.contains(each.box.center) and each.value not in elsewhere for each in found)


def _is_amount(candidate: Candidate) -> bool:
    return candidate.kind is Kind.AMOUNT and (candidate.decimals == _CENTS or candidate.has_mark)


def _is_of_the_file(sign: Sign) -> bool:
    return sign.change in (Change.PAGES, Change.SIGNATURE, Change.EDITOR)


def _where(page: PageReading, box: BoundingBox) -> str:
    """What the page says there now, in words."""
    text = " ".join(_words_in(page, box))
    return f", where it now says {text[:_QUOTED]!r}" if text else ""


def _words_in(page: PageReading, box: BoundingBox) -> list[str]:
    words = (word for line in page.lines for word in line.line.words)
    return [word.text for word in words if word.box.intersection_area(box)]


def _at(message: str, page: PageReading, box: BoundingBox | None, invoice: Invoice) -> Violation:
    """A violation with its place and the fields that stand there."""
    named = () if box is None else _fields_in(box, page.number, invoice)
    return Violation(TAMPER, message, named, page.number, box)


def _fields_in(box: BoundingBox, page: int, invoice: Invoice) -> tuple[str, ...]:
    fields = invoice.fields.items()
    return tuple(name for name, field in fields if field.page == page and field.box.intersection_area(box))
