"""What many, slow and careless senders cannot do to the server."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from deadly_engine import HARMLESS, KILLER, install
from live_server import serving

from analytics import bodies
from invoice_connector.settings import ConnectorSettings
from invoice_connector.web import connections

WAITING = 60
"""More than the server has threads."""


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the engine waits for before it reads a wide page."""
    monkeypatch.syspath_prepend(str(install(tmp_path / "plugins")))
    monkeypatch.setenv("WAIT_FOR", str(tmp_path / "go"))
    return tmp_path / "go"


@pytest.fixture
def address(tmp_path: Path, go: Path) -> Iterator[str]:
    settings = ConnectorSettings(
        database_url=f"sqlite:///{tmp_path / 'audit.db'}",
        engines=("deadly",),
        policy="single",
        verifier="off",
        waiting_uploads=WAITING,
    )
    with serving(settings) as found:
        yield found


def test_probes_answer_while_all_uploads_wait_and_one_too_many_is_sent_away(address: str, go: Path) -> None:
    async def send() -> None:
        async with httpx.AsyncClient(base_url=address, timeout=120) as client:
            files = [KILLER, *[HARMLESS] * (WAITING - 1)]
            uploads = [client.post("/invoices", files={"file": ("a.png", content)}) for content in files]
            tasks = [asyncio.create_task(upload) for upload in uploads]
            while (await client.get("/metrics")).text.find(f"invoice_uploads_open {WAITING}\n") < 0:
                await asyncio.sleep(0.05)
            for path in ("/livez", "/readyz", "/analytics/progress"):
                assert (await client.get(path)).status_code == 200
            assert not any(task.done() for task in tasks)
            refused = await client.post("/invoices?wait=false", files={"file": ("b.png", HARMLESS)})
            assert (refused.status_code, refused.json()["error"]["type"]) == (503, "unavailable")
            assert int(refused.headers["retry-after"]) > 0
            go.touch()
            answers = await asyncio.gather(*tasks)
            assert {answer.json()["error"] and answer.json()["error"]["type"] for answer in answers} == {None}

    asyncio.run(send())


def test_a_second_file_is_refused_and_not_dropped(address: str) -> None:
    files = [("file", ("a.png", HARMLESS)), ("file", ("b.png", HARMLESS))]
    for sent in (files, [files[0], ("other", ("b.png", HARMLESS))]):
        answer = httpx.post(f"{address}/invoices", files=sent)
        assert answer.status_code == 422
        assert answer.json()["error"]["message"] == "the request holds 2 files; send each in a request of its own"
    assert httpx.get(f"{address}/analytics/dashboard").json()["jobs"] == 0


@pytest.mark.parametrize(("whole", "begun"), [(0, b""), (0, b"GET /livez HTTP/1.1\r\nHost: loc"), (1, b"GET /li")])
def test_a_request_whose_head_never_ends_is_hung_up_on(
    address: str, whole: int, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=60) as connection:
        if whole:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b""
            while b'"ok"' not in answer:
                answer += connection.recv(65536)
        connection.sendall(begun)
        assert connection.recv(65536) == b""


def test_a_body_that_comes_byte_by_byte_is_given_up(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "FIRST_SECONDS", 0.3)
    head = b"POST /invoices HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
    head += b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    head += b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=60) as connection:
        connection.sendall(head)
        for _ in range(20):
            time.sleep(0.05)
            try:
                connection.sendall(b"-")
            except OSError:  # hung up on
                break
        answer = connection.recv(65536)
    assert b" 408 " in answer
    assert b"too slowly" in answer


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/jobs/x/pages/9223372036854775808", "'number' is wrong: it is at most 1000000"),
        ("/jobs/x/pages/" + "9" * 5000, "'number' is wrong: it is a whole number of few digits"),
        ("/jobs/x/pages/0", "'number' is wrong: it is at least 1"),
        ("/jobs?offset=1e9", "'offset' is wrong: it is a whole number"),
        ("/analytics/dashboard?since=" + "1" * 1000, "a moment is written 2026-11-30T08:00:00Z, a day 2026-11-30"),
        ("/invoices/" + "x" * 1000, "'job_id' is wrong: it has at most 64 characters"),
        ("/nowhere", "there is nothing here"),
    ],
)
def test_numbers_and_texts_of_an_address_are_bounded(address: str, path: str, sentence: str) -> None:
    answer = httpx.get(address + path)
    assert answer.status_code in (404, 422)
    assert sentence in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            {"expected_amount": "1e999999999"},
            "'expected_amount' is wrong: the amount is an amount with a decimal point",
        ),
        ({"expected_amount": "1e-9999999"}, "with at most 15 digits before it"),
        ({"customer_id": "x" * 201}, "'customer_id' is wrong: the text has 201 characters; at most 200 are allowed"),
        ({"invoice_number": "a\x1bb"}, "holds the control character U+001B; plain text is allowed"),
    ],
)
def test_what_an_erp_expects_is_bounded(address: str, query: dict[str, str], sentence: str) -> None:
    answer = httpx.post(f"{address}/invoices", params=query, files={"file": ("a.png", HARMLESS)})
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]["message"]


def test_a_body_that_no_parser_takes_gets_a_plain_sentence(address: str) -> None:
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    answers = [
        httpx.post(f"{address}/invoices", content=b"no form", headers=form),
        httpx.post(f"{address}/invoices", content=b"no form", headers={"Content-Type": "multipart/form-data"}),
        httpx.post(f"{address}/invoices/x/review", content=b"{", headers={"Content-Type": "application/json"}),
        httpx.post(
            f"{address}/invoices/x/review", content=b"[" * 100_000, headers={"Content-Type": "application/json"}
        ),
    ]
    for answer in answers:
        assert answer.status_code in (400, 422)
        message = answer.json()["error"]["message"]
        assert "body of the request" in message
        assert not {"boundary", "Expecting", "decode", "parsing"} & set(message.replace("'", " ").split())


def test_a_file_may_be_called_anything(address: str, go: Path) -> None:
    go.touch()
    name = "a\x1b[2J\u202e" + "x" * 1000 + ".png"
    document = httpx.post(f"{address}/invoices", files={"file": (name, HARMLESS)}, timeout=120).json()
    assert document["error"] is None
    assert document["file"].endswith("x.png")
    assert len(document["file"]) <= 255
