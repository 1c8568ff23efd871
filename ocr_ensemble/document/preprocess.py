"""From a decoded page to the one the engines read: upright, level, treated only where that was measured to pay."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.codes import code_boxes
from ocr_ensemble.document.drawings import Drawn, drawn_texts, stamped_texts
from ocr_ensemble.document.ink import InkMap, find_ink, without_letters
from ocr_ensemble.document.orientation import detect_turn
from ocr_ensemble.document.page import BLANK, DARK, ImageQuality, PageImage
from ocr_ensemble.document.quality import is_blank, is_dark, measure_quality
from ocr_ensemble.document.raw import RawPage
from ocr_ensemble.document.signs import Sign
from ocr_ensemble.document.skew import deskew, deskewed_size, estimate_skew
from ocr_ensemble.document.steps import PreprocessingStep
from ocr_ensemble.document.textlayer import LayerText, judge_text_layer
from ocr_ensemble.grey import grey_of, in_grey
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import Transcription

TEXT_LAYER_ENGINE = "pdf_text"
_COLOURLESS = 8  # levels that a channel is away from grey: black of four inks comes out as (35, 31, 32)


@dataclass(frozen=True, slots=True)
class Treatments:
    """When a page is treated; ``docs/benchmarks.md`` has the measurements behind the defaults.

    ``deskew_from``: degrees; ``downscale_above``: median letter height in pixels beyond which pages of more than
    ``large_pixels`` are reduced to ``downscale_to``; ``stretch_below``: contrast 0..1; ``denoise_above``: noise
    0..1; ``orient``: whether pages are turned upright; ``largest_level_pixels``: of a page that is made level, beyond
    which it stays as it is: the corners of a long strip reach far.
    """

    orient: bool = True
    deskew_from: float = 1.0
    largest_level_pixels: int = 100_000_000
    downscale_above: float = 26.0
    downscale_to: float = 18.0
    large_pixels: int = 4_000_000
    stretch_below: float = 0.2
    denoise_above: float = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """A page between two treatments. ``matrix``, shape (2, 3), maps the decoded page's pixels to these."""

    pixels: NDArray[np.uint8]
    dpi: float | None
    quality: ImageQuality
    steps: tuple[PreprocessingStep, ...]
    matrix: NDArray[np.float64]

    def treated(self, pixels: NDArray[np.uint8], name: str, detail: str) -> _State:
        return replace(self, pixels=pixels, steps=(*self.steps, PreprocessingStep(name, detail)))

    def noted(self, name: str, detail: str) -> _State:
        return replace(self, steps=(*self.steps, PreprocessingStep(name, detail)))

    def moved(self, matrix: NDArray[np.float64]) -> _State:
        """The same page after one more affine map of its pixels."""
        return replace(self, matrix=matrix @ np.vstack([self.matrix, [0.0, 0.0, 1.0]]))

    def scaled(self, factor: float, name: str, detail: str) -> _State:
        height, width = self.pixels.shape[:2]
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        pixels = np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        dpi = None if self.dpi is None else self.dpi * factor
        matrix = np.array([[size[0] / width, 0.0, 0.0], [0.0, size[1] / height, 0.0]])
        return replace(self.treated(pixels, name, detail), dpi=dpi).moved(matrix)


def prepare_page(raw: RawPage, number: int, treatments: Treatments) -> PageImage:
    """The page image with its quality, every treatment with its reason, and its text layer where it can be trusted.

    Boxes of the text layer and of every engine refer to the returned pixels.
    """
    grey = grey_of(raw.pixels)
    ink = find_ink(grey)
    if is_blank(ink) and is_dark(grey):
        raw = replace(raw, steps=(*raw.steps, PreprocessingStep(DARK, "almost black, so that print may not show")))
    elif is_blank(ink):
        steps = (*raw.steps, PreprocessingStep(BLANK, "nothing is printed on it"))
        return PageImage(number, raw.pixels, measure_quality(grey, ink, 0.0), steps, raw.dpi)
    drawn: tuple[Drawn, ...] = ()
    if raw.glyphs is not None:
        page = _with_text_layer(raw, number, grey, ink)
        if page.text_layer is not None:
            return page
        raw, drawn = replace(raw, steps=page.steps), page.drawn
    pixels, steps, matrix = np.ascontiguousarray(raw.pixels), raw.steps, np.eye(2, 3)
    if treatments.orient:
        orientation = detect_turn(grey, ink)
        if orientation.turn:
            matrix = _turn_matrix(orientation.turn, grey.shape[1], grey.shape[0])
            pixels, grey = (np.ascontiguousarray(np.rot90(image, -orientation.turn // 90)) for image in (pixels, grey))
            ink = find_ink(grey)
            steps = (*steps, PreprocessingStep("turn", f"turned by {orientation.turn} degrees: {orientation.reason}"))
    drawn = drawn or stamped_texts(ink)
    quality = measure_quality(grey, ink, estimate_skew(ink))
    state = _State(pixels, raw.dpi, quality, steps, matrix)
    for treat in (_downscale, _deskew, _stretch, _denoise):
        state = treat(state, treatments)
    a, b, c, d, e, f = (float(value) for value in state.matrix.ravel())
    upright = PageImage(
        number, _read_only(state.pixels), quality, state.steps, state.dpi, from_source=(a, b, c, d, e, f)
    )
    return replace(upright, drawn=drawn, askew=raw.askew, signs=tuple(_moved(sign, state.matrix) for sign in raw.signs))


def _moved(sign: Sign, matrix: NDArray[np.float64]) -> Sign:
    """The sign on the page after an affine map, shape (2, 3), of its pixels."""
    if sign.box is None:
        return sign
    left, top, right, bottom = sign.box.as_tuple()
    corners = np.array([(x, y, 1.0) for x in (left, right) for y in (top, bottom)]) @ matrix.T
    return replace(sign, box=BoundingBox.around([(float(x), float(y)) for x, y in corners]))


def _turn_matrix(degrees: int, width: int, height: int) -> NDArray[np.float64]:
    """The affine map, shape (2, 3), of a clockwise turn by 90, 180 or 270 degrees of a page of that size."""
    rows = {
        90: ((0.0, -1.0, height), (1.0, 0.0, 0.0)),
        180: ((-1.0, 0.0, width), (0.0, -1.0, height)),
        270: ((0.0, 1.0, 0.0), (-1.0, 0.0, width)),
    }
    return np.array(rows[degrees % 360], dtype=np.float64)


def _with_text_layer(raw: RawPage, number: int, grey: NDArray[np.uint8], ink: InkMap) -> PageImage:
    """A born-digital page is exact as it is: no treatment. ``text_layer`` is None when it cannot be trusted."""
    started = time.perf_counter()
    assert raw.glyphs is not None
    text = LayerText.of(raw.glyphs, ink.page_size)
    judged = judge_text_layer(text, ink)
    if not judged.trusted or judged.untold:  # the modules of a code are no print that the layer lacks
        codes = code_boxes(raw.pixels)
        judged = judge_text_layer(text, without_letters(ink, codes)) if codes else judged
    layer = None
    if judged.trusted:
        milliseconds = (time.perf_counter() - started) * 1000
        layer = Transcription(TEXT_LAYER_ENGINE, raw.version, number, judged.lines, milliseconds)
    verdict = "trusted" if judged.trusted else "not trusted"
    steps = (*raw.steps, PreprocessingStep("text_layer", f"{verdict}: {judged.reason}"))
    pixels = _read_only(_one_channel(raw.pixels, grey) if judged.trusted else raw.pixels)
    page = PageImage(number, pixels, measure_quality(grey, ink, 0.0), steps, raw.dpi, layer)
    drawn = drawn_texts(raw.bare) if raw.bare is not None else ()
    return replace(
        page,
        untold=judged.untold,
        drawn=drawn,
        askew=raw.askew,
        covered=judged.covered,
        hidden=judged.hidden,
        signs=(*raw.signs, *judged.signs),
    )


def _downscale(state: _State, treatments: Treatments) -> _State:
    """Large print on a large page: every later step costs by the pixel and none reads better for them."""
    height = state.quality.text_height
    pixels = state.pixels.shape[0] * state.pixels.shape[1]
    if height is None or height <= treatments.downscale_above or pixels <= treatments.large_pixels:
        return state
    factor = max(treatments.downscale_to / height, math.sqrt(treatments.large_pixels / pixels))
    return state.scaled(factor, "downscale", f"letters are {height:.0f} pixels high: reduced to {factor:.0%}")


def _deskew(state: _State, treatments: Treatments) -> _State:
    skew = state.quality.skew_degrees
    if abs(skew) < treatments.deskew_from:
        return state
    if math.prod(deskewed_size(state.pixels.shape[0], state.pixels.shape[1], skew)) > treatments.largest_level_pixels:
        return state.noted("deskew_left_out", f"lines slope by {skew:.1f} degrees, but a level page would be too large")
    level, matrix = deskew(state.pixels, skew)
    return state.treated(level, "deskew", f"lines sloped by {skew:.1f} degrees").moved(matrix)


def _stretch(state: _State, treatments: Treatments) -> _State:
    """Print to black and paper to white, linearly: letters keep their shape."""
    contrast = state.quality.contrast
    if not 0.0 < contrast < treatments.stretch_below:
        return state
    ink = find_ink(grey_of(state.pixels))
    paper = float(np.median(ink.grey[::4, ::4]))
    print_grey = float(np.median(ink.grey[ink.mask > 0])) if ink.mask.any() else 0.0
    gain = 200.0 / max(8.0, paper - print_grey)
    table = np.clip((np.arange(256) - paper) * gain + 245.0, 0, 255).astype(np.uint8)
    return state.treated(table[state.pixels], "stretch_contrast", f"contrast was {contrast:.2f}")


def _denoise(state: _State, treatments: Treatments) -> _State:
    noise = state.quality.noise
    if noise <= treatments.denoise_above:
        return state
    # A median of the same size reads worse than no treatment at all: it eats thin strokes.
    smooth = np.asarray(cv2.GaussianBlur(state.pixels, (3, 3), 0), dtype=np.uint8)
    return state.treated(smooth, "denoise", f"noise was {noise:.3f}")


def _one_channel(pixels: NDArray[np.uint8], grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same picture in a third of the memory where nobody sees a colour: the three channels are one array.

    For pages whose text is known, of which few lines are cut out: a hundred pages of terms take 0.4 GB instead of 1.2.
    """
    if pixels.strides[-1] == 0:
        return pixels
    if cv2.absdiff(pixels, cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)).max() > _COLOURLESS:
        return pixels
    return in_grey(grey)


def _read_only(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same pixels as a view that refuses writing: page images are values."""
    view = (pixels if 0 in pixels.strides else np.ascontiguousarray(pixels)).view()
    view.setflags(write=False)
    return view
