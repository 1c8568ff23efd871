"""Readings of documents that were read before, by content: bounded, the least recently used ones leave first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace

from ocr_ensemble.reading import DocumentReading, EngineRun, PageReading, RunStatus


class ReadingCache:
    """At most ``capacity`` readings, by the SHA-256 of the file; safe for threads. A capacity of 0 keeps nothing.

    It belongs to one ensemble, since what is read depends on its settings and engines.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, DocumentReading] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, sha256: str) -> DocumentReading | None:
        """The reading with its runs marked ``cached``; None when it is not here (any more)."""
        with self._lock:
            found = self._kept.get(sha256)
            if found is not None:
                self._kept.move_to_end(sha256)
            return found

    def put(self, sha256: str, reading: DocumentReading) -> None:
        """Keeps a reading, unless an engine failed: the next time it may not."""
        if not self._capacity or any(_may_change(run) for run in reading.runs):
            return
        with self._lock:
            self._kept[sha256] = DocumentReading(tuple(map(_as_cached, reading.pages)))
            self._kept.move_to_end(sha256)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)


def _may_change(run: EngineRun) -> bool:
    return run.status in (RunStatus.FAILED, RunStatus.TIMED_OUT)


def _as_cached(page: PageReading) -> PageReading:
    runs = tuple(replace(run, milliseconds=0.0, cached=True) for run in page.runs)
    return replace(page, runs=runs, timings_ms=dict.fromkeys(page.timings_ms, 0.0))
