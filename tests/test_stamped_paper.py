"""Stamps on scans and photos: large print at an angle is read apart from the rows that it lies over."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from invoice_connector.fields.statements import stamp_conflicts
from ocr_ensemble.document.drawings import Drawn, stamped_texts
from ocr_ensemble.document.ink import find_ink
from ocr_ensemble.engines.protocols import EngineSettings, LineCrop
from ocr_ensemble.engines.rapidocr import RapidOCRReader, create_recognizer

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
ROWS = ("Invoice No. 4410 of 12 June 2026", "Oak boards, planed    12    25.00    300.00", "Total 360.00 EUR")


@cache
def reader() -> RapidOCRReader:
    return create_recognizer(EngineSettings(threads=1))


def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / name, size)


def scan(stamp: str, degrees: float, grey: int = 90) -> NDArray[np.uint8]:
    """A page of 150 dpi with rows of print, a framed stamp over them, and the grain and blur of a scanner."""
    paper = Image.new("L", (1240, 900), 236)
    draw = ImageDraw.Draw(paper)
    for row in range(20):
        draw.text((100, 80 + 38 * row), ROWS[row % 3], 20, font("DejaVuSans.ttf", 22))
    mark = Image.new("L", (760, 760), 0)
    middle = ImageDraw.Draw(mark)
    middle.text((380, 380), stamp, 255, font("DejaVuSans-Bold.ttf", 64), anchor="mm")
    left, top, right, bottom = middle.textbbox((380, 380), stamp, font("DejaVuSans-Bold.ttf", 64), anchor="mm")
    middle.rectangle((left - 20, top - 18, right + 20, bottom + 18), outline=255, width=5)
    turned = mark.rotate(degrees, resample=Image.Resampling.BICUBIC)
    paper.paste(grey, (300, 80), turned)
    noisy = np.asarray(paper, np.float32) + np.random.default_rng(7).normal(0, 5, (900, 1240))
    return np.asarray(cv2.GaussianBlur(np.clip(noisy, 0, 255).astype(np.uint8), (3, 3), 0), np.uint8)


def read(drawn: tuple[Drawn, ...]) -> list[str]:
    found = reader().read_lines([LineCrop(each.box, each.pixels, None) for each in drawn]) if drawn else []
    return [each.text for each in found if (each.confidence or 0.0) >= 0.75]


def rules(page: NDArray[np.uint8]) -> set[str]:
    return {found.rule for found in stamp_conflicts(read(stamped_texts(find_ink(page))), [])}


@pytest.mark.parametrize(
    ("stamp", "degrees", "rule"),
    [
        ("SETTLED", 12, "ALREADY-PAID"),
        ("BEGLICHEN", -10, "ALREADY-PAID"),
        ("ACQUITTÉE", 18, "ALREADY-PAID"),
        ("VOLDAAN", -15, "ALREADY-PAID"),
        ("QUIETANZATO", 10, "ALREADY-PAID"),
        ("LIQUIDADO", -12, "ALREADY-PAID"),
        ("REGLERAD", 15, "ALREADY-PAID"),
        ("OPŁACONO", -18, "ALREADY-PAID"),
        ("KIEGYENLÍTVE", 11, "ALREADY-PAID"),
        ("ANNULLERET", -14, "VOID"),
        ("UNGÜLTIG", 16, "VOID"),
        ("REFUNDED", -11, "REFUND"),
    ],
)
def test_a_stamp_over_print_is_read(stamp: str, degrees: float, rule: str) -> None:
    assert rules(scan(stamp, degrees)) == {rule}


def test_its_place_is_that_of_the_page() -> None:
    (drawn,) = stamped_texts(find_ink(scan("SETTLED", 12)))
    left, top = drawn.box.center
    assert abs(left - 680) < 40
    assert abs(top - 460) < 40


@pytest.mark.parametrize(("stamp", "degrees"), [("COPY", 12), ("NORDLICHT", -15), ("SETTLED", 0), ("", 10)])
def test_another_word_level_print_and_nothing_are_no_stamp(stamp: str, degrees: float) -> None:
    assert not rules(scan(stamp, degrees))
