"""The compact verifier as one graph: it sees a row of cells and says how likely the answer yes is.

Its prompt is the same for every question, whatever the document says, so it is part of the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.engines.normalisation import Normalisation
from ocr_ensemble.exported import ExportedGraph
from verifier.decisions import Answer, Decision, Kind, checked_answer
from verifier.errors import VerifierUnavailableError
from verifier.pictures import CELL

if TYPE_CHECKING:
    from PIL.Image import Image

GRAPH = "verifier.onnx"


class ExportedVerifier:
    """A runtime of ``LocalBackend``."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._graph = ExportedGraph.load("verifier", folder / GRAPH, threads)
        self._normalisation = Normalisation.load("verifier", folder)

    def answers(self, decisions: Sequence[Decision]) -> list[Answer]:
        """Raises VerifierUnavailableError for a question that is not about one row of cells."""
        return [self._answer(decision) for decision in decisions]

    def _answer(self, decision: Decision) -> Answer:
        if decision.kind is not Kind.YES_NO or len(decision.pictures) != 1:
            raise VerifierUnavailableError("the compact verifier judges one candidate at a time; choose another one")
        (yes,) = self._graph.run(cells=self._cells(decision.pictures[0]))
        return checked_answer(decision, [float(yes), 1.0 - float(yes)])

    def _cells(self, picture: Image) -> NDArray[np.float32]:
        """One row per cell, shape (cells, 3 * CELL * CELL), as Qwen2.5-VL's processor cuts a picture one cell high."""
        pixels = np.asarray(picture.convert("RGB"), dtype=np.uint8)
        height, width = pixels.shape[:2]
        if height != CELL or width % CELL:
            raise VerifierUnavailableError(f"the compact verifier sees rows of cells, not {width} x {height} pixels")
        channels = self._normalisation.of([pixels])[0].reshape(3, CELL, width // CELL, CELL)
        return np.ascontiguousarray(channels.transpose(2, 0, 1, 3).reshape(width // CELL, -1))
