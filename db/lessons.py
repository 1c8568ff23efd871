"""What approved jobs teach about how their suppliers print, kept beside the log and made of nothing else.

A lesson lies under the keys of its job's supplier, by which the next document of that supplier finds it. What a job
teaches is the caller's to say (``Teach``); forgetting a supplier is an event of the chain, so that ``rebuild`` makes
the same lessons again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select

from db.chain import EventKind
from db.links import transact
from db.master_data import MasterKind, MasterRecord, add_keys_of, append_records, found_by_keys
from db.master_tables import LESSONS, MASTER, MASTER_KEYS
from db.records import StoredJob
from db.rows import stored_job
from db.stored_rows import job_rows, review_rows
from db.tables import EVENTS, REVIEWS, Raw
from db.transactions import reading

KIND = "lesson"
_ALL = 1_000_000  # rows of a key: all of them
_COMPARED = 50


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one job taught; ``sequence`` is that of the last event it follows from, ``keys`` what it is found under."""

    job_id: str
    customer_id: str
    sequence: int
    data: Mapping[str, Any]
    keys: frozenset[str] = frozenset()


def keep_lesson(connection: Connection, lesson: Lesson) -> None:
    """Stores a lesson in place of what the job taught before."""
    remove_lesson(connection, lesson.job_id)
    row = {name: getattr(lesson, name) for name in ("job_id", "customer_id", "sequence", "data")}
    connection.execute(insert(LESSONS), row)
    add_keys_of(connection, KIND, lesson.customer_id, lesson.job_id, lesson.keys)


def remove_lesson(connection: Connection, job_id: str) -> None:
    connection.execute(delete(LESSONS).where(LESSONS.c.job_id == job_id))
    connection.execute(delete(MASTER_KEYS).where(MASTER_KEYS.c.kind == KIND, MASTER_KEYS.c.record_id == job_id))


def remove_all_lessons(connection: Connection) -> None:
    connection.execute(delete(LESSONS))
    connection.execute(delete(MASTER_KEYS).where(MASTER_KEYS.c.kind == KIND))


def lessons_of(connection: Connection, job_ids: Collection[str], newest: int) -> list[Lesson]:
    """What these jobs taught, the newest first, at most ``newest``."""
    query = select(LESSONS).where(LESSONS.c.job_id.in_(job_ids)).order_by(LESSONS.c.sequence.desc()).limit(newest)
    return [_lesson(row) for row in connection.execute(query)] if job_ids else []


def all_lessons(connection: Connection, customer_ids: Sequence[str] | None = None) -> Iterable[Lesson]:
    """Every lesson in the order of the log."""
    query = select(LESSONS).order_by(LESSONS.c.sequence, LESSONS.c.job_id)
    if customer_ids is not None:
        query = query.where(LESSONS.c.customer_id.in_(customer_ids))
    return [_lesson(row) for row in connection.execute(query)]


def _lesson(row: Any) -> Lesson:
    return Lesson(row.job_id, row.customer_id, row.sequence, row.data)


Teach = Callable[[StoredJob], Lesson | None]
"""What a job teaches as it stands in the log, None for nothing."""


def forget(engine: Engine, customer_id: str, record_id: str, keys: Collection[str]) -> int:
    """Removes the customer's lessons under any of the keys, for good; returns how many there were.

    The log keeps that the supplier was forgotten, with hashes of the keys.
    """

    def work(connection: Connection) -> int:
        hashed = sorted(map(_hashed, keys))
        # Each time another version: what was learned since the last time is forgotten, too.
        before = connection.execute(select(func.max(EVENTS.c.sequence))).scalar() or 0
        record = MasterRecord(customer_id, record_id, {"keys": hashed, "before": before})
        append_records(connection, MasterKind.FORGOTTEN, [record])
        found = found_by_keys(connection, KIND, (customer_id,), keys, _ALL)
        for _, job_id in found:
            remove_lesson(connection, job_id)
        return len(found)

    return transact(engine, work)


def rebuild(engine: Engine, teach: Teach) -> int:
    """Makes all lessons anew from the log in one transaction; returns how many there are."""

    def work(connection: Connection) -> int:
        remove_all_lessons(connection)
        reviewed = select(REVIEWS.c.job_id).distinct().order_by(REVIEWS.c.job_id)
        jobs = list(connection.execute(reviewed).scalars())
        return sum(learn(connection, job_id, teach) for job_id in jobs)

    return transact(engine, work)


@dataclass(frozen=True, slots=True)
class Taught:
    """What a job taught: the terms whose place it showed, and the terms whose value differs from that which every other
    lesson of its supplier has, with that value."""

    terms: tuple[str, ...]
    contradicted: Mapping[str, str]


def taught_by(engine: Engine, job_id: str) -> Taught | None:
    """What the job taught; None where nothing is kept of it. Of a lesson's ``data`` it reads ``prints`` and ``values``,
    which lie by term."""
    with reading(engine) as connection:
        lesson = next(iter(lessons_of(connection, [job_id], 1)), None)
        if lesson is None:
            return None
        keys = select(MASTER_KEYS.c.key).where(MASTER_KEYS.c.kind == KIND, MASTER_KEYS.c.record_id == job_id)
        shared = connection.execute(keys).scalars().all()
        alike = found_by_keys(connection, KIND, (lesson.customer_id,), shared, _ALL)
        others = lessons_of(connection, [name for _, name in alike if name != job_id], _COMPARED)
    contradicted = {}
    for term, value in lesson.data["values"].items():
        known = {other.data["values"][term] for other in others if term in other.data["values"]}
        if len(known) == 1 and value not in known:
            contradicted[term] = known.pop()
    return Taught(tuple(lesson.data["prints"]), contradicted)


def learned_jobs(engine: Engine, customer_id: str, keys: Collection[str], newest: int) -> list[str]:
    """The jobs that taught something under the keys, the newest first."""
    with reading(engine) as connection:
        found = found_by_keys(connection, KIND, (customer_id,), keys, _ALL)
        return [lesson.job_id for lesson in lessons_of(connection, [job_id for _, job_id in found], newest)]


def learn(connection: Connection, job_id: str, teach: Teach) -> bool:
    """Keeps what a job teaches now in place of what it taught before; whether it is anything."""
    event, reviewed = Raw.events, select(func.max(EVENTS.c.sequence)).where(EVENTS.c.job_id == job_id)
    job, runs = job_rows(connection, job_id)
    first = select(event).where(event.c.job_id == job_id, event.c.kind == EventKind.JOB.value)
    stored = stored_job(job, runs, dict(connection.execute(first).mappings().one()), review_rows(connection, job_id))
    lesson = teach(stored)
    if lesson is not None:
        lesson = replace(lesson, sequence=int(connection.execute(reviewed).scalar_one()))
    if lesson is None or _is_forgotten(connection, lesson):
        remove_lesson(connection, job_id)
        return False
    keep_lesson(connection, lesson)
    return True


def _is_forgotten(connection: Connection, lesson: Lesson) -> bool:
    """Whether its supplier was forgotten after the lesson's last event."""
    hashed = set(map(_hashed, lesson.keys))
    same = (MASTER.c.kind == str(MasterKind.FORGOTTEN), MASTER.c.customer_id == lesson.customer_id)
    later = select(MASTER.c.data).where(*same, MASTER.c.sequence > lesson.sequence)
    return any(hashed & set(data["keys"]) for data in connection.execute(later).scalars() if data)


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
