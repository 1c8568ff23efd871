"""Re-deriving the chain: every hash from the rows themselves, in batches, so that memory does not grow with the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Engine, String, cast, literal, select

from db import log_reader
from db.canonical import GENESIS
from db.chain import Content, EventKind, MasterContent, ReviewContent, event_hash, master_hash
from db.errors import DamagedDatabaseError
from db.links import current_head
from db.log_reader import BEFORE_ALL, Entry, exported_entries, exported_erasures
from db.master_tables import MASTER, RawMaster
from db.records import AuditPosition
from db.rows import Row
from db.seal import Head, SealKey, key_of
from db.tables import Raw
from db.transactions import reading

_Named = Mapping[str, AuditPosition | Head]
KeptHeads = AuditPosition | Head | _Named


class ProblemKind(StrEnum):
    EVENT_ALTERED = "event_altered"
    LINK_BROKEN = "link_broken"
    EVENT_MISSING = "event_missing"
    CONTENT_ALTERED = "content_altered"
    JOB_MISSING = "job_missing"
    JOB_WITHOUT_EVENT = "job_without_event"
    RUN_WITHOUT_JOB = "run_without_job"
    REVIEW_MISSING = "review_missing"
    REVIEW_WITHOUT_EVENT = "review_without_event"
    RECORD_WITHOUT_EVENT = "record_without_event"
    RECORD_EMPTIED = "record_emptied"
    SEAL_WRONG = "seal_wrong"
    HEAD_WRONG = "head_wrong"
    HEAD_MISSING = "head_missing"
    TAIL_CUT = "tail_cut"
    HISTORY_REWRITTEN = "history_rewritten"
    TIMESTAMP_WRONG = "timestamp_wrong"
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
    """What ``verify`` found. ``problems`` holds the first ones, ``problem_count`` counts all. ``sealed`` says whether
    the seals were checked: without the key a chain that was made anew looks whole."""

    events: int
    head: AuditPosition
    problem_count: int = 0
    problems: tuple[AuditProblem, ...] = ()
    sealed: bool = False

    @property
    def intact(self) -> bool:
        return self.problem_count == 0


@dataclass(slots=True)
class _Walk:
    """How far the chain was followed. ``cursor`` is the last row looked at, ``last`` the place in the chain;
    ``expected`` are the heads that the chain must contain, by sequence the hashes they name."""

    key: SealKey | None = None
    sealed_from: int = 1
    cursor: int = BEFORE_ALL
    last: int = 0
    hashes: tuple[str, ...] = (GENESIS,)
    events: int = 0
    head: AuditPosition = field(default_factory=lambda: AuditPosition(0, GENESIS))
    seen: dict[int, str] = field(default_factory=dict)


def verify(engine: Engine, exported: KeptHeads | None = None, *, max_problems: int = 1000) -> AuditReport:
    """Checks every event and every row. ``exported`` is a head kept from earlier, or several by what sentences call
    them: the log must still contain them all.

    Raises DatabaseUnavailableError when the database cannot be read at all.
    """
    walk = _Walk(key_of(engine))
    return _report(walk, _problems(engine, walk, _named(exported)), max_problems)


def verify_export(
    path: Path, exported: KeptHeads | None = None, key: SealKey | None = None, *, max_problems: int = 1000
) -> AuditReport:
    """The same for a file that ``audit export`` wrote, on any machine. Raises ValueError when it is no such file."""
    with path.open(encoding="utf-8") as lines:
        erasures, head = exported_erasures(lines)
    walk = _Walk(key)
    with path.open(encoding="utf-8") as lines:
        found = _export_problems(walk, exported_entries(lines, erasures), head, _named(exported))
        return _report(walk, found, max_problems)


def _report(walk: _Walk, found: Iterator[AuditProblem], max_problems: int) -> AuditReport:
    kept = tuple(islice(found, max_problems))
    count = len(kept) + sum(1 for _ in found)
    return AuditReport(walk.events, walk.head, count, kept, walk.key is not None)


def _named(exported: KeptHeads | None) -> _Named:
    return exported if isinstance(exported, Mapping) else {} if exported is None else {"the exported head": exported}


def _problems(engine: Engine, walk: _Walk, kept: _Named) -> Iterator[AuditProblem]:
    own = _stored_head(engine)
    yield from _begin(walk, own, kept)
    while True:
        batch, unreadable = _readable_batch(engine, walk.cursor)
        for entry in batch:
            yield from _check_entry(walk, entry)
        if unreadable:
            walk.cursor = walk.last = unreadable.sequence or walk.last + 1
            walk.hashes = ()
            yield unreadable
        elif not batch:
            break
    yield from _guarded(engine, _strays)
    yield from _guarded(engine, _stray_reviews)
    yield from _guarded(engine, _stray_records)
    yield from _check_head(walk, own, _stored_head(engine))
    yield from _check_kept(walk, kept)


def _export_problems(walk: _Walk, entries: Iterator[Entry], own: Head | None, kept: _Named) -> Iterator[AuditProblem]:
    yield from _begin(walk, own, kept)
    for entry in entries:
        yield from _check_entry(walk, entry)
    yield from _check_head(walk, own, own)
    yield from _check_kept(walk, kept)


def _begin(walk: _Walk, own: Head | None, kept: _Named) -> Iterator[AuditProblem]:
    """Notes what the chain must contain, and checks the seals of the heads themselves."""
    if own is None:
        yield AuditProblem(ProblemKind.HEAD_MISSING, "the head of the log, which names its last event, was removed")
    else:
        walk.sealed_from = own.sealed_from
    for name, head in {**({} if own is None else {"the head of the log": own}), **kept}.items():
        walk.seen.setdefault(head.sequence, "")
        if isinstance(head, Head) and walk.key is not None and not head.is_sealed_with(walk.key):
            message = f"{name} (event {head.sequence}) is not sealed with this log's key"
            yield AuditProblem(ProblemKind.HEAD_WRONG, message, head.sequence)


def _check_entry(walk: _Walk, entry: Entry) -> Iterator[AuditProblem]:
    yield from _check_link(walk, entry.event)
    yield from _check_seal(walk, entry.event)
    yield from _check_content(entry)
    if entry.event["sequence"] in walk.seen:
        walk.seen[entry.event["sequence"]] = str(entry.event["hash"])


def _check_seal(walk: _Walk, event: Row) -> Iterator[AuditProblem]:
    sequence = event["sequence"]
    if walk.key is None or sequence < walk.sealed_from:
        return
    if event["seal"] != walk.key.event_seal(sequence, str(event["hash"])):
        message = f"event {sequence} is not sealed with this log's key: it was changed or made without the key"
        yield AuditProblem(ProblemKind.SEAL_WRONG, message, sequence, event["job_id"])


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


def _check_content(entry: Entry) -> Iterator[AuditProblem]:
    event, content = entry.event, entry.content
    sequence, job_id = event["sequence"], event["job_id"]
    if isinstance(content, MasterContent) or event["kind"] == EventKind.MASTER_DATA:
        yield from _check_master(event, content)
    elif content is None:
        review = event["kind"] == EventKind.REVIEW
        what = f"the review of job {job_id}" if review else f"the job {job_id} of event {sequence}"
        kind = ProblemKind.REVIEW_MISSING if review else ProblemKind.JOB_MISSING
        yield AuditProblem(kind, f"{what} is no longer stored", sequence, job_id)
    elif entry.erasure is not None and sequence < entry.erasure:
        return  # the erasure's event vouches for what remains
    elif _derived(content.hash) != event["content_hash"]:
        what = "review" if isinstance(content, ReviewContent) else "rows"
        message = f"the stored {what} of job {job_id} is not what event {sequence} recorded"
        if isinstance(content, Content):
            message = f"the stored rows of job {job_id} are not what event {sequence} recorded"
        yield AuditProblem(ProblemKind.CONTENT_ALTERED, message, sequence, job_id)


def _check_master(event: Row, content: object) -> Iterator[AuditProblem]:
    """Each version that still has its data must give its hash; all hashes together give the event's."""
    rows = content.rows if isinstance(content, MasterContent) else ()
    altered = [row for row in rows if row["salt"] and _derived(partial(master_hash, row)) != row["hash"]]
    whole = isinstance(content, MasterContent) and _derived(content.hash) == event["content_hash"]
    if altered or not whole:
        what = f"the {altered[0]['kind']} {altered[0]['record_id']}" if altered else "the master data"
        message = f"{what} is not what event {event['sequence']} recorded"
        yield AuditProblem(ProblemKind.CONTENT_ALTERED, message, event["sequence"])


def _check_head(walk: _Walk, own: Head | None, now: Head | None) -> Iterator[AuditProblem]:
    """``own`` is the stored head from before the walk, ``now`` from after it: others may have written meanwhile."""
    if own is not None:
        yield from _check_contained(walk, own.position, "the head of the log")
    if now is not None and now.sequence < walk.last:
        message = f"the head of the log names event {now.sequence}, but events go on to {walk.last}"
        yield AuditProblem(ProblemKind.HEAD_WRONG, message, now.sequence + 1)


def _check_kept(walk: _Walk, kept: _Named) -> Iterator[AuditProblem]:
    for name, head in kept.items():
        yield from _check_contained(walk, AuditPosition(head.sequence, head.hash), name)


def _check_contained(walk: _Walk, head: AuditPosition, name: str) -> Iterator[AuditProblem]:
    if head.sequence == 0:
        return
    if walk.last < head.sequence:
        message = f"the log ends at event {walk.last}, but {name} is event {head.sequence}: it was cut"
        yield AuditProblem(ProblemKind.TAIL_CUT, message, walk.last + 1)
    elif walk.seen.get(head.sequence) != head.hash:
        message = f"event {head.sequence} is not the one that {name} names: the log was rewritten"
        yield AuditProblem(ProblemKind.HISTORY_REWRITTEN, message, head.sequence)


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


def _stray_reviews(connection: Connection) -> Iterator[AuditProblem]:
    reviews, events = Raw.reviews, Raw.events
    details = literal('{"number":') + cast(reviews.c.number, String) + literal("}")
    event = select(events.c.sequence).where(
        events.c.job_id == reviews.c.job_id, events.c.kind == EventKind.REVIEW.value, events.c.details == details
    )
    for job_id, number in connection.execute(select(reviews.c.job_id, reviews.c.number).where(~event.exists())):
        message = f"review {number} of job {job_id} is stored without an event: it was inserted past the log"
        yield AuditProblem(ProblemKind.REVIEW_WITHOUT_EVENT, message, None, str(job_id))


def _stray_records(connection: Connection) -> Iterator[AuditProblem]:
    """Versions of master data without an event, and emptied ones that no later version says are removed."""
    records, events, later = RawMaster.records, Raw.events, MASTER.alias("later")
    event = select(events.c.sequence).where(
        events.c.sequence == records.c.sequence, events.c.kind == EventKind.MASTER_DATA.value
    )
    names = [records.c[name] for name in ("kind", "record_id", "sequence")]
    for kind, record_id, sequence in connection.execute(select(*names).where(~event.exists())):
        message = f"a version of the {kind} {record_id} is stored without an event: it was inserted past the log"
        yield AuditProblem(ProblemKind.RECORD_WITHOUT_EVENT, message, sequence)
    same = (later.c[name] == records.c[name] for name in ("kind", "customer_id", "record_id"))
    removal = select(later.c.sequence).where(*same, later.c.sequence > records.c.sequence, later.c.data.is_(None))
    for kind, record_id, sequence in connection.execute(select(*names).where(records.c.salt == "", ~removal.exists())):
        message = f"the {kind} {record_id} of event {sequence} was emptied, and nothing says that it was removed"
        yield AuditProblem(ProblemKind.RECORD_EMPTIED, message, sequence)


def _guarded(engine: Engine, check: Callable[[Connection], Iterator[AuditProblem]]) -> Iterator[AuditProblem]:
    try:
        with reading(engine) as connection:
            yield from check(connection)
    except DamagedDatabaseError as error:
        yield AuditProblem(ProblemKind.UNREADABLE, str(error))


def _stored_head(engine: Engine) -> Head | None:
    try:
        with reading(engine) as connection:
            return current_head(connection)
    except DamagedDatabaseError:
        return None


def _readable_batch(engine: Engine, after: int) -> tuple[list[Entry], AuditProblem | None]:
    """The next entries; where one cannot even be read, those before it and the problem that names it."""
    try:
        return log_reader.batch(engine, after, log_reader.BATCH), None
    except DamagedDatabaseError:
        pass
    entries: list[Entry] = []
    for _ in range(log_reader.BATCH):
        try:
            entry = log_reader.batch(engine, after, 1)
        except DamagedDatabaseError as error:
            sequence = max(after, 0) + 1
            message = f"event {sequence} or its rows cannot be read: {error}"
            return entries, AuditProblem(ProblemKind.UNREADABLE, message, sequence)
        if not entry:
            break
        entries += entry
        after = entry[0].event["sequence"]
    return entries, None
