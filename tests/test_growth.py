"""No step grows much faster than its input: bytecode operations are counted, so that no clock decides."""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import _lru_cache_wrapper, partial
from itertools import pairwise
from types import FrameType
from typing import Any, TypeVar

import pytest
from export_samples import LINES, stored_invoice

from db.records import JobRecord, StoredJob
from invoice_connector.exports.layout_xml import to_alto, to_hocr
from invoice_connector.exports.table import line_rows
from invoice_connector.exports.ubl import Customization, to_ubl
from invoice_connector.fields.candidates import find_candidates
from invoice_connector.fields.context import PageContext, contexts_of
from invoice_connector.fields.extract import extract, scene_of_pages
from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.parties import find_parties
from invoice_connector.fields.rows import rows_of
from invoice_connector.fields.scope import MOST_ON_PAGE, MOST_WORDS, is_prose, searched, unsearched
from invoice_connector.fields.totals import choose_totals
from ocr_ensemble.engines.strips import joined
from ocr_ensemble.fusion.slots import match_lines
from ocr_ensemble.fusion.vote import vote
from ocr_ensemble.layout import BoundingBox, Polygon, TextLine, Word
from ocr_ensemble.reading import Transcription

Given = TypeVar("Given")

MOST_GROWTH = 2.35  # operations for twice the input: n log n has 2.0 to 2.3, n squared 4
SIZES = (1, 2, 4, 8)
MANY = 1000  # entries of a memory for texts; tables that are made once per process have fewer
HEAD = (
    "Nordvik Konsult AB", "Storgatan 1", "111 22 Stockholm", "Invoice number 4711", "Invoice date 2026-03-01",
    "Due date 2026-03-31", "VAT no SE556677889901", "Net 1 000,00", "VAT 25 % 250,00", "Total 1 250,00 SEK",
)  # fmt: skip
WORDS = ("the", "supplier", "delivers", "goods", "unless", "stated", "customer", "pays", "interest", "liability")
LABELS = ("Total", "Invoice number", "Due date", "VAT", "Net amount", "Order number", "Customer", "Paid")
KINDS = ("terms", "items", "labels", "amounts", "party labels")
PARTIES = ("Bill to:", "Ship to:", "Customer:", "Seller:", "Deliver to:", "Invoice to:")


def operations(step: Callable[[], object]) -> int:
    """Bytecode operations that Python executes in ``step``."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        if event == "call":
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        elif event == "opcode":
            count += 1
        return trace

    earlier = sys.gettrace()
    sys.settrace(trace)
    try:
        step()
    finally:
        sys.settrace(earlier)
    return count


def line(text: str, left: int, top: int) -> TextLine:
    words, at = [], left
    for word in text.split():
        words.append(Word(word, BoundingBox(at, top, at + 9 * len(word), top + 18), 0.99))
        at += 9 * (len(word) + 1)
    return TextLine(text, BoundingBox.union(word.box for word in words), 0.99, tuple(words))


def body(kind: str, row: int, rng: random.Random) -> list[tuple[int, str]]:
    """What stands on one row: where it begins, and its text."""
    if kind == "terms":
        return [(40, " ".join(rng.choices(WORDS, k=9)))]
    price = rng.randrange(100, 99_999) / 100
    if kind == "labels":
        return [(40 + 300 * (row % 3), f"{rng.choice(LABELS)} {price:.2f}")]
    if kind == "amounts":
        return [(40 + 130 * column, f"{price + column:.2f}") for column in range(10)]
    if kind == "party labels":
        return [(40, rng.choice(PARTIES)), (700, f"{rng.choice(PARTIES)} {rng.choice(WORDS).title()} AB")]
    return [(40, " ".join(rng.choices(WORDS, k=2))), (500, "2"), (600, f"{price:.2f}"), (800, f"{2 * price:.2f}")]


def page(kind: str, rows: int, number: int = 1) -> FieldPage:
    rng = random.Random(1)
    placed = [(40, text) for text in HEAD] if number == 1 else []
    lines = [line(text, left, 20 + 30 * row) for row, (left, text) in enumerate(placed)]
    for row in range(rows):
        lines += [line(text, left, 20 + 30 * (row + len(placed))) for left, text in body(kind, row, rng)]
    return FieldPage(number, 1654, 60 + 30 * (rows + len(placed)), tuple(lines), (("reader",),) * len(lines))


def pages(kind: str, size: int, across: str) -> list[FieldPage]:
    """``size`` times the content, on one long page or on many pages."""
    if across == "rows":
        return [page(kind, 12 * size)]
    return [page(kind, 8, number + 1) for number in range(2 * size)]


def forget_texts() -> None:
    """Empties what remembers texts that were judged, which a larger input would find there from the one before."""
    for found in gc.get_objects():
        if type(found) is _lru_cache_wrapper and (found.cache_parameters()["maxsize"] or 0) > MANY:
            found.cache_clear()


def assert_grows_gently(given: Callable[[int], Given], step: Callable[[Given], object]) -> None:
    """``given`` makes the input of a size; what the first run makes once per process is not counted."""
    step(given(SIZES[-1]))
    counted = []
    for size in SIZES:
        made = given(size)
        forget_texts()
        counted.append(operations(partial(step, made)))
    # A page of a few lines may not even show its language, so growth is taken from twice the least on.
    growth = [later / earlier for earlier, later in pairwise(counted[1:])]
    assert max(growth) < MOST_GROWTH, f"{counted}: {growth}"


def candidates_of(contexts: Sequence[PageContext]) -> object:
    return [find_candidates(context) for context in contexts]


STEPS: dict[str, tuple[Callable[[list[FieldPage]], Any], Callable[[Any], object]]] = {
    "segments, blocks and labels": (list, contexts_of),
    "candidates": (contexts_of, candidates_of),
    "links and features": (list, scene_of_pages),
    "rows": (scene_of_pages, rows_of),
    "totals": (scene_of_pages, choose_totals),
    "parties": (scene_of_pages, find_parties),
}


@pytest.mark.parametrize("across", ["rows", "pages"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", STEPS)
def test_fields_grow_gently(name: str, kind: str, across: str) -> None:
    given, step = STEPS[name]
    assert_grows_gently(lambda size: given(pages(kind, size, across)), step)


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_extraction_grows_gently(kind: str) -> None:
    assert_grows_gently(lambda size: pages(kind, size, "rows"), extract)


def transcriptions(size: int) -> list[Transcription]:
    """Two engines that read the same page, the second with a fault in every line."""
    lines = page("items", 10 * size).lines
    faulty = tuple(replace(line(one.text[:-1] + "8", one.box.left, one.box.top), confidence=0.5) for one in lines)
    return [Transcription("one", "1", 1, lines), Transcription("two", "1", 1, faulty)]


def test_slots_and_votes_grow_gently() -> None:
    assert_grows_gently(transcriptions, match_lines)
    assert_grows_gently(
        lambda size: match_lines(transcriptions(size)), lambda places: [vote(place.slot) for place in places]
    )


def strips(size: int) -> list[tuple[BoundingBox, list[Polygon]]]:
    parts = [BoundingBox(0, 900 * at, 400, 900 * at + 1000) for at in range(4 * size)]
    tops = [[float(part.top + 40 * row) for row in range(25)] for part in parts]
    corners = [[((0.0, top), (400.0, top), (400.0, top + 25), (0.0, top + 25)) for top in found] for found in tops]
    return list(zip(parts, corners, strict=True))


def test_lines_of_strips_are_joined_in_steps_of_their_number() -> None:
    assert_grows_gently(strips, joined)


def stored(size: int) -> StoredJob:
    """A job with many invoice lines and pages."""
    job = stored_invoice(lines=LINES + (("Samples", "1", "0.00", "0.00", "25"),) * (12 * size))
    numbers = range(1, 3 * size + 1)
    many = tuple({**job.record.pages[0], "page": number} for number in numbers)
    lines = tuple({**one, "page": number} for number in numbers for one in job.record.lines)
    return replace(job, record=replace(job.record, pages=many, lines=lines))


def to_core(record: JobRecord) -> bytes:
    return to_ubl(record, Customization.CORE)


@pytest.mark.parametrize("export", [to_hocr, to_alto, to_core])
def test_exports_grow_gently(export: Callable[[Any], bytes]) -> None:
    assert_grows_gently(lambda size: stored(size).record, export)


def test_tables_grow_gently() -> None:
    assert_grows_gently(lambda size: [stored(size)], lambda jobs: list(line_rows(jobs)))


def words_of(found: Sequence[FieldPage]) -> int:
    return sum(len(one.text.split()) for part in found for one in part.lines)


def test_a_document_with_more_words_than_an_invoice_has_is_searched_where_figures_are() -> None:
    terms = [page("terms", 60, number) for number in range(1, 61)]
    items = page("items", 60, 30)
    terms[29] = items
    found = searched(terms)
    assert words_of(terms) > MOST_WORDS >= words_of(found)
    assert {1, 30, 60} <= {part.number for part in found}
    assert unsearched(terms) == ()  # what was left out is running text


def test_pages_with_figures_that_were_left_out_are_named() -> None:
    long = [page("terms", 60, number) for number in range(1, 21)] + [page("items", 60, n) for n in range(21, 81)]
    (violation,) = unsearched(long)
    assert violation.rule == "pages-unsearched"
    assert "not searched for fields" in violation.message


@pytest.mark.parametrize("kind", ["items", "labels", "amounts"])
def test_a_page_of_rows_is_no_prose(kind: str) -> None:
    assert not is_prose(page(kind, 40, 2))


def test_one_label_of_an_invoice_number_makes_a_page_more_than_prose() -> None:
    terms = page("terms", 60, 2)
    assert is_prose(terms)
    assert not is_prose(replace(terms, lines=(*terms.lines, line("Invoice number 4711", 900, 20)), engines=()))


def test_of_a_page_with_more_words_than_print_has_the_head_and_the_foot_are_searched() -> None:
    crowded = page("amounts", MOST_ON_PAGE // 5)
    (found,) = searched([crowded])
    assert MOST_ON_PAGE * 0.95 < sum(line.text.count(" ") + 1 for line in found.lines) <= MOST_ON_PAGE
    assert {crowded.lines[0], crowded.lines[-1]} <= set(found.lines)
    assert len(found.engines) == len(found.lines)
    (violation,) = unsearched([crowded])
    assert violation.rule == "pages-unsearched" and "page 1" in violation.message


def test_an_invoice_of_many_pages_is_searched_whole() -> None:
    many = [page("items", 40, number) for number in range(1, 41)]
    assert searched(many) == tuple(many)
    assert unsearched(many) == ()
