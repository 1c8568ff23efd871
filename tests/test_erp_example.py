"""The example ERP of the documents, run as the guide says: three ways in, one set of books that stays right."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from live_server import serving
from pdf_invoices import pdf_invoice
from standardwebhooks import Webhook

from db.contract import document_json
from db.deliveries import request_delivery
from db.queries import get_job
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.settings import ConnectorSettings
from invoice_connector.sinks.dispatch import deliver_due
from invoice_connector.sinks.settings import WebhookSink
from scripts.scale.servers import free_port

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "docs" / "examples" / "erp"
SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, long enough").decode()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """One that is booked unseen, and one whose seller a person has to look at."""
    good = Path(shutil.copy(ROOT / "invoice_connector" / "samples" / "faktura.pdf", tmp_path))
    return good, pdf_invoice(tmp_path / "trappa.pdf", seller="Ekens trappor")


@pytest.fixture
def settings(tmp_path: Path) -> ConnectorSettings:
    return ConnectorSettings(database_url=f"sqlite:///{tmp_path / 'audit.db'}")


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH",)}
    return {**kept, "HOME": str(folder), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **more}


def example(folder: Path, name: str, *arguments: object) -> list[str]:
    """What one of the programs prints."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLE / name), *map(str, arguments)],
        cwd=folder, env=environment(folder), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as books:
        return books.execute(query).fetchall()


def check_books(path: Path, numbers: set[str], asked: set[str]) -> None:
    """These invoices and questions are there and no others, and every entry is balanced."""
    invoices = rows(path, "SELECT number FROM invoices")
    assert (len(invoices), {number for (number,) in invoices}) == (len(numbers), numbers)
    assert {file for (file,) in rows(path, "SELECT file FROM questions")} == asked
    sums = rows(path, "SELECT job, sum(debit), count(*) FROM postings GROUP BY job")
    assert [(balance, count) for _, balance, count in sums] == [(0, 3)] * len(numbers)


def test_books_by_python(files: tuple[Path, Path], tmp_path: Path) -> None:
    books = tmp_path / "books.db"
    assert example(tmp_path, "from_python.py", books, *files) == ["faktura.pdf: booked", "trappa.pdf: question"]
    check_books(books, {"20261187"}, {"trappa.pdf"})
    [(to_pay, account)] = rows(books, "SELECT to_pay, pay_to FROM invoices")
    assert (to_pay, account) == (3_082_700, "5050-1055")
    [(reasons,)] = rows(books, "SELECT reasons FROM questions")
    assert reasons.startswith("field-doubtful: the seller name")
    assert example(tmp_path, "from_python.py", books, files[0]) == ["faktura.pdf: question"]
    assert len(rows(books, "SELECT * FROM invoices")) == 1, "the same invoice, read anew, is not booked twice"


def test_books_by_http_and_what_a_person_approves_later(
    files: tuple[Path, Path], settings: ConnectorSettings, tmp_path: Path
) -> None:
    books = tmp_path / "books.db"
    with serving(settings) as url:
        told = example(tmp_path, "from_http.py", url, books, *files)
        assert told == ["faktura.pdf: booked", "trappa.pdf: question"]
        assert example(tmp_path, "from_http.py", url, books) == [], "nobody has answered yet"
        [(job,)] = rows(books, "SELECT job FROM questions")
        review = {"reviewer": "Anna", "values": {"due_date": "2026-11-30"}}
        assert httpx.post(f"{url}/invoices/{job}/review", json=review).status_code == 200
        assert example(tmp_path, "from_http.py", url, books) == [f"{job}: booked after a review"]
    check_books(books, {"20261187", "20260917"}, set())
    assert rows(books, "SELECT due FROM invoices WHERE number = '20260917'") == [("2026-11-30",)]


def document(job: str, **values: str | None) -> dict[str, Any]:
    """What the ledger looks at of a document that may be booked."""
    told = {"seller_name": "Kvarnby Måleri AB", "invoice_number": job, "issue_date": "2026-11-02", **values}
    return {
        "job_id": job, "file": f"{job}.pdf", "status": "completed", "error": None, "violations": [],
        "fields": {name: {"value": value} for name, value in told.items() if value is not None}, "corrections": {},
    }  # fmt: skip


def test_the_ledger_books_credit_notes_receipts_and_corrections_and_asks_for_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(EXAMPLE)
    from ledger import book, opened

    path = tmp_path / "books.db"
    books = opened(path)
    invoice = document("1", total_with_vat="125.00", total_vat="25.00", amount_due="125.50", currency_code="EUR")
    credit = document("2", total_with_vat="-125.00", total_vat="-25.00", invoice_type_code="381")
    receipt = document("3", invoice_number=None, amount_due="99.90")
    corrected = {**document("4", amount_due="1.00"), "corrections": {"amount_due": {"value": "80.00"}}}
    removed = {**document("5", amount_due="7.00"), "corrections": {"seller_name": {"value": None}}}
    done = [book(books, each) for each in (invoice, credit, receipt, corrected, removed, invoice)]
    assert done == ["booked"] * 4 + ["question", "known"]
    books.close()
    assert rows(path, "SELECT job, currency, to_pay FROM invoices ORDER BY job") == [
        ("1", "EUR", 12_550), ("2", "SEK", -12_500), ("3", "SEK", 9_990), ("4", "SEK", 8_000),
    ]  # fmt: skip
    assert rows(path, "SELECT debit FROM postings WHERE job = '2'") == [(-10_000,), (-2_500,), (12_500,)]
    assert rows(path, "SELECT reasons FROM questions") == [("there is no seller_name",)]
    assert rows(path, "SELECT sum(debit) FROM postings") == [(0,)]


@contextmanager
def receiver(folder: Path, books: Path) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE / "webhook_receiver.py"), str(port), str(books)],
        cwd=folder, env=environment(folder, WEBHOOK_SECRET=SECRET),
    )  # fmt: skip
    try:
        while process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(30)


def signed(document: dict[str, Any], secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    content = json.dumps({"type": "invoice.processed", "data": document})
    now = datetime.now(UTC)
    signature = Webhook(secret).sign("once", now, content)
    headers = {"webhook-id": "once", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    return content.encode(), headers


def test_books_by_webhooks_once_and_only_what_is_signed(
    files: tuple[Path, Path], settings: ConnectorSettings, tmp_path: Path
) -> None:
    books = tmp_path / "books.db"
    connector = InvoiceOCRConnector(settings)
    jobs = [connector.process_invoice_with_ocr(str(path)).to_dict()["job_id"] for path in files]
    document = document_json(get_job(connector.database, jobs[0]))
    with receiver(tmp_path, books) as url:
        content, headers = signed(document)
        changed = content.replace(b"5050-1055", b"5050-1056")
        assert changed != content
        assert httpx.post(url, content=changed, headers=headers).status_code == 401
        other = "whsec_" + base64.b64encode(b"somebody else's secret, also long").decode()
        forged, forged_headers = signed(document, other)
        assert httpx.post(url, content=forged, headers=forged_headers).status_code == 401
        assert not books.exists()

        sink = WebhookSink(kind="webhook", url=url, secret=SECRET, allow_private=True)  # type: ignore[arg-type]
        for job in jobs:
            request_delivery(connector.database, job, ["erp"])
        assert [attempt.error for attempt in deliver_due(connector.database, {"erp": sink})] == [None, None]
        assert httpx.post(url, content=content, headers=headers).status_code == 204, "it comes a second time"
    connector.database.dispose()
    check_books(books, {"20261187"}, {"trappa.pdf"})
