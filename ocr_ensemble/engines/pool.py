"""The engines of one process: built on first use, shared by all documents, left behind when they hang."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from ocr_ensemble.engines.protocols import Engine, EngineSettings
from ocr_ensemble.engines.registry import create_engine
from ocr_ensemble.errors import EngineError, EngineFailedError


class EnginePool:
    """Thread-safe. ``given`` engines are used as they are; all others come from the registry."""

    def __init__(self, settings: EngineSettings, given: Mapping[str, Engine] | None = None) -> None:
        self._settings = settings
        self._engines: dict[str, Engine] = dict(given or {})
        self._failures: dict[str, EngineError] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Engine:
        """The engine; raises the EngineError that its first construction ended in."""
        with self._lock:
            if name in self._failures:
                raise self._failures[name]
            if name not in self._engines:
                try:
                    self._engines[name] = create_engine(name, self._settings)
                except EngineError as error:
                    self._failures[name] = error
                    raise
                except Exception as error:
                    failure = EngineFailedError(name, f"{name} cannot start: {type(error).__name__}: {error}")
                    self._failures[name] = failure
                    raise failure from error
            return self._engines[name]

    @property
    def devices(self) -> frozenset[str]:
        """What the engines that were built compute on, as torch names it; "cpu" for those that know nothing else."""
        with self._lock:
            return frozenset(str(getattr(engine, "runs_on", "cpu")) for engine in self._engines.values())

    def discard(self, name: str) -> None:
        """Forgets an instance that hangs; the next ``get`` builds a fresh one."""
        with self._lock:
            self._engines.pop(name, None)
