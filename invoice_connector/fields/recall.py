"""Terms that nothing else found for sure, read where the supplier's approved documents print them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from invoice_connector.fields.dates import find_dates
from invoice_connector.fields.features import Scene
from invoice_connector.fields.page import FieldPage
from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS, FieldValue, InvoiceField
from invoice_connector.suppliers.layout import PageWords, agreement, form_of
from ocr_ensemble.layout import BoundingBox

_SURE = 0.9  # of a value alone with its label or place; set by hand
_MOST_WORDS = 8

Found = tuple[FieldValue, str, int, BoundingBox]  # value, print, page, box


def recalled(scene: Scene, found: Collection[str]) -> dict[str, InvoiceField]:
    """The terms that earlier documents have and this one lacks among what was ``found``, where one value alone is
    printed as there.

    Amounts are left to the sums: a document without VAT prints something else in the place of its VAT.
    """
    lacking = (term for lesson in scene.known.lessons for term in lesson.prints if term not in found)
    taught = [term for term in dict.fromkeys(lacking) if term not in AMOUNT_FIELDS]
    fields = {}
    for term in taught:
        places = list(_places(scene, term))
        if len({value for value, *_ in places}) == 1:
            value, text, page, box = places[0]
            engines = _engines(scene, page, box)
            fields[term] = InvoiceField(term, value, text, _SURE, page, box, engines)
    return fields


def _places(scene: Scene, term: str) -> Iterator[Found]:
    lessons = scene.known.lessons
    forms = {one.form for lesson in lessons for one in lesson.prints.get(term, ())}
    for page in scene.words.values():
        for box, text in _spans(page, forms):
            value = _value(term, text)
            facts = agreement(page.print_of(box, text), term, lessons, text) if value is not None else None
            if value is not None and facts and _is_there(facts):
                yield value, text, page.number, box


def _is_there(facts: dict[str, float]) -> bool:
    """By its label in the column, or in the very place."""
    return bool(facts["placed"] or (facts["labelled"] and facts["in_column"]))


def _spans(page: PageWords, forms: Collection[str]) -> Iterator[tuple[BoundingBox, str]]:
    """Runs of words of one row that have one of the forms."""
    for start in range(len(page.texts)):
        for end in range(start + 1, min(start + _MOST_WORDS, len(page.texts)) + 1):
            if end - start > 1 and not page.follows(end - 2, end - 1):
                break
            text = " ".join(page.texts[start:end])
            if form_of(text) in forms:
                boxes = (BoundingBox(*map(round, box)) for box in page.boxes[start:end].tolist())
                yield BoundingBox.union(boxes), text


def _value(term: str, text: str) -> FieldValue | None:
    if term in DATE_FIELDS:
        return next((day.value for day in find_dates(text) if day.text == text), None)
    return text


def _engines(scene: Scene, number: int, box: BoundingBox) -> tuple[str, ...]:
    """Those that read the line in which the box lies."""
    page: FieldPage = next(c.page for c in scene.contexts if c.page.number == number)
    middle = box.center
    for place, line in enumerate(page.lines):
        inside = line.box.left <= middle[0] <= line.box.right and line.box.top <= middle[1] <= line.box.bottom
        if inside and page.engines:
            return page.engines[place]
    return ()
