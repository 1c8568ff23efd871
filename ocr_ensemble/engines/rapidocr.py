"""RapidOCR: PP-OCR detection and recognition from its wheel.

Page direction is decided before the engines run, so RapidOCR's own line direction classifier is left out.
"""

from __future__ import annotations

import math
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.crops import crop_aspect, crop_polygon
from ocr_ensemble.document.page import PageImage
from ocr_ensemble.engines import deadline
from ocr_ensemble.engines import rapidocr_models as models
from ocr_ensemble.engines.ctc import CTCText, best_path
from ocr_ensemble.engines.places import corners_of, words_of
from ocr_ensemble.engines.protocols import EngineSettings, LineCrop
from ocr_ensemble.engines.rapidocr_detection import BoundedDetector
from ocr_ensemble.engines.rapidocr_models import Network
from ocr_ensemble.layout import BoundingBox, Polygon, TextLine
from ocr_ensemble.reading import Reading, Transcription

NAME = models.NAME
MIN_TEXT_SCORE = 0.5  # RapidOCR's own limit for keeping a line
LINE_HEIGHT = 48  # pixels of a crop as the recogniser sees it
MIN_ASPECT = 320 / LINE_HEIGHT  # the recogniser was trained on crops padded to at least this width over height
MAX_ASPECT = 100.0  # no printed line is longer for its height; rules and borders are
BATCH = 6
BATCH_ASPECT = 240.0  # of all crops of a batch together, which bounds its memory
SPACE_ODDS = 6.0  # on receipts four of five spaces found so are printed; benchmarks.md has the figures


class RapidOCRReader:
    """PageReader and LineReader; one instance may be called from several threads, one call runs at a time."""

    name = NAME

    def __init__(self, detector: BoundedDetector, recognizer: Network, alphabet: Sequence[str], version: str) -> None:
        self.version = version
        self._detector = detector
        self._recognizer = recognizer
        self._characters = [_in_latin(char) for char in alphabet]
        self._lock = threading.Lock()

    def read_page(self, page: PageImage) -> Transcription:
        """Lines in reading order with words, character confidences and corner points."""
        started = perf_counter()
        with self._lock:
            polygons = self.detect(page.pixels)
            decoded = self._recognize(_Cuts(page.pixels, polygons))
        lines = tuple(
            _text_line(text, polygon)
            for text, polygon in zip(decoded, polygons, strict=True)
            if text.text.strip() and (text.confidence or 0.0) >= MIN_TEXT_SCORE
        )
        return Transcription(self.name, self.version, page.number, lines, (perf_counter() - started) * 1000)

    def read_lines(self, crops: Sequence[LineCrop]) -> list[Reading]:
        with self._lock:
            decoded = self._recognize(_Pictures(crops))
        return [
            Reading(
                self.name,
                text.text,
                crop.box,
                text.confidence,
                char_confidences=text.confidences,
                words=words_of(text, corners_of(crop.box)),
                preparation=crop.preparation,
                alternatives=text.alternatives,
            )
            for crop, text in zip(crops, decoded, strict=True)
        ]

    def detect(self, pixels: NDArray[np.uint8]) -> list[Polygon]:
        """Text lines as corner points clockwise from the top left, in reading order."""
        return self._detector.detect(pixels)

    def _recognize(self, lines: _Lines) -> list[CTCText]:
        aspects = lines.aspects()
        order = sorted(range(len(aspects)), key=aspects.__getitem__)
        decoded: dict[int, CTCText] = {}
        for batch in _batches(order, aspects):
            deadline.check()
            widest = min(MAX_ASPECT, max(MIN_ASPECT, *(aspects[index] for index in batch)))
            pictures = np.stack([_padded(lines.picture(at), int(LINE_HEIGHT * widest)) for at in batch])
            for index, probabilities in zip(batch, self._recognizer(pictures), strict=True):
                columns = max(1, round(len(probabilities) * min(1.0, aspects[index] / widest)))
                decoded[index] = _relative(best_path(probabilities, self._characters, space_odds=SPACE_ODDS), columns)
        self._recognizer.release()
        return [decoded[index] for index in range(len(aspects))]


class _Lines(Protocol):
    """Pictures of lines that are made when they are wanted: all of a page's at once may be many times the page."""

    def aspects(self) -> list[float]: ...

    def picture(self, index: int) -> NDArray[np.uint8]: ...


@dataclass(frozen=True, slots=True)
class _Cuts:
    page: NDArray[np.uint8]
    polygons: Sequence[Polygon]

    def aspects(self) -> list[float]:
        return [crop_aspect(polygon) for polygon in self.polygons]

    def picture(self, index: int) -> NDArray[np.uint8]:
        return crop_polygon(self.page, self.polygons[index])


@dataclass(frozen=True, slots=True)
class _Pictures:
    crops: Sequence[LineCrop]

    def aspects(self) -> list[float]:
        return [crop.pixels.shape[1] / crop.pixels.shape[0] for crop in self.crops]

    def picture(self, index: int) -> NDArray[np.uint8]:
        return self.crops[index].pixels


def _padded(pixels: NDArray[np.uint8], width: int) -> NDArray[np.float32]:
    """A crop as the recogniser takes it: -1..1, shape (3, LINE_HEIGHT, width), blue first, zeros on the right."""
    import cv2

    own = min(width, math.ceil(LINE_HEIGHT * (pixels.shape[1] / float(pixels.shape[0]))))
    resized = cv2.resize(pixels[:, :, ::-1], (own, LINE_HEIGHT)).astype(np.float32)
    padded = np.zeros((3, LINE_HEIGHT, width), dtype=np.float32)
    padded[:, :, :own] = (resized.transpose(2, 0, 1) / 255 - 0.5) / 0.5
    return padded


def _in_latin(char: str) -> str:
    """The sign of Latin print for its full-width twin, and x for the times sign that the recogniser takes it for."""
    if char == "×":
        return "x"
    return unicodedata.normalize("NFKC", char) if "\uff01" <= char <= "\uff5e" else char


def _batches(order: Sequence[int], aspects: Sequence[float]) -> Iterator[Sequence[int]]:
    """Crops that are recognised together, narrow ones first: fewer of them the wider they are."""
    start = 0
    while start < len(order):
        count = BATCH
        while count > 1 and count * min(MAX_ASPECT, aspects[order[min(start + count, len(order)) - 1]]) > BATCH_ASPECT:
            count -= 1
        yield order[start : start + count]
        start += count


def _relative(text: CTCText, columns: int) -> CTCText:
    """Columns as thousandths of the crop's own width, padding left out."""
    return replace(text, columns=tuple(min(999, (2 * c + 1) * 500 // columns) for c in text.columns))


def _text_line(decoded: CTCText, polygon: Polygon) -> TextLine:
    return TextLine(
        decoded.text,
        BoundingBox.around(polygon),
        decoded.confidence,
        words_of(decoded, polygon),
        decoded.confidences,
        polygon,
        decoded.alternatives,
    )


def create(settings: EngineSettings) -> RapidOCRReader:
    """Raises EngineUnavailableError when the library is not installed."""
    return _reader(BoundedDetector(models.network(models.DETECTION, settings.threads).beside()), settings)


def create_recognizer(settings: EngineSettings) -> RapidOCRReader:
    """A reader of lines only, without the detector. Raises EngineUnavailableError when the library is not installed."""
    return _reader(BoundedDetector(None), settings)


def _reader(detector: BoundedDetector, settings: EngineSettings) -> RapidOCRReader:
    """All readers of the process share one recogniser, each with a request of its own."""
    recognizer = models.network(models.RECOGNITION, settings.threads).beside()
    return RapidOCRReader(detector, recognizer, models.alphabet(), models.version())


def find_version(settings: EngineSettings) -> str:
    """The version that ``create`` would give, without loading weights. Raises EngineUnavailableError."""
    del settings
    return models.version()
