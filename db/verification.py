"""Re-deriving the chain: every hash from the rows themselves, in batches, so that memory does not grow with the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, TableClause, select

from db.canonical import GENESIS, canonical_json
from db.chain import Content, EventKind, event_hash
from db.errors import DamagedDatabaseError
from db.records import AuditPosition
from db.rows import Row
from db.tables import Raw
from db.transactions import reading

BATCH = 200
"""Events read in one short transaction: a long one would keep writers of a SQLite file waiting."""


_BEFORE_ALL = -(2**63)


class ProblemKind(StrEnum):
    EVENT_ALTERED = "event_altered"
    LINK_BROKEN = "link_broken"
    EVENT_MISSING = "event_missing"
    CONTENT_ALTERED = "content_altered"
    JOB_MISSING = "job_missing"
    JOB_WITHOUT_EVENT = "job_without_event"
    RUN_WITHOUT_JOB = "run_without_job"
    TAIL_CUT = "tail_cut"
    HISTORY_REWRITTEN = "history_rewritten"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """One thing that is not as it was written. ``sequence`` and ``job_id`` say where, as far as that is known."""

    kind: ProblemKind
    message: str
    sequence: int | None = None
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What ``verify`` found. ``problems`` holds the first ones, ``problem_count`` counts all."""

    events: int
    head: AuditPosition
    problem_count: int = 0
    problems: tuple[AuditProblem, ...] = ()

    @property
    def intact(self) -> bool:
        return self.problem_count == 0


@dataclass(slots=True)
class _Walk:
    """How far the chain was followed. ``cursor`` is the last row looked at, ``last`` the place in the chain."""

    cursor: int = _BEFORE_ALL
    last: int = 0
    hashes: tuple[str, ...] = (GENESIS,)
    events: int = 0
    head: AuditPosition = field(default_factory=lambda: AuditPosition(0, GENESIS))
    expected: str | None = None


def verify(engine: Engine, exported: AuditPosition | None = None, *, max_problems: int = 1000) -> AuditReport:
    """Checks every event and every row. ``exported`` is a head kept from earlier: the log must still contain it.

    Raises DatabaseUnavailableError when the database cannot be read at all.
    """
    walk = _Walk()
    found = _problems(engine, walk, exported)
    kept = tuple(islice(found, max_problems))
    count = len(kept) + sum(1 for _ in found)
    return AuditReport(walk.events, walk.head, count, kept)


def export(engine: Engine) -> Iterator[str]:
    """The log as JSON Lines, oldest event first: each with its event and the stored rows it vouches for."""
    last = _BEFORE_ALL
    while batch := _batch(engine, last, BATCH):
        for event, content, _ in batch:
            job = None if content is None else dict(content.job)
            runs = [] if content is None else [dict(run) for run in content.runs]
            yield canonical_json({"event": dict(event), "job": job, "runs": runs})
        last = batch[-1][0]["sequence"]


_Entry = tuple[Row, Content | None, int | None]
"""An event, the rows of its job (None: not there) and the sequence of the job's erasure (None: not erased)."""


def _problems(engine: Engine, walk: _Walk, exported: AuditPosition | None) -> Iterator[AuditProblem]:
    while True:
        batch, unreadable = _readable_batch(engine, walk.cursor)
        for event, content, erasure in batch:
            yield from _check_link(walk, event)
            yield from _check_content(event, content, erasure)
            if exported and event["sequence"] == exported.sequence:
                walk.expected = event["hash"]
        if unreadable:
            walk.cursor = walk.last = unreadable.sequence or walk.last + 1
            walk.hashes = ()
            yield unreadable
        elif not batch:
            break
    yield from _guarded(engine, _strays)
    yield from _check_exported(walk, exported)


def _check_link(walk: _Walk, event: Row) -> Iterator[AuditProblem]:
    sequence, job_id = event["sequence"], event["job_id"]
    place = walk.last + 1
    if sequence != place:
        missing = f"event {place} is" if sequence == place + 1 else f"events {place} to {sequence - 1} are"
        message = f"{missing} missing" if sequence > place else f"event {sequence} stands where no event can"
        yield AuditProblem(ProblemKind.EVENT_MISSING, message, min(place, sequence), job_id)
    elif walk.hashes and event["previous_hash"] not in walk.hashes:
        message = f"event {sequence} does not follow event {walk.last}: the hash it names is not that event's"
        yield AuditProblem(ProblemKind.LINK_BROKEN, message, sequence, job_id)
    derived = _derived(lambda: event_hash(event))
    if derived != event["hash"]:
        message = f"event {sequence} was changed: its columns no longer give the hash it carries"
        yield AuditProblem(ProblemKind.EVENT_ALTERED, message, sequence, job_id)
    # Whichever of an altered event's two hashes the next one names, the fault is this event's and reported here.
    walk.cursor, walk.last, walk.hashes = sequence, sequence, (str(event["hash"]), derived or "")
    walk.events += 1
    walk.head = AuditPosition(sequence, str(event["hash"]))


def _check_content(event: Row, content: Content | None, erasure: int | None) -> Iterator[AuditProblem]:
    sequence, job_id = event["sequence"], event["job_id"]
    if content is None:
        message = f"the job {job_id} of event {sequence} is no longer stored"
        yield AuditProblem(ProblemKind.JOB_MISSING, message, sequence, job_id)
    elif erasure is not None and sequence < erasure:
        return  # the erasure's event vouches for what remains
    elif _derived(content.hash) != event["content_hash"]:
        message = f"the stored rows of job {job_id} are not what event {sequence} recorded"
        yield AuditProblem(ProblemKind.CONTENT_ALTERED, message, sequence, job_id)


def _check_exported(walk: _Walk, exported: AuditPosition | None) -> Iterator[AuditProblem]:
    if exported is None or exported.sequence == 0:
        return
    if walk.last < exported.sequence:
        message = f"the log ends at event {walk.last}, but the exported head is event {exported.sequence}: it was cut"
        yield AuditProblem(ProblemKind.TAIL_CUT, message, walk.last + 1)
    elif walk.expected != exported.hash:
        message = f"event {exported.sequence} is not the one whose hash was exported: the log was rewritten"
        yield AuditProblem(ProblemKind.HISTORY_REWRITTEN, message, exported.sequence)


def _derived(hash_of: Callable[[], str]) -> str | None:
    try:
        return hash_of()
    except (TypeError, ValueError):  # bytes or NaN where none was stored
        return None


def _strays(connection: Connection) -> Iterator[AuditProblem]:
    """Rows that no event vouches for."""
    jobs, runs, events = Raw.jobs, Raw.runs, Raw.events
    known = select(events.c.job_id).where(events.c.job_id == jobs.c.id, events.c.kind == EventKind.JOB.value)
    for (job_id,) in connection.execute(select(jobs.c.id).where(~known.exists())):
        message = f"the job {job_id} is stored without an event: it was inserted past the log"
        yield AuditProblem(ProblemKind.JOB_WITHOUT_EVENT, message, None, str(job_id))
    job = select(jobs.c.id).where(jobs.c.id == runs.c.job_id)
    for job_id, position in connection.execute(select(runs.c.job_id, runs.c.position).where(~job.exists())):
        message = f"engine run {position} belongs to the job {job_id}, which is not stored"
        yield AuditProblem(ProblemKind.RUN_WITHOUT_JOB, message, None, str(job_id))
    twice = select(events.c.job_id, events.c.sequence).where(events.c.kind == EventKind.JOB.value)
    earlier = events.alias()
    first = select(earlier.c.sequence).where(
        earlier.c.job_id == events.c.job_id, earlier.c.kind == events.c.kind, earlier.c.sequence < events.c.sequence
    )
    for job_id, sequence in connection.execute(twice.where(first.exists())):
        message = f"event {sequence} records the job {job_id} a second time"
        yield AuditProblem(ProblemKind.EVENT_ALTERED, message, sequence, job_id)


def _guarded(engine: Engine, check: Callable[[Connection], Iterator[AuditProblem]]) -> Iterator[AuditProblem]:
    try:
        with reading(engine) as connection:
            yield from check(connection)
    except DamagedDatabaseError as error:
        yield AuditProblem(ProblemKind.UNREADABLE, str(error))


def _readable_batch(engine: Engine, after: int) -> tuple[list[_Entry], AuditProblem | None]:
    """The next entries; where one cannot even be read, those before it and the problem that names it."""
    try:
        return _batch(engine, after, BATCH), None
    except DamagedDatabaseError:
        pass
    entries: list[_Entry] = []
    for _ in range(BATCH):
        try:
            entry = _batch(engine, after, 1)
        except DamagedDatabaseError as error:
            sequence = max(after, 0) + 1
            message = f"event {sequence} or its rows cannot be read: {error}"
            return entries, AuditProblem(ProblemKind.UNREADABLE, message, sequence)
        if not entry:
            break
        entries += entry
        after = entry[0][0]["sequence"]
    return entries, None


def _batch(engine: Engine, after: int, size: int) -> list[_Entry]:
    with reading(engine) as connection:
        events = _rows(connection, Raw.events, Raw.events.c.sequence > after, Raw.events.c.sequence, limit=size)
        ids = {event["job_id"] for event in events}
        jobs = {row["id"]: row for row in _rows(connection, Raw.jobs, Raw.jobs.c.id.in_(ids), Raw.jobs.c.id)}
        of_jobs = Raw.runs.c.job_id.in_(ids)
        runs: dict[str, list[Row]] = {}
        for run in _rows(connection, Raw.runs, of_jobs, Raw.runs.c.job_id, Raw.runs.c.position):
            runs.setdefault(run["job_id"], []).append(run)
        erased = (Raw.events.c.kind == EventKind.ERASED.value) & Raw.events.c.job_id.in_(ids)
        erasures = {e["job_id"]: e["sequence"] for e in _rows(connection, Raw.events, erased, Raw.events.c.sequence)}
    entries: list[_Entry] = []
    for event in events:
        job = jobs.get(event["job_id"])
        content = None if job is None else Content(job, runs.get(event["job_id"], []))
        entries.append((event, content, erasures.get(event["job_id"])))
    return entries


def _rows(
    connection: Connection, source: TableClause, where: ColumnElement[bool], *order: ColumnElement[Any], limit: int = 0
) -> list[Row]:
    query = select(source).where(where).order_by(*order)
    return [dict(row) for row in connection.execute(query.limit(limit) if limit else query).mappings()]
