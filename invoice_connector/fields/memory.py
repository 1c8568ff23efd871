"""What approved documents of the supplier say of candidates and of chosen fields."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from invoice_connector.evidence.date_order import with_taught
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene
from invoice_connector.fields.page import FieldPage
from invoice_connector.invoice import Evidence, FieldValue, InvoiceField, Witness, plain
from invoice_connector.suppliers.layout import (
    CONSTANT,
    Lesson,
    PageWords,
    Print,
    agreeing,
    agreement,
    has_value,
    odds,
)
from ocr_ensemble.layout import BoundingBox

_OFTEN = 2  # documents from which on their layout proves what an amount is
_SHARED_NAMES = {"vat_identifier": "seller_vat_identifier"}  # a term that is ranked for both parties at once


def with_taught_order(contexts: Sequence[PageContext], lessons: Sequence[Lesson]) -> tuple[PageContext, ...]:
    """The pages with the belief in how dates of numbers alone are written that earlier documents add."""
    taught = [order for lesson in lessons for order in lesson.orders]
    if not taught:
        return tuple(contexts)
    return tuple(replace(context, orders=with_taught(context.orders, taught)) for context in contexts)


def taught_odds(scene: Scene, term: str, place: tuple[int, BoundingBox], text: str, value: FieldValue) -> float:
    """Log-odds that earlier documents of the supplier add to a print being the term's; 0 without any. ``place``: the
    page and the box."""
    found = _print_of(scene, *place, text)
    if found is None:
        return 0.0
    facts = agreement(found, _SHARED_NAMES.get(term, term), scene.known.lessons, plain(value))
    return odds(facts, "choice")


def with_lessons(scene: Scene, fields: Mapping[str, InvoiceField]) -> dict[str, InvoiceField]:
    """The fields with the probability and the witnesses that earlier documents add."""
    return {name: _with_lessons(scene, field) for name, field in fields.items()}


def _with_lessons(scene: Scene, field: InvoiceField) -> InvoiceField:
    found, lessons = _print_of(scene, field.page, field.box, field.text), scene.known.lessons
    if found is None:
        return field
    facts = agreement(found, field.name, lessons, plain(field.value))
    if facts is not None and field.confidence is not None:
        field = replace(field, confidence=_raised(field.confidence, odds(facts, "trust")))
    return field.witnessed(*_witnesses(field, agreeing(found, field.name, lessons), lessons))


def _witnesses(field: InvoiceField, count: int, lessons: Sequence[Lesson]) -> Iterator[Witness]:
    if count:
        invoices = "1 approved invoice" if count == 1 else f"{count} approved invoices"
        yield Witness(Evidence.LAYOUT, f"printed as on {invoices} of the supplier")
    if count >= _OFTEN:
        yield Witness(Evidence.LAYOUTS, f"printed so on {count} approved invoices")
    if field.name in CONSTANT and has_value(field.name, plain(field.value), lessons):
        yield Witness(Evidence.APPROVED, "the same as on approved invoices of the supplier")


def _raised(confidence: float, more: float) -> float:
    sure = min(max(confidence, 1e-6), 1.0 - 1e-6)
    return 1.0 / (1.0 + math.exp(-(math.log(sure / (1.0 - sure)) + more)))


def _print_of(scene: Scene, page: int, box: BoundingBox, text: str) -> Print | None:
    words = scene.words.get(page) if scene.known.lessons else None
    return None if words is None else words.print_of(box, text)


def words_of(page: FieldPage) -> PageWords:
    """The page's words; a line without any counts as one."""
    found = [(word.text, word.box.as_tuple()) for line in page.lines for word in (line.words or (line,))]
    return PageWords.of(page.number, (page.width, page.height), found)
