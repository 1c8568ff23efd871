"""Freed memory goes back to the system."""

from __future__ import annotations

import numpy as np

from ocr_ensemble.memory import give_back
from scripts.hostile.watch import resident_bytes


def test_freed_memory_between_what_stays_is_given_back() -> None:
    arrays = [np.ones(100_000, np.uint8) for _ in range(3000)]
    staying = arrays[::30]
    full = resident_bytes()
    del arrays
    give_back()
    assert full - resident_bytes() > 200_000_000
    assert all(int(array.sum()) == 100_000 for array in staying)
