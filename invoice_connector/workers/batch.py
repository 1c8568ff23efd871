"""A folder of documents, read in parallel by worker processes; a run that was killed goes on where it stopped.

A worker stores each document itself, in the transaction that also checks that nobody else has stored it. So a result
is either there or will be made again, and never there twice, whenever and however often anything is killed.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoice_connector.arrivals.containers import SUFFIXES as CONTAINERS
from invoice_connector.settings import ConnectorSettings

if TYPE_CHECKING:
    from invoice_connector.arrivals.arriving import Arrival, Opening
    from invoice_connector.connector import InvoiceOCRConnector
    from invoice_connector.pipeline.request import Request

_PAGES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".heic", ".heif", ".pdf"})
SUFFIXES = _PAGES | CONTAINERS
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One document and the SHA-256 of its bytes (64 hexadecimal digits), None when its file could not be opened.
    ``part`` is its place in that file, counted from 0, when the file is a container with documents; ``shown_by`` is the
    PDF that shows what it states. ``arrival``: the document itself where it lies in no file; ``path`` only names it
    then."""

    path: Path
    sha256: str | None
    part: int | None = None
    shown_by: Path | None = None
    arrival: Arrival | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a file. ``document`` is the JSON of the contract; None when another run had stored it first.
    ``others`` are those of the further documents of a pile."""

    item: BatchItem
    status: str
    document: dict[str, Any] | None = None
    others: tuple[dict[str, Any], ...] = ()

    @property
    def documents(self) -> list[dict[str, Any]]:
        """All that were read."""
        return [] if self.document is None else [self.document, *self.others]

    @property
    def reason(self) -> str:
        """Why it failed; empty otherwise."""
        error = (self.document or {}).get("error")
        return f"{error['type']}: {error['message']}" if error else ""


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """How to read: ``unless`` are the statuses that make a document done."""

    settings: ConnectorSettings
    customer_id: str | None
    unless: tuple[str, ...]


def find_documents(folder: Path) -> list[Path]:
    """Images, PDF, e-invoices, mails and archives in the folder and below, in order of their paths; hidden ones are
    left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and (path.suffix.lower() != ".xml" or _states_invoice(path))
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )


def _states_invoice(path: Path) -> bool:
    """Whether an XML file begins as an e-invoice: folders hold others, too."""
    from ocr_ensemble.document.foreign import HEAD, is_e_invoice

    try:
        with path.open("rb") as stream:
            return is_e_invoice(stream.read(16 * HEAD))
    except OSError:
        return False


def found_items(paths: Sequence[Path], opening: Opening) -> Iterator[BatchItem]:
    """The documents of the files with their digests; a PDF beside an e-invoice of the same name is read with it."""
    from invoice_connector.arrivals.arriving import shown_by_data

    shown = shown_by_data(paths, opening)
    pictures = {data: picture for picture, data in shown.items()}
    for item in hashed([path for path in paths if path not in shown]):
        if item.sha256 is None or item.path.suffix.lower() not in CONTAINERS:
            yield item
            continue
        if (picture := pictures.get(item.path)) is not None:
            yield BatchItem(item.path, _digest_of_pair(item, picture, opening), None, picture)
            continue
        for part, content in enumerate(_parts(item.path, opening)):
            whole = isinstance(content, Path)
            digest = item.sha256 if isinstance(content, Path) else hashlib.sha256(content).hexdigest()
            yield BatchItem(item.path, digest, None if whole else part)


def _digest_of_pair(item: BatchItem, picture: Path, opening: Opening) -> str | None:
    from invoice_connector.arrivals.arriving import with_picture

    pair = with_picture(item.path, picture, opening.settings)
    return item.sha256 if isinstance(pair, Path) else hashlib.sha256(pair).hexdigest()


def _parts(path: Path, opening: Opening) -> list[Path | bytes]:
    return [arrival.source for arrival in opening.arrivals(path, _request_of(path, None))]


def hashed(paths: Sequence[Path]) -> Iterator[BatchItem]:
    """The files with their digests."""
    for path in paths:
        try:
            digest = hashlib.sha256()
            with path.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
        except OSError:
            yield BatchItem(path, None)
        else:
            yield BatchItem(path, digest.hexdigest())


def read_all(items: Collection[BatchItem], order: BatchOrder, jobs: int) -> Iterator[BatchResult]:
    """Reads the files in ``jobs`` processes and yields each result as it comes.

    A document whose worker dies (a crash in a library, no memory left) is tried again in a process of its own, and
    ends as a failed job when it has been tried ``stage_tries`` times, in this run and before; the others go on.
    """
    suspects: list[BatchItem] = []
    waiting = deque(items)
    while waiting:
        yield from _read_until_broken(waiting, order, jobs, suspects)
    for item in suspects:
        yield _read_alone(item, order)


def _read_alone(item: BatchItem, order: BatchOrder) -> BatchResult:
    for _ in range(order.settings.stage_tries):
        died = list[BatchItem]()
        for result in _read_until_broken(deque([item]), order, 1, died):
            return result
    from invoice_connector.connector import InvoiceOCRConnector

    return _given_up(InvoiceOCRConnector(order.settings), item, order)  # the worker did not come as far as to count


def _read_until_broken(
    waiting: deque[BatchItem], order: BatchOrder, jobs: int, suspects: list[BatchItem]
) -> Iterator[BatchResult]:
    """Takes from ``waiting`` until nothing is left or a worker dies; what was being read then joins ``suspects``."""
    running: dict[Future[BatchResult], BatchItem] = {}
    # What Python starts to tidy up after its processes outlives one that is killed, and would warn on the screen.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker:UserWarning")
    context = multiprocessing.get_context("spawn")  # forking a process with native threads can deadlock
    with ProcessPoolExecutor(min(jobs, len(waiting)), context, _start_worker, (order,)) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    future = pool.submit(_read_in_worker, waiting[0])
                    running[future] = waiting.popleft()
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    result = done.result()
                    del running[done]
                    yield result
        except BrokenProcessPool:
            suspects.extend(running.values())


_worker: tuple[Any, BatchOrder] | None = None  # the connector of a worker process, whose models are loaded once


def _start_worker(order: BatchOrder) -> None:
    # One thread each, before any library starts its own: side by side that is twice as fast as threads in each.
    for name in ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, str(order.settings.threads))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted, and lets what is being read end well
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from invoice_connector.connector import InvoiceOCRConnector

    global _worker  # noqa: PLW0603 - a worker process is given its state once, before its first task
    _worker = (InvoiceOCRConnector(order.settings), order)


def _end_with_parent() -> None:
    """Ends this worker when the parent was killed, which closes no queue."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _read_in_worker(item: BatchItem) -> BatchResult:
    from db.errors import DuplicateJobError

    assert _worker is not None
    connector, order = _worker
    with _counted(item, connector, order) as tries:
        if tries > order.settings.stage_tries:
            return _given_up(connector, item, order)
        arrival = _arrival(item, order, connector)
        item = replace(item, arrival=None)  # the parent has it
        try:
            processed = connector.process_once(arrival.source, arrival.request, order.unless)
        except DuplicateJobError:
            return BatchResult(item, "done")
        first, *others = processed.documents()
        return BatchResult(item, processed.status, first, tuple(others))


@contextmanager
def _counted(item: BatchItem, connector: InvoiceOCRConnector, order: BatchOrder) -> Iterator[int]:
    """How often the document has been begun, this time included. The row is gone once it came to any end but the end
    of the process."""
    from db import stages
    from db.submissions import BATCH
    from invoice_connector.provenance import settings_key

    name = f"{item.sha256 or item.path} {settings_key(order.settings, order.customer_id)}"
    key = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()
    tries = stages.take_up(connector.database, key, BATCH)
    try:
        yield tries
    finally:
        stages.let_go(connector.database, key)


_opened: tuple[Path, tuple[Arrival, ...]] | None = None  # the container that this worker took apart last


def _arrival(item: BatchItem, order: BatchOrder, connector: InvoiceOCRConnector) -> Arrival:
    """The document with what is known of it."""
    from db.ids import new_job_id
    from invoice_connector.arrivals.arriving import Arrival, with_picture

    if item.arrival is not None:
        return replace(item.arrival, request=replace(item.arrival.request, job_id=new_job_id()))
    global _opened  # noqa: PLW0603 - the next document is likely of the same container
    request = _request_of(item.path, order.customer_id)
    if item.part is None:
        return Arrival(with_picture(item.path, item.shown_by, connector.opening.settings), request)
    if _opened is None or _opened[0] != item.path:
        _opened = (item.path, connector.opening.arrivals(item.path, request))
    arrivals = _opened[1]
    if item.part >= len(arrivals):  # the file is another one by now
        return Arrival(item.path, request)
    found = arrivals[item.part]
    return Arrival(found.source, replace(found.request, job_id=request.job_id))


def _request_of(path: Path, customer_id: str | None) -> Request:
    from db.ids import new_job_id
    from invoice_connector.pipeline.request import Request

    return Request(new_job_id(), path.name, customer_id, source_path=str(path.absolute()))


def _given_up(connector: InvoiceOCRConnector, item: BatchItem, order: BatchOrder) -> BatchResult:
    """The failed job of a document that no worker survives."""
    from db.errors import DuplicateJobError
    from invoice_connector.pipeline.outcome import Failure

    request = _arrival(item, order, connector).request
    failure = Failure.given_up(request.source_name, order.settings.stage_tries)
    try:
        processed = connector.store_failure(request, item.sha256, failure, order.unless)
    except DuplicateJobError:
        return BatchResult(item, "done")
    return BatchResult(item, processed.status, processed.to_dict())
