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
from db.tables import JOBS, RUNS

Row = Mapping[str, Any]


class EventKind(StrEnum):
    JOB = "job"
    """A document was processed; the content is its row and its engine runs."""
    ERASED = "erased"
    """Personal data of a job was removed; the content is what remains of its rows."""


@dataclass(frozen=True, slots=True)
class Content:
    """What an event vouches for, as stored."""

    job: Row
    runs: Sequence[Row]

    def hash(self) -> str:
        """The salted hash. TypeError or ValueError when a row holds what is never stored (bytes, not a number)."""
        job = hashed_row(JOBS, {name: value for name, value in self.job.items() if name != "salt"})
        content = {"job": job, "runs": [hashed_row(RUNS, run) for run in self.runs]}
        return tagged_hash(str(self.job["salt"]), canonical_json(content))


def event_hash(event: Row) -> str:
    """The hash that an event with these columns must carry."""
    names = ["sequence", "kind", "job_id", "recorded_at", "content_hash", "previous_hash"]
    if event["details"] is not None:
        names.append("details")
    return tagged_hash(canonical_json({name: event[name] for name in names}))
