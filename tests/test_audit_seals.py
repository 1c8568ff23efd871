"""Whoever has the file but not the key cannot change the log unseen; the head shows a cut tail."""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from audit_samples import contents, failed_job, fresh_log, sample_job
from rewritten_log import KEYS, put, rewrite, rows

from db.audit import append_job, erase_job, head, sealed_head
from db.chain import event_hash
from db.database import open_database
from db.errors import SealBrokenError, SealKeyError
from db.log_reader import batch, export
from db.reviews import ReviewRequest, add_review
from db.seal import Head, SealKey
from db.verification import AuditReport, ProblemKind, verify, verify_export

Change = Callable[[sqlite3.Connection, random.Random], object]


class Log(bytes):
    """A database file that does not fill the screen when a test fails."""

    def __repr__(self) -> str:
        return "log"


@pytest.fixture(scope="module")
def log() -> Log:
    """Eight jobs, two reviewed, one erased after its review, one that was not: events 1 to 12."""
    engine = fresh_log()
    records = [sample_job(number, lines=sample_job().lines[:2], verdicts=[]) for number in range(7)]
    for record in (*records, failed_job(9)):
        append_job(engine, record)
    add_review(engine, ReviewRequest(records[1].id, {"total_with_vat": "1.00"}, "Anna", "fel summa"))
    add_review(engine, ReviewRequest(records[2].id, {}))
    erase_job(engine, records[1].id)
    erase_job(engine, records[3].id)
    return Log(contents(engine))


def tampered(log: bytes, change: Change, draw: random.Random) -> AuditReport | None:
    """What verify says about a changed copy; None when nothing was changed."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(log)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    before = snapshot(connection)
    change(connection, draw)
    connection.commit()
    if snapshot(connection) == before:
        return None
    return verify(fresh_log(connection.serialize()))


def snapshot(connection: sqlite3.Connection) -> list[object]:
    return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in (*KEYS, "audit_head")]


def at(table: str, row: dict[str, Any]) -> tuple[str, list[Any]]:
    names = KEYS[table].split(", ")
    return " AND ".join(f"{name} = ?" for name in names), [row[name] for name in names]


def edit(connection: sqlite3.Connection, draw: random.Random) -> None:
    table = draw.choice(list(KEYS))
    row = draw.choice(rows(connection, table))
    column = draw.choice(list(row))
    old = row[column]
    if isinstance(old, str) and old:
        place = draw.randrange(len(old))
        new: Any = old[:place] + chr(ord(old[place]) ^ (1 << draw.randrange(5))) + old[place + 1 :]
    elif isinstance(old, int | float):
        new = old + draw.choice([1, -1, 0.5])
    else:
        new = draw.choice(["x", 1])
    where, keys = at(table, row)
    with contextlib.suppress(sqlite3.IntegrityError):  # the database itself says no
        connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {where}", [new, *keys])


def remove(connection: sqlite3.Connection, draw: random.Random) -> None:
    table = draw.choice(list(KEYS))
    where, keys = at(table, draw.choice(rows(connection, table)))
    connection.execute(f"DELETE FROM {table} WHERE {where}", keys)


def insert(connection: sqlite3.Connection, draw: random.Random) -> None:
    """A row beside the others, with the hash it ought to have where it is an event."""
    table = draw.choice(list(KEYS))
    row = draw.choice(rows(connection, table))
    last = rows(connection, "audit_events")[-1]
    if table == "audit_events":
        row |= {"sequence": last["sequence"] + 1, "previous_hash": last["hash"]}
        row["hash"] = event_hash(row)
    elif table == "ocr_jobs":
        row["id"] = f"inserted-{draw.random()}"
    else:
        name = KEYS[table].split(", ")[1]
        row[name] += draw.randrange(20, 90)
    put(connection, table, row)


def reorder(connection: sqlite3.Connection, draw: random.Random) -> None:
    """Two events change places, and all hashes are made anew."""
    events = rows(connection, "audit_events")
    first, second = draw.sample(range(len(events)), 2)
    events[first], events[second] = events[second], events[first]
    rewrite(connection, events, rehash=draw.random() < 0.5)


def cut(connection: sqlite3.Connection, draw: random.Random) -> None:
    """The last events never happened, nor the jobs and reviews they tell of; the head is set back where it can be."""
    events = rows(connection, "audit_events")
    keep = draw.randrange(len(events))
    for event in events[keep:]:
        connection.execute("DELETE FROM audit_events WHERE sequence = ?", [event["sequence"]])
        if event["kind"] == "job":
            for table, name in (("reviews", "job_id"), ("engine_runs", "job_id"), ("ocr_jobs", "id")):
                connection.execute(f"DELETE FROM {table} WHERE {name} = ?", [event["job_id"]])
        elif event["kind"] == "review":
            number = json.loads(event["details"])["number"]
            connection.execute("DELETE FROM reviews WHERE job_id = ? AND number = ?", [event["job_id"], number])
    choice = draw.randrange(3)
    if choice == 1:
        connection.execute("DELETE FROM audit_head")
    elif choice == 2 and keep:
        last = events[keep - 1]
        seal = [last["sequence"], last["hash"], last["seal"]]
        connection.execute("UPDATE audit_head SET sequence = ?, hash = ?, seal = ?", seal)


def rebuild(connection: sqlite3.Connection, draw: random.Random) -> None:
    """A value is changed and the chain made anew from there, with head and seals of another key."""
    job = draw.choice(rows(connection, "ocr_jobs"))
    connection.execute("UPDATE ocr_jobs SET confidence = ? WHERE id = ?", [draw.random(), job["id"]])
    rewrite(connection, rows(connection, "audit_events"), key=draw.choice([None, SealKey(b"k" * 32)]))


def check_many(log: bytes, count: int, seed: int) -> None:
    draw = random.Random(seed)
    kinds = (edit, remove, insert, reorder, cut, rebuild)
    done = {kind.__name__: 0 for kind in kinds}
    while sum(done.values()) < count:
        kind = kinds[sum(done.values()) % len(kinds)]
        state = draw.getstate()
        report = tampered(log, kind, draw)
        if report is None:
            continue
        assert not report.intact, (kind.__name__, state)
        assert all(problem.sequence or problem.job_id or "head" in problem.kind for problem in report.problems)
        done[kind.__name__] += 1
    assert verify(fresh_log(log)).intact


def test_200_random_tamperings_are_all_detected(log: bytes) -> None:
    check_many(log, 200, seed=7)


@pytest.mark.slow
def test_2000_random_tamperings_are_all_detected(log: bytes) -> None:
    check_many(log, 2000, seed=11)


def test_an_untouched_log_gives_no_alarm(log: bytes) -> None:
    report = verify(fresh_log(log), sealed_head(fresh_log(log)))
    assert report.intact
    assert report.sealed
    assert report.events == 12


def test_a_chain_rebuilt_without_the_key_is_located(log: bytes) -> None:
    report = tampered(log, rebuild, random.Random(1))
    assert report is not None
    kinds = {problem.kind for problem in report.problems}
    assert ProblemKind.SEAL_WRONG in kinds
    first = min(p.sequence for p in report.problems if p.kind is ProblemKind.SEAL_WRONG and p.sequence)
    assert f"event {first} is not sealed" in next(p.message for p in report.problems if p.sequence == first)


def test_a_cut_tail_needs_no_exported_head(log: bytes) -> None:
    def cut_one(connection: sqlite3.Connection, _: random.Random) -> None:
        connection.execute("DELETE FROM audit_events WHERE sequence = 12")

    report = tampered(log, cut_one, random.Random(1))
    assert report is not None
    assert (ProblemKind.TAIL_CUT, 12) in {(p.kind, p.sequence) for p in report.problems}


def test_nothing_is_added_to_a_log_whose_head_was_changed(log: bytes) -> None:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(log)
    connection.execute("UPDATE audit_head SET sequence = 5")
    connection.commit()
    engine = fresh_log(connection.serialize())
    with pytest.raises(SealBrokenError, match="audit verify"):
        append_job(engine, sample_job())


def test_the_key_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    append_job(open_database(url), sample_job())
    file = tmp_path / "audit.db.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    engine = open_database(url)
    append_job(engine, sample_job(2))
    assert verify(engine).intact
    secret = bytes.fromhex(file.read_text())
    assert secret.hex() not in repr(SealKey(secret))
    assert secret not in (tmp_path / "audit.db").read_bytes()


def test_a_lost_or_wrong_key_lets_read_and_not_write(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    append_job(open_database(url), sample_job())
    (tmp_path / "audit.db.key").rename(tmp_path / "kept.key")
    engine = open_database(url)
    report = verify(engine)
    assert (report.intact, report.sealed) == (True, False)
    with pytest.raises(SealKeyError, match="put the key file back"):
        append_job(engine, sample_job(2))
    other = open_database(url, key=SealKey(b"another key, 32 bytes at least.."))
    assert {p.kind for p in verify(other).problems} == {ProblemKind.HEAD_WRONG, ProblemKind.SEAL_WRONG}
    with pytest.raises(SealKeyError, match="was sealed with the key"):
        append_job(other, sample_job(2))
    append_job(open_database(url, key_file=tmp_path / "kept.key"), sample_job(2))


@pytest.mark.parametrize("text", ["", "no key", "ab" * 31, "z" * 64])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(SealKeyError, match="openssl rand"):
        open_database(f"sqlite:///{tmp_path / 'audit.db'}", key_file=tmp_path / "key")


def test_an_export_can_be_checked_elsewhere(log: bytes, tmp_path: Path) -> None:
    engine = fresh_log(log)
    key, kept = engine.get_execution_options()["audit_key"], sealed_head(engine)
    lines = list(export(engine))
    file = tmp_path / "log.jsonl"

    def report_of(changed: list[str], exported: Any = None, with_key: SealKey | None = key) -> AuditReport:
        file.write_text("\n".join(changed) + "\n", encoding="utf-8")
        return verify_export(file, exported, with_key)

    assert report_of(lines, kept).intact
    assert report_of(lines, kept, None).intact
    assert report_of(lines, Head.of_json(kept.to_json())).events == 12
    assert not report_of([*lines[:4], lines[5], lines[4], *lines[6:]]).intact
    assert not report_of([*lines[:3], *lines[4:]]).intact
    assert not report_of([line.replace("13162.50", "93162.50") for line in lines]).intact
    assert ProblemKind.TAIL_CUT in {p.kind for p in report_of([*lines[:9], lines[-1]]).problems}
    assert ProblemKind.HEAD_MISSING in {p.kind for p in report_of(lines[:9]).problems}
    assert ProblemKind.TAIL_CUT in {p.kind for p in report_of(lines[:9], kept, None).problems}
    with pytest.raises(ValueError, match="line"):
        report_of(["{}"])


def test_an_older_log_is_taken_over_under_its_own_hash(tmp_path: Path, log: bytes) -> None:
    """A log from before seals: its head is sealed when it is opened first, and its statistics are made."""
    path = tmp_path / "audit.db"
    url = f"sqlite:///{path}"
    engine = open_database(url)
    for number in range(3):
        append_job(engine, sample_job(number))
    engine.dispose()
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE audit_events SET seal = NULL")
        connection.execute("DELETE FROM audit_head")
        connection.execute("DELETE FROM rollup_changes")
        connection.execute("DELETE FROM rollups")
    connection.close()
    from db.schema import _adopt
    from db.transactions import writing

    engine = open_database(url)
    with writing(engine) as opened:
        _adopt(opened, lambda: engine.get_execution_options()["audit_key"])
    append_job(engine, sample_job(8))
    assert sealed_head(engine).sealed_from == 4
    assert verify(engine).intact
    assert head(engine).sequence == 4
    assert [entry.event["seal"] is None for entry in batch(engine, 0, 10)] == [True, True, True, False]
