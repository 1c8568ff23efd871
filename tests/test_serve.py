"""A real server on a real socket: upload an invoice, poll it, see it on the dashboard."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from export_samples import stored_invoice
from live_server import serving
from mail_samples import zipped

from invoice_connector.exports.ubl import Customization, to_ubl
from invoice_connector.settings import ConnectorSettings

SAMPLE = Path(__file__).parents[1] / "invoice_connector" / "samples" / "faktura.pdf"
MAX_BYTES = 200_000


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("serve")
    settings = ConnectorSettings(database_url=f"sqlite:///{folder / 'audit.db'}", max_bytes=MAX_BYTES)
    with serving(settings) as address, httpx.Client(base_url=address, timeout=120) as found:
        yield found


def upload(client: httpx.Client, content: bytes, **query: str) -> httpx.Response:
    return client.post("/invoices", files={"file": ("faktura.pdf", content)}, params=query)


def test_an_upload_is_read_and_shows_on_the_dashboard(client: httpx.Client) -> None:
    answer = upload(client, SAMPLE.read_bytes(), customer_id="customer-123")
    assert answer.status_code == 200
    document = answer.json()
    assert document["fields"]["amount_due"]["value"] == "30827.00"
    assert document["engines_used"] == ["pdf_text", "easyocr"]
    job = document["job_id"]
    assert client.get(f"/analytics/jobs/{job}").json()["job_id"] == job
    assert client.get("/analytics/dashboard").json()["jobs"] >= 1
    page = client.get(f"/jobs/{job}", headers={"Accept": "text/html"})
    assert "Norrviks Snickeri" in page.text
    assert (
        "script-src 'none'" in page.headers["content-security-policy"]
        or "default-src 'none'" in (page.headers["content-security-policy"])
    )


def test_an_archive_gives_a_job_for_each_document_in_it(client: httpx.Client) -> None:
    invoices = (to_ubl(stored_invoice({"invoice_number": name}).record, Customization.CORE) for name in ("Z-1", "Z-2"))
    archive = zipped({**{f"{number}.xml": each for number, each in enumerate(invoices)}, "note.txt": b"hello"})
    answer = client.post("/invoices", files={"file": ("post.zip", archive)})
    assert answer.status_code == 200
    documents = answer.json()
    assert [document["fields"]["invoice_number"]["value"] for document in documents] == ["Z-1", "Z-2"]
    assert [document["container"]["part"] for document in documents] == ["0.xml", "1.xml"]
    page = client.get(f"/jobs/{documents[1]['job_id']}", headers={"Accept": "text/html"})
    assert "post.zip" in page.text and "note.txt" in page.text
    picture = re.search(r'(?:src|href)="(/[^"]*(?:picture|pages)[^"]*)"', page.text)
    assert picture is not None
    assert client.get(picture[1]).headers["content-type"].startswith("image/")
    accepted = client.post("/invoices", files={"file": ("post.zip", archive)}, params={"wait": "false"}).json()
    assert len(accepted["others"]) == 1


def test_an_upload_need_not_be_waited_for(client: httpx.Client) -> None:
    answer = upload(client, SAMPLE.read_bytes(), wait="false")
    assert answer.status_code == 202
    for _ in range(600):
        document = client.get(answer.headers["location"]).json()
        if document["status"] not in ("received", "running"):
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


def test_an_upload_beyond_the_limit_is_refused_while_it_comes_in(client: httpx.Client) -> None:
    """The body says nothing of its size, and far more is offered than is taken."""
    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        for _ in range(2000):
            sent += 1
            yield b"x" * 65536

    headers = {"content-type": "multipart/form-data; boundary=x"}
    try:
        answer = client.post("/invoices", content=body(), headers=headers)
        assert answer.status_code == 413
    except httpx.TransportError:  # the server closed before everything was sent
        pass
    assert sent < 2000


def test_a_form_without_javascript_leads_to_the_page_of_the_job(client: httpx.Client) -> None:
    files = {"file": ("faktura.pdf", SAMPLE.read_bytes())}
    answer = client.post("/invoices", files=files, headers={"Accept": "text/html"})
    assert answer.status_code == 303
    path = answer.headers["location"]
    for _ in range(600):
        page = client.get(path, headers={"Accept": "text/html"})
        assert page.status_code == 200
        if 'http-equiv="refresh"' not in page.text:
            break
        time.sleep(0.1)
    assert "Norrviks Snickeri" in page.text
    for _ in range(100):  # the job is stored before its pictures
        if (picture := client.get(f"{path}/pages/1")).status_code == 200:
            break
        time.sleep(0.1)
    assert picture.headers["content-type"].startswith("image/")
    assert client.get(f"{path}/pages/1", headers={"If-None-Match": picture.headers["etag"]}).status_code == 304
    assert client.get(f"{path}/pages/2").status_code == 404


def test_a_review_is_stored_and_found(client: httpx.Client) -> None:
    job = upload(client, SAMPLE.read_bytes()).json()["job_id"]
    form = {"value-invoice_number": "4711-07", "value-amount_due": "30827.00", "reviewer": "Anna", "status": "approved"}
    answer = client.post(f"/jobs/{job}/review", data=form, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/jobs/{job}#review")
    stored = client.get(f"/analytics/jobs/{job}").json()
    assert list(stored["corrections"]) == ["invoice_number"]  # what was confirmed is no correction
    assert (stored["review"]["status"], stored["review"]["by"]) == ("approved", "Anna")
    assert client.get("/analytics/search", params={"q": "4711-07"}).json()["items"][0]["job_id"] == job
    address = client.get(f"/analytics/jobs/{job}").json()["fields"]["seller_address"]["value"]
    again = {"value-seller_address": address.replace(" ", "\r\n"), "value-seller_name": "A\r\nB", "status": "approved"}
    assert client.post(f"/jobs/{job}/review", data=again).status_code == 303
    corrections = client.get(f"/analytics/jobs/{job}").json()["corrections"]
    assert "seller_address" not in corrections
    assert corrections["seller_name"]["value"] == "A\nB"
    for nothing in ({"json": {"status": "approved"}}, {"content": b"{"}, {"data": {"value-amount_due": "1.00"}}):
        assert client.post(f"/jobs/{job}/review", **nothing).status_code == 422
    assert len(client.get(f"/analytics/jobs/{job}").json()["corrections"]) == 2
    body = {"values": {"amount_due": "lots"}, "status": "approved"}
    wrong = client.post(f"/invoices/{job}/review", json=body)
    assert wrong.status_code == 422
    assert "amount_due is an amount" in wrong.json()["error"]["message"]
    done = client.post(f"/invoices/{job}/review", json={"values": {"due_date": None}}).json()
    assert done["corrections"]["due_date"]["value"] is None
    assert client.post("/invoices/nobody/review", json={}).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_a_page_of_another_site_cannot_make_a_browser_send(client: httpx.Client, headers: dict[str, str]) -> None:
    job = client.get("/analytics/recent-jobs").json()["items"][0]["id"]
    events = client.get("/metrics").text
    for path in (f"/jobs/{job}/review", "/invoices", f"/invoices/{job}/review"):
        answer = client.post(path, data={"status": "rejected"}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["type"]) == (403, "forbidden")
    assert client.get("/metrics").text == events


def test_another_name_for_this_computer_is_refused(client: httpx.Client) -> None:
    assert client.get("/analytics/dashboard", headers={"Host": "rebound.example"}).status_code == 421


def test_an_unknown_job_is_not_found(client: httpx.Client) -> None:
    assert client.get("/invoices/nobody").status_code == 404
