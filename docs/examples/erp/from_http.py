"""Sends files to a server, waits for its answers and books them: python from_http.py URL BOOKS FILE...

With an API key in READER_KEY where the server wants one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from ledger import book, opened

SECONDS_BETWEEN = 1.0


def main(url: str, books_path: str, *files: str) -> None:
    headers = {"Authorization": f"Bearer {key}"} if (key := os.environ.get("READER_KEY")) else {}
    books = opened(Path(books_path))
    with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
        for file in files:
            for document in read(client, Path(file)):
                print(f"{document['file']}: {book(books, document)}")
        for (job,) in books.execute("SELECT job FROM questions").fetchall():  # a person may have answered meanwhile
            if book(books, answer(client, job)) == "booked":
                print(f"{job}: booked after a review")


def read(client: httpx.Client, path: Path) -> Iterator[dict[str, Any]]:
    """The documents of a file. The upload is accepted at once and read in its turn, whoever ends meanwhile."""
    with path.open("rb") as stream:
        accepted = client.post("/invoices", params={"wait": "false"}, files={"file": (path.name, stream)})
    accepted.raise_for_status()
    begun = accepted.json()
    for job in (begun["job_id"], *begun.get("others", ())):
        while (document := answer(client, job))["status"] in ("received", "running"):
            time.sleep(SECONDS_BETWEEN)
        yield document


def answer(client: httpx.Client, job: str) -> dict[str, Any]:
    """The document as it is now: with the corrections of people."""
    response = client.get(f"/invoices/{job}")
    response.raise_for_status()
    found: dict[str, Any] = response.json()
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
