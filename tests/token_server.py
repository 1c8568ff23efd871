"""An OAuth 2.0 server on 127.0.0.1 that hands out access tokens (RFC 6749) and says whose they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from local_server import QuietHandler, serving


@dataclass
class TokenServer:
    """``refresh`` is the one refresh token that counts; each grant replaces it. ``tokens``: access tokens with the user
    whose they are; ``forms``: what was asked at /token."""

    user: str
    refresh: str = "refresh-0"
    tokens: dict[str, str] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def grant(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.forms.append(form)
        if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.refresh:
            return 400, {"error": "invalid_grant"}
        number = len(self.tokens) + 1
        self.tokens[f"granted-{number}"] = self.user
        if form["grant_type"] == "refresh_token":
            self.refresh = f"refresh-{number}"
        return 200, {"access_token": f"granted-{number}", "expires_in": 3600, "refresh_token": self.refresh}

    def told(self, authorization: str) -> tuple[int, dict[str, object]]:
        user = self.tokens.get(authorization.removeprefix("Bearer "))
        return 200, {"active": user is not None, "email": user or ""}


@contextmanager
def token_server(user: str) -> Iterator[TokenServer]:
    server = TokenServer(user)

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(*server.grant(dict(parse_qsl(content.decode()))))

        def do_GET(self) -> None:
            self._answer(*server.told(self.headers.get("Authorization", "")))

        def _answer(self, status: int, value: dict[str, object]) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with serving(Handler) as server.url:
        yield server
