"""EasyOCR's recogniser on its two runtimes: torch through ``easyocr.Reader`` for any checkpoint, ONNX Runtime for one
that was exported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.engines.device import Device
from ocr_ensemble.engines.easyocr_files import NAME
from ocr_ensemble.engines.hub_models import version_of
from ocr_ensemble.exported import ExportedGraph

GRAPH, WEIGHTS = "recognizer.onnx", "compact.pth"
NOTES = "recognizer"  # in the graph's metadata: height, characters and ignored classes, as JSON
BATCH, GPU_BATCH = 8, 64


class Recognizer(Protocol):
    """A recogniser on its runtime; one call at a time. ``height`` of a line in pixels; ``characters`` by class, 0 is
    blank; ``ignored``: classes of other languages' characters; ``at_once``: how many lines a call had best have;
    ``runs_on``: the device as torch names it."""

    version: str
    height: int
    characters: Sequence[str]
    ignored: Sequence[int]
    at_once: int
    runs_on: str

    def probabilities(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of classes per column, shape (N, T, C), from grey pixels -1..1, shape (N, 1, height, W)."""
        ...


class ExportedRecognizer:
    """Recognizer: the compact checkpoint as a graph."""

    at_once = BATCH
    runs_on = "cpu"

    def __init__(self, folder: Path, threads: int) -> None:
        self.version = version_of("onnxruntime", folder, WEIGHTS)
        self._graph = ExportedGraph.load(NAME, folder / GRAPH, threads)
        notes = json.loads(self._graph.notes[NOTES])
        self.height, self.characters, self.ignored = notes["height"], notes["characters"], notes["ignored"]

    def probabilities(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._graph.run(pixels=pixels)[0]


class TorchRecognizer:
    """Recognizer. ``reader``: an ``easyocr.Reader``, which may have a detector too."""

    def __init__(self, reader: Any, height: int, device: Device, version: str) -> None:
        import torch

        self.version = version
        self.height = height
        self.characters: Sequence[str] = reader.converter.character
        known = set(reader.lang_char)
        self.ignored: Sequence[int] = [at for at, char in enumerate(self.characters) if at and char not in known]
        self.at_once = GPU_BATCH if device.is_gpu else BATCH
        self.reader = reader
        self.device = device
        self.runs_on = device.name
        # A quarter faster on a CPU.
        self.network = reader.recognizer.eval().to(memory_format=torch.channels_last)

    def probabilities(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        with self.device.computing():
            lines = torch.from_numpy(pixels).to(self.device.name)
            unused = torch.zeros(len(pixels), 1, dtype=torch.long, device=lines.device)
            return np.asarray(self.network(lines, unused).float().softmax(2).cpu().numpy(), dtype=np.float32)
