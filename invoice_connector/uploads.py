"""Uploads that wait to be read: kept on disk until their job is stored, so that a killed server loses none."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from decimal import Decimal
from functools import cached_property
from typing import Any

from db.errors import DuplicateJobError, JobNotFoundError, StorageError
from db.submissions import Spool, SubmissionState, submission
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.outcome import Request
from invoice_connector.storage import spool

logger = logging.getLogger(__name__)


class UploadQueue:
    """Reads one upload at a time: the engines use all cores for one document already."""

    def __init__(self, connector: InvoiceOCRConnector) -> None:
        self._connector = connector
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="invoice")
        self._waiting: set[str] = set()
        self._lock = threading.Lock()

    @cached_property
    def _spool(self) -> Spool | None:
        return spool(self._connector.database, self._connector.settings)

    @property
    def keeps(self) -> bool:
        """Whether accepted uploads are on disk and in the database, so that their pages can show how far they are."""
        return self._spool is not None

    def put(self, content: bytes, request: Request) -> Future[dict[str, Any]]:
        """Accepts an upload for sure, then queues it. Raises DiskFullError when it cannot be kept."""
        if self._spool is not None:
            self._spool.accept(request.job_id, content, plain_request(request))
        return self._queue(content, request)

    def resume(self) -> int:
        """Queues what an earlier process accepted and did not finish; returns how many."""
        if self._spool is None:
            return 0
        taken = 0
        for found in self._spool.unfinished():
            content = self._spool.content(found.job_id)
            if content is None:
                self._spool.finish(found.job_id, SubmissionState.FAILED, "the uploaded bytes are gone; send it again")
            else:
                self._queue(content, request_of(found.request))
                taken += 1
        return taken

    def state(self, job_id: str) -> str | None:
        """Where an upload is whose job is not stored; None for one that nobody sent."""
        try:
            return submission(self._connector.database, job_id).state
        except JobNotFoundError:
            return SubmissionState.RECEIVED if job_id in self._waiting else None

    def _queue(self, content: bytes, request: Request) -> Future[dict[str, Any]]:
        with self._lock:
            self._waiting.add(request.job_id)
        return self._worker.submit(self._read, content, request)

    def _read(self, content: bytes, request: Request) -> dict[str, Any]:
        try:
            if self._spool is not None:
                self._spool.start(request.job_id)
            found = self._connector.process_bytes(content, request).to_dict()
        except DuplicateJobError:  # another process took the same upload up
            self._finish(request.job_id)
            raise
        except StorageError:
            logger.exception("the upload %s stays queued until the server starts again", request.job_id)
            raise
        else:
            self._finish(request.job_id)
            return found
        finally:
            with self._lock:
                self._waiting.discard(request.job_id)

    def _finish(self, job_id: str) -> None:
        if self._spool is not None:
            self._spool.finish(job_id)


def plain_request(request: Request) -> dict[str, Any]:
    """The request as plain JSON."""
    values = asdict(request)
    amount = values["expected_amount"]
    return {**values, "expected_amount": None if amount is None else str(amount)}


def request_of(values: Mapping[str, Any]) -> Request:
    """The request that ``plain_request`` wrote down."""
    amount = values.get("expected_amount")
    return Request(**{**values, "expected_amount": None if amount is None else Decimal(amount)})
