"""Graphs that ``scripts/export_checkpoints.py`` made of a checkpoint, computed by ONNX Runtime.

The compact checkpoints run so: torch and transformers take seconds and a gigabyte to start, the runtime a tenth of a
second and 40 MB. A graph names the files it was made of with their SHA-256 and is refused beside any others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.errors import WeightsIncompleteError
from ocr_ensemble.weights import manifest as manifests

MADE_OF = "made_of"  # in a graph's metadata: file names to SHA-256, as JSON
REMEDY = "make it anew with scripts/export_checkpoints.py, or delete it to compute with torch"
DEVICES = ("auto", "cpu")  # small models gain nothing by a graphics processor


def runs_exported(folder: Path, device: str, *names: str) -> bool:
    """Whether the checkpoint brings these graphs, and the setting ``device`` does not want another processor."""
    return device in DEVICES and all((folder / name).is_file() for name in names)


class ExportedGraph:
    """``notes``: what the export wrote beside the weights. Safe to use from several threads."""

    def __init__(self, session: Any, notes: Mapping[str, str]) -> None:
        self._session = session
        self.notes = notes

    @classmethod
    def load(cls, engine: str, path: Path, threads: int) -> ExportedGraph:
        """Raises WeightsIncompleteError for a file that is no graph, or was made of other weights than lie here."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, threads)
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting threads burn the processor
        options.enable_cpu_mem_arena = False  # it keeps the most that any picture ever took
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            notes = dict(session.get_modelmeta().custom_metadata_map)
            made_of = json.loads(notes[MADE_OF])
        except Exception as error:  # the runtime raises whatever its parsers raise
            reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
            raise WeightsIncompleteError(engine, f"{path} cannot be loaded ({reason}); {REMEDY}") from error
        for name, digest in made_of.items():
            source = path.parent / name
            if not source.is_file() or manifests.remembered_sha256(source) != digest:
                raise WeightsIncompleteError(engine, f"{path} was not made of the {name} beside it; {REMEDY}")
        return cls(session, notes)

    def run(self, **inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """Outputs in the graph's order, for arrays by the names of its inputs."""
        return [np.asarray(output) for output in self._session.run(None, inputs)]
