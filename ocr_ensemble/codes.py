"""Bar codes and matrix codes of a page through zxing-cpp: what they say and where they stand.

QR codes are looked for on the whole page, which costs a few milliseconds. The other kinds cost ten times that, so they
are looked for only where the page is as dense as a code, in full size and, in what is left of such an area, enlarged.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from time import thread_time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.page import PageImage
from ocr_ensemble.engines.runner import attempt, recorded
from ocr_ensemble.errors import EngineUnavailableError
from ocr_ensemble.grey import grey_of
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import CODE_ENGINE, EngineRun, PageCode, PageReading, RunStatus

MOST_CODES = 32  # of a page
MOST_CHARACTERS = 8_000  # of a code's text; the largest QR code has 7,089 digits
_SECONDS = 0.4  # of processor time, after which no further area of a page is searched
_MOST_AREAS = 24
_ENLARGED = 2.0
_MOST_ENLARGED = 4_000_000  # pixels of an enlarged area
_A4_WIDTH = 8.27  # inches: the width by which the print of a page of unknown resolution is measured
_RUN, _SOLID, _AROUND, _RIM = 0.24, 0.16, 0.14, 0.07  # inches
_PAPER = 90.0  # percentile of an area's grey levels that is its paper
_DARKER = 30  # grey levels that print is darker than the paper around it
_FILLED = 0.35  # of its rectangle that a dense area fills

Gray = NDArray[np.uint8]


def with_codes(reading: PageReading, page: PageImage, seconds: float) -> PageReading:
    """The page's reading with its codes and the run that looked for them; what fails is a failed run."""
    if page.blank:
        return reading
    try:
        version = _version()
    except EngineUnavailableError as error:
        run = EngineRun(CODE_ENGINE, "", page.number, RunStatus.UNAVAILABLE, 0.0, error=str(error))
        return replace(reading, runs=(*reading.runs, run))
    done = attempt(CODE_ENGINE, partial(read_codes, page.pixels), seconds)
    found = done.result or ()
    run = replace(recorded(done, CODE_ENGINE, version, page.number), lines=len(found))
    return replace(reading, runs=(*reading.runs, run), codes=found)


def read_codes(pixels: NDArray[np.uint8]) -> tuple[PageCode, ...]:
    """The codes of a page, uint8, shape (H, W, 3), RGB, from top to bottom; boxes in its pixels.

    Only what passes a code's own error correction or check digit is one; what is printed twice is told once.
    """
    import zxingcpp

    until = thread_time() + _SECONDS
    gray = np.ascontiguousarray(grey_of(pixels))
    kinds = zxingcpp.BarcodeFormat
    found = _codes(gray, (kinds.QRCode,), (0, 0), 1.0)
    every = (kinds.QRCode, kinds.DataMatrix, kinds.Aztec, kinds.PDF417, kinds.Code128, kinds.ITF)
    for area in dense_areas(gray)[:_MOST_AREAS]:
        if thread_time() > until or len(found) >= MOST_CODES:
            break
        if not _is_covered(area, found):
            found += _codes_in(gray, area, every)
    unique = {(code.kind, code.text): code for code in reversed(found)}
    return tuple(sorted(unique.values(), key=lambda code: (code.box.top, code.box.left)))[:MOST_CODES]


def code_boxes(pixels: NDArray[np.uint8]) -> tuple[BoundingBox, ...]:
    """Where a page, uint8, shape (H, W, 3), RGB, has codes; nowhere without the library that reads them."""
    try:
        _version()
    except EngineUnavailableError:
        return ()
    return tuple(code.box for code in read_codes(pixels))


def dense_areas(gray: Gray) -> list[BoundingBox]:
    """Where an upright page, uint8, shape (H, W), has print without the white lines between the lines of a text: codes
    and pictures, with the quiet zone around them; largest first."""
    inch = _inch(gray.shape[1])
    factor = min(1.0, 100.0 / inch)
    size = [max(1, round(side * factor)) for side in (gray.shape[1], gray.shape[0])]
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    dot = inch * factor
    smooth = cv2.blur(small, (3, 3))  # fine bars are grey by now, and grain is gone
    # Closing, and not the brightest around alone, leaves the table beside a photographed page what it is.
    paper = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, np.ones((round(dot / 2), round(dot / 2)), np.uint8))
    white = np.where(cv2.subtract(paper, smooth) < _DARKER, np.uint8(255), np.uint8(0))
    run = max(3, round(_RUN * dot))
    between = cv2.morphologyEx(white, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    side = max(3, round(_SOLID * dot))
    solid = cv2.morphologyEx(255 - between, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    _, _, found, _ = cv2.connectedComponentsWithStats(solid)
    boxes = [box for box in found[1:].tolist() if box[4] >= _FILLED * box[2] * box[3]]  # else the rim of a photo
    places = [_padded(box, gray.shape, factor, round(_AROUND * inch)) for box in boxes]
    return sorted(places, key=lambda place: -place.area)


def _padded(stats: Sequence[int], shape: tuple[int, ...], factor: float, padding: int) -> BoundingBox:
    left, top, width, height = (value / factor for value in stats[:4])
    left, top = min(int(left), shape[1] - 1), min(int(top), shape[0] - 1)
    right, bottom = min(shape[1], round(left + width) + 1), min(shape[0], round(top + height) + 1)
    box = BoundingBox(left, top, right, bottom)
    return box.padded(padding, shape[1], shape[0])


def _codes_in(gray: Gray, area: BoundingBox, kinds: Sequence[Any]) -> list[PageCode]:
    """The codes in a part of the page; what is left of it is searched once more, enlarged, since one module may be two
    pixels, and with a white rim, since the paper may end or a table begin where a code's quiet zone should be."""
    crop = np.ascontiguousarray(gray[area.top : area.bottom, area.left : area.right])
    corner = (area.left, area.top)
    found = _codes(crop, kinds, corner, 1.0)
    if _is_covered(area, found) or crop.size * _ENLARGED**2 > _MOST_ENLARGED:
        return found
    rest = _without(crop, [code.box for code in found], corner, round(_RIM * _inch(gray.shape[1])))
    larger = cv2.resize(rest, None, fx=_ENLARGED, fy=_ENLARGED, interpolation=cv2.INTER_CUBIC)
    return [*found, *_codes(np.asarray(larger, np.uint8), kinds, corner, _ENLARGED)]


def _is_covered(area: BoundingBox, found: Sequence[PageCode]) -> bool:
    return 2 * sum(area.intersection_area(code.box) for code in found) >= area.area


def _without(crop: Gray, found: Sequence[BoundingBox], corner: tuple[int, int], margin: int) -> Gray:
    """The part of a page that begins at ``corner``, its sides and what was found in it, with ``margin``, as white as
    its paper."""
    paper = np.percentile(crop, _PAPER)
    rest = crop.copy()
    rest[:, :margin] = rest[:, -margin:] = paper
    for box in found:
        left, top = (max(0, at - margin - begin) for at, begin in zip((box.left, box.top), corner, strict=True))
        rest[top : box.bottom + margin - corner[1], left : box.right + margin - corner[0]] = paper
    return rest


def _inch(width: int) -> float:
    """Pixels of an inch of a page of this width."""
    return max(width, 600) / _A4_WIDTH


def _codes(gray: Gray, kinds: Sequence[Any], corner: tuple[int, int], scale: float) -> list[PageCode]:
    import zxingcpp

    formats: Any = list(kinds)
    found = zxingcpp.read_barcodes(gray, formats=formats, text_mode=zxingcpp.TextMode.Plain, try_invert=False)
    return [
        PageCode(str(code.format).replace(" ", ""), code.text[:MOST_CHARACTERS], _box(code.position, corner, scale))
        for code in found
        if code.valid and code.text
    ]


def _box(position: Any, corner: tuple[int, int], scale: float) -> BoundingBox:
    points = [getattr(position, name) for name in ("top_left", "top_right", "bottom_right", "bottom_left")]
    return BoundingBox.around((max(0.0, p.x / scale) + corner[0], max(0.0, p.y / scale) + corner[1]) for p in points)


@cache
def _version() -> str:
    """Raises EngineUnavailableError."""
    try:
        import zxingcpp  # noqa: F401
    except ImportError as error:
        raise EngineUnavailableError(
            CODE_ENGINE, f"codes are not read: zxing-cpp cannot be loaded ({error}); install the package zxing-cpp"
        ) from error
    return importlib.metadata.version("zxing-cpp")
