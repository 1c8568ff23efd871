"""A receiver on 127.0.0.1: answers what it is told to, and keeps what it accepted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from local_server import QuietHandler, serving


@dataclass
class Receiver:
    """``answers``: statuses to give in order, 200 once used up; 0 accepts the request and answers too late.

    ``accepted``: bodies by ``webhook-id``, each id once, as a receiver keeps them; ``requests``: all that came.
    """

    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    accepted: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@contextmanager
def receiving(receiver: Receiver, port: int = 0) -> Iterator[Receiver]:
    """Serves until the block ends; ``receiver.url`` is set."""

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.requests.append((self.path, headers, body))
            status = receiver.answers.pop(0) if receiver.answers else 200
            if status in (0, 200):
                receiver.accepted.setdefault(headers.get("webhook-id", ""), body)
            if status == 0:
                time.sleep(1.0)
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - the base class calls it so

    with serving(Handler, port) as receiver.url:
        yield receiver
