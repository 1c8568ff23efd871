"""Bad days: nothing that was acknowledged is lost, nothing is double, the chain is intact afterwards."""

from __future__ import annotations

import multiprocessing
import random
import resource
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from audit_samples import sample_job
from sqlalchemy import Engine

from db.audit import append_job
from db.database import open_database
from db.errors import DatabaseLockedError, ReadOnlyDatabaseError, StorageError
from db.queries import list_jobs
from db.records import utc_now
from db.verification import verify
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.pipeline.request import Request
from invoice_connector.settings import ConnectorSettings
from invoice_connector.web.uploads import UploadQueue
from invoice_connector.workers.reader import InThisProcess
from scripts.hostile.healthy import pdf
from scripts.scale.kills import kill_rounds


def reader(url: str, **settings: object) -> InvoiceOCRConnector:
    chosen = {"engines": ("pdf_text",), "policy": "single", "verifier": "off", **settings}
    return InvoiceOCRConnector(ConnectorSettings(database_url=url, **chosen))  # type: ignore[arg-type]


@pytest.fixture
def connector(tmp_path: Path) -> Iterator[InvoiceOCRConnector]:
    made = reader(f"sqlite:///{tmp_path / 'audit.db'}")
    yield made
    made.database.dispose()


def test_kills_while_writing_lose_and_double_nothing(tmp_path: Path) -> None:
    tally = kill_rounds(tmp_path, 15, random.Random(2))
    assert tally.faults == []
    assert tally.accepted
    assert tally.stored


@pytest.mark.slow
def test_many_kills_while_writing_lose_and_double_nothing(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path, 60, random.Random(3)).faults == []


def _fill(url: str, path: Path, answers: multiprocessing.connection.Connection) -> None:
    """Stores jobs until the file may not grow any more; says how many were acknowledged and what then came."""
    engine, stored = open_database(url), 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 200_000, resource.RLIM_INFINITY))
    try:
        for number in range(1000):
            append_job(engine, sample_job(number, text="x" * 5_000))
            stored += 1
    except StorageError as error:
        answers.send((stored, type(error).__name__))


def test_a_disk_that_fills_up_keeps_what_was_stored(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    url = f"sqlite:///{path}"
    open_database(url).dispose()
    mine, its = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_fill, args=(url, path, its))
    process.start()
    stored, error = mine.recv()
    process.join()
    assert 0 < stored < 1000
    assert error in {"DiskFullError", "DatabaseUnavailableError"}
    engine = open_database(url)
    assert len(list_jobs(engine, 1000)) == stored
    append_job(engine, sample_job(5000))  # there is room again
    assert verify(engine).intact
    engine.dispose()


def test_an_upload_waits_while_the_log_may_only_be_read(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    queue = UploadQueue(connector, InThisProcess(connector))
    queue.put(pdf(), Request("job-1", "a.pdf")).result()
    spool = queue._spool
    assert spool is not None
    spool.accept("job-2", pdf(), {"job_id": "job-2", "source_name": "b.pdf"})
    locked = reader(f"sqlite:///file:{tmp_path / 'audit.db'}?mode=ro&uri=true")
    with pytest.raises(ReadOnlyDatabaseError, match="may only be read"):
        locked.process_bytes(pdf(), Request("job-2", "b.pdf"))
    locked.database.dispose()
    again = UploadQueue(connector, InThisProcess(connector))
    assert again.resume() == 1
    again._worker.shutdown(wait=True)
    assert sorted(job.id for job in list_jobs(connector.database, 10)) == ["job-1", "job-2"]
    assert verify(connector.database).intact


def test_an_upload_waits_while_somebody_else_holds_the_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    impatient = reader(url)
    impatient.__dict__["database"] = open_database(url, busy_timeout_seconds=0.01)
    queue = UploadQueue(impatient, InThisProcess(impatient))
    assert queue._spool is not None
    blocker = sqlite3.connect(tmp_path / "audit.db", isolation_level=None, check_same_thread=False)
    accepted = queue._spool.accept("job-1", pdf(), {"job_id": "job-1", "source_name": "a.pdf"})
    blocker.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseLockedError, match="try again"):
        queue._queue(Request("job-1", "a.pdf"), None).result()
    blocker.execute("ROLLBACK")
    blocker.close()
    assert [found.job_id for found in queue._spool.unfinished()] == [accepted.job_id]
    assert queue.resume() == 1
    queue._worker.shutdown(wait=True)
    assert queue._spool.unfinished() == []
    assert [job.id for job in list_jobs(impatient.database, 10)] == ["job-1"]
    impatient.database.dispose()


def test_a_verifier_that_is_down_takes_no_document_with_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    alone = reader(
        url, verifier="http://127.0.0.1:9", verify="always", verifier_seconds=1.0, verifier_protocol="systemone"
    )
    found = alone.process_bytes(pdf(), Request("job-1", "a.pdf")).to_dict()
    assert found["status"] in {"completed", "needs_review"}
    assert found["verification"]["used"] is False
    assert found["verification"]["verified"] is None
    alone.database.dispose()


class Clock:
    """The computer's clock as somebody sets it."""

    moment = datetime(2026, 3, 17, tzinfo=UTC)

    @classmethod
    def now(cls, _zone: object) -> datetime:
        return cls.moment

    @classmethod
    def jump(cls, **by: float) -> None:
        cls.moment += timedelta(**by)


def test_a_clock_that_jumps_breaks_nothing(connector: InvoiceOCRConnector, monkeypatch: pytest.MonkeyPatch) -> None:
    engine: Engine = connector.database
    monkeypatch.setattr("db.records.datetime", Clock)
    assert utc_now() == Clock.moment
    for number, days in enumerate((0, 4000, -8000, 1, -0.0001)):
        Clock.jump(days=days)
        connector.process_bytes(
            pdf(("Exempel AB", f"Faktura {number}", "Att betala 125,00")), Request(f"job-{number}", "a.pdf")
        )
    monkeypatch.undo()
    connector.process_bytes(pdf(), Request("job-now", "a.pdf"))
    assert len(list_jobs(engine, 10)) == 6
    assert verify(engine).intact
