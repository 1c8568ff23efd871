"""The rows that the compact Donut is given: which parts of the page, and where they go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ocr_ensemble.engines.donut_area import FigureArea, Piece, with_places
from ocr_ensemble.layout import BoundingBox, TextLine, Word

AREA = FigureArea(("Total", "Invoice no", "Invoice date", "Due date", "Förfallodatum"))


def line(left: int, top: int, text: str, height: int = 20) -> TextLine:
    words, x = [], left
    for token in text.split():
        words.append(Word(token, BoundingBox(x, top, x + 10 * len(token), top + height)))
        x += 10 * (len(token) + 1)
    return TextLine(text, BoundingBox.union(word.box for word in words), 0.9, tuple(words))


def covered(pieces: list[Piece], lines: list[TextLine]) -> list[list[str]]:
    """Per row of the picture the words of the page that its pieces show."""
    rows = []
    for row in sorted({piece.row for piece in pieces}):
        mine = [piece.source for piece in pieces if piece.row == row]
        rows.append(
            [word.text for text in lines for word in text.words if any(s.contains(word.box.center) for s in mine)]
        )
    return rows


def test_a_value_to_the_right_or_below() -> None:
    lines = [
        line(50, 100, "Total"), line(600, 102, "1 250,00 EUR"),
        line(50, 200, "Invoice no"), line(300, 200, "Invoice date"),
        line(50, 228, "2025-17"), line(300, 228, "12.03.2025"),
        line(50, 400, "Thank you for your business"),
    ]  # fmt: skip
    (pieces,) = AREA.layout(lines)
    assert covered(pieces, lines) == [
        ["Total", "1", "250,00", "EUR"], ["Invoice", "no", "2025-17"], ["Invoice", "date", "12.03.2025"],
    ]  # fmt: skip


def test_labels_side_by_side_and_a_rate_that_is_no_value() -> None:
    lines = [line(50, 100, "Invoice no 4711 Due date 2025-04-01"), line(50, 150, "Total 25% 99.00")]
    (pieces,) = AREA.layout(lines)
    assert covered(pieces, lines) == [
        ["Invoice", "no", "4711"], ["Due", "date", "2025-04-01"], ["Total", "25%", "99.00"],
    ]  # fmt: skip


def test_accents_and_one_misread_letter_do_not_hide_a_label() -> None:
    lines = [line(50, 100, "FORFALLODATUM: 2025-01-31"), line(50, 150, "lnvoice dale 2025-01-01")]
    (pieces,) = AREA.layout(lines)
    assert covered(pieces, lines)[0] == ["FORFALLODATUM:", "2025-01-31"]
    assert len(covered(pieces, lines)) == 1  # two misread letters do
    assert AREA.layout([line(50, 100, "Nothing to see here")]) == []


def test_more_labels_than_rows_make_more_pictures_up_to_a_limit() -> None:
    lines = [line(50, 40 * number, f"Total {number}.00") for number in range(1, 60)]
    pictures = AREA.layout(lines)
    assert len(pictures) == AREA.pictures
    assert all({piece.row for piece in pieces} == set(range(AREA.rows)) for pieces in pictures)


@given(
    st.lists(
        st.builds(
            line,
            st.integers(0, 900),
            st.integers(0, 900),
            st.lists(st.sampled_from(["Total", "Due", "date", "17,00", "x" * 200, "%"]), min_size=1).map(" ".join),
            st.integers(1, 90),
        ),
        max_size=12,
    )
)
def test_every_piece_lies_in_the_picture(lines: list[TextLine]) -> None:
    page = np.full((1000, 1000), 255, np.uint8)
    for pieces in AREA.layout(lines):
        for piece in pieces:
            assert piece.left >= 0
            assert piece.width >= 1
            assert piece.left + piece.width <= AREA.width
            assert 0 <= piece.row < AREA.rows
        assert AREA.draw(page, pieces).shape == (AREA.rows * AREA.row_height, AREA.width)


def test_each_place_of_the_picture_looks_different() -> None:
    marked = with_places(np.zeros((AREA.rows * AREA.row_height, AREA.width), np.uint8))
    assert marked[:, :, 0].max() == 0
    codes = (
        marked[:, :, 1:].reshape(AREA.rows * AREA.row_height // 4, 4, AREA.width // 4, 4, 2).transpose(0, 2, 1, 3, 4)
    )
    flat = codes.reshape(-1, 32)
    assert len(np.unique(flat, axis=0)) == len(flat)


def test_the_area_is_stored_beside_its_checkpoint(tmp_path: Path) -> None:
    assert FigureArea.load(tmp_path) is None
    AREA.save(tmp_path)
    assert FigureArea.load(tmp_path) == AREA


def test_a_number_that_begins_with_a_label_is_none() -> None:
    lines = [
        line(50, 100, "TOTAL-2025-17 19.11.2017"),
        line(50, 150, "Total25% 99.00"),
        line(50, 200, "Total:98.00 kr"),
    ]
    (pieces,) = AREA.layout(lines)
    assert covered(pieces, lines) == [["Total25%", "99.00"], ["Total:98.00", "kr"]]


def test_a_label_without_a_figure_takes_no_row() -> None:
    assert AREA.layout([line(50, 100, "Total"), line(50, 130, "Thank you")]) == []


def test_a_date_below_is_shown_whole_and_from_its_own_column() -> None:
    lines = [
        line(50, 100, "Invoice date"), line(430, 101, "Due date"),
        line(430, 127, "9 dicembre 2021"), line(50, 130, "24 novembre 2021 entro"),
    ]  # fmt: skip
    (pieces,) = AREA.layout(lines)
    assert covered(pieces, lines) == [
        ["Invoice", "date", "24", "novembre", "2021", "entro"], ["Due", "date", "9", "dicembre", "2021"],
    ]  # fmt: skip


def test_other_text_after_the_figure_is_left_out() -> None:
    lines = [line(50, 100, "Invoice no 4711"), line(400, 100, "Customer 17"), line(600, 100, "Eva Berg")]
    lines += [line(50, 150, "Total 25%"), line(300, 150, "99.00"), line(500, 150, "SEK")]
    (pieces,) = AREA.layout(lines)
    assert covered(pieces, lines) == [["Invoice", "no", "4711", "Customer", "17"], ["Total", "25%", "99.00", "SEK"]]
