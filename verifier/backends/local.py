"""A checkpoint on this machine, computed by ONNX Runtime where it was exported, else by torch through transformers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ocr_ensemble.exported import runs_exported
from verifier.backends.exported import GRAPH, ExportedVerifier
from verifier.backends.pipeline import LocalSettings, PipelineVerifier
from verifier.decisions import Answer, Decision
from verifier.errors import VerifierError, VerifierUnavailableError


class Runtime(Protocol):
    """What computes a checkpoint; one call at a time."""

    def answers(self, decisions: Sequence[Decision]) -> list[Answer]:
        """One answer per decision, in order."""
        ...


class LocalBackend:
    """Loads the checkpoint on first use; may be called from several threads, one at a time computes."""

    name = "local"

    def __init__(self, folder: Path, settings: LocalSettings | None = None) -> None:
        self.folder = folder
        self.model = folder.name
        self._settings = settings or LocalSettings()
        self._lock = threading.Lock()
        self._loaded: Runtime | None = None

    def decide(self, decisions: Sequence[Decision]) -> list[Answer]:
        """Raises VerifierUnavailableError when the checkpoint cannot be loaded or fails."""
        self.load()
        assert self._loaded is not None
        with self._lock:
            try:
                return self._loaded.answers(decisions)
            except (RuntimeError, ValueError) as error:
                raise VerifierUnavailableError(f"the verifier {self.folder.name} failed: {error}") from error

    def load(self) -> None:
        """Once; raises VerifierUnavailableError when the checkpoint cannot be loaded."""
        with self._lock:
            self._loaded = self._loaded or self._load()

    def _load(self) -> Runtime:
        if not (self.folder / "config.json").is_file():
            raise VerifierUnavailableError(
                f"there is no checkpoint in {self.folder}; pull one or set the verifier to off"
            )
        try:
            if runs_exported(self.folder, self._settings.device, GRAPH):
                return ExportedVerifier(self.folder, self._settings.threads)
            return PipelineVerifier(self.folder, self._settings)
        except VerifierError:
            raise
        except Exception as error:  # the libraries raise whatever their parsers raise
            reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
            raise VerifierUnavailableError(
                f"the verifier cannot be loaded from {self.folder} ({reason}); put the whole checkpoint there"
            ) from error
