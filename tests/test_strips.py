"""Pages of any shape: what the detector sees is bounded, and a line found in two strips is one line."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.page import ImageQuality, PageImage
from ocr_ensemble.engines import rapidocr
from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.engines.rapidocr_detection import ALL_STRIPS_PIXELS, STRIP_PIXELS, WHOLE_PIXELS, cut, pixels_seen
from ocr_ensemble.engines.strips import joined, strips
from ocr_ensemble.layout import BoundingBox, Polygon

SIDES = st.integers(Limits().min_side, Limits().max_side)


@given(SIDES, SIDES, st.integers(1, 5_000), st.integers(0, 400))
def test_strips_cover_the_page_and_overlap(width: int, height: int, length: int, overlap: int) -> None:
    found = strips(width, height, length + overlap, overlap)
    assert BoundingBox.union(found) == BoundingBox(0, 0, width, height)
    for one, following in pairwise(found):
        shared = one.intersection_area(following) / min(width, height)
        assert shared >= min(overlap, max(following.width, following.height))


@given(SIDES, SIDES)
def test_what_the_detector_sees_is_bounded_whatever_the_page_is(width: int, height: int) -> None:
    if width * height > Limits().max_pixels or pixels_seen(width, height) <= WHOLE_PIXELS:
        return
    scale, parts = cut(width, height)
    seen = [math.ceil(part.width * scale) * math.ceil(part.height * scale) for part in parts]
    assert max(seen) <= 1.1 * STRIP_PIXELS
    assert sum(seen) <= 2.2 * ALL_STRIPS_PIXELS


@pytest.mark.parametrize("size", [(1654, 2339), (2339, 1654), (2480, 3508), (480, 2400), (736, 736), (300, 160)])
def test_pages_of_usual_shapes_are_seen_whole(size: tuple[int, int]) -> None:
    assert pixels_seen(*size) <= WHOLE_PIXELS


def corners(left: float, top: float, right: float, bottom: float) -> Polygon:
    return (left, top), (right, top), (right, bottom), (left, bottom)


def test_a_line_in_two_strips_is_one_line() -> None:
    upper, lower = BoundingBox(0, 0, 400, 1000), BoundingBox(0, 900, 400, 1900)
    whole, cut_off, between, last = (
        corners(10, 985, 200, 1010),
        corners(11, 986, 199, 1000),
        corners(10, 920, 200, 945),
        corners(10, 1500, 90, 1530),
    )
    beside = corners(240, 985, 380, 1010)
    found = joined([(upper, [between, cut_off]), (lower, [between, whole, beside, last])])
    assert found == [between, whole, beside, last]


def test_a_row_that_runs_through_strips_is_one_line_from_end_to_end() -> None:
    parts = [BoundingBox(0, 0, 1000, 60), BoundingBox(900, 0, 1900, 60), BoundingBox(1800, 0, 2800, 60)]
    rows = [[corners(20, 10, 1000, 40)], [corners(900, 11, 1900, 42)], [corners(1800, 12, 2500, 41)]]
    assert joined(list(zip(parts, rows, strict=True))) == [((20, 10), (2500, 12), (2500, 41), (20, 40))]


def strip(texts: list[str], size: tuple[int, int], step: tuple[int, int]) -> PageImage:
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for number, text in enumerate(texts):
        place = (10 + number * step[0], 12 + number * step[1])
        draw.text(place, text, fill="black", font=ImageFont.load_default(size=26))
    return PageImage(1, np.asarray(image), ImageQuality(1.0, 1.0, 0.0, 0.0))


def test_a_receipt_without_end_is_read_line_by_line() -> None:
    texts = [f"Item {number:03d} 12.50" for number in range(150)]
    page = strip(texts, (300, 9_100), (0, 60))
    assert pixels_seen(page.width, page.height) > WHOLE_PIXELS
    read = [line.text for line in rapidocr.create(EngineSettings()).read_page(page).lines]
    assert len(read) == len(texts)
    assert sum(one == other for one, other in zip(read, texts, strict=True)) >= 0.95 * len(texts)


NARROW = """
import numpy as np
from ocr_ensemble.document.page import ImageQuality, PageImage
from ocr_ensemble.engines import rapidocr
from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.memory import peak_bytes
engine = rapidocr.create(EngineSettings())
before = peak_bytes()
pixels = np.full((30_000, 32, 3), 250, np.uint8)
pixels[::40, 4:28] = 0
engine.read_page(PageImage(1, pixels, ImageQuality(1.0, 1.0, 0.0, 0.0)))
print(peak_bytes() - before)
"""


def test_a_page_of_any_shape_takes_less_than_the_budget() -> None:
    """It would be enlarged to 736 x 690,000 pixels, which takes 21 GB."""
    run = subprocess.run([sys.executable, "-c", NARROW], capture_output=True, text=True, check=True, timeout=300)
    assert int(run.stdout) < 1_500_000_000


LONG = """
import sys
import numpy as np
from importlib import import_module
from ocr_ensemble.engines.protocols import EngineSettings, LineCrop
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.memory import peak_bytes
engine = import_module(f"ocr_ensemble.engines.{sys.argv[1]}").create(EngineSettings())
word = np.full((40, 300, 3), 250, np.uint8)
word[10:30, 20:280:9] = 0
engine.read_lines([LineCrop(BoundingBox(0, 0, 300, 40), word)] * 8)
before = peak_bytes()
rule = np.full((2, 30_000, 3), 20, np.uint8)
read = engine.read_lines([LineCrop(BoundingBox(0, 0, 30_000, 2), rule)] * 8)
assert len(read) == 8
print(peak_bytes() - before)
"""


@pytest.mark.parametrize("engine", ["easyocr", "trocr", "rapidocr_again"])
def test_a_rule_as_long_as_the_page_takes_less_than_the_budget(engine: str) -> None:
    """At the height of a line it would be a million pixels wide."""
    command = [sys.executable, "-W", "ignore", "-c", LONG, engine]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert int(run.stdout.split()[-1]) < 1_500_000_000
