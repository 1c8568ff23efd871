"""What an event's hashes cover.

``content_hash`` covers a salt and the content: the job's row and its engine runs as they lie in their tables. There is
no second copy of them. ``hash`` covers the event and, through ``previous_hash``, all before it. An erasure removes salt
and content; the salted hash left in the chain tells nothing about them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from db.canonical import canonical_json, tagged_hash
from db.columns import hashed_row
from db.tables import JOBS, REVIEWS, RUNS

Row = Mapping[str, Any]


class EventKind(StrEnum):
    JOB = "job"
    """A document was processed; the content is its row and its engine runs."""
    ERASED = "erased"
    """Personal data of a job was removed; the content is what remains of its rows, its reviews included."""
    REVIEW = "review"
    """A person confirmed or corrected a job; the content is the review, ``details`` its number."""
    MASTER_DATA = "master_data"
    """Own companies or suppliers changed; the content is one row of ``master_records`` for each."""


@dataclass(frozen=True, slots=True)
class Content:
    """What an event vouches for, as stored."""

    job: Row
    runs: Sequence[Row]
    reviews: Sequence[Row] = ()

    @property
    def job_id(self) -> str:
        return str(self.job["id"])

    def hash(self) -> str:
        """The salted hash. TypeError or ValueError when a row holds what is never stored (bytes, not a number)."""
        job = hashed_row(JOBS, _without_salt(self.job))
        content: dict[str, Any] = {"job": job, "runs": [hashed_row(RUNS, run) for run in self.runs]}
        if self.reviews:
            content["reviews"] = [hashed_row(REVIEWS, review) for review in self.reviews]
        return tagged_hash(str(self.job["salt"]), canonical_json(content))


@dataclass(frozen=True, slots=True)
class ReviewContent:
    """The content of a review's event: the review alone."""

    review: Row

    @property
    def job_id(self) -> str:
        return str(self.review["job_id"])

    def hash(self) -> str:
        """The salted hash. TypeError or ValueError when the row holds what is never stored."""
        content = {"review": hashed_row(REVIEWS, _without_salt(self.review))}
        return tagged_hash(str(self.review["salt"]), canonical_json(content))


@dataclass(frozen=True, slots=True)
class MasterContent:
    """The content of an event of master data: its versions of records, of which each has a salted hash of its own, so
    that one can be emptied and the others still be checked."""

    rows: Sequence[Row]

    @property
    def job_id(self) -> None:
        return None

    def hash(self) -> str:
        """The hash of the rows' hashes, in the order of their keys."""
        hashes = [row["hash"] for row in sorted(self.rows, key=lambda row: (row["customer_id"], row["record_id"]))]
        return tagged_hash(canonical_json({"rows": hashes}))


def master_hash(row: Row) -> str:
    """The salted hash that a version of a record must carry; that of a removal covers that it has no data."""
    names = ("kind", "customer_id", "record_id", "data")
    return tagged_hash(str(row["salt"]), canonical_json({name: row[name] for name in names}))


def _without_salt(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "salt"}


def event_hash(event: Row) -> str:
    """The hash that an event with these columns must carry."""
    names = ["sequence", "kind", "job_id", "recorded_at", "content_hash", "previous_hash"]
    if event["details"] is not None:
        names.append("details")
    return tagged_hash(canonical_json({name: event[name] for name in names}))
