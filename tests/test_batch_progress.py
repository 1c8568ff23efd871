"""Whoever looks at the dashboard sees how far a batch is."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from analytics.app import create_app
from db.database import open_database
from db.submissions import Spool, SubmissionState, report_batch, running_batches, start_batch
from invoice_connector.commands.batch import _announced
from invoice_connector.settings import ConnectorSettings
from invoice_connector.workers.batch import BatchItem, BatchOrder, BatchResult


def test_a_batch_is_announced_and_ended(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    engine = open_database(url)
    order = BatchOrder(ConnectorSettings(database_url=url), None, ())
    results = [
        BatchResult(BatchItem(tmp_path / name, None), status) for name, status in (("a", "completed"), ("b", "failed"))
    ]
    seen = []
    for result in _announced(iter(results), order, "inbox", len(results)):
        seen.append(result)
        assert [(batch.label, batch.total) for batch in running_batches(engine)] == [("inbox", 2)]
    assert seen == results
    assert running_batches(engine) == []
    stopped = _announced(iter(results), order, "inbox", len(results))
    next(stopped)
    stopped.close()
    assert running_batches(engine) == []
    engine.dispose()


def test_the_dashboard_shows_what_is_being_read(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'audit.db'}")
    report_batch(engine, start_batch(engine, "<inbox>", 8), 3, 1)
    spool = Spool(engine, tmp_path / "uploads")
    spool.accept("job1", b"x", {"source_name": "<b>.pdf"})
    with TestClient(create_app(engine)) as client:
        for path in ("/", "/progress"):
            html = client.get(path).text
            assert "&lt;inbox&gt;" in html
            assert 'max="8" value="3"' in html
            assert '<a href="/jobs/job1">&lt;b&gt;.pdf</a>' in html
        found = client.get("/analytics/progress").json()
        assert (found["batches"][0]["done"], found["uploads"][0]["state"]) == (3, "received")
        assert "invoice_uploads_open 1" in client.get("/metrics").text
        waiting = client.get("/jobs/job1")
        assert waiting.status_code == 200
        assert 'http-equiv="refresh"' in waiting.text
        spool.finish("job1", SubmissionState.FAILED, "the uploaded bytes are gone")
        gone = client.get("/jobs/job1")
        assert gone.status_code == 410
        assert "the uploaded bytes are gone" in gone.text
    engine.dispose()
