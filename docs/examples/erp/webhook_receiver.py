"""Receives what the reader delivers and books it: python webhook_receiver.py PORT BOOKS

WEBHOOK_SECRET is the secret of the sink. An answer of 2xx says that the entry is on the disk; after every other answer,
and after none, the reader sends it again under the same webhook-id.
"""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from ledger import book, opened
from standardwebhooks import Webhook, WebhookVerificationError

MOST_BYTES = 20_000_000


class Receiver(BaseHTTPRequestHandler):
    books: Path
    secret: str

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        if length > MOST_BYTES:
            return self._answer(413)
        content = self.rfile.read(length)
        try:
            payload = Webhook(self.secret).verify(
                content, {name.lower(): value for name, value in self.headers.items()}
            )
        except WebhookVerificationError:
            return self._answer(401)  # not from our reader, or changed, or minutes old
        if payload["type"] == "invoice.processed":
            done = book(opened(self.books), payload["data"])
            print(f"{payload['data']['file']}: {done}", flush=True)
        return self._answer(204)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def main(port: str, books: str) -> None:
    Receiver.books, Receiver.secret = Path(books), os.environ["WEBHOOK_SECRET"]
    HTTPServer(("127.0.0.1", int(port)), Receiver).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
