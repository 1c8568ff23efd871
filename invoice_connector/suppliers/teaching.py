"""What an approved job teaches about its supplier's layout: where each value that a person let pass is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from db.lessons import Lesson as StoredLesson
from db.records import EVERYONE, ReviewStatus, StoredJob
from invoice_connector.einvoice import XML
from invoice_connector.evidence.date_order import order_told
from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.fields.amounts import parse_amount
from invoice_connector.fields.dates import find_dates, numbers_of
from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS
from invoice_connector.review.rules import broken_rules
from invoice_connector.suppliers.layout import CONSTANT, Lesson, PageWords, Print, title_letters
from invoice_connector.suppliers.matching import SURE
from invoice_connector.suppliers.printed import identifier_keys, name_key
from ocr_ensemble.layout import BoundingBox

_SELLER_NUMBERS = ("seller_vat_identifier", "seller_legal_registration_identifier", "payment_account_identifier")
_MOST_PLACES = 3  # of a value on the pages from which on its place tells nothing
_MOST_WORDS = 8
_NO_PRINTS = frozenset({"seller_address", "buyer_address", "invoice_type_code"})
"""Terms of several lines, whose value is known again as a whole, and one that is a code."""


def lesson_of(job: StoredJob) -> StoredLesson | None:
    """What the job teaches; None where nobody approved it last, or nothing of it may be learned.

    Values that break check digits or sums are left out though a person confirmed them.
    """
    if job.erased_at is not None or not job.reviews or job.reviews[-1].status != ReviewStatus.APPROVED:
        return None
    if job.record.media_type == XML:  # its page was drawn here, and looks like no paper of the supplier
        return None
    broken = {name for violation in broken_rules(job, {}) for name in violation.fields}
    values = _values(job)
    learned = {name: value for name, value in values.items() if name not in broken}
    prints = {name: tuple(_prints(job, name, value)) for name, value in learned.items() if name not in _NO_PRINTS}
    constant = {name: learned[name] for name in CONSTANT if name in learned}
    title = title_letters(str((job.record.document_kind or {}).get("seen") or ""))
    kinds = {title: learned["invoice_type_code"]} if "invoice_type_code" in learned else {}
    printed, listed = _printed_name(job, learned), _supplier(job, learned)
    found = {name: these for name, these in prints.items() if these}
    lesson = Lesson(job.record.id, found, constant, kinds, listed, printed)
    keys = supplier_keys(learned) | name_key(printed)
    if not lesson.prints or not keys:
        return None
    scope = job.record.customer_id or EVERYONE
    return StoredLesson(job.record.id, scope, job.audit.sequence, lesson.to_json(), keys)


def supplier_keys(values: Mapping[str, str]) -> frozenset[str]:
    """What a later document of the seller is known by: its numbers and its whole name."""
    numbers = {key for name in _SELLER_NUMBERS if name in values for key in identifier_keys(values[name])}
    return frozenset(numbers) | name_key(values.get("seller_name", ""))


def _printed_name(job: StoredJob, values: Mapping[str, str]) -> str:
    """The seller's name as the page prints it, which the master data may have otherwise."""
    name = "seller_name"
    read = job.record.fields.get(name, {})
    place = job.places.get(name)
    if place is not None and place.text:
        return place.text
    same = read.get("value") == values.get(name)
    return str(read.get("text") or "") if same else values.get(name, "")


def _supplier(job: StoredJob, values: Mapping[str, str]) -> str:
    """The id of the supplier that surely sent the document, as whose the person let the seller pass."""
    supplier = job.record.supplier or {}
    sure = float(supplier.get("probability") or 0.0) >= SURE
    return str(supplier["id"]) if sure and values.get("seller_name") == supplier.get("name") else ""


def _values(job: StoredJob) -> dict[str, str]:
    read = {name: field.get("value") for name, field in job.record.fields.items()}
    return {name: str(value) for name, value in {**read, **job.corrections}.items() if value is not None}


def _prints(job: StoredJob, name: str, value: str) -> Iterator[Print]:
    """Where the value is printed: where a person pointed, where it was read, else wherever the pages say it."""
    for one, text in _described(job, name, value):
        order = order_told(numbers_of(text), date.fromisoformat(value)) if name in DATE_FIELDS else None
        yield replace(one, order=order) if order else one


def _described(job: StoredJob, name: str, value: str) -> Iterator[tuple[Print, str]]:
    """The prints with their texts."""
    pages = page_words(job.record.pages, job.record.lines)
    place = job.places.get(name)
    if place is not None and place.page in pages:
        yield pages[place.page].print_of(BoundingBox(*map(round, place.box)), place.text or value), place.text
        return
    field = job.record.fields.get(name, {})
    if field.get("value") == value and field.get("box") and field.get("page") in pages:
        text = str(field.get("text", value))
        yield pages[field["page"]].print_of(BoundingBox(*map(round, field["box"])), text), text
        return
    places = [(page, box, text) for page in pages.values() for box, text in _places(page, name, value)]
    if len(places) <= _MOST_PLACES:
        yield from ((page.print_of(box, text), text) for page, box, text in places)


def page_words(pages: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]]) -> dict[int, PageWords]:
    """The words of stored lines by page; a line without words counts as one."""
    found: dict[int, list[tuple[str, Sequence[float]]]] = {page["page"]: [] for page in pages}
    for line in lines:
        words = [(word[0], word[1]) for word in line.get("words") or ()] or [(line["text"], line["box"])]
        found.get(line["page"], []).extend(words)
    sizes = {page["page"]: (page["width"], page["height"]) for page in pages}
    return {number: PageWords.of(number, sizes[number], words) for number, words in found.items() if words}


def _places(page: PageWords, name: str, value: str) -> Iterator[tuple[BoundingBox, str]]:
    """The runs of words that say the value, the shortest of several that begin alike."""
    for start in range(len(page.texts)):
        for end in range(start + 1, min(start + _MOST_WORDS, len(page.texts)) + 1):
            text = " ".join(page.texts[start:end])
            if _says(text, name, value):
                boxes = (BoundingBox(*map(round, box)) for box in page.boxes[start:end].tolist())
                yield BoundingBox.union(boxes), text
                break


def _says(text: str, name: str, value: str) -> bool:
    if name in AMOUNT_FIELDS:
        amount = parse_amount(text)
        return amount is not None and abs(amount) == abs(_decimal(value))
    if name in DATE_FIELDS:
        whole = (found for found in find_dates(text) if found.text == text)
        return any(value in {day.isoformat() for day in (found.value, *found.alternatives)} for found in whole)
    return bool(alphanumeric(value)) and alphanumeric(text) == alphanumeric(value)


def _decimal(value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:  # of another version
        return Decimal("NaN")
