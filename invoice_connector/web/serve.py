"""One HTTP application: the analytics dashboard and the upload of invoices."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import uvicorn
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema

from analytics.access import bound_to
from analytics.app import Features, create_app
from analytics.models.base import ErrorResponse
from analytics.rendering import wants_page
from db import inputs, keys
from db.contract import document_json
from db.document import Document, OnItsWay
from db.errors import JobNotFoundError
from db.ids import new_job_id
from db.queries import get_job
from db.submissions import SubmissionState
from invoice_connector.anchors.keeping import BackgroundAnchors
from invoice_connector.arrivals.arriving import Arrival
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.pipeline import request as requests
from invoice_connector.sinks.sender import BackgroundSender
from invoice_connector.web.connections import ImpatientProtocol
from invoice_connector.web.division_routes import division_routes
from invoice_connector.web.review_routes import JobId, review_routes
from invoice_connector.web.supplier_routes import supplier_routes
from invoice_connector.web.uploads import QueueFullError, Reading, UploadQueue

if TYPE_CHECKING:
    from invoice_connector.scale.uploads import Pending, QueuedUploads

logger = logging.getLogger(__name__)

# A connection is kept longer than clients and proxies keep theirs (httpx 5 s, nginx 60 s): else they meet one closing.
IDLE_SECONDS = 75
CLOSING_SECONDS = 20  # for the answers that are being made when the server is told to stop
_RETRY_SECONDS = 30  # after which a sender may find room in the queue
_ACCEPTING = 4  # uploads whose bytes are in memory at a time


ShortText = Annotated[
    str,
    AfterValidator(inputs.text),
    Field(max_length=inputs.SHORT_TEXT, json_schema_extra={"pattern": inputs.PLAIN_TEXT_PATTERN}),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(inputs.amount),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,15}(\.\d{1,20})?$", "examples": ["1250.00"]}),
]


class Sender(BaseModel):
    """The query of an upload: whose it is, and what the ERP expects to be printed on it."""

    wait: bool = Field(default=True, description="false: answer at once with a job to poll")
    customer_id: ShortText | None = None
    invoice_number: ShortText | None = None
    expected_amount: Amount | None = None


def build_app(connector: InvoiceOCRConnector, host: str = "127.0.0.1") -> FastAPI:
    """The dashboard at ``/``, its API under ``/analytics``, uploads and reviews under ``/invoices``; API keys are
    needed where ``host`` is more than this computer."""
    settings = connector.settings
    access = bound_to(host, settings.requests_per_minute, settings.max_bytes)
    app = create_app(connector.database, access, Features(connector.pictures, uploads=True, reviews=True))
    queue = _queue(connector)
    app.include_router(_invoices(connector, queue))
    app.include_router(review_routes(connector))
    app.include_router(division_routes(connector, queue))
    app.include_router(supplier_routes(connector))
    if access.keys_required and not any(key.revoked_at is None for key in keys.list_keys(connector.database)):
        logger.warning("nobody can use this server yet; make a key with `invoice-connector keys create NAME`")
    return app


def run(connector: InvoiceOCRConnector, host: str, port: int) -> None:
    """Serves until interrupted; meanwhile it sends what is due to the sinks and anchors the log."""
    settings = connector.settings
    with (
        BackgroundSender(lambda: connector.database, settings.sinks),
        BackgroundAnchors(lambda: connector.database, settings.anchors, settings.anchor_seconds),
    ):
        server(connector, host, port).run()


def server(connector: InvoiceOCRConnector, host: str, port: int, log_level: str = "info") -> uvicorn.Server:
    """The HTTP server of the application; ``port`` 0 is any that is free."""
    config = uvicorn.Config(
        build_app(connector, host),
        host=host,
        port=port,
        http=ImpatientProtocol,
        ws="none",
        log_level=log_level,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=CLOSING_SECONDS,
    )
    return uvicorn.Server(config)


def _queue(connector: InvoiceOCRConnector) -> UploadQueue | QueuedUploads:
    """Uploads are read in this process, or by workers where a broker is set."""
    if not connector.settings.broker_url:
        return UploadQueue(connector)
    from invoice_connector.scale.uploads import QueuedUploads

    return QueuedUploads(connector)


def _invoices(connector: InvoiceOCRConnector, queue: UploadQueue | QueuedUploads) -> APIRouter:
    accepting = CapacityLimiter(_ACCEPTING)

    @asynccontextmanager
    async def reading(_: FastAPI) -> AsyncIterator[None]:
        await to_thread.run_sync(queue.resume)
        yield
        await to_thread.run_sync(queue.close)

    router = APIRouter(prefix="/invoices", tags=["invoices"], lifespan=reading)

    @router.post(
        "",
        responses={
            200: {"model": Document | list[Document], "description": "read; several for a file that holds several"},
            202: {"model": OnItsWay, "description": "accepted; Location says where to poll"},
            400: {"model": ErrorResponse, "description": "the body is no form"},
            408: {"model": ErrorResponse, "description": "the body came in too slowly"},
            413: {"model": ErrorResponse, "description": "too large"},
            422: {"model": ErrorResponse, "description": "a parameter is wrong, or there is not one file"},
            503: {"model": ErrorResponse, "description": "too many uploads wait; Retry-After says when to try again"},
        },
    )
    async def upload(
        file: UploadFile,
        request: Request,
        response: Response,
        sender: Annotated[Sender, Query()],
    ) -> Any:
        """Reads one file and answers with the JSON of the contract, a list of them where it is a mail, an archive or a
        pile that holds several; a browser's form is led to the page of the first job."""
        await _check_one_file(request)
        job = requests.Request(new_job_id(), inputs.file_name(file.filename), **sender.model_dump(exclude={"wait"}))

        def accept() -> list[tuple[str, Reading | Pending]]:
            arrivals = connector.opening.arrivals(_received(file, connector.settings.max_bytes), job)
            return [(each.request.job_id, queue.put(_bytes(each), each.request)) for each in arrivals]

        try:
            accepted = await to_thread.run_sync(accept, limiter=accepting)
        except QueueFullError as error:
            raise HTTPException(503, str(error), {"Retry-After": str(_RETRY_SECONDS)}) from error
        if wants_page(request):
            if not queue.keeps:
                for _, reading in accepted:
                    await reading.documents()
            return RedirectResponse(f"/jobs/{job.job_id}", 303)
        if sender.wait:
            documents = [document for _, reading in accepted for document in await reading.documents()]
            return documents[0] if len(documents) == 1 else documents
        response.status_code = 202
        response.headers["Location"] = str(request.url_for("poll", job_id=job.job_id))
        others = [job_id for job_id, _ in accepted[1:]]
        return {"job_id": job.job_id, "status": "received", **({"others": others} if others else {})}

    @router.get(
        "/{job_id}",
        name="poll",
        responses={
            200: {"model": Document | OnItsWay, "description": "the document, or how far it is"},
            404: {"model": ErrorResponse, "description": "nobody sent that job"},
            422: {"model": ErrorResponse, "description": "no job has such an id"},
        },
    )
    def poll(job_id: JobId) -> dict[str, Any]:
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


def _bytes(arrival: Arrival) -> bytes:
    assert isinstance(arrival.source, bytes)  # of an upload
    return arrival.source


async def _check_one_file(request: Request) -> None:
    """A second file would be dropped in silence."""
    files = [value for _, value in (await request.form()).multi_items() if not isinstance(value, str)]
    if len(files) > 1:
        raise HTTPException(422, f"the request holds {len(files)} files; send each in a request of its own")


def _received(file: UploadFile, limit: int) -> bytes:
    """The upload's bytes; 413 when they exceed the limit."""
    content = file.file.read(limit + 1)
    if len(content) > limit:
        raise HTTPException(413, f"the upload exceeds the limit of {limit:,} bytes; send a smaller file")
    return content
