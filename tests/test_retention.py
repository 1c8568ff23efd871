"""What is erased is gone from rows, index, reviews, statistics of customers, and disk; the chain holds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from audit_samples import START, fresh_log, sample_job
from sqlalchemy import Engine
from test_pictures import picture

from db.audit import append_job, erase_job
from db.database import open_database
from db.queries import get_job
from db.recount import check
from db.retention import erasable, erase_older
from db.reviews import ReviewRequest, add_review, reviewed_fields
from db.rollups import Scope, total
from db.search import search
from db.submissions import Spool, SubmissionState
from db.verification import verify
from invoice_connector.cli import main
from invoice_connector.settings import ConnectorSettings
from invoice_connector.storage import erase, picture_store


def filled(days: int = 6) -> tuple[Engine, list[str]]:
    """One job a day, of two customers in turn, oldest first."""
    engine = fresh_log()
    ids = []
    for day in range(days):
        started = START + timedelta(days=day)
        record = sample_job(day, started_at=started, finished_at=started, customer_id=f"customer-{day % 2}")
        append_job(engine, record)
        ids.append(record.id)
    return engine, ids


def test_only_what_is_older_is_erased_oldest_first() -> None:
    engine, ids = filled()
    before = START + timedelta(days=4)
    assert list(erasable(engine, before)) == ids[:4]
    assert list(erasable(engine, before, "customer-1")) == [ids[1], ids[3]]
    assert erase_older(engine, before) == 4
    assert erase_older(engine, before) == 0
    assert [get_job(engine, name).erased_at is not None for name in ids] == [True] * 4 + [False] * 2
    report = verify(engine)
    assert (report.intact, report.events) == (True, 10)


def test_more_jobs_than_one_batch_are_all_found(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, ids = filled(9)
    monkeypatch.setattr("db.retention._BATCH", 2)
    assert list(erasable(engine, START + timedelta(days=30))) == ids
    assert erase_older(engine, START + timedelta(days=30)) == 9


def test_an_erasure_leaves_statistics_and_takes_the_person_out() -> None:
    engine, ids = filled(2)
    add_review(engine, ReviewRequest(ids[0], {"seller_name": "Anna Andersson"}, "Bo Review", "ring Anna"))
    assert search(engine, "andersson")
    jobs = total(engine, Scope())["jobs"]
    erase_job(engine, ids[0], "request 17")
    assert search(engine, "andersson") == []
    assert list(reviewed_fields(engine)) == []
    stored = get_job(engine, ids[0])
    assert (stored.record.text, stored.record.customer_id, stored.record.fields) == ("", None, {})
    assert (stored.reviews[0].reviewer, stored.reviews[0].note, stored.reviews[0].changes) == (None, None, {})
    assert total(engine, Scope())["jobs"] == jobs
    assert total(engine, Scope(customer_id="customer-0")) == {}
    assert check(engine).equal
    assert verify(engine).intact


def test_nothing_of_an_erased_job_is_left_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    settings = ConnectorSettings(database_url=f"sqlite:///{path}")
    engine = open_database(settings.database_url)
    record, other = sample_job(1, source_name="hemligt-brev.pdf"), sample_job(2)
    for job in (record, other):
        append_job(engine, job)
    store = picture_store(engine, settings)
    assert store is not None
    store.add(record.id, [picture(1), picture(2)])
    store.add(other.id, [picture(2)])
    spool = Spool(engine, tmp_path / "audit.db.uploads")
    spool.accept(record.id, b"hemligt-brev", {"source_name": "hemligt-brev.pdf"})
    files = [found[1] for page in (1, 2) if (found := store.find(record.id, page))]
    erase(engine, settings, record.id)
    assert [file.exists() for file in files] == [False, True]  # the other job has the second picture too
    assert store.find(other.id, 2) is not None
    assert not (tmp_path / "audit.db.uploads" / record.id).exists()
    engine.dispose()
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or b"hemligt-brev" not in file.read_bytes(), file


def test_the_command_erases_by_age(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    engine = open_database(url)
    old = sample_job(1, started_at=START - timedelta(days=4000), finished_at=START - timedelta(days=4000))
    new = sample_job(2)
    for job in (old, new):
        append_job(engine, job)
    assert main(["audit", "erase", "--older-than", "9y", "--dry-run", "--db", url]) == 0
    assert capsys.readouterr().out.split() == [old.id]
    assert get_job(engine, old.id).erased_at is None
    assert main(["audit", "erase", "--older-than", "9y", "--db", url]) == 0
    assert get_job(engine, old.id).erased_at is not None
    assert get_job(engine, new.id).erased_at is None
    assert main(["audit", "verify", "--db", url]) == 0
    engine.dispose()


def test_a_submission_of_an_erased_job_is_not_listed_any_more(tmp_path: Path) -> None:
    engine, ids = filled(1)
    spool = Spool(engine, tmp_path)
    spool.accept(ids[0], b"x", {"source_name": "brev.pdf"})
    spool.finish(ids[0], SubmissionState.DONE)
    erase_job(engine, ids[0])
    assert spool.unfinished() == []
