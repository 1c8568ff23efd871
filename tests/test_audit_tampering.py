"""Any change to any row is found, and found where it is."""

from __future__ import annotations

import random
import sqlite3
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from audit_samples import contents, failed_job, fresh_log, sample_job
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from db.audit import append_job, erase_job, head
from db.records import AuditPosition
from db.verification import AuditReport, ProblemKind, verify

JOBS = 5
TABLES = ("ocr_jobs", "engine_runs", "audit_events")


class Log(bytes):
    """A database file that does not fill the screen when a test fails."""

    def __repr__(self) -> str:
        return "log"


@pytest.fixture(scope="module")
def log() -> Log:
    """A log of five jobs, the second one erased: events 1 to 6."""
    engine = fresh_log()
    records = [sample_job(number, source_name=f"brev-{number}") for number in range(JOBS - 1)]
    for record in (*records, failed_job(JOBS)):
        append_job(engine, record)
    erase_job(engine, records[1].id, "test")
    return Log(contents(engine))


def tampered(
    log: bytes, change: Callable[[sqlite3.Connection], Any], exported: AuditPosition | None = None, **options: int
) -> AuditReport:
    """What verify says about a copy of the log that somebody with the file in hands has changed."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(log)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    change(connection)
    connection.commit()
    return verify(fresh_log(connection.serialize()), exported, **options)


def run(statement: str) -> Callable[[sqlite3.Connection], Any]:
    return lambda connection: connection.execute(statement)


def test_an_untouched_log_is_intact(log: bytes) -> None:
    report = tampered(log, lambda _: None)
    assert report.intact
    assert report.events == JOBS + 1
    assert report.head.sequence == JOBS + 1


def changed(value: Any, draw: random.Random) -> Any:
    """Another value of about the same kind: one letter of a text, one bit of a number."""
    if isinstance(value, str) and value:
        at = draw.randrange(len(value))
        return value[:at] + chr(ord(value[at]) ^ (1 << draw.randrange(5))) + value[at + 1 :]
    if isinstance(value, float):
        return value + draw.choice([0.001, -0.5, 1e-12])
    if isinstance(value, int):
        return value ^ (1 << draw.randrange(3))
    return draw.choice(["x", 1, 0.5, b"x"])


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32), table=st.sampled_from(TABLES))
def test_one_changed_value_anywhere_is_found_and_located(log: bytes, seed: int, table: str) -> None:
    draw = random.Random(seed)
    place: dict[str, Any] = {}

    def change(connection: sqlite3.Connection) -> None:
        key = {"ocr_jobs": "id", "engine_runs": "job_id, position", "audit_events": "sequence"}[table]
        cursor = connection.execute(f"SELECT * FROM {table} ORDER BY {key}")
        names = [name for name, *_ in cursor.description]
        row = dict(zip(names, draw.choice(cursor.fetchall()), strict=True))
        column = draw.choice(names)
        place.update(table=table, column=column, job=row.get("job_id") or row.get("id"), event=row.get("sequence"))
        where = " AND ".join(f"{name} = ?" for name in key.split(", "))
        keys = [row[name] for name in key.split(", ")]
        new = changed(row[column], draw)
        try:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", [new, *keys])
        except sqlite3.IntegrityError:  # the database itself says no: the key is taken
            new = row[column]
        place["same"] = new == row[column]

    report = tampered(log, change)
    assume(not place["same"])
    assert not report.intact, place
    if table != "audit_events":
        assert any(p.job_id == place["job"] for p in report.problems), (place, report)
    elif place["column"] != "sequence":
        assert any(p.sequence == place["event"] for p in report.problems), (place, report)


@settings(max_examples=25)
@given(table=st.sampled_from(TABLES), number=st.integers(0, JOBS - 1))
def test_a_deleted_row_is_found(log: bytes, table: str, number: int) -> None:
    def change(connection: sqlite3.Connection) -> None:
        key = {"ocr_jobs": "id", "engine_runs": "job_id || position", "audit_events": "sequence"}[table]
        query = f"SELECT {key} FROM {table} ORDER BY 1 LIMIT 1 OFFSET {number}"
        connection.execute(f"DELETE FROM {table} WHERE {key} = ({query})")

    assert not tampered(log, change).intact


COPY = "INSERT INTO {t} SELECT {c} FROM {t} WHERE {w}"


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE ocr_jobs SET text = replace(text, '13 162', '93 162')", ProblemKind.CONTENT_ALTERED),
        ("UPDATE ocr_jobs SET fields = replace(fields, ',', ', ')", ProblemKind.CONTENT_ALTERED),
        ("UPDATE ocr_jobs SET salt = 'none'", ProblemKind.CONTENT_ALTERED),
        ("UPDATE ocr_jobs SET text = NULL", ProblemKind.CONTENT_ALTERED),
        ("UPDATE ocr_jobs SET erased_at = '2026-01-01T00:00:00.000000Z'", ProblemKind.CONTENT_ALTERED),
        ("UPDATE ocr_jobs SET erased_at = NULL", ProblemKind.CONTENT_ALTERED),
        ("UPDATE engine_runs SET position = 2 - position + 10", ProblemKind.CONTENT_ALTERED),
        ("UPDATE audit_events SET kind = 'erased' WHERE sequence = 3", ProblemKind.EVENT_ALTERED),
        ("UPDATE audit_events SET details = '{}' WHERE sequence = 2", ProblemKind.EVENT_ALTERED),
        ("UPDATE audit_events SET sequence = -sequence", ProblemKind.EVENT_MISSING),
        ("UPDATE audit_events SET sequence = 0 WHERE sequence = 6", ProblemKind.EVENT_MISSING),
        ("UPDATE audit_events SET sequence = 1000 WHERE sequence = 6", ProblemKind.EVENT_MISSING),
        ("DELETE FROM audit_events WHERE sequence = 3", ProblemKind.EVENT_MISSING),
        ("DELETE FROM audit_events WHERE sequence = 6", ProblemKind.CONTENT_ALTERED),
        ("DELETE FROM audit_events", ProblemKind.JOB_WITHOUT_EVENT),
        ("DELETE FROM ocr_jobs", ProblemKind.JOB_MISSING),
        ("DELETE FROM ocr_jobs", ProblemKind.RUN_WITHOUT_JOB),
        ("INSERT INTO engine_runs SELECT 'ghost', position, page, engine, version, status, milliseconds, lines, "
         "characters, confidence, cached, error FROM engine_runs LIMIT 1", ProblemKind.RUN_WITHOUT_JOB),
        ("INSERT INTO engine_runs SELECT job_id, 77, page, engine, version, status, milliseconds, lines, "
         "characters, confidence, cached, error FROM engine_runs LIMIT 1", ProblemKind.CONTENT_ALTERED),
        ("INSERT INTO audit_events SELECT 7, kind, job_id, recorded_at, details, content_hash, previous_hash, hash, "
         "seal FROM audit_events WHERE sequence = 6", ProblemKind.LINK_BROKEN),
        ("UPDATE ocr_jobs SET text = CAST(x'c328' AS TEXT) WHERE text IS NOT NULL", ProblemKind.UNREADABLE),
        ("UPDATE audit_events SET hash = CAST(x'c328' AS TEXT) WHERE sequence = 2", ProblemKind.UNREADABLE),
    ],
)  # fmt: skip
def test_tampering_has_a_name(log: bytes, statement: str, kind: ProblemKind) -> None:
    assert kind in {problem.kind for problem in tampered(log, run(statement)).problems}


def test_two_events_that_change_places_are_found(log: bytes) -> None:
    def change(connection: sqlite3.Connection) -> None:
        for old, new in ((3, 99), (4, 3), (99, 4)):
            connection.execute("UPDATE audit_events SET sequence = ? WHERE sequence = ?", (new, old))

    report = tampered(log, change)
    assert {problem.sequence for problem in report.problems} >= {3, 4}


def test_one_flipped_byte_of_the_file_is_found_in_its_event(log: bytes) -> None:
    for number in (0, 2, 3):
        at = log.index(b"brev-%d" % number)
        report = verify(fresh_log(log[:at] + bytes([log[at] ^ 1]) + log[at + 1 :]))
        assert [(p.kind, p.sequence) for p in report.problems] == [(ProblemKind.CONTENT_ALTERED, number + 1)]


def test_a_cut_tail_shows_against_an_exported_head(log: bytes) -> None:
    kept = head(fresh_log(log))

    def cut(connection: sqlite3.Connection) -> None:
        (job,) = connection.execute("SELECT job_id FROM audit_events WHERE sequence = 5").fetchone()
        # The erasure of job 2 and the whole of job 5 never happened, it seems.
        connection.execute("DELETE FROM audit_events WHERE sequence >= 5")
        connection.execute("DELETE FROM ocr_jobs WHERE id = ?", (job,))

    report = tampered(log, cut, kept)
    assert report.problems[-1].kind is ProblemKind.TAIL_CUT
    assert "ends at event 4" in report.problems[-1].message
    assert tampered(log, lambda _: None, kept).intact
    assert tampered(log, lambda _: None, AuditPosition(0, "")).intact


def test_a_rewritten_history_shows_against_an_exported_head(log: bytes) -> None:
    report = tampered(log, lambda _: None, AuditPosition(3, "sha256:" + "1" * 64))
    assert [(p.kind, p.sequence) for p in report.problems] == [(ProblemKind.HISTORY_REWRITTEN, 3)]


def test_an_erasure_cannot_be_faked_by_emptying_a_row(log: bytes) -> None:
    report = tampered(log, run("UPDATE ocr_jobs SET text = NULL, lines = NULL, fields = NULL"))
    assert {p.sequence for p in report.problems} == {1, 3, 4, 5}


def test_problems_are_counted_beyond_those_that_are_kept(log: bytes) -> None:
    statement = "UPDATE ocr_jobs SET status = 'x'"
    assert tampered(log, run(statement)).problem_count == JOBS
    report = tampered(log, run(statement), max_problems=2)
    assert (len(report.problems), report.problem_count) == (2, JOBS)


def test_a_file_that_is_damaged_inside_is_reported_and_not_raised(log: bytes) -> None:
    at = log.index(b"brev-2") // 4096 * 4096
    report = verify(fresh_log(log[:at] + b"\xff" * 8 + log[at + 8 :]))
    assert ProblemKind.UNREADABLE in {problem.kind for problem in report.problems}


def test_memory_does_not_grow_with_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.log_reader.BATCH", 10)
    engine = fresh_log()
    peaks = []
    for count in (20, 80):
        for number in range(count - head(engine).sequence):
            append_job(engine, sample_job(number, runs=[], lines=[], fields={}, text="x" * 30_000))
        tracemalloc.start()
        assert verify(engine).intact
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]
