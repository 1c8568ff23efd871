"""What a server does beside answering: one step after the other in a thread, until it is stopped."""

from __future__ import annotations

import logging
import threading
from abc import abstractmethod
from types import TracebackType

logger = logging.getLogger(__name__)

_AFTER_FAILURE = 5.0  # seconds


class Background:
    """Runs ``step`` again and again while its ``with`` block runs, which waits for the one under way when it is left.
    ``needed`` False: there is nothing to do, and no thread."""

    def __init__(self, name: str, needed: bool) -> None:
        self._name, self._needed = name, needed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def step(self) -> float:
        """Does what is due, and gives the seconds until something may be due again."""

    @property
    def stopped(self) -> bool:
        """Whether a long step should end early."""
        return self._stop.is_set()

    def __enter__(self) -> Background:
        if self._needed:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                pause = self.step()
            except Exception:  # a step that fails in an unforeseen way must not end all that would follow
                logger.exception("%s pause", self._name)
                pause = _AFTER_FAILURE
            self._stop.wait(pause)
