"""Writing to the log: one transaction per document, one chain whoever writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import Connection, Engine, delete, insert, select, update

from db.chain import Content, EventKind
from db.columns import stored_form
from db.deliveries import add_deliveries
from db.errors import DuplicateJobError, SealBrokenError
from db.known import EarlierJobs, add_keys, remove_keys
from db.lessons import remove_lesson
from db.links import append_event, current_head, new_salt, transact
from db.pictures import FILE
from db.records import AuditPosition, JobRecord, utc_now
from db.rollups import fold, record_change
from db.rows import erased_job_row, erased_review_row, job_row, run_rows
from db.seal import Head
from db.search_index import index_job, remove_job
from db.stored_rows import job_rows, review_rows
from db.tables import DELIVERIES, EVENTS, PICTURES, SUBMISSIONS, Raw
from db.tally import facts
from db.transactions import reading

Compare = Callable[[EarlierJobs], JobRecord]


def append_job(
    engine: Engine,
    record: JobRecord,
    unless: Collection[str] = (),
    deliver_to: Collection[str] = (),
    compare: Compare | None = None,
) -> AuditPosition:
    """Stores one job, see ``append_jobs``."""
    (position,) = append_jobs(engine, [(record, compare)], unless, deliver_to)
    return position


def append_jobs(
    engine: Engine,
    entries: Sequence[tuple[JobRecord, Compare | None]],
    unless: Collection[str] = (),
    deliver_to: Collection[str] = (),
) -> list[AuditPosition]:
    """Stores the jobs of a file, their engine runs and events together, or nothing. Safe with any number of processes.

    ``unless``: statuses. When a job of the same content and settings as the first has one of them, nothing is stored.
    ``deliver_to``: names of sinks, whose deliveries are asked for in the same transaction.
    What a record comes with gives it as it is to be stored once the earlier jobs were looked at, in the same
    transaction, so that of two alike that come at once the second one sees the first.
    Raises DuplicateJobError, and DatabaseLockedError after several tries.
    """
    salts = [new_salt() for _ in entries]

    def append(connection: Connection) -> list[AuditPosition]:
        first = entries[0][0]
        if unless and (done := _done(connection, first, unless)):
            raise DuplicateJobError(f"{first.source_name} was read with these settings before, as job {done}")
        return [
            _append(connection, record if compare is None else compare(EarlierJobs(connection)), salt, deliver_to)
            for (record, compare), salt in zip(entries, salts, strict=True)
            if _is_new(connection, record)
        ]

    return transact(engine, append)


def _is_new(connection: Connection, record: JobRecord) -> bool:
    """Raises DuplicateJobError for a job that is stored."""
    if connection.execute(select(Raw.jobs.c.id).where(Raw.jobs.c.id == record.id)).first():
        raise DuplicateJobError(f"the job {record.id} is stored already; a job is stored once")
    return True


def _append(connection: Connection, record: JobRecord, salt: str, deliver_to: Collection[str]) -> AuditPosition:
    job, runs = job_row(record, salt), run_rows(record)
    connection.execute(insert(Raw.jobs), job)
    add_deliveries(connection, record.id, deliver_to)
    if runs:
        connection.execute(insert(Raw.runs), runs)
    position = append_event(connection, EventKind.JOB, Content(job, runs), utc_now())
    record_change(connection, position.sequence, [(1, facts(job, runs))])
    index_job(connection, job)
    add_keys(connection, record.id, position.sequence, record.keys)
    return position


def erase_job(engine: Engine, job_id: str, reason: str = "") -> AuditPosition:
    """Removes a job's personal data and keeps its statistics; the chain stays whole and tells when and why.

    The data also leaves the search index, the reviews, the submissions, and the list of page pictures
    (``db.pictures.remove_unused`` deletes the files). ``reason`` stays in the log, so it must name nobody. Erasing
    twice gives the first erasure's position. Raises JobNotFoundError.
    """

    def erase(connection: Connection) -> AuditPosition:
        job, runs = job_rows(connection, job_id)
        if job["erased_at"] is not None:
            return _position_of_erasure(connection, job_id)
        reviews, now = review_rows(connection, job_id), utc_now()
        emptied = erased_job_row(job, new_salt(), now)
        left = Content(emptied, [{**run, "error": None} for run in runs], [erased_review_row(row) for row in reviews])
        details = stored_form(EVENTS.c.details, {"reason": reason}) if reason else None
        # The event first: the triggers let a row be emptied only once the log says that it will be.
        position = append_event(connection, EventKind.ERASED, left, now, details)
        connection.execute(update(Raw.jobs).where(Raw.jobs.c.id == job_id).values(emptied))
        connection.execute(update(Raw.runs).where(Raw.runs.c.job_id == job_id).values(error=None))
        for review in left.reviews:
            same = (Raw.reviews.c.job_id == job_id, Raw.reviews.c.number == review["number"])
            connection.execute(update(Raw.reviews).where(*same).values(dict(review)))
        changes = [(-1, facts(job, runs, reviews)), (1, facts(emptied, left.runs, left.reviews))]
        record_change(connection, position.sequence, changes)
        fold(connection)  # changes that are kept name the customer
        remove_job(connection, job_id)
        remove_keys(connection, job_id)
        remove_lesson(connection, job_id)
        for source in (PICTURES, SUBMISSIONS):
            connection.execute(delete(source).where(source.c.job_id == job_id))
        # The file that it was a document of shows it, too.
        whole = PICTURES.c.job_id.in_(json.loads(job["container"] or "{}").get("jobs", ()))
        connection.execute(delete(PICTURES).where(whole, PICTURES.c.page == FILE))
        emptied_delivery = update(DELIVERIES).where(DELIVERIES.c.job_id == job_id)
        connection.execute(emptied_delivery.values(reference=None, error=None))
        return position

    return transact(engine, erase)


def head(engine: Engine) -> AuditPosition:
    """The last link of the chain; kept elsewhere, it shows later whether the tail was cut. (0, GENESIS) when empty."""
    return sealed_head(engine).position


def sealed_head(engine: Engine) -> Head:
    """The same with its seal. Raises SealBrokenError where somebody removed it."""
    with reading(engine) as connection:
        found = current_head(connection)
    if found is None:
        raise SealBrokenError("the head of the audit log was removed; restore the database from a copy")
    return found


def _done(connection: Connection, record: JobRecord, statuses: Collection[str]) -> str | None:
    if record.sha256 is None:
        return None
    jobs = Raw.jobs.c
    same = (jobs.sha256 == record.sha256, jobs.settings_key == record.settings_key)
    query = select(jobs.id).where(*same, jobs.status.in_([str(status) for status in statuses]))
    return connection.execute(query.limit(1)).scalar()


def _position_of_erasure(connection: Connection, job_id: str) -> AuditPosition:
    query = select(EVENTS.c.sequence, EVENTS.c.hash).where(
        EVENTS.c.job_id == job_id, EVENTS.c.kind == EventKind.ERASED.value
    )
    row = connection.execute(query).one()
    return AuditPosition(row.sequence, row.hash)
