"""How a file is divided into documents, over HTTP: shown, and divided otherwise as a person says."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Form, HTTPException, Path
from fastapi.responses import RedirectResponse, Response
from pydantic import AfterValidator, BaseModel, Field

from analytics.models.base import ErrorResponse
from db import inputs
from db.piles import StoredPile, stored_pile
from db.queries import get_job
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.piles.anew import DivisionError, divided_anew, pages_in, request_anew, set_aside
from invoice_connector.pipeline.request import Request
from invoice_connector.web.uploads import QueueFullError

JobId = Annotated[str, Path(max_length=64)]
PageNumber = Annotated[int, Field(ge=1, le=1_000_000)]
Reviewer = Annotated[str, AfterValidator(inputs.text), Field(max_length=200, examples=["Anna"])]


class Queue(Protocol):
    """Where files wait to be read."""

    def put(self, content: bytes, request: Request) -> object: ...


class DividedDocument(BaseModel):
    job_id: str
    pages: list[int] = Field(description="of the file, in the document's order", examples=[[2, 3]])
    status: str
    open: bool = Field(description="nobody judged it and no sink has it, so its pages may be moved")


class DividedFile(BaseModel):
    """How the file is divided that a job is a document of."""

    documents: list[DividedDocument]
    left_out: list[int] = Field(description="pages that are in no document")
    can_be_divided: bool = Field(description="whether a division can be sent: the file is kept, nobody sent one before")
    why_not: str | None = Field(description="why none can be sent, as a sentence")
    divided_into: str | None = Field(description="the first job of what a person divided it into")


class DivisionBody(BaseModel):
    """The documents that the movable pages are; a page that is named in none is left out."""

    documents: list[Annotated[list[PageNumber], Field(max_length=1000)]] = Field(
        max_length=1000, description="the pages of each, in the document's order", examples=[[[1, 2], [3]]]
    )
    reviewer: Reviewer | None = None


class Divided(BaseModel):
    """Accepted; the documents are read anew under this job's id and others that follow from it."""

    job_id: str
    status: str = "received"
    instead_of: list[str] = Field(description="jobs that are rejected, since their pages are in other documents now")


_REFUSALS: dict[int | str, dict[str, Any]] = {404: {"model": ErrorResponse, "description": "no job has that id"}}
_DIVIDING: dict[int | str, dict[str, Any]] = {
    **_REFUSALS,
    400: {"model": ErrorResponse, "description": "the body is no JSON"},
    409: {
        "model": ErrorResponse,
        "description": "the file is not kept, was divided before, or all is settled",
    },
    413: {"model": ErrorResponse, "description": "too large"},
    422: {"model": ErrorResponse, "description": "pages that cannot be moved, or are named twice"},
    503: {"model": ErrorResponse, "description": "too many uploads wait; send it again later"},
}


def division_routes(connector: InvoiceOCRConnector, queue: Queue) -> APIRouter:
    router = APIRouter()

    @router.get("/invoices/{job_id}/division", tags=["invoices"], responses=_REFUSALS)
    def shown(job_id: JobId) -> DividedFile:
        """The documents of the file that a job came in, each with its pages."""
        pile = stored_pile(connector.database, job_id)
        documents = [DividedDocument(job_id=d.job_id, pages=[*d.pages], status=d.status, open=d.open)
                     for d in pile.documents]  # fmt: skip
        why_not = _why_not(connector, pile)
        return DividedFile(
            documents=documents,
            left_out=[*pile.left_out],
            can_be_divided=why_not is None,
            why_not=why_not,
            divided_into=pile.next_job if pile.divided else None,
        )

    @router.post("/invoices/{job_id}/division", tags=["invoices"], status_code=202, responses=_DIVIDING)
    def divide(job_id: JobId, body: DivisionBody) -> Divided:
        """Divides the file's open documents otherwise: they are read anew, and those that there were are rejected."""
        return _divide(connector, queue, job_id, body)

    @router.post("/jobs/{job_id}/division", include_in_schema=False)
    def divide_form(
        job_id: JobId,
        documents: Annotated[str, Form(max_length=20_000)],
        reviewer: Annotated[str, Form(max_length=200)] = "",
    ) -> Response:
        try:
            named = pages_in(documents)
        except DivisionError as error:
            raise HTTPException(422, str(error)) from error
        body = DivisionBody(documents=named, reviewer=inputs.text(reviewer.strip()) if reviewer.strip() else None)
        done = _divide(connector, queue, job_id, body)
        return RedirectResponse(f"/jobs/{done.job_id}", 303)

    return router


def _divide(connector: InvoiceOCRConnector, queue: Queue, job_id: str, body: DivisionBody) -> Divided:
    database = connector.database
    pile = stored_pile(database, job_id)
    if (why_not := _why_not(connector, pile)) is not None:
        raise HTTPException(409, why_not)
    content = _kept(connector, pile)
    assert content is not None
    try:
        division = divided_anew(pile, body.documents, body.reviewer)
    except DivisionError as error:
        raise HTTPException(422, str(error)) from error
    request = request_anew(get_job(database, pile.documents[0].job_id), pile, division)
    try:
        queue.put(content, request)  # first, so that no kill leaves pages that wait nowhere
    except QueueFullError as error:
        raise HTTPException(503, str(error)) from error
    set_aside(database, division, pile.next_job)
    return Divided(job_id=pile.next_job, instead_of=[*division.instead_of])


def _why_not(connector: InvoiceOCRConnector, pile: StoredPile) -> str | None:
    if pile.why_not is None and _kept(connector, pile) is None:
        return "the file is not kept (any more); send each document as a file of its own"
    return pile.why_not


def _kept(connector: InvoiceOCRConnector, pile: StoredPile) -> bytes | None:
    return None if connector.pictures is None else connector.pictures.file(pile.documents[0].job_id)
