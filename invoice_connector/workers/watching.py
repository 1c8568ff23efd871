"""Places that are watched, and a folder as one: what lies still in it is read once and moved to ``done`` or ``failed``.

The log is the truth, the folders only show it. A document is stored in the transaction that looks whether it is there
already, and its file is moved afterwards; whoever is killed in between finds it stored and only moves it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from db.queries import JobFilter, list_jobs
from db.records import JobStatus
from invoice_connector.arrivals.arriving import Opening
from invoice_connector.storage import open_log
from invoice_connector.workers.batch import SUFFIXES, BatchItem, BatchOrder, found_items, read_all

DONE, FAILED = "done", "failed"
# What people send that is no page: it is refused with a sentence, and not left lying.
_REFUSED = frozenset({
    ".doc", ".docx", ".odt", ".rtf", ".txt", ".html", ".htm", ".xls", ".xlsx", ".ods", ".csv", ".ppt", ".pptx", ".rar",
    ".7z",
})  # fmt: skip
_READ = SUFFIXES | _REFUSED
Signature = tuple[int, int, int]  # inode, bytes, nanoseconds of the last change


Seen = tuple[str, dict[str, Any] | None]
"""The name of what was read, and the JSON of the contract; None for a document that was stored before."""


class Watch(Protocol):
    """A place where documents arrive. ``order``: how they are read."""

    order: BatchOrder

    @property
    def waiting(self) -> bool:
        """Whether something was there at the last look that is not read yet."""

    def look(self) -> Iterator[Seen]:
        """Reads what is there, and puts it where it belongs. Raises StorageError and OSError, after which the next look
        goes on."""

    def wait(self, stopped: threading.Event) -> None:
        """Until it is time for the next look, or ``stopped`` is set. Raises OSError like ``look``."""


@dataclass(slots=True)
class FolderWatch:
    """``settle``: seconds for which a file must not have changed before it is read; ``every``: those between two looks.
    ``seen`` are the files as they were at the last look."""

    folder: Path
    order: BatchOrder
    opening: Opening
    settle: float = 2.0
    every: float = 2.0
    seen: dict[Path, Signature] = field(default_factory=dict)

    @property
    def waiting(self) -> bool:
        """Whether there were files at the last look that are not read yet."""
        return bool(self.seen)

    def look(self) -> Iterator[Seen]:
        """Reads what lies still, and yields each document's JSON with its file; None for one that was stored before.

        Raises StorageError, after which the next look goes on.
        """
        now = {path: signature for path in self._files() if (signature := _signature(path)) is not None}
        still = [
            path for path, signature in now.items() if self.seen.get(path) == signature and self._settled(signature)
        ]
        self.seen = now
        items = list(found_items(still, self.opening))
        failed = {item.path: True for item in items}
        for item, status, read in read_once(items, self.order):
            failed[item.path] &= status == JobStatus.FAILED
            yield from ((item.path.name, document) for document in read or (None,))
        for item in {item.path: item for item in items}.values():
            for path in filter(None, (item.path, item.shown_by)):
                self._move(path, now[path], FAILED if failed[item.path] else DONE)

    def wait(self, stopped: threading.Event) -> None:
        """Until the next look."""
        stopped.wait(self.every)

    def _files(self) -> list[Path]:
        return sorted(
            path
            for path in self.folder.iterdir()
            if path.suffix.lower() in _READ and not path.name.startswith((".", "~")) and path.is_file()
        )

    def _settled(self, signature: Signature) -> bool:
        return time.time() - signature[2] / 1e9 >= self.settle

    def _move(self, path: Path, signature: Signature, name: str) -> None:
        """Moves a file that is still the one that was read, under a name that is free."""
        if _signature(path) != signature:
            return  # it was changed meanwhile and is looked at anew
        target = self.folder / name
        target.mkdir(exist_ok=True)
        names = (path.name if number == 1 else f"{path.stem} ({number}){path.suffix}" for number in count(1))
        free = next(place for place in (target / each for each in names) if not place.exists())
        with suppress(FileNotFoundError):  # another watcher of the folder was faster
            path.rename(free)
        self.seen.pop(path, None)


def read_once(items: Iterable[BatchItem], order: BatchOrder) -> Iterator[tuple[BatchItem, str, list[dict[str, Any]]]]:
    """Each item once, with the status of its job and the JSON of the contract of its documents, which are several in a
    pile; none where the log holds its bytes already, or another item has them. Raises StorageError."""
    alike: dict[str, list[BatchItem]] = {}
    for item in items:
        alike.setdefault(_key(item), []).append(item)
    fresh = []
    for first, *copies in alike.values():
        if (status := _stored(first, order)) is None:
            fresh.append(first)
        else:
            yield from ((item, status, []) for item in (first, *copies))
    for result in read_all(fresh, order, jobs=1) if fresh else ():
        first, *copies = alike[_key(result.item)]
        yield first, result.status, result.documents
        yield from ((item, result.status, []) for item in copies)


def _key(item: BatchItem) -> str:
    return item.sha256 or str(item.path)


def _stored(item: BatchItem, order: BatchOrder) -> str | None:
    """The status of the job that read these bytes under these settings before."""
    from invoice_connector.provenance import settings_key

    if item.sha256 is None:
        return None
    key = settings_key(order.settings, order.customer_id)
    database = open_log(order.settings)
    try:
        found = list_jobs(database, 1, where=JobFilter(sha256=item.sha256, settings_key=key))
        return str(found[0].status) if found else None
    finally:
        database.dispose()


def _signature(path: Path) -> Signature | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
