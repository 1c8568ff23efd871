"""A real server on a real socket: upload an invoice, poll it, see it on the dashboard."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.serve import build_app
from invoice_connector.settings import ConnectorSettings

SAMPLE = Path(__file__).parents[1] / "invoice_connector" / "samples" / "faktura.pdf"
MAX_BYTES = 200_000


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("serve")
    settings = ConnectorSettings(database_url=f"sqlite:///{folder / 'audit.db'}", max_bytes=MAX_BYTES)
    config = uvicorn.Config(build_app(InvoiceOCRConnector(settings)), port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as found:
        yield found
    server.should_exit = True
    thread.join(10)


def upload(client: httpx.Client, content: bytes, **query: str) -> httpx.Response:
    return client.post("/invoices", files={"file": ("faktura.pdf", content)}, params=query)


def test_an_upload_is_read_and_shows_on_the_dashboard(client: httpx.Client) -> None:
    answer = upload(client, SAMPLE.read_bytes(), customer_id="customer-123")
    assert answer.status_code == 200
    document = answer.json()
    assert document["fields"]["amount_due"]["value"] == "30827.00"
    assert document["engines_used"] == ["pdf_text"]
    job = document["job_id"]
    assert client.get(f"/analytics/jobs/{job}").json()["job_id"] == job
    assert client.get("/analytics/dashboard").json()["jobs"] >= 1
    page = client.get(f"/jobs/{job}", headers={"Accept": "text/html"})
    assert "Norrviks Snickeri" in page.text
    assert (
        "script-src 'none'" in page.headers["content-security-policy"]
        or "default-src 'none'" in (page.headers["content-security-policy"])
    )


def test_an_upload_need_not_be_waited_for(client: httpx.Client) -> None:
    answer = upload(client, SAMPLE.read_bytes(), wait="false")
    assert answer.status_code == 202
    for _ in range(600):
        document = client.get(answer.headers["location"]).json()
        if document["status"] != "received":
            break
        time.sleep(0.1)
    assert document["job_id"] == answer.json()["job_id"]
    assert document["status"] == "completed"


def test_a_broken_upload_is_a_failed_job_and_not_a_server_error(client: httpx.Client) -> None:
    document = upload(client, b"no invoice at all").json()
    assert document["status"] == "failed"
    assert document["error"]["type"] == "UnsupportedDocumentError"
    assert client.get(f"/invoices/{document['job_id']}").json()["status"] == "failed"


def test_an_upload_beyond_the_limit_is_refused(client: httpx.Client) -> None:
    assert upload(client, b"x" * (MAX_BYTES + 1)).status_code == 413


def test_an_unknown_job_is_not_found(client: httpx.Client) -> None:
    assert client.get("/invoices/nobody").status_code == 404
