"""The audit log in a real PostgreSQL."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from audit_samples import sample_job
from sqlalchemy import Engine, text

from db.audit import append_job
from db.database import open_database
from db.errors import AppendOnlyError, DatabaseLockedError, DatabaseUnavailableError, DuplicateJobError
from db.queries import get_job, list_jobs
from db.submissions import Spool
from db.transactions import writing
from db.verification import verify
from invoice_connector.suppliers.directory import LogDirectory
from invoice_connector.suppliers.master import Supplier
from invoice_connector.suppliers.store import put, remove
from scripts.scale.servers import Postgres, postgres_server


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    # Not in pytest's folder, which the server's own user may not enter.
    with tempfile.TemporaryDirectory() as folder, postgres_server(Path(folder) / "server") as server:
        yield server


@pytest.fixture(scope="module")
def log(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_database(server.url, busy_timeout_seconds=1.0, key_file=tmp_path_factory.mktemp("key") / "key")
    yield engine
    engine.dispose()


def test_jobs_are_stored_once_and_read_back(log: Engine) -> None:
    job = sample_job(1)
    append_job(log, job)
    with pytest.raises(DuplicateJobError, match="already"):
        append_job(log, job)
    assert get_job(log, job.id).record.text == job.text


def test_master_data_are_versioned_found_and_removed(log: Engine) -> None:
    supplier = Supplier("P1", ("Pärla Måleri AB",), ("SE559987456601",), accounts=("5050-1055",))
    put(log, [supplier, replace(supplier, customer_id="acme")])
    put(log, [replace(supplier, accounts=("991-2346",))])
    known = LogDirectory(lambda: log).known(["Org.nr 559987-4566"], "acme")
    assert [candidate.supplier.accounts for candidate in known.candidates] == [("5050-1055",)]
    with pytest.raises(AppendOnlyError, match="refused"), writing(log) as connection:
        connection.execute(text("UPDATE master_records SET data = '{}'"))
    remove(log, Supplier, ["P1"])
    with writing(log) as connection:
        left = "SELECT count(*) FROM master_records WHERE customer_id = '*' AND data IS NOT NULL"
        assert connection.execute(text(left)).scalar_one() == 0
    assert verify(log).intact


def test_nothing_stored_can_be_changed(log: Engine) -> None:
    append_job(log, sample_job(2))
    for statement in (
        "UPDATE ocr_jobs SET text = 'forged'",
        "DELETE FROM ocr_jobs",
        "UPDATE audit_events SET hash = ''",
    ):
        with pytest.raises(AppendOnlyError, match="refused"), writing(log) as connection:
            connection.execute(text(statement))


def test_writers_on_many_connections_make_one_chain(server: Postgres, log: Engine) -> None:
    before, threads = len(list_jobs(log, 1000)), []
    for worker in range(4):
        jobs = [sample_job(100 + 10 * worker + number) for number in range(5)]
        threads.append(threading.Thread(target=lambda jobs=jobs: [append_job(log, job) for job in jobs]))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list_jobs(log, 1000)) == before + 20
    report = verify(log)
    assert report.intact, report.problems


def test_a_writer_does_not_wait_for_ever(log: Engine) -> None:
    with writing(log), pytest.raises(DatabaseLockedError, match="locked"):
        append_job(log, sample_job(3))


def test_accepted_documents_survive(log: Engine, tmp_path: Path) -> None:
    spool = Spool(log, tmp_path / "uploads")
    spool.accept("job-1", b"content", {"customer_id": "c"})
    assert [found.job_id for found in spool.unfinished()] == ["job-1"]
    spool.finish("job-1")
    assert spool.unfinished() == []


def test_a_server_that_is_restarted_is_found_again(server: Postgres, log: Engine) -> None:
    append_job(log, sample_job(4))
    server.kill()
    with pytest.raises(DatabaseUnavailableError, match=r"cannot be reached|did not answer"):
        append_job(log, sample_job(5))
    server.start()
    append_job(log, sample_job(6))
    assert verify(log).intact


def test_an_address_without_a_driver_means_the_one_that_is_installed(server: Postgres, tmp_path: Path) -> None:
    engine = open_database(server.url.replace("+pg8000", ""), key_file=tmp_path / "key")
    assert engine.url.drivername == "postgresql+pg8000"
    engine.dispose()
