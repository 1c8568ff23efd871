"""One HTTP application: the analytics dashboard and the upload of invoices."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import uvicorn
from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from analytics.access import bound_to
from analytics.app import Features, create_app
from analytics.models import ErrorResponse
from analytics.rendering import wants_page
from db import keys
from db.contract import document_json
from db.errors import JobNotFoundError
from db.ids import new_job_id
from db.queries import get_job
from db.submissions import SubmissionState
from invoice_connector import outcome
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.review_routes import review_routes
from invoice_connector.sinks.sender import BackgroundSender
from invoice_connector.uploads import UploadQueue

if TYPE_CHECKING:
    from invoice_connector.scale.uploads import QueuedUploads

logger = logging.getLogger(__name__)

# A connection is kept longer than clients and proxies keep theirs (httpx 5 s, nginx 60 s): else they meet one closing.
IDLE_SECONDS = 75
CHUNK = 1 << 20  # bytes taken from an upload at a time


class Sender(BaseModel):
    """The query of an upload: whose it is, and what the ERP expects to be printed on it."""

    wait: bool = Field(default=True, description="false: answer at once with a job to poll")
    customer_id: str | None = Field(default=None, max_length=200)
    invoice_number: str | None = Field(default=None, max_length=200)
    expected_amount: Decimal | None = Field(default=None, allow_inf_nan=False)


def build_app(connector: InvoiceOCRConnector, host: str = "127.0.0.1") -> FastAPI:
    """The dashboard at ``/``, its API under ``/analytics``, uploads and reviews under ``/invoices``; API keys are
    needed where ``host`` is more than this computer."""
    settings = connector.settings
    access = bound_to(host, settings.requests_per_minute, settings.max_bytes)
    app = create_app(connector.database, access, Features(connector.pictures, uploads=True, reviews=True))
    app.include_router(_invoices(connector))
    app.include_router(review_routes(connector))
    if access.keys_required and not any(key.revoked_at is None for key in keys.list_keys(connector.database)):
        logger.warning("nobody can use this server yet; make a key with `invoice-connector keys create NAME`")
    return app


def run(connector: InvoiceOCRConnector, host: str, port: int) -> None:
    """Serves until interrupted, and sends what is due to the sinks meanwhile."""
    app = build_app(connector, host)
    with BackgroundSender(lambda: connector.database, connector.settings.sinks):
        uvicorn.run(app, host=host, port=port, log_level="info", server_header=False, timeout_keep_alive=IDLE_SECONDS)


def _queue(connector: InvoiceOCRConnector) -> UploadQueue | QueuedUploads:
    """Uploads are read in this process, or by workers where a broker is set."""
    if not connector.settings.broker_url:
        return UploadQueue(connector)
    from invoice_connector.scale.uploads import QueuedUploads

    return QueuedUploads(connector)


def _invoices(connector: InvoiceOCRConnector) -> APIRouter:
    router = APIRouter(prefix="/invoices", tags=["invoices"])
    queue = _queue(connector)
    queue.resume()

    @router.post(
        "",
        responses={
            202: {"description": "accepted; Location says where to poll"},
            413: {"model": ErrorResponse, "description": "too large"},
            422: {"model": ErrorResponse, "description": "a parameter is wrong"},
        },
    )
    def upload(
        file: UploadFile,
        request: Request,
        response: Response,
        sender: Annotated[Sender, Query()],
    ) -> Any:
        """Reads one invoice and answers with the JSON of the contract; a browser's form is led to the job's page."""
        content = _received(file, connector.settings.max_bytes)
        job = outcome.Request(new_job_id(), file.filename or "upload", **sender.model_dump(exclude={"wait"}))
        reading = queue.put(content, job)
        if wants_page(request):
            if not queue.keeps:
                reading.result()
            return RedirectResponse(f"/jobs/{job.job_id}", 303)
        if sender.wait:
            return reading.result()
        response.status_code = 202
        response.headers["Location"] = str(request.url_for("poll", job_id=job.job_id))
        return {"job_id": job.job_id, "status": "received"}

    @router.get(
        "/{job_id}", name="poll", responses={404: {"model": ErrorResponse, "description": "nobody sent that job"}}
    )
    def poll(job_id: str) -> dict[str, Any]:
        """The JSON of the contract once the document was read, until then its status."""
        state = queue.state(job_id)
        if state in (SubmissionState.RECEIVED, SubmissionState.RUNNING):  # a stored job may still lack its pictures
            return {"job_id": job_id, "status": state}
        try:
            return document_json(get_job(connector.database, job_id))
        except JobNotFoundError as error:
            if state is not None:
                return {"job_id": job_id, "status": state}
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
