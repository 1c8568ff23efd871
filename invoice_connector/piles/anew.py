"""A file divided otherwise than it was, as a person says: what may be said, and the request to read it so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine

from db.deliveries import withdraw
from db.errors import JobNotFoundError
from db.piles import StoredPile
from db.queries import get_job
from db.records import ReviewStatus, StoredJob
from db.reviews import ReviewRequest, add_review
from invoice_connector.pipeline.request import ManualDivision, Request

_OF_THE_FILE = ("file", "sender", "subject", "received")  # what a container says of the mail or archive around a file


class DivisionError(ValueError):
    """A division that the file cannot have."""


def pages_in(text: str) -> list[list[int]]:
    """The documents that a form names: "1 2; 3" is one of two pages and one of a single page. Raises DivisionError."""
    try:
        return [[int(page) for page in part.replace(",", " ").split()] for part in text.split(";") if part.strip()]
    except ValueError as error:
        raise DivisionError(f"{text[:100]!r} names no pages; write their numbers, such as 1 2; 3") from error


def divided_anew(pile: StoredPile, documents: Sequence[Sequence[int]], by: str | None) -> ManualDivision:
    """What a person says of the file's pages; those of documents that were settled stay theirs. Raises
    DivisionError."""
    if pile.why_not is not None:
        raise DivisionError(pile.why_not)
    said = [page for pages in documents for page in pages]
    if not said or not all(documents):
        raise DivisionError("no document has no pages; name the pages of each")
    if strange := sorted(set(said) - pile.movable):
        raise DivisionError(_immovable(pile, strange[0]))
    if twice := sorted(page for page in set(said) if said.count(page) > 1):
        raise DivisionError(f"page {twice[0]} is named twice; each page is in one document, or in none")
    before = [document.pages for document in pile.documents if document.open]
    told = tuple(map(tuple, documents))
    if sorted(told) == sorted(before):
        raise DivisionError("these are the documents as they are; approve each, or move a page")
    left_out = tuple(sorted(pile.movable - set(said)))
    return ManualDivision(told, left_out, by, tuple(each.job_id for each in pile.documents if each.open))


def _immovable(pile: StoredPile, page: int) -> str:
    owner = next((each for each in pile.documents if page in each.pages), None)
    why = f"it is in job {owner.job_id}, which {owner.settled}" if owner else "the file has no such page"
    return f"page {page} is not among those that can be moved, {_listed(sorted(pile.movable))}: {why}"


def request_anew(job: StoredJob, pile: StoredPile, division: ManualDivision) -> Request:
    """The request to read the file of a job so."""
    record = job.record
    container = record.container or {}
    part = str(container.get("part") or "") if "pages" in container else ""
    path, _, pages = part.rpartition("/")
    name = str(record.source_name).removesuffix(f" ({pages})")
    return Request(
        pile.next_job,
        name,
        record.customer_id,
        record.invoice_number if len(division.documents) == 1 else None,
        source_path=record.source_path,
        container=_around(container, path),
        division=division,
    )


def _around(container: Mapping[str, Any], path: str) -> dict[str, Any] | None:
    """The mail or archive that a divided file came in, None where it came by itself."""
    if "pages" not in container:
        return dict(container) or None
    if not path:
        return None
    return {**{name: container[name] for name in _OF_THE_FILE if name in container}, "part": path}


def set_aside(database: Engine, division: ManualDivision, following: str) -> None:
    """Rejects the jobs whose pages go on as other documents, completed ones too, so that each page is booked once."""
    listed = "; ".join(_listed(pages) for pages in division.documents)
    note = f"the file was divided otherwise, as pages {listed}: see job {following}"
    for job_id in division.instead_of:
        try:
            reviewed = get_job(database, job_id).reviews
        except JobNotFoundError:  # erased and forgotten meanwhile
            continue
        withdraw(database, job_id)
        if not reviewed:
            add_review(database, ReviewRequest(job_id, {}, division.by, note, ReviewStatus.REJECTED))


def _listed(pages: Sequence[int]) -> str:
    return ", ".join(map(str, pages))
