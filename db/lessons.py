"""What approved jobs teach about how their suppliers print, kept beside the log and made of nothing else.

A lesson lies under the keys of its job's supplier, by which the next document of that supplier finds it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from db.master_data import add_keys_of
from db.master_tables import LESSONS, MASTER_KEYS

KIND = "lesson"


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
