"""Which way up a page is. An upright page must never be turned: every doubt leaves it as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr_ensemble.document.ink import InkMap, find_ink

Classifier = Callable[[NDArray[np.float32]], NDArray[np.float32]]  # crops -> probability of "upside down", shape (n,)

_FEWEST_LETTERS, _MOST_LETTERS = 20, 600  # whose neighbours are looked for
_SIDEWAYS = 0.4  # horizontal_share: upright pages lie above 0.64, pages on their side below 0.36
_CROP_HEIGHT, _CROP_WIDTH = 48, 192  # what PP-OCR's text direction classifier was trained on
_FEW_CROPS, _MANY_CROPS, _FEWEST_CROPS = 6, 24, 4
_SUSPICIOUS = 0.25  # mean probability of "upside down" over a few crops that calls for a closer look
_SUREST_OSD = 3.0
_SURELY_SIDEWAYS = 0.2  # the same for pages that lie on their side, either way round
_UPSIDE_DOWN = 0.1  # evidence -1..1 over many crops; of 170 pages, upright ones lie below -0.25, turned ones above 0.23


@dataclass(frozen=True, slots=True)
class Orientation:
    """``turn``: degrees clockwise that make the page upright, one of 0, 90, 180, 270; ``reason`` for the audit log."""

    turn: int
    reason: str


def detect_turn(grey: NDArray[np.uint8], ink: InkMap) -> Orientation:
    """How far the page must be turned. ``grey``: uint8, shape (H, W); ``ink`` was found on it.

    Whether text lies or stands shows in the spacing of letters; up and down are told apart by RapidOCR's text
    direction classifier on a few words, or by Tesseract where RapidOCR is not installed.
    """
    share = horizontal_share(ink)
    if share is None:
        return Orientation(0, "too few letters to tell")
    classifier = _direction_classifier()
    if classifier is None:
        return _tesseract_turn(grey)
    if share >= _SIDEWAYS:
        if _is_surely_upright(ink, classifier):
            return Orientation(0, "upright")
        evidence = upside_down_evidence(ink, classifier)
        turn = 180 if evidence is not None and evidence > _UPSIDE_DOWN else 0
        return Orientation(turn, f"direction of words: {_shown(evidence)} (-1 upright, 1 upside down)")
    evidence = upside_down_evidence(find_ink(np.ascontiguousarray(np.rot90(grey, -1))), classifier)
    if evidence is None or abs(evidence) < _SURELY_SIDEWAYS:
        return Orientation(0, f"lines seem to stand upright, but words do not say which way: {_shown(evidence)}")
    return Orientation(270 if evidence > 0 else 90, f"{1 - share:.0%} of letters stand above one another")


def horizontal_share(ink: InkMap) -> float | None:
    """Share of letters whose nearest neighbour stands beside rather than above or below them, 0..1.

    About 0.9 on upright pages and 0.1 on pages that lie on their side, as letters stand closer than lines.
    None with too few letters to tell.
    """
    if len(ink.letters) < _FEWEST_LETTERS:
        return None
    boxes = _full_letters(ink).astype(np.float64)
    if len(boxes) < _FEWEST_LETTERS // 2:
        return None
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    asked = np.linspace(0, len(boxes) - 1, min(len(boxes), _MOST_LETTERS)).astype(np.intp)
    step = np.abs(centres[_nearest(centres, asked)] - centres[asked])
    sizes = boxes[asked, 2:].max(axis=1)
    step = step[np.hypot(*step.T) < 1.5 * sizes]  # in a column of single digits the next line is farther than that
    beside = np.count_nonzero(step[:, 0] > 1.5 * step[:, 1])
    above = np.count_nonzero(step[:, 1] > 1.5 * step[:, 0])
    if beside + above < _FEWEST_LETTERS // 2:
        return None
    return beside / (beside + above)


def _nearest(centres: NDArray[np.float64], asked: NDArray[np.intp]) -> NDArray[np.intp]:
    """The index of each asked point's nearest other one; ``centres``: shape (n, 2), ``asked``: indices, shape (m,).

    Importing SciPy, which has trees for that, takes longer than looking at all of them.
    """
    found = np.empty(len(asked), dtype=np.intp)
    for place, index in enumerate(asked):
        distances = np.square(centres - centres[index]).sum(axis=1)
        distances[index] = np.inf
        found[place] = distances.argmin()
    return found


def _full_letters(ink: InkMap) -> NDArray[np.int32]:
    """Boxes (left, top, width, height) of letters of full size: dots of a matrix printer and specks would vote at
    random."""
    sizes = ink.letters[:, 2:4].max(axis=1)
    return ink.letters[sizes >= 0.9 * ink.text_size, :4]


def line_boxes(ink: InkMap, most: int) -> NDArray[np.int32]:
    """Up to ``most`` boxes of words or pieces of lines, widest first; int32, shape (n, 4), columns left, top, width,
    height in analysis pixels, at most four times as wide as high."""
    half = _full_letters(ink) // 2  # half the resolution is enough to join letters, at a quarter of the cost
    reach = max(1, round(0.25 * ink.text_size))
    joined = np.zeros((ink.mask.shape[0] // 2 + 1, ink.mask.shape[1] // 2 + 1), dtype=np.uint8)
    for left, top, width, height in half.tolist():
        joined[top : top + height + 1, max(0, left - reach) : left + width + reach + 1] = 255
    stats = np.asarray(cv2.connectedComponentsWithStats(joined, connectivity=4)[2][1:, :4], dtype=np.int32)
    stats[:, 2] -= 2 * reach
    stats[:, 0] += reach
    stats *= 2
    width, height = stats[:, 2], stats[:, 3]
    wordlike = (height >= 0.8 * ink.text_size) & (height <= 2.5 * ink.text_size) & (width >= 2.5 * height)
    boxes = stats[wordlike]
    boxes = boxes[np.argsort(-boxes[:, 2], kind="stable")][:most]
    boxes[:, 2] = np.minimum(boxes[:, 2], 4 * boxes[:, 3])
    return boxes


def _is_surely_upright(ink: InkMap, classifier: Classifier) -> bool:
    """The cheap look that nearly every page passes."""
    boxes = line_boxes(ink, _FEW_CROPS)
    return len(boxes) >= _FEWEST_CROPS and float(classifier(_crops(ink, boxes)).mean()) < _SUSPICIOUS


def upside_down_evidence(ink: InkMap, classifier: Classifier) -> float | None:
    """-1 (upright) to 1 (upside down); None with too few words.

    Each word is shown both ways round, which cancels what the classifier thinks of a typeface at large.
    """
    boxes = line_boxes(ink, _MANY_CROPS)
    if len(boxes) < _FEWEST_CROPS:
        return None
    return float(classifier(_crops(ink, boxes)).mean() - classifier(_crops(ink, boxes, turned=True)).mean())


def _crops(ink: InkMap, boxes: NDArray[np.int32], turned: bool = False) -> NDArray[np.float32]:
    """The words as the classifier wants them: float32 in -1..1, shape (n, 3, 48, 192), grey, padded on the right."""
    batch = np.zeros((len(boxes), 3, _CROP_HEIGHT, _CROP_WIDTH), dtype=np.float32)
    for index, (left, top, width, height) in enumerate(boxes.tolist()):
        margin = round(0.15 * height)
        crop = ink.grey[max(0, top - margin) : top + height + margin, max(0, left - margin) : left + width + margin]
        crop = crop[::-1, ::-1] if turned else crop
        shown = min(_CROP_WIDTH, round(_CROP_HEIGHT * crop.shape[1] / crop.shape[0]))
        resized = cv2.resize(np.ascontiguousarray(crop), (shown, _CROP_HEIGHT), interpolation=cv2.INTER_LINEAR)
        batch[index, :, :, :shown] = resized.astype(np.float32) / 127.5 - 1.0
    return batch


@lru_cache(maxsize=1)
def _direction_classifier() -> Classifier | None:
    """RapidOCR's bundled classifier, opened without importing RapidOCR itself (half a second); None if missing."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None or find_spec("onnxruntime") is None:
        return None
    models = sorted((Path(spec.origin).parent / "models").glob("*_cls_*.onnx"))
    if not models:
        return None
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a few small crops: more threads cost more than they bring
    session = onnxruntime.InferenceSession(str(models[0]), options, providers=["CPUExecutionProvider"])
    input_name = session.get_inputs()[0].name

    def classify(crops: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(session.run(None, {input_name: crops})[0][:, 1], dtype=np.float32)

    return classify


def _tesseract_turn(grey: NDArray[np.uint8]) -> Orientation:
    """Tesseract's own orientation detection; leaves the page as it is when Tesseract is missing or in doubt."""
    try:
        import pytesseract

        found: dict[str, Any] = pytesseract.image_to_osd(
            Image.fromarray(grey), output_type=pytesseract.Output.DICT, timeout=10
        )
    except (ImportError, OSError, RuntimeError) as error:  # TesseractError is a RuntimeError, "not found" an OSError
        return Orientation(0, f"no orientation detector: {error}")
    if found["orientation_conf"] < _SUREST_OSD:
        return Orientation(0, "Tesseract is in doubt")
    return Orientation(int(found["rotate"]) % 360, f"Tesseract, confidence {found['orientation_conf']:.1f}")


def _shown(evidence: float | None) -> str:
    return "too few words" if evidence is None else f"{evidence:.2f}"
