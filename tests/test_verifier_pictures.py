from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from verifier.alignment import align
from verifier.glyphs import draw_text, printable
from verifier.pictures import BESIDE, CELL, NAME, PictureStyle, overlay

OVERLAY = PictureStyle(form="overlay")
Pixels = NDArray[np.uint8]


def printed(text: str, size: int = 26, margin: int = 6) -> Pixels:
    """Dark print on light paper with a margin, shape (H, W, 3)."""
    ink = np.pad(draw_text(text, size), margin)
    return np.repeat(np.asarray(245 - 0.8 * ink, np.uint8)[:, :, None], 3, axis=2)


def cells(picture: Pixels) -> list[Pixels]:
    return [picture[:, left : left + CELL] for left in range(0, picture.shape[1], CELL)]


def mismatch(cell: Pixels) -> float:
    """Mean difference of the crop's ink and the candidate's, in the middle of a cell."""
    middle = cell[:, 6:22].astype(float)
    return float(np.abs(middle[:, :, 0] - middle[:, :, 1]).mean())


def test_a_right_candidate_covers_its_print_and_a_wrong_digit_does_not() -> None:
    right = cells(overlay(align(printed("1250,00"), "1250,00")))
    wrong = cells(overlay(align(printed("1250,00"), "1280,00")))
    assert len(right) == len(wrong) == 7
    changed = [mismatch(b) - mismatch(a) for a, b in zip(right, wrong, strict=True)]
    assert int(np.argmax(changed)) == 2
    assert mismatch(wrong[2]) > 1.5 * mismatch(right[2])


def test_a_wrong_character_leaves_the_others_in_their_places() -> None:
    crop = printed("Total 1250,00 kr", size=30)
    right, wrong = align(crop, "Total 1250,00 kr").spans, align(crop, "Total 1280,00 kr").spans
    for a, b in zip(right, wrong, strict=True):
        assert abs(a.left - b.left) <= 6


@pytest.mark.parametrize("text", ["Summa 88,40", "IBAN SE45", "2026-11-05"])
def test_characters_are_found_where_they_were_printed(text: str) -> None:
    alignment = align(printed(text), text)
    marks = [span for span in alignment.spans if span.char]
    assert "".join(span.char for span in marks) == text.replace(" ", "")
    lefts = [span.left for span in marks]
    assert lefts == sorted(lefts)
    start = 6 + draw_text(text[:-1], 26).shape[1]  # where the last character begins in the crop
    assert abs(marks[-1].left / alignment.scale - start) < 8


def test_print_that_the_candidate_lacks_gets_a_cell_of_its_own() -> None:
    crop = printed("1250,00")
    full, short = align(crop, "1250,00").spans, align(crop, "1250").spans
    assert not any(span.char == "" for span in full)
    assert any(span.char == "" and span.left >= short[3].right - 1 for span in short)


def test_light_print_on_dark_paper_gives_nearly_the_same_picture() -> None:
    crop = printed("Moms 25 %")
    dark = np.asarray(255 - crop, np.uint8)
    one, other = overlay(align(crop, "Moms 25 %")), overlay(align(dark, "Moms 25 %"))
    assert one.shape == other.shape
    assert np.abs(one.astype(float) - other.astype(float)).mean() < 12


def test_the_picture_of_the_same_request_is_the_same() -> None:
    crop = printed("Faktura 2041")
    assert OVERLAY.compose(crop, "Faktura 2047") == OVERLAY.compose(crop.copy(), "Faktura 2047")


@settings(max_examples=60)
@given(
    st.integers(1, 60), st.integers(1, 300), st.text(max_size=70), st.integers(0, 2**32 - 1), st.sampled_from([0, 255])
)
def test_any_crop_and_any_text_make_a_picture(height: int, width: int, text: str, seed: int, noise: int) -> None:
    crop = np.random.default_rng(seed).integers(0, noise + 1, (height, width, 3)).astype(np.uint8)
    picture = OVERLAY.compose(crop, text)
    assert picture.mode == "RGB"
    assert picture.height == CELL
    assert picture.width % CELL == 0
    assert picture.width // CELL >= max(1, len(printable(text).replace(" ", "")))
    assert BESIDE.compose(crop, text).mode == "RGB"


def test_beside_shows_the_crop_enlarged_and_the_candidate_below_it() -> None:
    crop = np.full((20, 100, 3), 200, np.uint8)
    picture = np.asarray(BESIDE.compose(crop, "12,50"))
    assert (picture[:64, :320] == 200).all()
    below = picture[64:]
    assert below.min() < 80
    assert below.max() == 255


def test_beside_leaves_a_large_crop_as_it_is() -> None:
    crop = np.random.default_rng(0).integers(0, 255, (90, 200, 3)).astype(np.uint8)
    assert (np.asarray(BESIDE.compose(crop, "x"))[:90, :200] == crop).all()


def test_a_long_candidate_is_not_cut_off() -> None:
    picture = np.asarray(BESIDE.compose(np.full((64, 120, 3), 255, np.uint8), "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 2))
    columns = np.flatnonzero((picture[70:] < 128).any(axis=(0, 2)))
    assert picture.shape[1] == 120
    assert columns[-1] > 100


def test_control_characters_are_dropped_and_spaces_joined() -> None:
    assert printable("a\x00b\n c\u202e  d") == "ab c d"


def test_style_is_read_beside_a_checkpoint(tmp_path: Path) -> None:
    assert PictureStyle.load(tmp_path) == BESIDE
    OVERLAY.save(tmp_path)
    assert PictureStyle.load(tmp_path) == OVERLAY


@pytest.mark.parametrize("content", ["{", '{"form": "sideways"}', '{"colour": 1}', "[]"])
def test_a_broken_style_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content)
    with pytest.raises(ValueError, match="no picture style"):
        PictureStyle.load(tmp_path)


def test_an_empty_crop_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pixel"):
        OVERLAY.compose(np.zeros((0, 5, 3), np.uint8), "1")
