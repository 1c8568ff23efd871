"""What a person says about a job: confirmed, corrected or refused. It is stored beside the reading, never over it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from db.canonical import plain_json, storable_text
from db.chain import EventKind, ReviewContent
from db.columns import stored_form
from db.errors import ErasedJobError
from db.known import add_keys
from db.lessons import Teach, learn
from db.links import append_event, new_salt, transact
from db.records import AuditPosition, Place, Review, ReviewStatus, utc_now
from db.rollups import record_change
from db.rows import Row, review_row
from db.search_index import index_values
from db.stored_rows import job_rows, review_rows
from db.tables import EVENTS, JOBS, REVIEWS, Raw
from db.tally import facts
from db.transactions import reading


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """``values`` maps field names to what is right, as the contract writes it (None: there is no such field); what is
    not named is confirmed as it is. ``places`` say where people pointed at these values. ``keys`` are those that the
    corrected document is found under (``db.known``); ``teach`` says what the reviewed job teaches, which is kept in the
    same transaction (``db.lessons``)."""

    job_id: str
    values: Mapping[str, str | None]
    reviewer: str | None = None
    note: str | None = None
    status: str = ReviewStatus.APPROVED
    keys: Mapping[str, str] = field(default_factory=dict)
    teach: Teach | None = None
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReviewedField:
    """One judged reading, for calibration and ranking: was ``read`` (None: nothing was found), is ``right`` (None: the
    document has no such field). ``alternatives`` are the runners-up that were kept."""

    job_id: str
    sha256: str | None
    reviewed_at: datetime
    language: str | None
    field: str
    read: str | None
    text: str | None
    right: str | None
    confidence: float | None
    engines: tuple[str, ...]
    page: int | None
    box: tuple[float, ...] | None
    alternatives: tuple[Mapping[str, Any], ...]

    @property
    def correct(self) -> bool:
        return self.read == self.right


def add_review(engine: Engine, request: ReviewRequest) -> tuple[Review, AuditPosition]:
    """Stores a review as its own event. Raises JobNotFoundError, ErasedJobError, InvalidRecordError."""

    def append(connection: Connection) -> tuple[Review, AuditPosition]:
        job, runs = job_rows(connection, request.job_id)
        if job["erased_at"] is not None:
            raise ErasedJobError(f"the data of job {request.job_id} was erased, so there is nothing left to review")
        before = review_rows(connection, request.job_id)
        review = _review(request, job, len(before) + 1)
        row = review_row(review, new_salt())
        connection.execute(insert(Raw.reviews), row)
        details = stored_form(EVENTS.c.details, {"number": review.number})
        position = append_event(connection, EventKind.REVIEW, ReviewContent(row), review.reviewed_at, details)
        changes = [(-1, facts(job, runs, before)), (1, facts(job, runs, [*before, row]))]
        record_change(connection, position.sequence, changes)
        _index(connection, job, review)
        add_keys(connection, request.job_id, position.sequence, request.keys)
        if request.teach is not None:
            learn(connection, request.job_id, request.teach)
        return review, position

    return transact(engine, append)


def reviewed_fields(engine: Engine) -> Iterator[ReviewedField]:
    """Every field of every approved job that is not erased, with what a person said is right; oldest review first."""
    latest = select(REVIEWS.c.job_id, func.max(REVIEWS.c.number).label("number")).group_by(REVIEWS.c.job_id).subquery()
    query = (
        select(REVIEWS.c.job_id)
        .join(latest, (latest.c.job_id == REVIEWS.c.job_id) & (latest.c.number == REVIEWS.c.number))
        .join(JOBS, JOBS.c.id == REVIEWS.c.job_id)
        .where(REVIEWS.c.status == ReviewStatus.APPROVED.value, JOBS.c.erased_at.is_(None))
        .order_by(REVIEWS.c.reviewed_at, REVIEWS.c.job_id)
    )
    with reading(engine) as connection:
        ids = list(connection.execute(query).scalars())
    for job_id in ids:
        with reading(engine) as connection:
            job, _ = job_rows(connection, job_id)
            reviews = review_rows(connection, job_id)
        yield from _judged(job, reviews)


def _review(request: ReviewRequest, job: Row, number: int) -> Review:
    fields = json.loads(job["fields"] or "{}")
    changes = {
        name: {
            "value": value if value is None else storable_text(value),
            "original": fields.get(name),
            **(request.places[name].to_json() if name in request.places else {}),
        }
        for name, value in sorted(request.values.items())
    }
    note = None if request.note is None else storable_text(request.note)
    reviewer = None if request.reviewer is None else storable_text(request.reviewer)
    return Review(request.job_id, number, str(request.status), utc_now(), reviewer, note, plain_json(changes))


def _index(connection: Connection, job: Row, review: Review) -> None:
    values = [change["value"] for change in review.changes.values() if change["value"]]
    pages = {change.get("page") or (change["original"] or {}).get("page") for change in review.changes.values()}
    if values:
        page = next((page for page in pages if isinstance(page, int)), 1)
        index_values(connection, job, page, values)


def _judged(job: Row, reviews: list[Row]) -> Iterator[ReviewedField]:
    fields: dict[str, Any] = json.loads(job["fields"] or "{}")
    changes: dict[str, Any] = {}
    for review in reviews:
        changes |= json.loads(review["changes"] or "{}")
    for name in sorted({*fields, *changes}):
        found = fields.get(name) or {}
        read = found.get("value")
        yield ReviewedField(
            job_id=str(job["id"]),
            sha256=job["sha256"],
            reviewed_at=datetime.fromisoformat(reviews[-1]["reviewed_at"]),
            language=job["language"],
            field=name,
            read=read,
            text=found.get("text"),
            right=changes[name]["value"] if name in changes else read,
            confidence=found.get("confidence"),
            engines=tuple(found.get("engines") or ()),
            page=found.get("page"),
            box=tuple(found["box"]) if found.get("box") else None,
            alternatives=tuple(found.get("alternatives") or ()),
        )
