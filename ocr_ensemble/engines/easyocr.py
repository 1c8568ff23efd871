"""EasyOCR: CRAFT's detector and a CTC recogniser (VGG, two BiLSTM layers).

With the official files (``craft_mlt_25k.pth``, ``latin_g2.pth``) it finds and reads the lines of a page. With a custom
recognition network (NAME.yaml, NAME.py, NAME.pth) it reads lines that others found. ``easyocr.Reader`` loads either;
reading goes through its recogniser directly, because ``Reader.recognize`` takes its picture height from a variable that
the last Reader of the process has set, and keeps the probability of each character to itself.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.crops import crop_polygon
from ocr_ensemble.document.page import PageImage
from ocr_ensemble.engines import deadline
from ocr_ensemble.engines.ctc import CTCText, best_path
from ocr_ensemble.engines.device import choose_device
from ocr_ensemble.engines.easyocr_files import (
    DETECTOR,
    NAME,
    RECOGNIZER,
    custom_reader,
    custom_weights,
    official_reader,
)
from ocr_ensemble.engines.easyocr_runtimes import GRAPH, WEIGHTS, ExportedRecognizer, Recognizer, TorchRecognizer
from ocr_ensemble.engines.hub_models import require, version_of
from ocr_ensemble.engines.places import corners_of, words_of
from ocr_ensemble.engines.protocols import EngineSettings, LineCrop
from ocr_ensemble.errors import WeightsIncompleteError
from ocr_ensemble.exported import runs_exported
from ocr_ensemble.grey import grey_of
from ocr_ensemble.layout import BoundingBox, Polygon, TextLine
from ocr_ensemble.reading import Reading, Transcription
from ocr_ensemble.weights.pickles import safe_state_dict
from ocr_ensemble.weights.store import resolve

OFFICIAL_HEIGHT = 64  # pixels of a line for the official recognisers
MAX_ASPECT = 100  # width over height of a line; no printed one is longer, rules and borders are squeezed to it
FULL_BATCH_ASPECT = 40  # wider lines share a batch with fewer others, which bounds its memory
# EasyOCR's own: below this confidence a line is read again with its contrast stretched, and the better reading kept.
POOR, STRETCHED_CONTRAST = 0.1, 0.5


@dataclass(frozen=True, slots=True)
class _Decoded:
    """``text`` with columns in thousandths of the line's width; ``confidence`` as EasyOCR computes it, 0..1."""

    text: CTCText
    confidence: float


class EasyOCRLineReader:
    """LineReader; one instance may be called from several threads, one call runs at a time."""

    name = NAME

    def __init__(self, recognizer: Recognizer) -> None:
        self.version = recognizer.version
        self.runs_on = recognizer.runs_on
        self._recognizer = recognizer
        self._lock = threading.Lock()

    def read_lines(self, crops: Sequence[LineCrop]) -> list[Reading]:
        with self._lock:
            decoded = self._read([grey_of(crop.pixels) for crop in crops])
        return [
            Reading(
                self.name,
                read.text.text,
                crop.box,
                read.confidence if read.text.text else None,
                char_confidences=read.text.confidences,
                words=words_of(read.text, corners_of(crop.box)),
                preparation=crop.preparation,
                alternatives=read.text.alternatives,
            )
            for crop, read in zip(crops, map(_stripped, decoded), strict=True)
        ]

    def _read(self, lines: Sequence[NDArray[np.uint8]]) -> list[_Decoded]:
        """``lines``: uint8, shape (H, W), grey, of any size."""
        height = self._recognizer.height
        fitted = [_fitted(line, height) for line in lines]
        # Depends on the line alone, as in EasyOCR's reading one by one, so that a batch changes no result.
        widths = [min(MAX_ASPECT, math.ceil(max(line.shape) / min(line.shape))) * height for line in lines]
        decoded = self._recognize(fitted, widths)
        poor = [number for number, read in enumerate(decoded) if read.confidence < POOR]
        stretched = [with_contrast(fitted[at], STRETCHED_CONTRAST) for at in poor]
        for number, again in zip(poor, self._recognize(stretched, [widths[at] for at in poor]), strict=True):
            if again.confidence >= decoded[number].confidence:
                decoded[number] = again
        return decoded

    def _recognize(self, lines: Sequence[NDArray[np.uint8]], widths: Sequence[int]) -> list[_Decoded]:
        """``widths``: what each line is filled up to, pixels; lines of one width share a batch."""
        order = sorted(range(len(lines)), key=widths.__getitem__)
        size = self._recognizer.at_once
        decoded: dict[int, _Decoded] = {}
        while order:
            deadline.check()
            width = widths[order[0]]
            most = max(1, min(size, size * FULL_BATCH_ASPECT * self._recognizer.height // width))
            batch = [number for number in order[:most] if widths[number] == width]
            order = order[len(batch) :]
            for number, rows in zip(batch, self._posteriors([lines[at] for at in batch], width), strict=True):
                decoded[number] = self._decode(rows, lines[number].shape[1] / width)
        return [decoded[number] for number in range(len(lines))]

    def _posteriors(self, lines: Sequence[NDArray[np.uint8]], width: int) -> NDArray[np.float32]:
        """Probabilities of classes per column, shape (N, T, C), those of other languages' characters left out."""
        filled = np.stack([np.pad(line, ((0, 0), (0, width - line.shape[1])), mode="edge") for line in lines])
        pixels = filled[:, None].astype(np.float32) / np.float32(127.5) - np.float32(1.0)
        rows = np.array(self._recognizer.probabilities(pixels))
        rows[:, :, list(self._recognizer.ignored)] = 0.0
        return np.asarray(rows / rows.sum(axis=2, keepdims=True), dtype=np.float32)

    def _decode(self, rows: NDArray[np.float32], share: float) -> _Decoded:
        """``rows``: shape (T, C); ``share``: how much of the width, 0..1, is line and not filling."""
        text = best_path(rows, self._recognizer.characters)
        columns = len(rows) * share
        placed = tuple(min(999, int((column + 0.5) / columns * 1000)) for column in text.columns)
        certain = rows.max(axis=1)[rows.argmax(axis=1) != 0]
        confidence = float(np.clip(mean_probability(certain), 0.0, 1.0)) if certain.size else 0.0
        return _Decoded(replace(text, columns=placed), confidence)


class EasyOCRReader(EasyOCRLineReader):
    """PageReader and LineReader, with CRAFT's detector."""

    def __init__(self, recognizer: TorchRecognizer) -> None:
        super().__init__(recognizer)
        self._reader, self._device = recognizer.reader, recognizer.device

    def read_page(self, page: PageImage) -> Transcription:
        """Lines from top to bottom with words, character confidences and corner points."""
        started = perf_counter()
        with self._lock:
            with self._device.computing():
                polygons = self.detect(page.pixels)
            decoded = self._read([grey_of(crop_polygon(page.pixels, polygon)) for polygon in polygons])
        lines = tuple(
            TextLine(
                read.text.text,
                BoundingBox.around(polygon),
                read.confidence,
                words_of(read.text, polygon),
                read.text.confidences,
                polygon,
            )
            for polygon, read in zip(polygons, map(_stripped, decoded), strict=True)
            if read.text.text
        )
        return Transcription(self.name, self.version, page.number, lines, (perf_counter() - started) * 1000)

    def detect(self, pixels: NDArray[np.uint8]) -> list[Polygon]:
        """Text lines as corner points clockwise from the top left, from top to bottom; pixels of the page."""
        upright, slanted = self._reader.detect(pixels)
        height, width = pixels.shape[:2]
        found = [
            [(left, top), (right, top), (right, bottom), (left, bottom)] for left, right, top, bottom in upright[0]
        ]
        clipped = (np.clip(np.asarray(corners, float), 0, (width, height)) for corners in [*found, *slanted[0]])
        polygons = [_polygon(corners) for corners in clipped if np.ptp(corners, axis=0).min() >= 1]
        return sorted(polygons, key=lambda corners: (corners[0][1], corners[0][0]))


def _polygon(corners: NDArray[Any]) -> Polygon:
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return a, b, c, d


def _fitted(line: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    """At ``height`` pixels, proportions kept up to ``MAX_ASPECT``, as ``easyocr.utils.compute_ratio_and_resize``."""
    import cv2

    width = max(1, min(MAX_ASPECT * height, int(height * line.shape[1] / line.shape[0])))
    return np.asarray(cv2.resize(line, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def with_contrast(line: NDArray[np.uint8], wanted: float) -> NDArray[np.uint8]:
    """Stretched where its contrast (0..1) is less than wanted, as ``easyocr.recognition.adjust_contrast_grey``."""
    high, low = np.percentile(line, 90), np.percentile(line, 10)
    if (high - low) / max(10, high + low) >= wanted:
        return line
    stretched = (line.astype(int) - low + 25) * (200.0 / max(10, high - low))
    return np.asarray(np.clip(stretched, 0, 255), dtype=np.uint8)


def mean_probability(values: NDArray[np.float32]) -> float:
    """Of a line's characters, as ``easyocr.recognition.custom_mean``: the longer a line, the milder the product."""
    return float(values.prod() ** (2.0 / np.sqrt(len(values))))


def _stripped(read: _Decoded) -> _Decoded:
    text = read.text
    start, stop = len(text.text) - len(text.text.lstrip()), len(text.text.rstrip())
    stop = max(start, stop)
    return _Decoded(
        CTCText(
            text.text[start:stop],
            text.confidences[start:stop],
            text.columns[start:stop],
            text.alternatives[start:stop],
        ),
        read.confidence,
    )


def create(settings: EngineSettings) -> EasyOCRLineReader:
    """A PageReader too where the official files are. Raises EngineUnavailableError when the library, the device or the
    weights are missing or not to be trusted."""
    folder = resolve(NAME, settings)
    if runs_exported(folder, settings.device, GRAPH):
        return EasyOCRLineReader(ExportedRecognizer(folder, settings.threads))
    require(NAME, "torch", "easyocr")
    device = choose_device(NAME, settings.device, settings.threads)
    # Reader would run whatever these pickles contain; this reads them without running anything.
    for pickle in sorted(folder.glob("*.pth")):
        safe_state_dict(NAME, pickle)
    try:
        if (folder / RECOGNIZER).is_file() and (folder / DETECTOR).is_file():
            version = version_of("easyocr", folder, RECOGNIZER)
            reader = official_reader(folder, device)
            return EasyOCRReader(TorchRecognizer(reader, OFFICIAL_HEIGHT, device, version))
        reader, height, weights = custom_reader(folder, device)
    except WeightsIncompleteError:
        raise
    except Exception as error:  # the library raises whatever its parsers raise
        reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
        raise WeightsIncompleteError(
            NAME, f"easyocr cannot be loaded from {folder} ({reason}); put the whole checkpoint there"
        ) from error
    return EasyOCRLineReader(TorchRecognizer(reader, height, device, version_of("easyocr", folder, weights)))


def find_version(settings: EngineSettings) -> str:
    """The version that ``create`` would give, without loading weights. Raises EngineUnavailableError."""
    folder = resolve(NAME, settings)
    if runs_exported(folder, settings.device, GRAPH):
        return version_of("onnxruntime", folder, WEIGHTS)
    require(NAME, "torch", "easyocr")
    if (folder / RECOGNIZER).is_file() and (folder / DETECTOR).is_file():
        return version_of("easyocr", folder, RECOGNIZER)
    return version_of("easyocr", folder, custom_weights(folder))
