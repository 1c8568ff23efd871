"""Reviews over HTTP: the form of a job's page, and the same as JSON for programs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from analytics.models import ErrorResponse
from db import inputs
from db.contract import document_json
from db.queries import get_job
from db.reviews import ReviewRequest
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.review import CorrectionError, corrected, store_review

_INPUT = "value-"
JobId = Annotated[str, Path(max_length=64)]


MAX_CHARACTERS = 4000
"""Of all values of a review together."""


def _note(text: str) -> str:
    return inputs.text(text, limit=inputs.LONG_TEXT, lines=True)


class ReviewBody(BaseModel):
    """What a person says about a document; fields that are not named are confirmed as they are."""

    values: dict[str, str | None] = Field(
        default={},
        max_length=100,
        description="the right value by field name, null for a field that is not there",
        examples=[{"total_with_vat": "1250.00", "due_date": "2026-11-30"}],
    )
    reviewer: Annotated[str, AfterValidator(inputs.text)] | None = Field(
        default=None, max_length=200, examples=["Anna"]
    )
    note: Annotated[str, AfterValidator(_note)] | None = Field(default=None, max_length=inputs.LONG_TEXT)
    status: Literal["approved", "rejected"] = "approved"
    confirmed: bool = Field(
        default=False,
        description="the values are right although sums, dates or check digits do not hold; note says why",
    )

    @model_validator(mode="after")
    def _bounded(self) -> ReviewBody:
        """What a review adds to the log has a bound, however many fields it names."""
        size = sum(len(name) + len(value or "") for name, value in self.values.items())
        if size > MAX_CHARACTERS:
            raise ValueError(f"the values have {size:,} characters; at most {MAX_CHARACTERS:,} are allowed")
        return self


async def _form(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def review_routes(connector: InvoiceOCRConnector) -> APIRouter:
    router = APIRouter()

    @router.post("/jobs/{job_id}/review", include_in_schema=False)
    def review_form(job_id: JobId, form: Annotated[dict[str, str], Depends(_form)]) -> Response:
        changed = _changed(form, _values(document_json(get_job(connector.database, job_id))))
        reviewer, note = (_plain(form.get(name, "")) or None for name in ("reviewer", "note"))
        # The page's two buttons each send a status: what comes without one is no click, and approves nothing.
        said = {"values": changed, "status": form.get("status", ""), "confirmed": "confirmed" in form}
        try:
            body = ReviewBody.model_validate({**said, "reviewer": reviewer, "note": note})
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
        _store(connector, job_id, changed, body)
        return RedirectResponse(f"/jobs/{job_id}#review", 303)

    @router.post(
        "/invoices/{job_id}/review",
        tags=["invoices"],
        responses={
            400: {"model": ErrorResponse, "description": "the body is no JSON"},
            404: {"model": ErrorResponse, "description": "no job has that id"},
            409: {"model": ErrorResponse, "description": "the job's data was erased"},
            413: {"model": ErrorResponse, "description": "too large"},
            422: {
                "model": ErrorResponse,
                "description": "a value that no such field has, or values that break a rule",
            },
        },
    )
    def review(job_id: JobId, body: ReviewBody) -> dict[str, Any]:
        """Stores a review as an event of its own and answers with the JSON of the document as it is now."""
        _store(connector, job_id, {name: value or "" for name, value in body.values.items()}, body)
        return document_json(get_job(connector.database, job_id))

    return router


def _store(connector: InvoiceOCRConnector, job_id: str, values: dict[str, str], body: ReviewBody) -> None:
    try:
        right = {name: corrected(name, value.strip()) for name, value in values.items()}
        request = ReviewRequest(job_id, right, body.reviewer, body.note, body.status)
        store_review(connector.database, request, body.confirmed)
    except CorrectionError as error:
        raise HTTPException(422, str(error)) from error


def _changed(form: dict[str, str], now: dict[str, str | None]) -> dict[str, str]:
    """What the form says otherwise than the job, by field name."""
    values = {name.removeprefix(_INPUT): text for name, text in form.items() if name.startswith(_INPUT)}
    if name := form.get("new_name"):
        values[name] = form.get("new_value", "")
    # A browser writes line ends in its own way, which is no correction.
    return {name: _plain(text) for name, text in values.items() if text.split() != (now.get(name) or "").split()}


def _plain(text: str) -> str:
    return "\n".join(text.split("\r\n")).strip()


def _values(document: dict[str, Any]) -> dict[str, str | None]:
    """What counts for each field: the correction where there is one, else what was read."""
    read = {name: field.get("value") for name, field in document["fields"].items()}
    return read | {name: change["value"] for name, change in document["corrections"].items()}
