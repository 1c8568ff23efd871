"""How a file that holds several documents is divided, as the log has it, and which of them nobody has judged or got."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from db.contract import document_json, status_of
from db.deliveries import list_deliveries
from db.errors import JobNotFoundError
from db.ids import derived_job_id
from db.queries import get_job
from db.records import StoredJob
from db.submissions import find_submission


@dataclass(frozen=True, slots=True)
class PileDocument:
    """One document of a file; ``pages``: their numbers in the file, from 1, in the document's order. ``open``: nobody
    judged it and no sink has it, so that its pages may still be another's; else ``settled`` says what became of it."""

    job_id: str
    pages: tuple[int, ...]
    status: str
    open: bool
    settled: str = ""


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
        return self.why_not is None

    @property
    def why_not(self) -> str | None:
        """Why the file cannot be divided otherwise, as a sentence; None where it can."""
        if self.divided:
            return f"a person divided this file before, into job {self.next_job} and others; look there"
        if not any(document.open for document in self.documents):
            listed = "; ".join(f"job {each.job_id} {each.settled}" for each in self.documents)
            return (
                f"no page of this file can be moved any more: {listed}; undo that where it was booked, and send each "
                "document as a file of its own"
            )
        return None if len(self.movable) > 1 else "the file has one page that can be moved, so nothing can be divided"


def stored_pile(engine: Engine, job_id: str) -> StoredPile:
    """The file that the job is a document of; a file that is one document is one, too. Raises JobNotFoundError."""
    asked = get_job(engine, job_id)
    container = asked.record.container or {}
    jobs = [get_job(engine, each) if each != job_id else asked for each in container.get("jobs", [job_id])]
    following = derived_job_id(jobs[0].record.id, "divided anew")
    documents = tuple(_document(engine, job) for job in jobs)
    return StoredPile(documents, tuple(container.get("left_out", ())), following, _is_known(engine, following))


def stored_documents(engine: Engine, job_id: str) -> list[dict[str, Any]]:
    """The JSON of the contract of a stored job and of the others that its file was divided into."""
    first = document_json(get_job(engine, job_id))
    others = [each for each in (first.get("container") or {}).get("jobs", ()) if each != job_id]
    return [first, *(document_json(get_job(engine, each)) for each in others)]


def _document(engine: Engine, job: StoredJob) -> PileDocument:
    record = job.record
    pages = (record.container or {}).get("pages") or range(1, (record.page_count or 0) + 1)
    if job.erased_at is not None:
        pages = ()
    settled = _settled(engine, job)
    return PileDocument(record.id, tuple(pages), status_of(job), not settled, settled)


def _settled(engine: Engine, job: StoredJob) -> str:
    """What became of a document whose pages stay its own; empty while they may be another's."""
    if job.erased_at is not None:
        return "was erased"
    if job.reviews:
        return f"was {job.reviews[-1].status} by {job.reviews[-1].reviewer or 'a person'}"
    sinks = [each.sink for each in list_deliveries(engine, job.record.id) if each.attempts]
    return f"was delivered to {', '.join(sinks)}" if sinks else ""


def _is_known(engine: Engine, job_id: str) -> bool:
    """Whether a document is on its way under the id, or stored."""
    if find_submission(engine, job_id) is not None:
        return True
    try:
        get_job(engine, job_id)
    except JobNotFoundError:
        return False
    return True
