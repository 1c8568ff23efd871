"""Who may ask for what: API keys and their limits, the same-origin rule, and how large a request may be.

On the loopback address nobody needs a key, but the request must name this computer as its host: a page from elsewhere
could otherwise make its own name point here and read along.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Engine
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from analytics.bodies import bounded
from db import keys
from db.errors import StorageError
from db.keys import ApiScope

OPEN_PATHS = ("/livez", "/readyz", "/static/")
"""What says nothing about any document: probes, style sheet, script."""
_IMPLIED = {
    ApiScope.READ: set(ApiScope),
    ApiScope.WRITE: {ApiScope.WRITE, ApiScope.ADMIN},
    ApiScope.ADMIN: {ApiScope.ADMIN},
}
_MASTER_DATA = ("/companies", "/suppliers")
_READING = ("GET", "HEAD", "OPTIONS")
_BURST_SECONDS = 10.0
_FORM_BYTES = 1_000_000
_LOOKING = 4
"""Keys that are looked up at a time."""


@dataclass(frozen=True, slots=True)
class Access:
    """``keys_required``: whether a request needs an API key. ``hosts``: the names a request may call this server by,
    None for any. ``requests_per_minute`` per key. ``upload_bytes``: how large the body of an upload may be."""

    keys_required: bool = False
    hosts: frozenset[str] | None = None
    requests_per_minute: int = 600
    upload_bytes: int = 50_000_000


def bound_to(host: str, requests_per_minute: int = 600, upload_bytes: int = 50_000_000) -> Access:
    """What access to a server on that address needs: keys, unless only this computer can reach it."""
    here = host == "localhost" or _is_loopback(host)
    names = frozenset({"localhost", "127.0.0.1", "[::1]", host}) if here else None
    return Access(not here, names, requests_per_minute, upload_bytes)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(slots=True)
class TokenBuckets:
    """Per name ``rate`` requests a second, and up to ``capacity`` at once after a pause."""

    rate: float
    capacity: float
    clock: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str) -> float:
        """0 for a request that may go on, else the seconds until one may."""
        now = self.clock()
        with self._lock:
            left, at = self._left.get(name, (self.capacity, now))
            left = min(self.capacity, left + (now - at) * self.rate)
            taken = left >= 1
            self._left[name] = (left - 1 if taken else left, now)
        return 0.0 if taken else (1 - left) / self.rate


Refuse = Callable[[Request, int, str], Response]
"""Makes the answer of a refusal: request, status, sentence."""


class Guard:
    """The middleware that lets a request through or answers it with 401, 403, 413, 421 or 429."""

    def __init__(self, app: ASGIApp, database: Engine, access: Access, refuse: Refuse) -> None:
        self.app = app
        self._database = database
        self._access = access
        self._refuse = refuse
        rate = access.requests_per_minute / 60
        self._buckets = TokenBuckets(rate, max(1.0, rate * _BURST_SECONDS))
        self._looking = CapacityLimiter(_LOOKING)  # threads of its own: nobody waits here for what others ask

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            self._check(request)
            if self._access.keys_required and not request.url.path.startswith(OPEN_PATHS):
                await to_thread.run_sync(self._check_key, request, limiter=self._looking)
        except HTTPException as error:
            response = self._refuse(request, error.status_code, error.detail)
            response.headers.update(error.headers or {})
            await response(scope, receive, send)
            return
        except StorageError as error:
            await self._refuse(request, 503, str(error))(scope, receive, send)
            return
        await self.app(scope, bounded(receive, self._limit(request)), send)

    def _check(self, request: Request) -> None:
        if self._access.hosts is not None and _host(request.headers) not in self._access.hosts:
            raise HTTPException(421, "this server answers on its own computer only; open it as http://localhost")
        if request.method not in _READING and not is_same_origin(request.headers):
            raise HTTPException(403, "this request was sent by a page of another site, so it was not carried out")

    def _check_key(self, request: Request) -> None:
        key = _given_key(request.headers)
        scopes = keys.check(self._database, key) if key else frozenset()
        if not scopes:
            # A browser asks a person for the key when it is offered Basic; programs send Bearer.
            basic = 'Basic realm="Invoice reader: any name, the API key as password", charset="UTF-8"'
            page = "text/html" in request.headers.get("accept", "")
            raise HTTPException(
                401,
                "this needs an API key that is in use; make one with `invoice-connector keys create NAME` and send it "
                "as `Authorization: Bearer KEY`",
                {"WWW-Authenticate": basic if page else "Bearer"},
            )
        needed = _needed(request)
        if not scopes & _IMPLIED[needed]:
            raise HTTPException(403, f"the scope of this key does not reach that far; it takes one with '{needed}'")
        if wait := self._buckets.take(key):
            seconds = math.ceil(wait)
            raise HTTPException(
                429,
                f"this key may send {self._access.requests_per_minute} requests a minute; try again in {seconds} s",
                {"Retry-After": str(seconds)},
            )

    def _limit(self, request: Request) -> int:
        uploads = request.url.path.rstrip("/") == "/invoices"
        return self._access.upload_bytes + _FORM_BYTES if uploads else _FORM_BYTES


def _needed(request: Request) -> ApiScope:
    """The scope that a request takes: master data say where money goes."""
    if request.method in _READING:
        return ApiScope.READ
    path = request.url.path.rstrip("/")
    return ApiScope.ADMIN if path.startswith(_MASTER_DATA) or path.endswith("/supplier") else ApiScope.WRITE


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that the request comes from this site's own pages; programs that are no browser say
    nothing, and cannot be tricked into sending."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host", "")


def _given_key(headers: Mapping[str, str]) -> str:
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _host(headers: Headers) -> str:
    """The host's name without its port."""
    host = headers.get("host", "")
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
