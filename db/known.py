"""Earlier jobs as a new one is compared with: the same content again, and jobs that share a key.

A key is any text under which a document should be found again, such as a seller with a number and an amount, and may
carry a value; what they mean is the caller's. Keys are kept as hashes, in a table of their own that an erasure empties.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from db.chain import EventKind
from db.records import JobStatus, ReviewStatus
from db.tables import EVENTS, JOB_KEYS, JOBS, REVIEWS

_MOST = 25
_NEWEST = 1000  # rows of one key that are looked at, so that a seller of many invoices costs no more than another


@dataclass(frozen=True, slots=True)
class EarlierJob:
    """A stored job that was read and not erased. ``values`` are its fields by name, corrections included; ``rules``
    the rules it broke; ``keys`` those of the keys asked for that it has, with their values; ``review`` how its last
    review ended; ``sequence`` the number of the last event that told one of these keys."""

    job_id: str
    sequence: int
    source_name: str
    sha256: str | None
    values: Mapping[str, str]
    rules: frozenset[str]
    keys: Mapping[str, str]
    review: str | None

    @property
    def approved(self) -> bool:
        """Whether a person said that its values are right."""
        return self.review == ReviewStatus.APPROVED

    @property
    def rejected(self) -> bool:
        """Whether a person said that it is not to be booked."""
        return self.review == ReviewStatus.REJECTED


@dataclass(frozen=True, slots=True)
class EarlierJobs:
    """The log as the transaction that is about to store a job sees it."""

    connection: Connection

    def first_of_content(self, sha256: str) -> tuple[str, int] | None:
        """Id and audit number of the first job that read these bytes; None when there is none."""
        query = (
            select(JOBS.c.id, EVENTS.c.sequence)
            .join(EVENTS, (EVENTS.c.job_id == JOBS.c.id) & (EVENTS.c.kind == EventKind.JOB.value))
            .where(JOBS.c.sha256 == sha256, JOBS.c.status != JobStatus.FAILED.value)
            .order_by(EVENTS.c.sequence)
        )
        row = self.connection.execute(query.limit(1)).first()
        return None if row is None else (str(row.id), int(row.sequence))

    def with_key(self, keys: Collection[str], before: int | None = None) -> list[EarlierJob]:
        """The jobs that share a key, 25 at most: those that share most of them, and of these the newest. Only those
        below the audit number ``before`` when given."""
        shared: dict[str, dict[str, str]] = {}
        told: dict[str, int] = {}
        for key in keys:
            for job_id, sequence, value in self._rows(key, before):
                shared.setdefault(job_id, {}).setdefault(key, value)
                told[job_id] = max(sequence, told.get(job_id, 0))
        best = sorted(shared, key=lambda job_id: (len(shared[job_id]), told[job_id]), reverse=True)
        return [self._job(job_id, told[job_id], shared[job_id]) for job_id in best[:_MOST]]

    def _rows(self, key: str, before: int | None) -> Iterator[tuple[str, int, str]]:
        table = JOB_KEYS.c
        query = select(table.job_id, table.sequence, table.value).where(table.key == _hashed(key))
        if before is not None:
            query = query.where(table.sequence < before)
        for row in self.connection.execute(query.order_by(table.sequence.desc()).limit(_NEWEST)):
            yield str(row.job_id), int(row.sequence), str(row.value)

    def _job(self, job_id: str, sequence: int, keys: Mapping[str, str]) -> EarlierJob:
        columns = (JOBS.c.source_name, JOBS.c.sha256, JOBS.c.fields, JOBS.c.violations)
        row = self.connection.execute(select(*columns).where(JOBS.c.id == job_id)).mappings().one()
        values = {name: str(found["value"]) for name, found in (row["fields"] or {}).items()}
        said = select(REVIEWS.c.status, REVIEWS.c.changes).where(REVIEWS.c.job_id == job_id)
        reviews = self.connection.execute(said.order_by(REVIEWS.c.number)).all()
        for review in reviews:
            for name, change in (review.changes or {}).items():
                values.pop(name, None)
                if change["value"] is not None:
                    values[name] = change["value"]
        return EarlierJob(
            job_id,
            sequence,
            row["source_name"] or "",
            row["sha256"],
            values,
            frozenset(str(broken.get("rule")) for broken in row["violations"] or ()),
            keys,
            reviews[-1].status if reviews else None,
        )


def add_keys(connection: Connection, job_id: str, sequence: int, keys: Mapping[str, str]) -> None:
    """Makes a job findable under ``keys``; ``sequence`` is the number of the event that tells them."""
    rows = [
        {"key": _hashed(key), "sequence": sequence, "job_id": job_id, "value": value} for key, value in keys.items()
    ]
    if rows:
        connection.execute(insert(JOB_KEYS), rows)


def remove_keys(connection: Connection, job_id: str) -> None:
    connection.execute(delete(JOB_KEYS).where(JOB_KEYS.c.job_id == job_id))


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
