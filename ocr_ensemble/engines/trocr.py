"""TrOCR: a vision encoder and a text decoder that writes a line token by token (Li et al. 2021).

Public checkpoints (``microsoft/trocr-*-printed``) and the compact one load alike. How a crop becomes the picture that
the checkpoint was trained on is said in its ``line_preparation.json``; without one it is stretched, as TrOCR's
processor does. A checkpoint may bring a CTC head (``trocr_ctc.py``).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.engines import deadline
from ocr_ensemble.engines.device import choose_device
from ocr_ensemble.engines.encoder_decoder import EncoderDecoder, Tokens
from ocr_ensemble.engines.hub_models import require, version_of
from ocr_ensemble.engines.protocols import EngineSettings, LineCrop
from ocr_ensemble.engines.trocr_runtimes import DECODER, ENCODER, NAME, ExportedTrOCR, on_torch
from ocr_ensemble.errors import WeightsIncompleteError
from ocr_ensemble.exported import runs_exported
from ocr_ensemble.grey import grey_of
from ocr_ensemble.layout import Alternative
from ocr_ensemble.reading import Reading
from ocr_ensemble.weights.store import resolve

PREPARATION = "line_preparation.json"
MOST_SQUEEZED = 16  # widths of a picture that a line may have before it is squeezed to one
UNFINISHED = "\ufffd"  # what a tokenizer decodes part of a character to

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class LinePreparation:
    """A line as the checkpoint saw lines in training: grey, ``height`` pixels high, filled up on the right with the
    median of its border to ``width``, or squeezed to it.

    ``widths``: narrower widths that the encoder takes as well, ascending, ``width`` last; a short line then costs less.
    """

    height: int
    width: int
    widths: tuple[int, ...]

    def picture(self, pixels: Pixels) -> Pixels:
        """uint8, shape (height, one of widths, 3), from uint8 RGB of shape (H, W, 3)."""
        import cv2

        grey = grey_of(pixels)
        wanted = max(1, min(MOST_SQUEEZED * self.width, int(self.height * grey.shape[1] / grey.shape[0])))
        line = cv2.resize(grey, (wanted, self.height), interpolation=cv2.INTER_LINEAR)
        if wanted > self.width:
            line = cv2.resize(line, (self.width, self.height), interpolation=cv2.INTER_AREA)
        border = np.concatenate([line[0], line[-1], line[:, 0], line[:, -1]])
        missing = next(width for width in self.widths if width >= line.shape[1]) - line.shape[1]
        filled = np.pad(line, ((0, 0), (0, missing)), constant_values=int(np.median(border)))
        return np.repeat(filled[:, :, None].astype(np.uint8), 3, axis=2)


def read_preparation(folder: Path) -> LinePreparation | None:
    """None where the checkpoint says nothing. Raises WeightsIncompleteError for a file out of form."""
    path = folder / PREPARATION
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text("utf-8"))
        height, width = int(data["height"]), int(data["width"])
        return LinePreparation(height, width, tuple(sorted({*map(int, data.get("widths", ())), width})))
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsIncompleteError(NAME, f"{path} names no height and width ({error}); correct it") from error


@dataclass(frozen=True, slots=True)
class _Line:
    """A line on its way; ``picture``: uint8, shape (H, W, 3)."""

    number: int
    picture: Pixels


class TrOCRReader:
    """LineReader; one instance may be called from several threads, one call runs at a time."""

    name = NAME

    def __init__(self, model: EncoderDecoder, preparation: LinePreparation | None) -> None:
        self.version = model.version
        self.runs_on = model.runs_on
        self._model = model
        self._preparation = preparation
        self._pieces: dict[int, str] = {}
        self._lock = threading.Lock()

    def read_lines(self, crops: Sequence[LineCrop]) -> list[Reading]:
        tokens: dict[int, Tokens] = {}
        with self._lock:
            for batch in self._batches(crops):
                deadline.check()
                read = self._model.read([line.picture for line in batch])
                tokens.update(zip((line.number for line in batch), read, strict=True))
            return [self._reading(crop, tokens[number]) for number, crop in enumerate(crops)]

    def _batches(self, crops: Sequence[LineCrop]) -> list[list[_Line]]:
        """Lines of like width together: they are about equally long, so few decoder steps are wasted on padding."""
        order = sorted(range(len(crops)), key=lambda number: _aspect(crops[number]))
        lines = [_Line(number, self._picture(crops[number].pixels)) for number in order]
        alike = [list(group) for _, group in groupby(lines, key=self._size)]
        size = self._model.at_once
        return [group[start : start + size] for group in alike for start in range(0, len(group), size)]

    def _picture(self, pixels: Pixels) -> Pixels:
        return self._preparation.picture(pixels) if self._preparation else pixels

    def _size(self, line: _Line) -> int:
        """Lines of one size share a batch; the processor stretches them to one where nothing else is said."""
        return line.picture.shape[1] if self._preparation else 0

    def _reading(self, crop: LineCrop, tokens: Tokens) -> Reading:
        text, certain = self._text(tokens)
        start, stop = len(text) - len(text.lstrip()), len(text.rstrip())
        others = self._alternatives(tokens, text)
        return Reading(
            self.name,
            text.strip(),
            crop.box,
            tokens.confidence if text.strip() else None,
            char_confidences=None if certain is None else certain[start:stop] if text.strip() else (),
            preparation=crop.preparation,
            alternatives=None if others is None else others[start : max(start, stop)],
        )

    def _alternatives(self, tokens: Tokens, text: str) -> tuple[Alternative | None, ...] | None:
        """One per character; None where tokens are not characters or none are known."""
        if len(tokens.alternatives) != len(text) or any(len(self._piece(token)) != 1 for token in tokens.ids):
            return None
        return tuple(None if other is None else (self._piece(other[0]), other[1]) for other in tokens.alternatives)

    def _text(self, tokens: Tokens) -> tuple[str, tuple[float, ...] | None]:
        """Text and, where each token stands for whole characters, the probability of each character."""
        text = self._model.decode(tokens.ids)
        pieces = [self._piece(token) for token in tokens.ids]
        if "".join(pieces) == text:
            spread = zip(pieces, tokens.probabilities, strict=True)
            return text, tuple(probability for piece, probability in spread for _ in piece)
        return text, self._certain_by_prefix(text, tokens)

    def _certain_by_prefix(self, text: str, tokens: Tokens) -> tuple[float, ...] | None:
        """For tokens that are parts of characters or depend on the one before: what each of them adds to the text."""
        certain: list[float] = []
        pending = 1.0
        for count, probability in enumerate(tokens.probabilities, start=1):
            prefix = self._model.decode(tokens.ids[:count]).rstrip(UNFINISHED)
            pending = min(pending, probability)
            if not text.startswith(prefix) or len(prefix) < len(certain):
                return None
            if len(prefix) > len(certain):
                certain.extend([pending] * (len(prefix) - len(certain)))
                pending = 1.0
        return tuple(certain) if len(certain) == len(text) else None

    def _piece(self, token: int) -> str:
        if token not in self._pieces:
            self._pieces[token] = self._model.decode((token,))
        return self._pieces[token]


def _aspect(crop: LineCrop) -> float:
    return float(crop.pixels.shape[1] / crop.pixels.shape[0])


def create(settings: EngineSettings) -> TrOCRReader:
    """Raises EngineUnavailableError when the library, the device or the weights are missing or not to be trusted."""
    folder = resolve(NAME, settings)
    preparation = read_preparation(folder)
    if preparation is not None and runs_exported(folder, settings.device, ENCODER, DECODER):
        return TrOCRReader(ExportedTrOCR(folder, settings.threads), preparation)
    require(NAME, "torch", "transformers")
    device = choose_device(NAME, settings.device, settings.threads)
    if preparation is not None and device.is_gpu:
        # A compiled encoder is compiled for one size; a GPU gains nothing by narrower ones anyway.
        preparation = replace(preparation, widths=(preparation.width,))
    return TrOCRReader(on_torch(folder, device, preparation.widths if preparation else ()), preparation)


def find_version(settings: EngineSettings) -> str:
    """The version that ``create`` would give, without loading weights. Raises EngineUnavailableError."""
    folder = resolve(NAME, settings)
    if read_preparation(folder) is not None and runs_exported(folder, settings.device, ENCODER, DECODER):
        return version_of("onnxruntime", folder)
    require(NAME, "torch", "transformers")
    return version_of("transformers", folder)
