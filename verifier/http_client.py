"""How servers are asked: without redirects, with one deadline for the answer and its whole body, and a cap on it.

Both who asks verifiers (``verifier.backends.http``) and who asks sinks, time-stamping and token servers
(``invoice_connector.sinks.http``) ask in this way.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

import httpx


class Cut(Enum):
    """Why a body was not read to its end."""

    LONG = "it is longer than allowed"
    LATE = "it was not there in time"


@dataclass(frozen=True, slots=True)
class Limits:
    """``deadline`` by ``time.monotonic()``; ``max_bytes`` of a body, which is left alone where the status is in
    ``unread``."""

    deadline: float
    max_bytes: int
    unread: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """``body``: what was read of it, ``cut`` why that is not all. ``headers`` are found whatever the case of their
    letters."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    cut: Cut | None = None

    @property
    def retry_after(self) -> float | None:
        """Seconds from now, from a number or an HTTP date; None where the server asks for nothing that can be read."""
        value = self.headers.get("Retry-After", "").strip()
        if value.isdecimal():
            return float(value)
        try:
            return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
        except (ValueError, TypeError):
            return None


def new_client(headers: Mapping[str, str] | None = None, *, environment: bool = True) -> httpx.Client:
    """``environment``: whether its proxies are used. What is sent goes where the settings say and nowhere else, so
    redirects are not followed."""
    return httpx.Client(headers=headers, trust_env=environment, follow_redirects=False)


def ask(client: httpx.Client, request: httpx.Request, limits: Limits) -> Answer:
    """The answer, whatever its status. Raises ``httpx.TransportError`` where there is none."""
    response = client.send(request, stream=True)
    try:
        body, cut = (b"", None) if response.status_code in limits.unread else _read(response, limits)
        return Answer(response.status_code, response.reason_phrase, response.headers, body, cut)
    finally:
        response.close()


def _read(response: httpx.Response, limits: Limits) -> tuple[bytes, Cut | None]:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > limits.max_bytes:
            return bytes(body), Cut.LONG
        if time.monotonic() > limits.deadline:  # httpx only limits each read, and a dripping body never ends
            return bytes(body), Cut.LATE
    return bytes(body), None
