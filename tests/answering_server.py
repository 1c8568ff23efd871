"""An HTTP server on 127.0.0.1 that answers as it is told, faults included."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from local_server import QuietHandler, serving

Body = dict[str, Any]


@dataclass
class Reply:
    """``content`` is sent as JSON unless it is bytes. ``cut`` announces more bytes than are sent; ``drip`` never ends;
    ``silent`` sends nothing until the server stops."""

    content: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    drip: bool = False
    silent: bool = False


@dataclass
class Server:
    """``replies`` in order, the last one for ever; ``requests``: (method, path, body, Authorization)."""

    replies: list[Reply | Callable[[str, Body], Reply]]
    requests: list[tuple[str, str, Body, str]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def next(self, path: str, body: Body) -> Reply:
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply(path, body) if callable(reply) else reply


@contextmanager
def answering(*replies: Reply | Callable[[str, Body], Reply]) -> Iterator[Server]:
    """Serves until the block ends; ``url`` ends with /v1."""
    server = Server(list(replies))

    class Handler(_Handler):
        pass

    Handler.told = server
    with serving(Handler) as url:
        server.url = f"{url}/v1"
        try:
            yield server
        finally:
            server.stopping.set()


class _Handler(QuietHandler):
    told: Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length) or b"{}")
        self._answer(body)

    def do_GET(self) -> None:
        self._answer({})

    def _answer(self, body: Body) -> None:
        self.told.requests.append((self.command, self.path, body, self.headers.get("Authorization", "")))
        reply = self.told.next(self.path, body)
        if reply.silent:
            self.told.stopping.wait(30)
            self.close_connection = True
            return
        content = reply.content if isinstance(reply.content, bytes) else json.dumps(reply.content).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if not reply.drip:
            self.send_header("Content-Length", str(len(content) + (50 if reply.cut else 0)))
        self.end_headers()
        self.close_connection = reply.cut or reply.drip
        try:
            self.wfile.write(content)
            while reply.drip and not self.told.stopping.wait(0.02):
                self.wfile.write(b" ")
        except OSError:
            self.close_connection = True
