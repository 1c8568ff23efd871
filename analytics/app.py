"""The application: the API, the pages, and what both promise (headers, errors as one sentence)."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics import api, health, pages
from analytics.models import ErrorBody, ErrorResponse
from db.database import open_database
from db.errors import DatabaseUnavailableError, JobNotFoundError, StorageError

HEADERS = {
    # Nothing runs and nothing loads but this application's own files: a text on an invoice stays a text.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NAMES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 422: "invalid_parameter", 503: "unavailable"}


def create_app(database: str | Engine) -> FastAPI:
    """The dashboard over ``database`` (a SQLAlchemy URL or what ``open_database`` returned).

    Routes may be added to what comes back. Raises DatabaseUnavailableError.
    """
    engine = open_database(database) if isinstance(database, str) else database
    app = FastAPI(
        title="Invoice reader",
        description="Which engines ran, how long, who was right, what the verifier said; and the story of every job.",
        version="1",
        docs_url=None,  # FastAPI's own page loads its scripts from elsewhere; `pages` has one that works offline
        redoc_url=None,
    )
    app.state.database = engine
    app.include_router(api.router)
    app.include_router(health.router)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    app.add_middleware(_SecureHeaders)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
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
    sentences = []
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"][1:]) or str(problem["loc"][0])
        message = str(problem["msg"])
        sentences.append(f"the parameter '{name}' is wrong: {message[:1].lower()}{message[1:]}")
    return _answer(request, 422, "; ".join(sentences))


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = error.detail if error.status_code != 404 or error.detail != "Not Found" else "there is nothing here"
    return _answer(request, error.status_code, str(message))


def _storage(request: Request, error: Exception) -> Response:
    if isinstance(error, JobNotFoundError):
        return _answer(request, 404, str(error))
    return _answer(request, 503 if isinstance(error, DatabaseUnavailableError) else 500, str(error))


def _answer(request: Request, status: int, message: str) -> Response:
    if pages.wants_page(request):
        return pages.error_page(request, status, message)
    body = ErrorResponse(error=ErrorBody(type=_NAMES.get(status, "error"), message=message))
    return JSONResponse(body.model_dump(), status)
