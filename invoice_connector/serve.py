"""One HTTP application: the analytics dashboard and the upload of invoices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import uvicorn
from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response, UploadFile

from analytics.app import create_app
from db.contract import document_json
from db.errors import JobNotFoundError
from db.ids import new_job_id
from db.queries import get_job
from invoice_connector import outcome
from invoice_connector.connector import InvoiceOCRConnector

CHUNK = 1 << 20  # bytes taken from an upload at a time


def build_app(connector: InvoiceOCRConnector) -> FastAPI:
    """The dashboard at ``/``, its API under ``/analytics`` and uploads under ``/invoices``."""
    app = create_app(connector.database)
    app.include_router(_invoices(connector))
    return app


def run(connector: InvoiceOCRConnector, host: str, port: int) -> None:
    """Serves until interrupted."""
    uvicorn.run(build_app(connector), host=host, port=port, log_level="info")


def _invoices(connector: InvoiceOCRConnector) -> APIRouter:
    router = APIRouter(prefix="/invoices", tags=["invoices"])
    # One at a time: the engines use all cores for one document already.
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="invoice")
    accepted: set[str] = set()

    def read(content: bytes, request: outcome.Request) -> dict[str, Any]:
        try:
            return connector.process_bytes(content, request).to_dict()
        finally:
            accepted.discard(request.job_id)

    @router.post("", responses={202: {"description": "accepted"}, 413: {"description": "too large"}})
    def upload(
        file: UploadFile,
        request: Request,
        response: Response,
        wait: Annotated[bool, Query(description="false: answer at once with a job to poll")] = True,
        customer_id: Annotated[str | None, Query(max_length=200)] = None,
        invoice_number: Annotated[str | None, Query(max_length=200)] = None,
    ) -> dict[str, Any]:
        """Reads one invoice and answers with the JSON of the contract."""
        content = _received(file, connector.settings.max_bytes)
        job = outcome.Request(new_job_id(), file.filename or "upload", customer_id, invoice_number)
        accepted.add(job.job_id)
        reading = worker.submit(read, content, job)
        if wait:
            return reading.result()
        response.status_code = 202
        response.headers["Location"] = str(request.url_for("poll", job_id=job.job_id))
        return {"job_id": job.job_id, "status": "received"}

    @router.get("/{job_id}", name="poll")
    def poll(job_id: str) -> dict[str, Any]:
        """The JSON of the contract once the document was read, until then its status."""
        try:
            return document_json(get_job(connector.database, job_id))
        except JobNotFoundError as error:
            if job_id in accepted:
                return {"job_id": job_id, "status": "received"}
            raise HTTPException(404, str(error)) from error

    return router


def _received(file: UploadFile, limit: int) -> bytes:
    """The upload's bytes; 413 as soon as they exceed the limit."""
    content = bytearray()
    while chunk := file.file.read(CHUNK):
        content += chunk
        if len(content) > limit:
            raise HTTPException(413, f"the upload exceeds the limit of {limit:,} bytes; send a smaller file")
    return bytes(content)
