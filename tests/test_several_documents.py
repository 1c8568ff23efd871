"""Two documents in one file stop it with a sentence; pages, copies and terms of one invoice do not."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from invoice_connector.fields.several import RULE
from invoice_connector.pipeline.outcome import Outcome
from tests.paper_documents import Press, pdf
from tests.test_papers import read, rules


def two_pages(chance: random.Random) -> bytes:
    first = Press(chance)
    return pdf(first, [first.invoice(references=False), Press(chance, first.words).invoice(references=False)])


def side_by_side(chance: random.Random) -> bytes:
    first = Press(chance)
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(2 * A4[0], A4[1]))
    first.draw(canvas, first.invoice(references=False))
    second = Press(chance, first.words)
    second.draw(canvas, second.invoice(references=False), x=A4[0])
    canvas.save()
    return stream.getvalue()


def one_invoice(chance: random.Random) -> bytes:
    """An invoice with what else belongs to it: a copy, terms, an attachment, or its sum carried to a second page."""
    press = Press(chance)
    rows = press.invoice()
    sums = next(index for index, row in enumerate(rows) if list(row) == list(press.words.columns)) + 2
    terms = [[f"{number}. Lorem ipsum dolor sit amet, consectetur 30 elit 2 % sed."] for number in range(1, 20)]
    head = [[press.words.number, press.number], []]
    return pdf(
        press, chance.choice(([rows], [rows, [["KOPIA"], *rows]], [rows, terms], [rows[:sums], [*head, *rows[sums:]]]))
    )


def made(make: Callable[[random.Random], bytes], seed: int) -> Outcome:
    return read(make(random.Random(f"{make.__name__} {seed}")))


@settings(max_examples=6, deadline=None, derandomize=True)
@given(seed=st.integers(0, 199))
@pytest.mark.parametrize("make", [two_pages, side_by_side])
def test_two_invoices_in_one_file_stop(make: Callable[[random.Random], bytes], seed: int) -> None:
    outcome = made(make, seed)
    assert outcome.status == "needs_review"


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 199))
def test_what_belongs_to_one_invoice_is_no_second_one(seed: int) -> None:
    assert RULE not in rules(made(one_invoice, seed))


def test_the_sentence_says_where_and_by_what() -> None:
    outcome = made(two_pages, 1)
    (message,) = [broken.message for broken in outcome.violations if broken.rule == RULE]
    assert "page 2" in message and "another number" in message and "a file of its own" in message


@pytest.mark.slow
@pytest.mark.parametrize("make", [two_pages, side_by_side])
def test_of_files_with_two_invoices_hardly_any_is_booked(
    make: Callable[[random.Random], bytes], documents: int
) -> None:
    outcomes = [made(make, seed) for seed in range(documents)]
    assert sum(outcome.status == "completed" for outcome in outcomes) <= 0.005 * documents
    assert sum(RULE not in rules(outcome) for outcome in outcomes) <= 0.05 * documents


@pytest.mark.slow
def test_of_invoices_hardly_any_is_taken_for_two(documents: int) -> None:
    assert sum(RULE in rules(made(one_invoice, seed)) for seed in range(documents)) <= 0.005 * documents
