"""Documents through stages and queues: the same result as in one process, whatever is lost, doubled or killed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from db import stages
from db.contract import document_json
from db.errors import DuplicateJobError, JobNotFoundError
from db.queries import get_job, list_jobs
from db.records import utc_now
from db.submissions import Spool
from db.verification import verify
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.pipeline.outcome import Outcome
from invoice_connector.pipeline.process import Stage
from invoice_connector.pipeline.request import Request
from invoice_connector.scale.codec import outcome_json, outcome_of, page_png, pixels_of
from invoice_connector.scale.queues import QUEUES, Broker, backoff, celery_app
from invoice_connector.scale.stages import Line, status
from invoice_connector.scale.store import FolderStore, WorkStore, work_store
from invoice_connector.settings import ConnectorSettings
from invoice_connector.web.serve import build_app
from scripts.hostile.healthy import encoded, healthy, pdf, pdf_with, picture
from scripts.scale.cluster import Cluster, cluster
from scripts.scale.storm import QUICK, _comparable, disturb, documents, faults

Message = tuple[str, str, str]


class Workshop:
    """A production line in this process whose messages lie in a list instead of a broker."""

    def __init__(self, folder: Path, store: WorkStore | None = None, **settings: object) -> None:
        chosen = {"engines": ("pdf_text", "tesseract"), "verifier": "off", **settings}
        self.settings = ConnectorSettings(database_url=f"sqlite:///{folder / 'audit.db'}", **chosen)  # type: ignore[arg-type]
        self.connector = InvoiceOCRConnector(self.settings)
        self.store = store or FolderStore(folder / "work")
        self.messages: list[Message] = []
        self.line = Line(self.connector, self.store, lambda *message: self.messages.append(message))

    def run(self) -> None:
        while self.messages:
            job_id, stage, _ = self.messages.pop(0)
            self.line.work(job_id, Stage(stage))

    def status(self, job_id: str) -> str:
        return str(status(self.connector.database, job_id)["status"])


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.connector.database.dispose()


def outcome_of_sample(name: str, tmp_path: Path) -> Outcome:
    settings = ConnectorSettings(
        database_url=f"sqlite:///{tmp_path / 'a.db'}",
        engines=("pdf_text", "tesseract"),
        policy="fusion",
        verifier="off",
    )
    connector = InvoiceOCRConnector(settings)
    outcome = connector.process_bytes(healthy(name), Request("job", name, expected_amount=Decimal("1.50"))).outcome
    connector.database.dispose()
    return outcome


@pytest.mark.parametrize("name", ["invoice.pdf", "tif"])
def test_an_outcome_survives_its_way_through_json(name: str, tmp_path: Path) -> None:
    outcome = outcome_of_sample(name, tmp_path)
    back = outcome_of(outcome_json(outcome))
    assert outcome.document is not None
    assert back.document is not None
    for field in fields(Outcome):
        if field.name != "document":
            assert getattr(back, field.name) == getattr(outcome, field.name), field.name
    assert back.to_record() == outcome.to_record()
    for page, other in zip(outcome.document.pages, back.document.pages, strict=True):
        assert other.pixels.shape == page.pixels.shape
        assert replace(other, pixels=page.pixels).text_layer == page.text_layer
        assert np.array_equal(pixels_of(page_png(page)), page.pixels)


@pytest.mark.parametrize("place", ["folder", "memory://work"])
def test_a_store_keeps_whole_objects(place: str, tmp_path: Path) -> None:
    store = work_store(str(tmp_path / "work") if place == "folder" else place)
    store.put("job", "a.json", b"first")
    store.put("job", "a.json", b"second")
    store.put("other", "a.json", b"third")
    assert store.get("job", "a.json") == b"second"
    store.remove("job")
    store.remove("never")
    with pytest.raises(FileNotFoundError):
        store.get("job", "a.json")
    assert store.get("other", "a.json") == b"third"


def test_an_unknown_kind_of_store_is_refused() -> None:
    with pytest.raises(ValueError, match="install its library"):
        work_store("nosuch://bucket")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("invoice.pdf", healthy("invoice.pdf"), {"approved", "needs_review"}),
        ("thief.pdf", pdf_with({"factur-x.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><Invoice/>"}), {"needs_review"}),
        ("cut.png", healthy("png")[:-200], {"failed"}),
        ("blank.png", encoded(picture(()), "PNG"), {"failed"}),
        ("picture.png", healthy("png"), {"approved", "needs_review"}),
    ],
)
def test_the_stages_make_what_one_call_makes(name: str, content: bytes, expected: set[str], tmp_path: Path) -> None:
    made = Workshop(tmp_path, store=work_store("memory://stages"))
    request = Request("job-1", name, "customer", "4711", Decimal("125.00"))
    made.line.accept(content, request)
    assert made.status("job-1") == "received"
    made.run()
    assert made.status("job-1") in expected
    staged = document_json(get_job(made.connector.database, "job-1"))
    (tmp_path / "alone").mkdir()
    alone = Workshop(tmp_path / "alone").connector.process_bytes(content, request).to_dict()
    assert _comparable(staged) == _comparable(alone)
    assert set(staged["timings_ms"]) == set(alone["timings_ms"])


def test_every_stage_is_seen_and_nothing_is_left_behind(workshop: Workshop, tmp_path: Path) -> None:
    workshop.line.accept(pdf(), Request("job-1", "a.pdf"), "urgent")
    seen = [workshop.status("job-1")]
    while workshop.messages:
        job_id, stage, priority = workshop.messages.pop(0)
        assert priority == "urgent"
        workshop.line.work(job_id, Stage(stage))
        seen.append(workshop.status("job-1"))
    assert seen == ["received", "reading", "extracting", "verifying", "evaluating", "approved"]
    assert list((tmp_path / "work").rglob("*")) == []
    with pytest.raises(JobNotFoundError):
        status(workshop.connector.database, "nobody")


def test_messages_that_come_twice_or_late_change_nothing(workshop: Workshop) -> None:
    workshop.line.accept(pdf(), Request("job-1", "a.pdf"))
    rng, old = random.Random(1), list(workshop.messages)
    while workshop.messages:
        message = workshop.messages.pop(rng.randrange(len(workshop.messages)))
        old.append(message)
        for job_id, stage, _ in (rng.choice(old), message, message):
            workshop.line.work(job_id, Stage(stage))
    assert workshop.status("job-1") == "approved"
    assert len(list_jobs(workshop.connector.database, 10)) == 1
    assert verify(workshop.connector.database).intact


def test_an_accepted_job_cannot_be_accepted_again(workshop: Workshop) -> None:
    workshop.line.accept(pdf(), Request("job-1", "a.pdf"))
    with pytest.raises(DuplicateJobError):
        workshop.line.accept(pdf(), Request("job-1", "a.pdf"))


def test_a_document_that_kills_its_worker_is_set_aside_after_three_tries(workshop: Workshop) -> None:
    workshop.line.accept(pdf(), Request("job-1", "poison.pdf"))
    workshop.line.work("job-1", Stage.PREPROCESSING)
    for _ in range(3):  # a worker that dies has begun, and says nothing more
        assert stages.begin(workshop.connector.database, "job-1", Stage.READING) is not None
    workshop.line.work("job-1", Stage.READING)
    found = status(workshop.connector.database, "job-1")
    assert found["status"] == "failed"
    assert "reading poison.pdf failed 3 times" in str(found["message"])
    job = get_job(workshop.connector.database, "job-1").record
    assert (job.error_type, bool(job.sha256)) == ("PoisonDocumentError", True)


def test_a_store_that_is_away_is_nobodys_fault(workshop: Workshop, tmp_path: Path) -> None:
    workshop.line.accept(pdf(), Request("job-1", "a.pdf"))
    (tmp_path / "work").rename(tmp_path / "away")
    for _ in range(5):
        with pytest.raises(FileNotFoundError):
            workshop.line.work("job-1", Stage.PREPROCESSING)
    assert "FileNotFoundError" in status(workshop.connector.database, "job-1")["message"]
    (tmp_path / "away").rename(tmp_path / "work")
    workshop.run()
    assert workshop.status("job-1") == "approved"


def test_a_broker_that_is_away_loses_no_accepted_document(workshop: Workshop) -> None:
    def away(*_: str) -> None:
        raise ConnectionError("nothing answers")

    Line(workshop.connector, workshop.store, away).accept(pdf(), Request("job-1", "a.pdf"))
    line, now = workshop.line, utc_now()
    assert line.resend_lost(now - timedelta(minutes=1), lambda _: 0) == 0  # it may still be on its way
    assert line.resend_lost(now + timedelta(minutes=1), lambda _: 5) == 0  # others wait before it
    assert line.resend_lost(now + timedelta(minutes=1), lambda _: 0) == 1
    workshop.run()
    assert workshop.status("job-1") == "approved"


def test_the_process_that_serves_leaves_queued_documents_alone(workshop: Workshop, tmp_path: Path) -> None:
    workshop.line.accept(pdf(), Request("job-1", "a.pdf"))
    assert Spool(workshop.connector.database, tmp_path / "uploads").unfinished() == []
    assert stages.counts(workshop.connector.database) == {"preprocessing": 1}


def test_backoff_doubles_within_bounds() -> None:
    for retries in range(12):
        assert min(300, 2 * 2**retries) <= backoff(2.0, retries) <= 375
    assert celery_app(ConnectorSettings(broker_url="redis://x")).conf.accept_content == ["json"]


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    # Not in pytest's folder, which PostgreSQL's own user may not enter.
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder), **QUICK) as found:
        yield found


def test_urgent_documents_come_first(running: Cluster) -> None:
    app = celery_app(running.settings)
    broker = Broker(app)
    for name in ("low", "normal", "urgent", "high"):
        broker.send(name, "preprocessing", name)
    assert broker.waiting("preprocessing") == 4
    assert [broker.waiting(queue) for queue in QUEUES[1:]] == [0] * (len(QUEUES) - 1)
    came = []
    with app.connection_for_read() as connection:
        consumer = connection.SimpleQueue(app.amqp.queues["preprocessing"])
        for _ in range(4):
            message = consumer.get(timeout=10)
            came.append(message.payload[0][0])
            assert message.content_type == "application/json"
            assert len(message.body) < 500  # names travel, no pages
            message.ack()
        consumer.close()
    assert came == ["urgent", "high", "normal", "low"]


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_while_workers_and_broker_are_killed(running: Cluster) -> None:
    sent = documents(24)
    for _ in range(2):
        running.start_worker()
    job_ids = running.submit(sent)
    disturb(running, kills=2, restarts=1, seconds=8.0, rng=random.Random(4))
    statuses = running.wait(job_ids, 300)
    assert statuses.total() == 24
    assert faults(running, sent, job_ids) == []


def test_uploads_to_the_server_are_read_by_the_workers(running: Cluster) -> None:
    if not running.workers:
        running.start_worker()
    app = build_app(running.line.connector)
    client = TestClient(app, base_url="http://127.0.0.1")
    file = {"file": ("uppladdad.pdf", pdf(("Exempel AB", "Faktura 8888", "Att betala 88,00")), "application/pdf")}
    at_once = client.post("/invoices?wait=false", files=file)
    assert (at_once.status_code, at_once.json()["status"]) == (202, "received")
    running.wait([at_once.json()["job_id"]], 120)
    assert client.get(at_once.headers["Location"]).json()["file"] == "uppladdad.pdf"
    assert client.post("/invoices", files=file).json()["fields"]["invoice_number"]["value"] == "8888"


def test_the_commands_submit_and_say_where_a_document_is(running: Cluster, tmp_path: Path) -> None:
    (tmp_path / "ny.pdf").write_bytes(pdf(("Exempel AB", "Faktura 9999", "Att betala 77,00")))

    def command(*arguments: str) -> list[dict[str, object]]:
        whole = [sys.executable, "-m", "invoice_connector", *arguments]
        done = subprocess.run(whole, env=running.environment, capture_output=True, text=True, timeout=120, check=False)
        return [json.loads(line) for line in done.stdout.splitlines()]

    accepted, missing = command("submit", str(tmp_path / "ny.pdf"), str(tmp_path / "gone.pdf"), "--priority", "high")
    assert missing["error"]["type"] == "DocumentNotFoundError"  # type: ignore[index]
    job_id = str(accepted["job_id"])
    if not running.workers:
        running.start_worker()
    running.wait([job_id], 120)
    assert command("status", job_id)[0]["status"] in {"approved", "needs_review"}


def test_a_worker_without_a_broker_says_what_to_do() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INVOICE_CONNECTOR")}
    whole = [sys.executable, "-m", "invoice_connector", "worker", "--db", "sqlite://"]
    done = subprocess.run(whole, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, "INVOICE_CONNECTOR_BROKER_URL" in done.stderr) == (2, True)
