"""What a document took of memory and processor, measured step by step while it was read."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ocr_ensemble.document.isolation import Isolation, decoding_seconds
from ocr_ensemble.memory import forget_peak, peak_bytes


@dataclass(frozen=True, slots=True)
class Resources:
    """``processor_ms``: processor time by step, of all threads of the process that read and of its decoding child, from
    0. ``peak_memory_bytes``: the most that process held at once during these steps, models included and the child not;
    None where the system does not tell. Documents that one process reads at the same time share both.
    """

    processor_ms: Mapping[str, float] = field(default_factory=dict)
    peak_memory_bytes: int | None = None

    def beside(self, other: Resources) -> Resources:
        """Both together, of steps one after the other."""
        peaks = [peak for peak in (self.peak_memory_bytes, other.peak_memory_bytes) if peak is not None]
        return Resources({**self.processor_ms, **other.processor_ms}, max(peaks, default=None))

    def to_dict(self) -> dict[str, Any] | None:
        """The form of the JSON, with the sum of all steps; None where no step was begun."""
        if not self.processor_ms:
            return None
        times = {**self.processor_ms, "total": sum(self.processor_ms.values())}
        rounded = {name: round(milliseconds, 3) for name, milliseconds in times.items()}
        return {"peak_memory_bytes": self.peak_memory_bytes, "processor_ms": rounded}


class Meter:
    """Measures from when it is made."""

    def __init__(self, isolation: Isolation) -> None:
        forget_peak()
        self._isolation = isolation
        self._started = self._spent()

    def read(self, step: str) -> Resources:
        """What was taken since, as the cost of this step."""
        return Resources({step: (self._spent() - self._started) * 1000}, peak_bytes())

    def _spent(self) -> float:
        return time.process_time() + decoding_seconds(self._isolation)
