"""What was accepted survives: a killed process, a restart, and comes to one end."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from audit_samples import fresh_log, sample_job
from sqlalchemy import Engine

from db import stages
from db.audit import append_job
from db.database import open_database
from db.errors import DiskFullError, JobNotFoundError
from db.records import utc_now
from db.submissions import (
    BATCH,
    BatchState,
    Spool,
    SubmissionState,
    forget_finished,
    open_submissions,
    report_batch,
    running_batches,
    start_batch,
    submission,
)

REQUEST = {"source_name": "faktura.pdf", "customer_id": "c1"}


@pytest.fixture
def engine() -> Engine:
    return fresh_log()


def test_an_accepted_document_lies_there_until_it_is_finished(engine: Engine, tmp_path: Path) -> None:
    spool = Spool(engine, tmp_path / "uploads")
    spool.accept("job1", b"%PDF", REQUEST)
    assert spool.content("job1") == b"%PDF"
    assert dict(submission(engine, "job1").request) == REQUEST
    spool.start("job1")
    assert [found.state for found in open_submissions(engine)] == [SubmissionState.RUNNING]
    spool.finish("job1")
    assert spool.content("job1") is None
    assert submission(engine, "job1").state == SubmissionState.DONE
    assert open_submissions(engine) == spool.unfinished() == []
    with pytest.raises(JobNotFoundError, match="jobs list"):
        submission(engine, "nosuch")


def test_a_new_process_takes_up_what_is_left_oldest_first(engine: Engine, tmp_path: Path) -> None:
    spool = Spool(engine, tmp_path)
    stored = sample_job(1)
    for name in ("job1", stored.id, "job2", "job3"):
        spool.accept(name, name.encode(), REQUEST)
    spool.start("job2")  # and its process died
    append_job(engine, stored)  # whose process died before it said so
    spool.finish("job3", SubmissionState.FAILED, "the uploaded bytes are gone")
    assert [found.job_id for found in spool.unfinished()] == ["job1", "job2"]
    assert submission(engine, stored.id).state == SubmissionState.DONE
    assert spool.content(stored.id) is None
    assert submission(engine, "job3").message == "the uploaded bytes are gone"


def _accept_and_die(url: str, folder: str) -> None:
    Spool(open_database(url), Path(folder)).accept("job1", b"x" * 100_000, REQUEST)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_server_loses_no_upload(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    engine = open_database(url)
    process = multiprocessing.get_context("fork").Process(target=_accept_and_die, args=(url, str(tmp_path / "up")))
    engine.dispose()
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    spool = Spool(engine, tmp_path / "up")
    assert [found.job_id for found in spool.unfinished()] == ["job1"]
    assert spool.content("job1") == b"x" * 100_000
    assert (tmp_path / "up" / "job1").stat().st_mode & 0o777 == 0o600
    engine.dispose()


def test_a_place_that_cannot_be_written_accepts_nothing(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("a file where the folder should be")
    with pytest.raises(DiskFullError, match="make room"):
        Spool(engine, tmp_path / "uploads").accept("job1", b"x", REQUEST)
    assert open_submissions(engine) == []


def test_a_batch_tells_how_far_it_is(engine: Engine) -> None:
    batch = start_batch(engine, "inbox", 10)
    batch = report_batch(engine, batch, 4, 1)
    assert [(found.done, found.failed, found.total) for found in running_batches(engine)] == [(4, 1, 10)]
    assert running_batches(engine, utc_now() + timedelta(seconds=1)) == []
    report_batch(engine, batch, 10, 1, BatchState.DONE)
    assert running_batches(engine) == []


def test_a_document_that_a_batch_takes_up_is_counted_and_is_no_upload(engine: Engine) -> None:
    assert [stages.take_up(engine, "key", BATCH) for _ in range(3)] == [1, 2, 3]
    assert stages.take_up(engine, "other", BATCH) == 1
    assert open_submissions(engine) == []
    stages.let_go(engine, "key")
    assert stages.take_up(engine, "key", BATCH) == 1


def test_a_try_that_nobody_is_to_blame_for_does_not_count(engine: Engine, tmp_path: Path) -> None:
    spool = Spool(engine, tmp_path)
    spool.accept("job1", b"x", REQUEST)
    assert [spool.start("job1"), spool.start("job1")] == [1, 2]
    spool.put_back("job1")
    assert (submission(engine, "job1").state, submission(engine, "job1").tries) == (SubmissionState.RECEIVED, 1)


def test_what_ended_is_forgotten_and_what_waits_is_not(engine: Engine, tmp_path: Path) -> None:
    spool = Spool(engine, tmp_path)
    for name in ("done", "waits"):
        spool.accept(name, b"x", REQUEST)
    spool.finish("done")
    forget_finished(engine, utc_now() + timedelta(seconds=1))
    with pytest.raises(JobNotFoundError):
        submission(engine, "done")
    assert submission(engine, "waits").state == SubmissionState.RECEIVED
