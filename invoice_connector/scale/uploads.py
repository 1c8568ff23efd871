"""Uploads of ``serve`` where a broker is set: accepted here, read by the workers."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from anyio import to_thread

from db.errors import JobNotFoundError
from db.piles import stored_documents
from db.queries import get_job
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.pipeline.request import Request
from invoice_connector.scale.queues import Broker, celery_app
from invoice_connector.scale.stages import OPEN, Line, status
from invoice_connector.scale.store import work_store

_LOOK_SECONDS, _LONGEST_LOOK_SECONDS = 0.2, 2.0


@dataclass(frozen=True, slots=True)
class Pending:
    """An upload on its way."""

    database: Any
    job_id: str

    def result(self, timeout: float | None = None) -> list[dict[str, Any]]:
        """The JSON of the contract of each document once the file was read.

        Raises TimeoutError after ``timeout`` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while (documents := self._read()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"{self.job_id} was not read within {timeout:g} seconds; ask for it again later")
            time.sleep(_LOOK_SECONDS)
        return documents

    async def documents(self) -> list[dict[str, Any]]:
        """The same without a thread that waits."""
        pause = _LOOK_SECONDS
        while (documents := await to_thread.run_sync(self._read)) is None:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_LOOK_SECONDS)
        return documents

    def _read(self) -> list[dict[str, Any]] | None:
        """None while one of the file's documents is on its way."""
        if status(self.database, self.job_id)["status"] in OPEN:
            return None
        container = get_job(self.database, self.job_id).record.container or {}
        if any(status(self.database, job_id)["status"] in OPEN for job_id in container.get("jobs", ())):
            return None
        return stored_documents(self.database, self.job_id)


class QueuedUploads:
    """What ``UploadQueue`` is, with workers elsewhere."""

    keeps = True

    def __init__(self, connector: InvoiceOCRConnector) -> None:
        settings = connector.settings
        self._line = Line(connector, work_store(settings.work_store), Broker(celery_app(settings)).send)

    def put(self, content: bytes, request: Request) -> Pending:
        """Accepts an upload for sure, then queues it. Raises OSError and StorageError when it cannot be kept."""
        self._line.accept(content, request)
        return Pending(self._line.connector.database, request.job_id)

    def resume(self) -> int:
        """Nothing is left here: the workers take up what was lost."""
        return 0

    def close(self) -> None:
        """Nothing is read here."""

    def state(self, job_id: str) -> str | None:
        """Where an upload is; None for one that nobody sent."""
        try:
            return str(status(self._line.connector.database, job_id)["status"])
        except JobNotFoundError:
            return None
