"""JSON over HTTP for the backends: one time limit for everything, retries with backoff."""

from __future__ import annotations

import base64
import io
import json
import random
import time
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from verifier.errors import VerifierAnswerError, VerifierSettingsError, VerifierTimeoutError, VerifierUnavailableError
from verifier.http_client import Cut, Limits, ask, new_client

if TYPE_CHECKING:
    from PIL.Image import Image

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
FIRST_PAUSE = 0.25  # seconds; doubles with every attempt


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """``seconds`` for one request with all its attempts; ``max_bytes`` of one reply. The key is never shown."""

    url: str
    api_key: str | None = field(default=None, repr=False)
    seconds: float = 30.0
    attempts: int = 3
    max_bytes: int = 4_000_000


class StatusError(VerifierUnavailableError):
    """The server refused. ``status`` is its HTTP code."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class JsonClient:
    """Posts and gets JSON objects below one base URL. Safe to use from several threads."""

    def __init__(self, settings: HttpSettings) -> None:
        parts = urlsplit(settings.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise VerifierSettingsError("the verifier's URL must begin with http:// or https:// and name a host")
        self.host = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        self._base = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
        self._settings = settings
        headers = {"Authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}
        self._client = new_client(headers)
        weakref.finalize(self, self._client.close)

    def post(self, path: str, body: dict[str, Any], attempts: int | None = None) -> dict[str, Any]:
        """The reply as an object. Raises VerifierUnavailableError or VerifierAnswerError."""
        return self._call("POST", path, body, attempts)

    def get(self, path: str, attempts: int | None = None) -> dict[str, Any]:
        return self._call("GET", path, None, attempts)

    def _call(self, method: str, path: str, body: dict[str, Any] | None, attempts: int | None) -> dict[str, Any]:
        deadline = time.monotonic() + self._settings.seconds
        last = attempts or self._settings.attempts
        for attempt in range(1, last + 1):
            failure, wait = self._attempt(method, path, body, deadline)
            if isinstance(failure, dict):
                return failure
            pause = FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)
            pause = pause if wait is None else wait
            if attempt == last or time.monotonic() + pause >= deadline:
                raise failure
            time.sleep(pause)
        raise AssertionError("unreachable")

    def _attempt(
        self, method: str, path: str, body: dict[str, Any] | None, deadline: float
    ) -> tuple[dict[str, Any] | VerifierUnavailableError, float | None]:
        """The reply, or the failure that may pass and how long the server asks to wait."""
        left = deadline - time.monotonic()
        if left <= 0:
            return self._late(), None
        request = self._client.build_request(method, self._base + path, json=body, timeout=left)
        try:
            answer = ask(self._client, request, Limits(deadline, self._settings.max_bytes, RETRIED))
        except httpx.TimeoutException:
            return self._late(), None
        except httpx.RemoteProtocolError as error:
            return VerifierUnavailableError(f"{self.host} broke off its reply ({error}); try again later"), None
        except httpx.TransportError as error:
            return VerifierUnavailableError(f"{self.host} cannot be reached ({error}); check the address"), None
        if answer.status in RETRIED:
            return self._refused(answer.status), answer.retry_after
        if answer.cut is Cut.LONG:
            raise VerifierAnswerError(f"the reply of {self.host} exceeds {self._settings.max_bytes:,} bytes")
        if answer.cut is Cut.LATE:
            raise self._late()
        if answer.status >= 300:
            raise self._refused(answer.status, answer.body)
        return _parsed(answer.body, self.host), None

    def _late(self) -> VerifierTimeoutError:
        return VerifierTimeoutError(
            f"{self.host} did not answer within {self._settings.seconds:g} s; raise the verifier's time limit"
        )

    def _refused(self, status: int, content: bytes = b"") -> StatusError:
        if status in (401, 403):
            return StatusError(status, f"{self.host} refused the API key ({status}); check the verifier's key")
        said = content[:200].decode("utf-8", "replace").strip()
        return StatusError(status, f"{self.host} answered {status}" + (f": {said}" if said else "; try again later"))


def _parsed(content: bytes, host: str) -> dict[str, Any]:
    try:
        reply = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise VerifierAnswerError(f"the reply of {host} is no JSON; check that it serves a verifier") from error
    if not isinstance(reply, dict):
        raise VerifierAnswerError(f"the reply of {host} is a JSON {type(reply).__name__}, not an object")
    return reply


def png_base64(picture: Image) -> str:
    """Pictures travel inside the request; no server is ever given a path or an address to fetch."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "PNG", compress_level=1)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
