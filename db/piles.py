"""How a file that holds several documents is divided, as the log has it, and which of its documents still wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from db.contract import document_json, status_of
from db.errors import JobNotFoundError
from db.ids import derived_job_id
from db.queries import get_job
from db.records import JobStatus, StoredJob
from db.submissions import find_submission

_WAITING = (JobStatus.NEEDS_REVIEW, JobStatus.FAILED)


@dataclass(frozen=True, slots=True)
class PileDocument:
    """One document of a file; ``pages``: their numbers in the file, from 1, in the document's order. ``open``: it waits
    for a person, so that its pages may still be another's."""

    job_id: str
    pages: tuple[int, ...]
    status: str
    open: bool


@dataclass(frozen=True, slots=True)
class StoredPile:
    """The documents of a file, read together. ``left_out``: pages that are none's. ``next_job``: the first of what they
    become where a person divides them otherwise; ``divided``: one has."""

    documents: tuple[PileDocument, ...]
    left_out: tuple[int, ...]
    next_job: str
    divided: bool

    @property
    def movable(self) -> frozenset[int]:
        """The pages that may be divided otherwise."""
        return frozenset(self.left_out).union(*(document.pages for document in self.documents if document.open))

    @property
    def can_be_divided(self) -> bool:
        """Whether there is a choice, and nobody has made it."""
        return not self.divided and len(self.movable) > 1 and any(document.open for document in self.documents)


def stored_pile(engine: Engine, job_id: str) -> StoredPile:
    """The file that the job is a document of; a file that is one document is one, too. Raises JobNotFoundError."""
    asked = get_job(engine, job_id)
    container = asked.record.container or {}
    jobs = [get_job(engine, each) if each != job_id else asked for each in container.get("jobs", [job_id])]
    following = derived_job_id(jobs[0].record.id, "divided anew")
    documents = tuple(map(_document, jobs))
    return StoredPile(documents, tuple(container.get("left_out", ())), following, _is_known(engine, following))


def stored_documents(engine: Engine, job_id: str) -> list[dict[str, Any]]:
    """The JSON of the contract of a stored job and of the others that its file was divided into."""
    first = document_json(get_job(engine, job_id))
    others = [each for each in (first.get("container") or {}).get("jobs", ()) if each != job_id]
    return [first, *(document_json(get_job(engine, each)) for each in others)]


def _document(job: StoredJob) -> PileDocument:
    record = job.record
    pages = (record.container or {}).get("pages") or range(1, (record.page_count or 0) + 1)
    if job.erased_at is not None:
        pages = ()
    is_open = record.status in _WAITING and not job.reviews and job.erased_at is None
    return PileDocument(record.id, tuple(pages), status_of(job), is_open)


def _is_known(engine: Engine, job_id: str) -> bool:
    """Whether a document is on its way under the id, or stored."""
    if find_submission(engine, job_id) is not None:
        return True
    try:
        get_job(engine, job_id)
    except JobNotFoundError:
        return False
    return True
