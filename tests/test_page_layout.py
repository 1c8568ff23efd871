"""The layout of pages: what must hold for any words at all, and pages whose regions, rows and order are known."""

from __future__ import annotations

import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_ensemble.layout import BoundingBox, TextLine, Word
from ocr_ensemble.page_layout import TableRegion, layout_of, lines_of, placed_words

TEXTS = st.sampled_from(["Total", "1", "1 145,00", "38,89 EUR", "-", "€", "111 22 Uppsala", "Rolf & Söner AB", "a", ""])
VALUES = {"2025-03-01", "4711", "30 dagar"}
PLACES = st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(1, 300), st.integers(1, 60))
LINES = st.lists(st.builds(lambda text, at: line(text, *at), TEXTS, PLACES), max_size=40)


def line(text: str, left: int, top: int, width: int | None = None, height: int = 20) -> TextLine:
    """A line as an engine reads it; ten pixels a character unless its width is given."""
    right = left + (width if width is not None else max(1, 10 * len(text)))
    return TextLine(text, BoundingBox(left, top, right, top + height), 0.9)


def page(*rows: str, pitch: int = 30) -> list[TextLine]:
    """Rows below each other; three spaces or more leave a wide gap, ten pixels a character."""
    found = []
    for number, row in enumerate(rows):
        at = 0
        for part in filter(None, row.split("   ")):
            start = row.index(part.strip(), at)
            found.append(line(part.strip(), 10 * start, pitch * number))
            at = start + len(part.strip())
    return found


@given(LINES)
def test_every_word_stands_in_one_line_and_every_line_in_one_region(lines: list[TextLine]) -> None:
    words = Counter((placed.line, placed.word) for placed in placed_words(lines))
    layout = layout_of(lines)
    assert Counter((placed.line, placed.word) for found in layout.lines for placed in found.words) == words
    assert Counter(map(id, layout.lines)) == Counter(id(own) for region in layout.regions for own in region.lines)


@given(LINES)
def test_boxes_hold_what_is_in_them(lines: list[TextLine]) -> None:
    for region in layout_of(lines).regions:
        for own in region.lines:
            assert BoundingBox.union([region.box, own.box]) == region.box
            assert BoundingBox.union(placed.box for placed in own.words) == own.box


@given(LINES)
def test_cells_of_a_table_have_places_of_their_own(lines: list[TextLine]) -> None:
    for region in layout_of(lines).regions:
        if isinstance(region, TableRegion):
            places = [(cell.row, cell.column) for cell in region.cells]
            assert places == sorted(set(places))
            assert len({row for row, _ in places}) > 1
            assert len({column for _, column in places}) > 1


@settings(deadline=None, max_examples=5)
@given(st.sampled_from(["below", "beside", "table"]))
def test_twice_the_lines_are_about_twice_the_work(way: str) -> None:
    def made(count: int) -> list[TextLine]:
        if way == "below":
            return [line(f"Rad {number}", 40, 60 * number) for number in range(count)]
        if way == "beside":
            return [line(f"Rad {number}", 200 * number, 40) for number in range(count)]
        rows = range(count // 2)
        return [part for n in rows for part in (line(f"Vara {n}x", 40, 30 * n), line(f"{n},00", 600, 30 * n))]

    assert calls(made(800)) < 2.6 * calls(made(400))


def calls(lines: list[TextLine]) -> int:
    """How many functions of Python a layout calls."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(counted)
    try:
        layout_of(lines)
    finally:
        sys.setprofile(None)
    return count


def test_words_of_two_columns_are_two_lines_where_the_gap_is_small() -> None:
    lines = [
        TextLine(
            "Testköparen Datum: AB", BoundingBox(100, 100, 420, 120), 0.9,
            (word("Testköparen", 100, 100), word("Datum:", 225, 100), word("AB", 100, 130)),
        ),
        line("Nummer:", 225, 130), line("Villkor:", 225, 160),
        line("2025-03-01", 330, 100), line("4711", 330, 130), line("30 dagar", 330, 160),
    ]  # fmt: skip
    layout = layout_of(lines)
    assert {found.text for found in layout.lines} == {"Testköparen", "AB", "Datum:", "Nummer:", "Villkor:"} | VALUES
    assert "Testköparen\nAB" in layout.text
    assert "Datum:\t2025-03-01\nNummer:\t4711" in layout.text


def word(text: str, left: int, top: int) -> Word:
    return Word(text, BoundingBox(left, top, left + 10 * len(text), top + 20), 0.9)


@pytest.mark.parametrize(
    ("texts", "whole"),
    [
        (["1", "145,00"], "1  145,00"),
        (["38,89", "EUR"], "38,89  EUR"),
        (["-", "360,00"], "-  360,00"),
        (["111", "22", "Sundsvall"], "111 22  Sundsvall"),
    ],
)
def test_a_number_is_not_cut_where_others_happen_to_begin(texts: list[str], whole: str) -> None:
    at, words = 100, []
    for number, text in enumerate(texts):
        words.append(word(text, at, 100))
        at = words[-1].box.right + (18 if number == len(texts) - 2 else 6)
    read = TextLine(" ".join(texts), BoundingBox.union(w.box for w in words), 0.9, tuple(words))
    below = [line(text, at, top) for top in (130, 160) for text, at in (("360,00", words[-1].box.left), ("x", 100))]
    assert whole in {found.text for found in lines_of(placed_words([read, *below]))}


PAGES = {
    "two parties beside each other are read one after the other": (
        page("Bergs Bageri AB            Sol & Vind HB", "Ugnsgatan 2                Segelvägen 9",
             "111 22 Stockholm           222 33 Lund"),
        "Bergs Bageri AB\nUgnsgatan 2\n111 22 Stockholm\nSol & Vind HB\nSegelvägen 9\n222 33 Lund",
    ),
    "labels and values are a table": (
        page("Fakturanr      4711", "Datum          2025-03-01", "Att betala     1 250,00 kr"),
        "Fakturanr\t4711\nDatum\t2025-03-01\nAtt betala\t1 250,00 kr",
    ),
    "a table has its heads, its numbers at the left and its lines between": (
        page("Antal     Artikel            Pris      Belopp", "2         Stol blå           500,00    1 000,00",
             "          med armstöd", "10        Bord               90,50     905,00"),
        "Antal\tArtikel\tPris\tBelopp\n2\tStol blå\t500,00\t1 000,00\nmed armstöd\n10\tBord\t90,50\t905,00",
    ),
    "a heading stands above what is beside each other": (
        page("FAKTURA", "", "", "Säljare AB                 Köparen AB", "Gatan ett                  Gatan två"),
        "FAKTURA\nSäljare AB\nGatan ett\nKöparen AB\nGatan två",
    ),
    "nothing": ([], ""),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "text"), PAGES.values(), ids=PAGES)
def test_pages_are_read_in_the_order_of_their_regions(lines: list[TextLine], text: str) -> None:
    assert layout_of(lines).text == text
