from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_ensemble.layout import BoundingBox, TextLine, Word

sides = st.integers(0, 3000)


@st.composite
def boxes(draw: st.DrawFn) -> BoundingBox:
    left, top = draw(sides), draw(sides)
    return BoundingBox(left, top, left + draw(st.integers(1, 800)), top + draw(st.integers(1, 800)))


@given(boxes(), boxes())
def test_union_holds_both_and_intersection_is_in_both(one: BoundingBox, other: BoundingBox) -> None:
    union = BoundingBox.union((one, other))
    assert union.area >= max(one.area, other.area)
    shared = one.intersection_area(other)
    assert shared == other.intersection_area(one)
    assert 0 <= shared <= min(one.area, other.area)
    assert one.intersection_area(union) == one.area


@given(boxes(), st.integers(0, 50))
def test_padding_stays_on_the_page_and_keeps_the_box(box: BoundingBox, margin: int) -> None:
    padded = box.padded(margin, 4000, 4000)
    assert 0 <= padded.left <= box.left
    assert box.right <= padded.right <= 4000
    assert padded.intersection_area(box) == box.area


@given(st.lists(st.tuples(st.floats(0, 999), st.floats(0, 999)), min_size=1, max_size=8))
def test_the_box_around_points_holds_them(points: list[tuple[float, float]]) -> None:
    box = BoundingBox.around(points)
    assert all(box.left <= x <= box.right and box.top <= y <= box.bottom for x, y in points)


@pytest.mark.parametrize("corners", [(5, 0, 5, 9), (6, 0, 5, 9), (0, 9, 5, 9), (0, 10, 5, 9)])
def test_an_empty_or_inverted_box_is_refused(corners: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="left < right and top < bottom"):
        BoundingBox(*corners)


@pytest.mark.parametrize("confidence", [-0.01, 1.01, float("nan")])
def test_a_confidence_outside_0_to_1_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        Word("a", BoundingBox(0, 0, 1, 1), confidence)


def test_an_unknown_confidence_stays_unknown() -> None:
    assert TextLine("a", BoundingBox(0, 0, 1, 1)).confidence is None


def test_character_confidences_must_match_the_text() -> None:
    with pytest.raises(ValueError, match="2 character confidences for 3 characters"):
        TextLine("abc", BoundingBox(0, 0, 1, 1), char_confidences=(1.0, 1.0))
