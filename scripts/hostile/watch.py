"""Memory and processor time of a process and of all that it started, looked at while it works."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType

from ocr_ensemble.memory import processor_seconds

_PAUSE_SECONDS = 0.2
_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_bytes(process: int | None = None) -> int:
    """Memory of one process, this one when None; 0 for one that is gone."""
    try:
        return int(Path(f"/proc/{process or 'self'}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def own_bytes(process: int) -> int:
    """The same with each page that several processes share divided among them, which is slower to learn; such are
    libraries and the pictures that a child hands over."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, IndexError):
        return 0


def descendants(root: int) -> list[int]:
    """The process and all that it and its children started."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):  # it has ended meanwhile
                continue
            children.setdefault(parent, []).append(int(place.name))
    found = [root]
    for process in found:
        found.extend(children.get(process, ()))
    return found


def tree_bytes(root: int) -> int:
    """Their memory together; what several share counts once."""
    return sum(own_bytes(process) for process in descendants(root))


def tree_seconds(root: int) -> float:
    """Processor time of all of them so far, of those that have ended and were waited for, too."""
    return sum(processor_seconds(process, children=True) for process in descendants(root))


class Watch:
    """Looks at a tree of processes in the background. ``peak`` is the most that it held since the last ``reset``,
    ``seconds`` the processor time that it took, which hangs less on the machine's other work than the clock does."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.peak, self._began = 0, tree_seconds(root)

    @property
    def seconds(self) -> float:
        return tree_seconds(self._root) - self._began

    def reset(self) -> None:
        self.peak, self._began = tree_bytes(self._root), tree_seconds(self._root)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        before = 0
        while not self._ended.wait(_PAUSE_SECONDS):
            now = sum(resident_bytes(process) for process in descendants(self._root))  # never less than the exact one
            if now > self.peak:
                now = tree_bytes(self._root)
            # A process that is being started is for a moment a twin of its parent.
            self.peak = max(self.peak, min(before, now))
            before = now
