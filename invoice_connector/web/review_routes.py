"""Reviews over HTTP: the form of a job's page, and the same as JSON for programs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from analytics.models.base import ErrorResponse
from db import inputs
from db.contract import document_json
from db.errors import InvalidRecordError
from db.queries import get_job
from db.records import Place
from db.reviews import ReviewRequest
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.review.corrections import CorrectionError, corrected
from invoice_connector.review.pointing import page_words, placed, printed_value
from invoice_connector.review.storing import store_review

_INPUT, _PLACE = "value-", "place-"
JobId = Annotated[str, Path(max_length=64)]
FieldName = Annotated[str, Path(max_length=64)]


MAX_CHARACTERS = 4000
"""Of all values of a review together."""


def _note(text: str) -> str:
    return inputs.text(text, limit=inputs.LONG_TEXT, lines=True)


Edge = Annotated[float, Field(ge=0, le=1_000_000)]
Box = Annotated[list[Edge], Field(min_length=4, max_length=4)]


class PlaceBody(BaseModel):
    """Where a value is printed."""

    page: int = Field(ge=1, le=1_000_000, examples=[1])
    box: Box = Field(description="left, top, right, bottom in pixels of the page", examples=[[812, 240, 964, 268]])


class ReviewBody(BaseModel):
    """What a person says about a document; fields that are not named are confirmed as they are."""

    values: dict[str, str | None] = Field(
        default={},
        max_length=100,
        description="the right value by field name, null for a field that is not there",
        examples=[{"total_with_vat": "1250.00", "due_date": "2026-11-30"}],
    )
    places: dict[str, PlaceBody] = Field(
        default={},
        max_length=100,
        description="where right values are printed, by field name: the next document of the supplier is read with it; "
        "a field with a place and no value gets what is printed there",
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


class PrintedWord(BaseModel):
    page: int
    text: str
    box: list[float] = Field(description="left, top, right, bottom in pixels of the page")


class Printed(BaseModel):
    """What stands in a place."""

    value: str = Field(description="as the contract writes it", examples=["2026-11-30"])
    text: str = Field(description="as it is printed", examples=["30.11.2026"])


_REFUSALS: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorResponse, "description": "no job has that id"},
    422: {"model": ErrorResponse, "description": "no such page or field, or no such value there"},
}


async def _form(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def review_routes(connector: InvoiceOCRConnector) -> APIRouter:
    router = APIRouter()

    @router.post("/jobs/{job_id}/review", include_in_schema=False)
    def review_form(job_id: JobId, form: Annotated[dict[str, str], Depends(_form)]) -> Response:
        changed = _changed(form, _values(document_json(get_job(connector.database, job_id))))
        reviewer, note = (_plain(form.get(name, "")) or None for name in ("reviewer", "note"))
        # The page's two buttons each send a status: what comes without one is no click, and approves nothing.
        said = {
            "values": changed,
            "places": _places(form),
            "status": form.get("status", ""),
            "confirmed": "confirmed" in form,
        }
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

    @router.get("/invoices/{job_id}/words", tags=["invoices"], responses=_REFUSALS)
    def words(job_id: JobId) -> list[PrintedWord]:
        """The words of all pages with their boxes in pixels, for a program in which a person points at one."""
        return [PrintedWord(**word) for word in page_words(get_job(connector.database, job_id))]

    @router.get("/invoices/{job_id}/fields/{name}/printed", tags=["invoices"], responses=_REFUSALS)
    def printed(job_id: JobId, name: FieldName, place: Annotated[PlaceBody, Query()]) -> Printed:
        """What the words in a box say as the value of a field, as a review would store it."""
        job = get_job(connector.database, job_id)
        try:
            found = printed_value(job, _field_name(name), placed(job, place.page, place.box))
        except CorrectionError as error:
            raise HTTPException(422, str(error)) from error
        return Printed(value=found.value, text=found.place.text)

    return router


def _store(connector: InvoiceOCRConnector, job_id: str, values: dict[str, str], body: ReviewBody) -> None:
    try:
        right = {name: corrected(name, value.strip()) for name, value in values.items()}
        places = {_field_name(name): Place(at.page, (*at.box,)) for name, at in body.places.items()}  # type: ignore[arg-type]
        request = ReviewRequest(job_id, right, body.reviewer, body.note, body.status, places=places)
        store_review(connector.database, request, body.confirmed)
    except (CorrectionError, InvalidRecordError) as error:
        raise HTTPException(422, str(error)) from error


def _field_name(name: str) -> str:
    corrected(name, "")
    return name


def _changed(form: dict[str, str], now: dict[str, str | None]) -> dict[str, str]:
    """What the form says otherwise than the job, or was pointed at, by field name."""
    values = {name.removeprefix(_INPUT): text for name, text in form.items() if name.startswith(_INPUT)}
    if name := form.get("new_name"):
        values[name] = form.get("new_value", "")
    # A browser writes line ends in its own way, which is no correction.
    pointed = _places(form).keys()
    return {
        name: _plain(text)
        for name, text in values.items()
        if text.split() != (now.get(name) or "").split() or name in pointed
    }


def _places(form: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Where the form says that a person pointed: the page and four edges, with spaces between them."""
    places = {name.removeprefix(_PLACE): text.split() for name, text in form.items() if name.startswith(_PLACE)}
    if (name := form.get("new_name")) and form.get("new_place"):
        places[name] = form["new_place"].split()
    return {name: {"page": place[0], "box": place[1:]} for name, place in places.items() if place}


def _plain(text: str) -> str:
    return "\n".join(text.split("\r\n")).strip()


def _values(document: dict[str, Any]) -> dict[str, str | None]:
    """What counts for each field: the correction where there is one, else what was read."""
    read = {name: field.get("value") for name, field in document["fields"].items()}
    return read | {name: change["value"] for name, change in document["corrections"].items()}
