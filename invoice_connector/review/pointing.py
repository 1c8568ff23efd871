"""Words of a stored page that a person points at, as the value of a field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from db.errors import InvalidRecordError
from db.records import Place, StoredJob
from invoice_connector.evidence.currency import find_currencies
from invoice_connector.exports.words import placed_words
from invoice_connector.fields.amounts import find_amounts
from invoice_connector.fields.context import PageContext, contexts_of
from invoice_connector.fields.dates import find_dates
from invoice_connector.fields.page import FieldPage
from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS, plain
from invoice_connector.review.corrections import CorrectionError, corrected
from ocr_ensemble.layout import BoundingBox, TextLine, Word

_WITHOUT_SPACES = frozenset({"seller_vat_identifier", "buyer_vat_identifier", "payment_service_provider_identifier"})
_EDGES = " \t:;,"  # what a label or the end of a sentence leaves on a value


@dataclass(frozen=True, slots=True)
class PrintedValue:
    """What a field says in a place: the value as the contract writes it."""

    value: str
    place: Place


def page_words(job: StoredJob) -> list[dict[str, Any]]:
    """The words of all pages in the order of their lines: ``page``, ``text`` and ``box`` in pixels."""
    return [
        {"page": number, "text": word.text, "box": list(word.box.as_tuple())}
        for number, words in _words(job).items()
        for word in words
    ]


def placed(job: StoredJob, page: int, box: Sequence[float]) -> Place:
    """The place with the text of the words whose middle lies in it. Raises CorrectionError for one on no page."""
    sizes = {each["page"]: (each["width"], each["height"]) for each in _sized(job)}
    if page not in sizes:
        known = ", ".join(map(str, sizes)) or "none"
        raise CorrectionError(f"job {job.record.id} has no page {page} to point at; its pages are {known}")
    try:
        left, top, right, bottom = box
        place = Place(page, (left, top, right, bottom))
    except InvalidRecordError as error:
        raise CorrectionError(str(error)) from error
    if place.box[2] > sizes[page][0] or place.box[3] > sizes[page][1]:
        width, height = sizes[page]
        raise CorrectionError(
            f"the box {place.box} goes beyond page {page} of {width} x {height} pixels; point at it again"
        )
    return replace(place, text=" ".join(word.text for word in _words(job).get(page, ()) if _lies_in(word, place)))


def printed_value(job: StoredJob, name: str, place: Place) -> PrintedValue:
    """The field's value that the words of a place say. Raises CorrectionError where they say none, or several."""
    if not place.text:
        raise CorrectionError("no engine read a word there; point at another place, or type the value")
    context = _context(job, place.page)
    if name in AMOUNT_FIELDS:
        amounts = find_amounts(place.text, context.mark, context.thousandths)
        return PrintedValue(plain(_only((one.value for one in amounts), "amount", place)), place)
    if name in DATE_FIELDS:
        days = (day.value for day in find_dates(place.text, context.orders))
        return PrintedValue(plain(_only(days, "date", place)), place)
    if name == "currency_code":
        codes = (code for found in find_currencies(place.text, context.language) for code in found.codes[:1])
        return PrintedValue(_only(codes, "currency", place), place)
    text = re.sub(r"\s", "", place.text) if name in _WITHOUT_SPACES else place.text
    return PrintedValue(corrected(name, text.strip(_EDGES)) or "", place)


def _only(found: Iterable[Any], what: str, place: Place) -> Any:
    values = list(dict.fromkeys(found))
    if len(values) != 1:
        said = f"no {what}" if not values else f"{len(values)} values of that kind"
        raise CorrectionError(f"{place.text!r:.60} says {said}; point at the words of one {what}, or type it")
    return values[0]


def _words(job: StoredJob) -> dict[int, list[Word]]:
    found: dict[int, list[Word]] = {page["page"]: [] for page in job.record.pages}
    for line in job.record.lines:
        found.get(line["page"], []).extend(placed_words(line))
    return found


def _lies_in(word: Word, place: Place) -> bool:
    (x, y), (left, top, right, bottom) = word.box.center, place.box
    return left <= x <= right and top <= y <= bottom


def _context(job: StoredJob, page: int) -> PageContext:
    """How the document writes amounts and dates, as far as its own lines tell."""
    pages = [_page(each, job.record.lines) for each in _sized(job)]
    return next(context for context in contexts_of(pages, job.record.language) if context.page.number == page)


def _sized(job: StoredJob) -> list[Mapping[str, Any]]:
    """The pages whose size in pixels was stored, which those of the oldest jobs lack."""
    return [page for page in job.record.pages if page.get("width") and page.get("height")]


def _page(page: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> FieldPage:
    own = (line for line in lines if line["page"] == page["page"])
    texts = (
        TextLine(line["text"], BoundingBox(*map(round, line["box"])), line.get("confidence"), placed_words(line))
        for line in own
    )
    return FieldPage(page["page"], page["width"], page["height"], tuple(texts))
