"""Appending, erasing and reading back; triggers; several writers."""

from __future__ import annotations

import json
import multiprocessing
from datetime import timedelta
from pathlib import Path

import pytest
from audit_samples import START, failed_job, fresh_log, sample_job
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from db.audit import append_job, erase_job, head
from db.canonical import GENESIS
from db.contract import document_json
from db.database import open_database
from db.errors import AppendOnlyError, DamagedDatabaseError, DuplicateJobError, JobNotFoundError
from db.log_reader import export
from db.queries import JobFilter, count_jobs, get_job, list_jobs
from db.records import AuditPosition, EngineRunRecord, JobRecord
from db.transactions import writing
from db.verification import verify

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
SHARE = st.none() | st.floats(0, 1)
RUNS = st.lists(
    st.builds(
        EngineRunRecord, page=st.integers(0, 9), engine=st.sampled_from(["a", "trocr", "ö"]), version=TEXT,
        status=st.sampled_from(["ok", "failed", "timed_out", "unavailable"]), milliseconds=st.floats(0, 1e9),
        lines=st.integers(0, 10**6), confidence=SHARE, error=st.none() | TEXT, cached=st.booleans(),
    ),
    max_size=4,
)  # fmt: skip
CHANGES = st.fixed_dictionaries(
    {"confidence": SHARE, "verified": st.none() | st.booleans(), "text": TEXT, "language": st.none() | TEXT,
     "fields": st.dictionaries(st.text(max_size=5), JSON, max_size=3), "runs": RUNS,
     "verdicts": st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=2), max_size=2),
     "timings_ms": st.dictionaries(TEXT, st.floats(0, 1e9), max_size=2)}
)  # fmt: skip


@pytest.fixture
def engine() -> Engine:
    return fresh_log()


def test_an_empty_log_has_a_head(engine: Engine) -> None:
    assert head(engine) == AuditPosition(0, GENESIS)
    assert verify(engine).intact


def test_a_job_comes_back_as_it_went_in(engine: Engine) -> None:
    record = sample_job()
    position = append_job(engine, record)
    assert position == head(engine) == AuditPosition(1, position.hash)
    stored = get_job(engine, record.id)
    assert stored.audit == position
    assert document_json(stored)["fields"]["amount_due"]["value"] == "13162.50"
    for name in JobRecord.__dataclass_fields__:
        given_value, kept = getattr(record, name), getattr(stored.record, name)
        assert (list(given_value) if isinstance(given_value, tuple) else given_value) == kept, name


def test_the_contract_is_made_anew_from_the_row(engine: Engine) -> None:
    record = sample_job()
    append_job(engine, record)
    document = json.loads(json.dumps(document_json(get_job(engine, record.id)), allow_nan=False))
    assert list(document) == [
        "schema_version", "job_id", "file", "status", "error", "page_count", "pages", "language", "text", "confidence",
        "primary_engine", "engines_used", "engine_processing_times", "fields", "invoice_lines", "vat_breakdown",
        "violations", "lines", "verification", "timings_ms", "review", "corrections", "audit",
    ]  # fmt: skip
    assert document["lines"][0].keys() == {"page", "box", "text", "confidence", "readings"}
    assert document["verification"]["confidence"] == 0.92
    assert document["audit"]["hash"].startswith("sha256:")
    failed = failed_job(2)
    append_job(engine, failed)
    document = document_json(get_job(engine, failed.id))
    assert document["error"] == {"type": "DamagedDocumentError", "message": failed.error_message}
    assert document["confidence"] is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, min_size=1, max_size=3))
def test_whatever_is_appended_is_intact_and_the_same(changes: list[dict[str, object]]) -> None:
    engine = fresh_log()
    records = [sample_job(number, **change) for number, change in enumerate(changes)]  # type: ignore[arg-type]
    for record in records:
        append_job(engine, record)
    assert verify(engine).intact
    for record in records:
        stored = get_job(engine, record.id).record
        assert stored.text == record.text
        assert list(stored.runs) == list(record.runs)
        assert stored.confidence == record.confidence
        assert stored.timings_ms == record.timings_ms


def test_a_job_is_stored_once(engine: Engine) -> None:
    append_job(engine, sample_job())
    again = sample_job(id=list_jobs(engine)[0].id)
    with pytest.raises(DuplicateJobError, match="stored once"):
        append_job(engine, again)
    assert head(engine).sequence == 1


def test_a_job_is_stored_whole_or_not_at_all(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> str:
        raise RuntimeError("the power went")

    monkeypatch.setattr("db.links.event_hash", fail)
    with pytest.raises(RuntimeError):
        append_job(engine, sample_job())
    assert list_jobs(engine) == []
    assert head(engine).sequence == 0


def test_an_unknown_job_is_said_to_be_unknown(engine: Engine) -> None:
    with pytest.raises(JobNotFoundError, match="nosuch"):
        get_job(engine, "nosuch")
    with pytest.raises(JobNotFoundError, match="nosuch"):
        erase_job(engine, "nosuch")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ocr_jobs SET text = 'forged'",
        "UPDATE ocr_jobs SET erased_at = started_at, text = NULL",
        "UPDATE engine_runs SET milliseconds = 0",
        "UPDATE engine_runs SET error = NULL",
        "UPDATE audit_events SET recorded_at = ''",
        "DELETE FROM ocr_jobs",
        "DELETE FROM engine_runs",
        "DELETE FROM audit_events",
        "INSERT OR REPLACE INTO ocr_jobs SELECT * FROM ocr_jobs",
        "INSERT OR IGNORE INTO ocr_jobs SELECT * FROM ocr_jobs",
        "REPLACE INTO engine_runs SELECT * FROM engine_runs",
        "REPLACE INTO audit_events SELECT * FROM audit_events",
        "INSERT INTO audit_events SELECT * FROM audit_events WHERE true ON CONFLICT DO UPDATE SET kind = 'x'",
    ],
)
def test_triggers_refuse_every_change(engine: Engine, statement: str) -> None:
    append_job(engine, sample_job())
    with pytest.raises(AppendOnlyError, match="append-only"), writing(engine) as connection:
        connection.exec_driver_sql("PRAGMA recursive_triggers = OFF")  # another program's default
        connection.exec_driver_sql(statement)
    assert verify(engine).intact


def test_a_row_is_not_replaced_by_its_rowid(engine: Engine) -> None:
    append_job(engine, sample_job())
    columns = (
        "salt, status, started_at, finished_at, page_count, verifier_used, engines_used, engine_processing_times, "
        "engine_versions, timings_ms, quality, preprocessing, pages"
    )
    statement = f"INSERT OR REPLACE INTO ocr_jobs (rowid, id, {columns}) SELECT rowid, 'other', {columns} FROM ocr_jobs"
    with pytest.raises(AppendOnlyError), writing(engine) as connection:
        connection.exec_driver_sql("PRAGMA recursive_triggers = OFF")
        connection.exec_driver_sql(statement)


def test_an_erasure_takes_the_person_and_leaves_the_statistics(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    engine = open_database(f"sqlite:///{path}")
    record = sample_job()
    for number in (5, 1, 7):
        append_job(engine, record if number == 1 else sample_job(number, text="", lines=[], fields={}))
    position = erase_job(engine, record.id, "request 2026-17")
    assert position == head(engine) == erase_job(engine, record.id)
    assert verify(engine).intact
    stored = get_job(engine, record.id)
    assert stored.erased_at is not None
    assert (stored.record.text, stored.record.fields, stored.record.customer_id) == ("", {}, None)
    assert stored.record.runs[2].error is None
    assert stored.record.confidence == record.confidence
    assert stored.record.engines_used == list(record.engines_used)
    assert list_jobs(engine, where=JobFilter(engine="trocr"))[2].erased
    engine.dispose()
    assert "Kontorsmiljö".encode() not in path.read_bytes()


def test_an_erased_row_cannot_be_changed_any_more(engine: Engine) -> None:
    record = sample_job()
    append_job(engine, record)
    erase_job(engine, record.id)
    for statement in ("UPDATE ocr_jobs SET text = 'x'", "UPDATE ocr_jobs SET erased_at = 'x'",
                      "UPDATE engine_runs SET milliseconds = 1"):  # fmt: skip
        with pytest.raises(AppendOnlyError), writing(engine) as connection:
            connection.exec_driver_sql(statement)


def test_jobs_are_listed_newest_first_and_filtered(engine: Engine) -> None:
    for number in range(5):
        append_job(engine, sample_job(number, customer_id=f"c{number % 2}", runs=[], text=f"nummer {number} 100%"))
    append_job(engine, failed_job(9))
    names = [job.source_name for job in list_jobs(engine, limit=3)]
    assert names == ["kvitto.jpg", "faktura-1004.pdf", "faktura-1003.pdf"]
    assert [job.source_name for job in list_jobs(engine, limit=1, offset=2)] == ["faktura-1003.pdf"]
    window = JobFilter(since=START + timedelta(minutes=1), until=START + timedelta(minutes=3))
    expected = {
        JobFilter(status="failed"): 1,
        JobFilter(customer_id="c0"): 3,
        JobFilter(engine="rapidocr"): 0,
        window: 2,
        JobFilter(text="NUMMER 3"): 1,
        JobFilter(text="100%"): 5,
        JobFilter(text="1_0%"): 0,
        JobFilter(sha256=f"{2:064x}"): 1,
    }
    assert {where: count_jobs(engine, where) for where in expected} == expected


def test_an_export_holds_one_line_per_event(engine: Engine) -> None:
    record = sample_job()
    append_job(engine, record)
    append_job(engine, failed_job(2))
    *lines, last = [json.loads(line) for line in export(engine)]
    assert last["head"]["sequence"] == 2
    assert [line["event"]["sequence"] for line in lines] == [1, 2]
    assert lines[0]["job"]["id"] == record.id
    assert len(lines[0]["runs"]) == 3


def test_a_row_of_nonsense_is_named(tmp_path: Path) -> None:
    engine = fresh_log()
    record = sample_job()
    append_job(engine, record)
    with writing(engine) as connection:
        for name in ("", "origin_", "adjustments_", "document_kind_", "not_read_"):
            connection.exec_driver_sql(f"DROP TRIGGER ocr_jobs_{name}no_update")
        connection.exec_driver_sql("UPDATE ocr_jobs SET confidence = 7")
    with pytest.raises(DamagedDatabaseError, match=f"{record.id}.*confidence lies in 0..1.*audit verify"):
        get_job(engine, record.id)


def append_many(url: str, count: int) -> None:
    engine = open_database(url)
    for number in range(count):
        append_job(engine, sample_job(number))
    engine.dispose()


def test_several_processes_append_to_one_chain(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    engine = open_database(url)
    engine.dispose()
    context = multiprocessing.get_context("fork")  # spawn would import everything anew, four times
    workers = [context.Process(target=append_many, args=(url, 10)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    report = verify(engine)
    assert report.intact
    assert report.events == count_jobs(engine) == 40
