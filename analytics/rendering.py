"""Templates to pages: escaped throughout, in the reader's language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from analytics import marks
from analytics.language import COOKIE, language_of

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(certainty=marks.certainty, compared=marks.compared, box_of=marks.box_of)


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A whole page; ``values`` are what its template names."""
    language = language_of(request)
    other = "en" if language.code == "sv" else "sv"
    html = _TEMPLATES.get_template(template).render(
        t=language,
        path=request.url.path,
        other_language=str(request.url.include_query_params(lang=other).query),
        uploads=request.app.state.uploads,
        reviews=request.app.state.reviews,
        **values,
    )
    response = HTMLResponse(html, status, {"Vary": "Accept-Language, Cookie", "Cache-Control": "private, no-cache"})
    if request.query_params.get("lang") == language.code:
        response.set_cookie(COOKIE, language.code, max_age=365 * 86400, httponly=True, samesite="lax")
    return response


def wants_page(request: Request) -> bool:
    """Whether an error should be a page: a browser asks, and not for the API."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/analytics")


def error_page(request: Request, status: int, message: str) -> Response:
    return page(request, "error.html", status, message=message, code=status)
