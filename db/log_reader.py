"""The log as entries: each event with the stored rows it vouches for, from the database or from an export of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, TableClause, select

from db.canonical import canonical_json
from db.chain import Content, EventKind, MasterContent, ReviewContent
from db.links import current_head
from db.master_tables import RawMaster
from db.rows import Row
from db.seal import Head
from db.tables import Raw
from db.transactions import reading

BATCH = 200
"""Events read in one short transaction: a long one would keep writers of a SQLite file waiting."""

BEFORE_ALL = -(2**63)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event and its content (None: the rows are not there). ``erasure`` is the sequence of the job's erasure (None:
    not erased)."""

    event: Row
    content: Content | ReviewContent | MasterContent | None
    erasure: int | None


def export(engine: Engine) -> Iterator[str]:
    """The log as JSON Lines, oldest event first, then the sealed head. Nothing else is needed to check it elsewhere."""
    last = BEFORE_ALL
    while entries := batch(engine, last, BATCH):
        yield from (_line(entry) for entry in entries)
        last = entries[-1].event["sequence"]
    with reading(engine) as connection:
        head = current_head(connection)
    if head is not None:
        yield canonical_json({"head": asdict(head)})


def _line(entry: Entry) -> str:
    content = entry.content
    plain: dict[str, Any] = {"event": dict(entry.event)}
    if isinstance(content, ReviewContent):
        plain["review"] = dict(content.review)
    elif isinstance(content, MasterContent):
        plain["master_data"] = [dict(row) for row in content.rows]
    else:
        plain |= {"job": content and dict(content.job), "runs": [dict(run) for run in content.runs] if content else []}
        if content and content.reviews:
            plain["reviews"] = [dict(review) for review in content.reviews]
    return canonical_json(plain)


def exported_entries(lines: Iterable[str], erasures: Mapping[str, int]) -> Iterator[Entry]:
    """The entries of an export. ``erasures`` is what ``exported_erasures`` found in it. Raises ValueError for a line
    that no export holds."""
    for number, line in enumerate(lines, 1):
        try:
            found = json.loads(line)
            if "head" not in found:
                yield _entry_of(found, erasures)
        except (TypeError, KeyError, AttributeError, json.JSONDecodeError) as error:
            raise ValueError(f"line {number} is not of an exported log ({error})") from error


def exported_erasures(lines: Iterable[str]) -> tuple[dict[str, int], Head | None]:
    """The sequence of each erased job's erasure, and the head that the export ends with. Raises ValueError."""
    erasures: dict[str, int] = {}
    head = None
    for number, line in enumerate(lines, 1):
        try:
            found = json.loads(line)
            if "head" in found:
                head = Head.of_json(json.dumps(found["head"]))
            elif found["event"]["kind"] == EventKind.ERASED:
                erasures.setdefault(found["event"]["job_id"], found["event"]["sequence"])
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"line {number} is not of an exported log ({error})") from error
    return erasures, head


def _entry_of(found: Mapping[str, Any], erasures: Mapping[str, int]) -> Entry:
    event = found["event"]
    content: Content | ReviewContent | MasterContent | None = None
    if found.get("review"):
        content = ReviewContent(found["review"])
    elif found.get("master_data"):
        content = MasterContent(found["master_data"])
    elif found.get("job"):
        content = Content(found["job"], found["runs"], found.get("reviews", ()))
    return Entry(event, content, erasures.get(event["job_id"]))


def batch(engine: Engine, after: int, size: int) -> list[Entry]:
    """The next ``size`` entries after a sequence, in order."""
    with reading(engine) as connection:
        events = _rows(connection, Raw.events, Raw.events.c.sequence > after, Raw.events.c.sequence, limit=size)
        stored = _Stored.of(connection, {event["job_id"] for event in events} - {None})
        changed = [event["sequence"] for event in events if event["kind"] == EventKind.MASTER_DATA]
        master = _master_rows(connection, changed)
    entries = []
    for event in events:
        of_master = master.get(event["sequence"])
        content = stored.content(event) if of_master is None else MasterContent(of_master)
        entries.append(Entry(event, content, stored.erasures.get(event["job_id"])))
    return entries


def _master_rows(connection: Connection, sequences: list[int]) -> dict[int, list[Row]]:
    """The versions of records by the event that vouches for them."""
    rows: dict[int, list[Row]] = {}
    records = RawMaster.records
    for row in _rows(connection, records, records.c.sequence.in_(sequences), records.c.sequence) if sequences else ():
        rows.setdefault(row["sequence"], []).append(row)
    return rows


@dataclass(frozen=True, slots=True)
class _Stored:
    """The rows of some jobs."""

    jobs: Mapping[str, Row]
    runs: Mapping[str, list[Row]]
    reviews: Mapping[str, list[Row]]
    erasures: Mapping[str, int]

    @classmethod
    def of(cls, connection: Connection, ids: set[str]) -> _Stored:
        jobs = {row["id"]: row for row in _rows(connection, Raw.jobs, Raw.jobs.c.id.in_(ids), Raw.jobs.c.id)}
        runs: dict[str, list[Row]] = {}
        of_jobs = Raw.runs.c.job_id.in_(ids)
        for run in _rows(connection, Raw.runs, of_jobs, Raw.runs.c.job_id, Raw.runs.c.position):
            runs.setdefault(run["job_id"], []).append(run)
        reviews: dict[str, list[Row]] = {}
        reviewed = Raw.reviews.c.job_id.in_(ids)
        for review in _rows(connection, Raw.reviews, reviewed, Raw.reviews.c.job_id, Raw.reviews.c.number):
            reviews.setdefault(review["job_id"], []).append(review)
        erased = (Raw.events.c.kind == EventKind.ERASED.value) & Raw.events.c.job_id.in_(ids)
        events = _rows(connection, Raw.events, erased, Raw.events.c.sequence)
        return cls(jobs, runs, reviews, {event["job_id"]: event["sequence"] for event in reversed(events)})

    def content(self, event: Row) -> Content | ReviewContent | MasterContent | None:
        name = event["job_id"]
        reviews = self.reviews.get(name, [])
        if event["kind"] == EventKind.REVIEW:
            number = review_number(event)
            return next((ReviewContent(review) for review in reviews if review["number"] == number), None)
        if name not in self.jobs:
            return None
        return Content(self.jobs[name], self.runs.get(name, []), reviews if event["kind"] == EventKind.ERASED else ())


def review_number(event: Row) -> int | None:
    """The number of the review that a review's event names; None when it names none."""
    try:
        number = json.loads(event["details"])["number"]
    except (TypeError, ValueError, KeyError):
        return None
    return number if isinstance(number, int) else None


def _rows(
    connection: Connection, source: TableClause, where: ColumnElement[bool], *order: ColumnElement[Any], limit: int = 0
) -> list[Row]:
    query = select(source).where(where).order_by(*order)
    return [dict(row) for row in connection.execute(query.limit(limit) if limit else query).mappings()]
