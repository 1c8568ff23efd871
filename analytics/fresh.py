"""Answers that need not be made again: every figure follows from the audit log, so its head names their state."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version

from fastapi import Request, Response

from analytics.filters import Database
from db.links import current_head
from db.transactions import reading


class NotModifiedError(Exception):
    """The asker has this state already; ``tag`` names it."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


def fresh(request: Request, response: Response, database: Database) -> None:
    """Marks the answer with the head's tag. Raises NotModifiedError when the request names the same one."""
    tag = state_tag(database)
    # The tag is read before the figures: a job that is stored in between makes them newer than it, never older.
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    if matches(request.headers.get("if-none-match", ""), tag):
        raise NotModifiedError(tag)


def state_tag(database: Database) -> str:
    """A weak entity tag of the log's head and the program's version."""
    with reading(database) as connection:
        head = current_head(connection)
    state = "none" if head is None else f"{head.sequence}-{head.hash}"
    return f'W/"{hashlib.sha256(f"{_version()} {state}".encode()).hexdigest()[:24]}"'


def matches(wanted: str, tag: str) -> bool:
    """Whether an ``If-None-Match`` header names the tag; weakly, as RFC 9110 has it for this header."""
    names = {name.strip().removeprefix("W/") for name in wanted.split(",")}
    return "*" in names or tag.removeprefix("W/") in names


def not_modified(_: Request, error: Exception) -> Response:
    assert isinstance(error, NotModifiedError)
    return Response(status_code=304, headers={"ETag": error.tag, "Cache-Control": "private, no-cache"})


def _version() -> str:
    try:
        return version("invoice-connector")
    except PackageNotFoundError:
        return "0"
