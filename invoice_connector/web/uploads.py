"""Uploads that wait to be read: kept on disk until their job is stored, so that a killed server loses none."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from db.errors import DamagedDatabaseError, DuplicateJobError, StorageError
from db.inputs import InputError
from db.piles import stored_documents
from db.submissions import Spool, SubmissionState, find_submission
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.pipeline.outcome import Failure
from invoice_connector.pipeline.request import Request, plain_request, request_of
from invoice_connector.storage import spool
from invoice_connector.workers.reader import InThisProcess, Reader, ReaderDiedError, ReadingProcess

logger = logging.getLogger(__name__)


class QueueFullError(Exception):
    """As many uploads wait as may."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An upload on its way."""

    future: Future[list[dict[str, Any]]]

    def result(self, timeout: float | None = None) -> list[dict[str, Any]]:
        """The JSON of the contract of each document once the file was read. Raises TimeoutError after ``timeout``
        seconds."""
        return self.future.result(timeout)

    async def documents(self) -> list[dict[str, Any]]:
        """The same without a thread that waits; the upload is read even when nobody waits any more."""
        return await asyncio.shield(asyncio.wrap_future(self.future))


class UploadQueue:
    """Reads one upload at a time: the engines use all cores for one document already. They do so in ``reader``, a
    process of its own unless the log is in memory."""

    def __init__(self, connector: InvoiceOCRConnector, reader: Reader | None = None) -> None:
        self._connector = connector
        self._reader = reader
        self._worker: ThreadPoolExecutor | None = None
        self._waiting: set[str] = set()
        self._lock = threading.Lock()
        self._closing = False

    @cached_property
    def _spool(self) -> Spool | None:
        return spool(self._connector.database, self._connector.settings)

    @property
    def keeps(self) -> bool:
        """Whether accepted uploads are on disk and in the database, so that their pages can show how far they are."""
        return self._spool is not None

    def put(self, content: bytes, request: Request) -> Reading:
        """Accepts an upload for sure, then queues it. Raises QueueFullError, and DiskFullError when it cannot be
        kept."""
        limit = self._connector.settings.waiting_uploads
        with self._lock:
            if len(self._waiting) >= limit:
                raise QueueFullError(
                    f"{limit:,} uploads wait to be read already, which is the limit; send it again later"
                )
            self._waiting.add(request.job_id)
        try:
            if self._spool is not None:
                self._spool.accept(request.job_id, content, plain_request(request))
        except BaseException:
            self._forget(request.job_id)
            raise
        return self._queue(request, None if self._spool is not None else content)

    def resume(self) -> int:
        """Queues what an earlier process accepted and did not finish; returns how many."""
        if self._spool is None:
            return 0
        taken = 0
        for found in self._spool.unfinished():
            try:
                request = request_of(found.request)
            except InputError as error:  # an earlier version let it in
                self._spool.finish(found.job_id, SubmissionState.FAILED, str(error))
                continue
            with self._lock:
                self._waiting.add(found.job_id)
            self._queue(request, None)
            taken += 1
        return taken

    def close(self) -> None:
        """Stops at once; what waits or was being read is taken up by the next process."""
        with self._lock:
            worker, self._worker, self._closing = self._worker, None, True
        if worker is None:
            return
        worker.shutdown(wait=False, cancel_futures=True)
        if self._reader is not None:
            self._reader.close()
        worker.shutdown()
        self._closing = False
        self._waiting.clear()

    def state(self, job_id: str) -> str | None:
        """Where an upload is whose job is not stored; None for one that nobody sent."""
        found = find_submission(self._connector.database, job_id)
        if found is not None:
            return found.state
        return SubmissionState.RECEIVED if job_id in self._waiting else None

    def _queue(self, request: Request, content: bytes | None) -> Reading:
        with self._lock:
            self._worker = self._worker or ThreadPoolExecutor(max_workers=1, thread_name_prefix="invoice")
            return Reading(self._worker.submit(self._read, request, content))

    def _read(self, request: Request, content: bytes | None) -> list[dict[str, Any]]:
        try:
            if self._spool is None:
                assert content is not None
                return self._open_reader().read(content, request)
            return self._kept_documents(self._spool, request)
        except StorageError:
            logger.exception(
                "the upload %s was not read; it stays queued until the server starts again", request.job_id
            )
            raise
        finally:
            self._forget(request.job_id)

    def _kept_documents(self, spool: Spool, request: Request) -> list[dict[str, Any]]:
        try:
            documents = self._tried(spool, request)
        except DuplicateJobError:  # another process took the same upload up, or one died after it was stored
            documents = stored_documents(self._connector.database, request.job_id)
        spool.finish(request.job_id)
        return documents

    def _tried(self, spool: Spool, request: Request) -> list[dict[str, Any]]:
        """What becomes of an upload. Every try is counted before it begins, so a document that ends the reading
        process, or this one, again and again becomes a failed job."""
        content = spool.content(request.job_id)
        if content is None:
            spool.finish(request.job_id, SubmissionState.FAILED, "the uploaded bytes are gone; send it again")
            raise DamagedDatabaseError(f"the bytes of the upload {request.job_id} are gone; send it again")
        tries = self._connector.settings.stage_tries
        while spool.start(request.job_id) <= tries:
            try:
                return self._open_reader().read(content, request)
            except ReaderDiedError as error:
                if self._closing:
                    spool.put_back(request.job_id)
                    raise
                logger.warning("%s", error)
        failure = Failure.given_up(request.source_name, tries)
        sha256 = hashlib.sha256(content).hexdigest()
        return self._connector.store_failure(request, sha256, failure).documents()

    def _open_reader(self) -> Reader:
        if self._reader is None:
            own = self._spool is not None and self._connector.settings.reader_isolated
            self._reader = ReadingProcess(self._connector.settings) if own else InThisProcess(self._connector)
        return self._reader

    def _forget(self, job_id: str) -> None:
        with self._lock:
            self._waiting.discard(job_id)
