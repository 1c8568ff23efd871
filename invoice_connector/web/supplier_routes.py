"""Companies and suppliers over HTTP: JSON for programs, and pages where a browser asks."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from analytics.models.base import ErrorResponse
from analytics.rendering import page, wants_page
from db import inputs
from db.records import EVERYONE
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.suppliers import files, store
from invoice_connector.suppliers.directory import searched
from invoice_connector.suppliers.master import Company, MasterDataError, Record, Supplier, of_json, to_json
from invoice_connector.web.review_routes import JobId

PER_PAGE = 50
_T = TypeVar("_T", bound=Record)
_Name = Annotated[str, Field(min_length=1, max_length=inputs.SHORT_TEXT, pattern=inputs.PLAIN_TEXT_PATTERN)]
_Names = Annotated[list[_Name], Field(max_length=50)]
_Address = Annotated[str, Field(min_length=1, max_length=inputs.LONG_TEXT)]
RecordId = Annotated[
    str, Path(min_length=1, max_length=100, pattern=r"^[^\s/?#\\\x00-\x1f\x7f-\x9f][^/?#\\\x00-\x1f\x7f-\x9f]*$")
]
Scope = Annotated[_Name, Query(description="whose record it is; * for everyone's")]
OneCustomer = Annotated[str | None, Query(max_length=200, description="only this customer's")]
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorResponse, "description": "the body is no JSON"},
    404: {"model": ErrorResponse, "description": "there is no such record"},
    409: {"model": ErrorResponse, "description": "the job's data was erased"},
    413: {"model": ErrorResponse, "description": "too large"},
    422: {"model": ErrorResponse, "description": "a value that no such record has; the message says which"},
}


class CompanyBody(BaseModel, extra="forbid"):
    """One of whoever books."""

    names: _Names = []
    vat_identifiers: _Names = []
    registration_identifiers: _Names = []
    addresses: Annotated[list[_Address], Field(max_length=50)] = []
    domains: _Names = []


class SupplierBody(BaseModel, extra="forbid"):
    """A supplier as the ERP has it; the first of the names is the one that is booked."""

    names: Annotated[list[_Name], Field(min_length=1, max_length=50)]
    vat_identifiers: _Names = []
    registration_identifiers: _Names = []
    accounts: _Names = []
    domains: _Names = []
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$", examples=["EUR"])
    payment_terms: _Address | None = None


class Listing(BaseModel):
    """Some of the records, by customer and id."""

    items: list[dict[str, Any]]
    total: int


class NewSupplier(BaseModel, extra="forbid"):
    """What a supplier of an approved job is called in the ERP."""

    id: str | None = Field(default=None, max_length=100)


def supplier_routes(connector: InvoiceOCRConnector) -> APIRouter:
    """``/companies``, ``/suppliers`` and the making of a supplier of an approved job."""
    router = APIRouter()
    for kind in (Company, Supplier):
        _add_records(router, connector, kind)

    @router.put("/companies/{record_id}", tags=["companies"], responses=_REFUSALS)
    def put_company(record_id: RecordId, body: CompanyBody, customer_id: Scope = EVERYONE) -> dict[str, Any]:
        """Stores an own company in place of the one with this id."""
        return _put(connector, Company, {**body.model_dump(), "id": record_id, "customer_id": customer_id})

    @router.put("/suppliers/{record_id}", tags=["suppliers"], responses=_REFUSALS)
    def put_supplier(record_id: RecordId, body: SupplierBody, customer_id: Scope = EVERYONE) -> dict[str, Any]:
        """Stores a supplier in place of the one with this id."""
        return _put(connector, Supplier, {**body.model_dump(), "id": record_id, "customer_id": customer_id})

    @router.delete("/suppliers/{record_id}/layout", tags=["suppliers"], status_code=204, responses=_REFUSALS)
    def forget(record_id: RecordId, customer_id: Scope = EVERYONE) -> Response:
        """Forgets what was learned of how the supplier prints."""
        store.forget(connector.database, record_id, customer_id)
        return Response(status_code=204)

    @router.post("/invoices/{job_id}/supplier", tags=["suppliers"], status_code=201, responses=_REFUSALS)
    def create(job_id: JobId, body: NewSupplier) -> dict[str, Any]:
        """Makes a supplier of what a person approved in a job."""
        return to_json(_created(connector, job_id, body.id))

    @router.post("/jobs/{job_id}/supplier", include_in_schema=False)
    async def create_form(job_id: JobId, request: Request) -> Response:
        given = (await request.form()).get("id")
        supplier = _created(connector, job_id, str(given).strip() or None if given else None)
        return RedirectResponse(f"/suppliers/{supplier.id}?customer_id={supplier.customer_id}", 303)

    return router


def _add_records(router: APIRouter, connector: InvoiceOCRConnector, kind: type[_T]) -> None:
    """GET and DELETE of one kind of record."""
    plural = "companies" if kind is Company else "suppliers"
    about: dict[str, Any] = {"tags": [plural], "responses": _REFUSALS}

    @router.get(f"/{plural}", name=f"list_{plural}", response_model=Listing, tags=[plural])
    def listing(
        request: Request,
        customer_id: OneCustomer = None,
        q: Annotated[str, Query(max_length=200, description="a name, or a number of theirs")] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = PER_PAGE,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> Any:
        scopes = None if not customer_id else (customer_id,)
        if q.strip() and kind is Supplier:
            found: list[Any] = searched(connector.database, q, scopes or (EVERYONE,))
            total = len(found)
        else:
            found = store.listed(connector.database, kind, scopes, limit, offset)
            total = store.counted(connector.database, kind, scopes)
        listed = Listing(items=[to_json(record) for record in found], total=total)
        if wants_page(request):
            return page(request, "master_data.html", plural=plural, found=listed, q=q, offset=offset, limit=limit)
        return listed

    @router.get(f"/{plural}/export/{{form}}", name=f"export_{plural}", response_class=Response, **about)
    def export(form: Literal["csv", "xlsx", "json"], customer_id: OneCustomer = None) -> Response:
        """All of them as a file, which ``import`` reads again; JSON is one object per line."""
        records = store.listed(connector.database, kind, (customer_id,) if customer_id else None)
        headers = {"Content-Disposition": f'attachment; filename="{plural}.{form}"'}
        return Response(files.written(records, form), media_type=files.FORMS[form], headers=headers)

    @router.get(f"/{plural}/{{record_id}}", name=f"get_{plural}", response_model=dict[str, Any], **about)
    def get(request: Request, record_id: RecordId, customer_id: Scope = EVERYONE) -> Any:
        record = store.get(connector.database, kind, record_id, customer_id)
        if not wants_page(request):
            return to_json(record)
        events = store.history(connector.database, kind, record_id, customer_id)
        taught = store.taught_jobs(connector.database, record) if isinstance(record, Supplier) else []
        return page(request, "master_record.html", plural=plural, record=to_json(record), events=events, taught=taught)

    @router.delete(f"/{plural}/{{record_id}}", name=f"delete_{plural}", status_code=204, **about)
    def delete(record_id: RecordId, customer_id: Scope = EVERYONE) -> Response:
        store.remove(connector.database, kind, [record_id], customer_id)
        return Response(status_code=204)


def _put(connector: InvoiceOCRConnector, kind: type[Record], values: dict[str, Any]) -> dict[str, Any]:
    try:
        record = of_json(kind, values)
    except MasterDataError as error:
        raise HTTPException(422, str(error)) from error
    store.put(connector.database, [record])
    return to_json(record)


def _created(connector: InvoiceOCRConnector, job_id: str, supplier_id: str | None) -> Supplier:
    try:
        return store.create(connector.database, job_id, supplier_id)
    except MasterDataError as error:
        raise HTTPException(422, str(error)) from error
