"""Which words meet in one place, however each engine cut its lines."""

from __future__ import annotations

from ocr_ensemble.fusion.slots import match_lines
from ocr_ensemble.layout import BoundingBox, TextLine, Word
from ocr_ensemble.reading import Transcription


def line(*words: tuple[str, int, int], top: int = 100, height: int = 20) -> TextLine:
    """Words given as (text, left, right)."""
    placed = tuple(Word(text, BoundingBox(left, top, right, top + height), 0.9) for text, left, right in words)
    box = BoundingBox.union(word.box for word in placed)
    return TextLine(" ".join(word.text for word in placed), box, 0.9, placed)


def page(engine: str, *lines: TextLine) -> Transcription:
    return Transcription(engine, "1", 1, lines)


def readings(*transcriptions: Transcription) -> list[dict[str, str]]:
    return [{r.engine: r.text for r in place.slot.readings} for place in match_lines(transcriptions)]


def test_one_line_that_another_engine_split_in_three() -> None:
    whole = page("a", line(("Summa", 10, 90), ("att", 100, 130), ("betala", 140, 200)))
    parts = page("b", line(("Summa", 11, 89)), line(("att", 101, 131)), line(("betala", 141, 199)))
    assert readings(whole, parts) == [{"a": "Summa att betala", "b": "Summa att betala"}]


def test_three_lines_that_another_engine_joined() -> None:
    parts = page("a", line(("Summa", 11, 89)), line(("att", 301, 331)), line(("betala", 541, 599)))
    whole = page("b", line(("Summa", 10, 90), ("att", 300, 330), ("betala", 540, 600)))
    assert readings(parts, whole) == [
        {"a": "Summa", "b": "Summa"},
        {"a": "att", "b": "att"},
        {"a": "betala", "b": "betala"},
    ]


def test_a_word_without_space_over_two_columns_is_divided() -> None:
    columns = page("a", line(("TOTAL", 10, 60)), line(("12.00", 61, 110)))
    joined = page("b", line(("TOTAL12.00", 10, 110)))
    assert readings(columns, joined) == [{"a": "TOTAL", "b": "TOTAL"}, {"a": "12.00", "b": "12.00"}]


def test_a_line_only_one_engine_saw_keeps_its_place() -> None:
    first = page("a", line(("top", 10, 50), top=10), line(("bottom", 10, 90), top=200))
    second = page("b", line(("middle", 10, 90), top=100))
    assert readings(first, second) == [{"a": "top"}, {"b": "middle"}, {"a": "bottom"}]


def test_columns_are_read_left_to_right_within_a_row() -> None:
    rows = page(
        "a", line(("right", 500, 600), top=98), line(("left", 10, 90), top=101), line(("below", 10, 90), top=140)
    )
    assert [next(iter(found.values())) for found in readings(rows)] == ["left", "right", "below"]


def test_print_laid_over_itself_counts_once() -> None:
    twice = page("a", line(("TOTAL", 10, 60)), line(("TOTAL", 11, 61)))
    assert readings(twice) == [{"a": "TOTAL"}]


def test_a_line_without_word_boxes_is_matched_as_a_whole() -> None:
    bare = Transcription("a", "1", 1, (TextLine("Summa att betala", BoundingBox(10, 100, 200, 120), 0.9),))
    assert readings(bare, page("b", line(("Summa", 11, 89), ("att", 101, 131), ("betala", 141, 199)))) == [
        {"a": "Summa att betala", "b": "Summa att betala"}
    ]


def test_no_transcription_gives_no_slot() -> None:
    assert match_lines(()) == ()
