"""The application: the API, the pages, and what both promise (headers, errors as one sentence)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from anyio import CapacityLimiter
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics import api, chart_pages, health, job_pages, pages
from analytics.access import Access, Guard
from analytics.fresh import NotModifiedError, not_modified
from analytics.models.base import ErrorBody, ErrorResponse
from analytics.rendering import error_page, wants_page
from analytics.sentences import invalid
from db.database import open_database
from db.errors import (
    DatabaseUnavailableError,
    ErasedJobError,
    InvalidRecordError,
    JobNotFoundError,
    RecordNotFoundError,
    SearchUnavailableError,
    StorageError,
)
from db.pictures import PictureStore

HEADERS = {
    # Nothing runs and nothing loads but this application's own files: a text on an invoice stays a text.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": a browser would then hide the origin of the site's own forms, and they could not be told apart.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NAMES = {
    400: "unreadable",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    409: "conflict",
    413: "too_large",
    421: "misdirected",
    422: "invalid_parameter",
    429: "too_many_requests",
    503: "unavailable",
}
_PLAIN = {
    400: "the body of the request cannot be read; send a form with one file, or JSON, as /docs describes it",
    404: "there is nothing here",
    405: "this address does not take such a request; /docs lists what it takes",
}
"""Instead of the libraries' own words."""
_STATUSES: dict[type[StorageError], int] = {
    JobNotFoundError: 404,
    RecordNotFoundError: 404,
    ErasedJobError: 409,
    InvalidRecordError: 422,
    SearchUnavailableError: 503,
    DatabaseUnavailableError: 503,
}


@dataclass(frozen=True, slots=True)
class Features:
    """What the application offers beyond figures: ``pictures`` of pages, and whether somebody adds the routes that
    take uploads (``POST /invoices``) and reviews (``POST /jobs/{job_id}/review``)."""

    pictures: PictureStore | None = None
    uploads: bool = False
    reviews: bool = False


def create_app(database: str | Engine, access: Access | None = None, features: Features | None = None) -> FastAPI:
    """The dashboard over ``database`` (a SQLAlchemy URL or what ``open_database`` returned).

    Without ``access`` anybody who reaches it may use it. Routes may be added to what comes back. Raises
    DatabaseUnavailableError.
    """
    engine = open_database(database) if isinstance(database, str) else database
    offered = features or Features()
    app = FastAPI(
        title="Invoice reader",
        description="Which engines ran, how long, who was right, what the verifier said; and the story of every job.",
        version="1",
        docs_url=None,  # FastAPI's own page loads its scripts from elsewhere; `pages` has one that works offline
        redoc_url=None,
    )
    app.state.database = engine
    app.state.probes = CapacityLimiter(2)  # threads of their own, so that a probe waits for no page
    app.state.pictures, app.state.uploads, app.state.reviews = offered.pictures, offered.uploads, offered.reviews
    for router in (api.router, health.router, pages.router, job_pages.router, chart_pages.router):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    app.add_middleware(Guard, database=engine, access=access or Access(), refuse=_answer)
    app.add_middleware(_SecureHeaders)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(NotModifiedError, not_modified)
    app.add_exception_handler(StorageError, _storage)
    return app


class _SecureHeaders:
    """Adds ``HEADERS`` to every answer that does not carry them already."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _answer(request, 422, invalid(error.errors()))


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    own = error.status_code not in _PLAIN or (error.status_code == 404 and error.detail != "Not Found")
    message = str(error.detail) if own else _PLAIN[error.status_code]
    response = _answer(request, error.status_code, message)
    response.headers.update(error.headers or {})
    return response


def _storage(request: Request, error: Exception) -> Response:
    status = next((code for kind, code in _STATUSES.items() if isinstance(error, kind)), 500)
    return _answer(request, status, str(error))


def _answer(request: Request, status: int, message: str) -> Response:
    if wants_page(request):
        return error_page(request, status, message)
    body = ErrorResponse(error=ErrorBody(type=_NAMES.get(status, "error"), message=message))
    return JSONResponse(body.model_dump(), status)
