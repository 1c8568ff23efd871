"""How far a process of its own is, for tests that kill it: what it has stored, looked at without disturbing it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path


def stored(database: Path) -> int:
    """How many jobs a log in SQLite has; 0 while there is none. Opening the log as a program does would lock it."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as log:
        return int(log.execute("SELECT count(*) FROM ocr_jobs").fetchone()[0])
    return 0


def wait_until(reached: Callable[[], bool], seconds: float = 900.0) -> None:
    """Fails when it takes much longer than on a busy machine."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.05)
