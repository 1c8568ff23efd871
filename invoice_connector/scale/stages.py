"""One stage of one document: takes what the stage before left, does its step, and hands the document on.

The steps are those of ``pipeline/process.py``. A file whose pages were read goes on as the documents that it holds,
each with a row, objects and messages of its own. Every stage may be done twice, by chance or after a crash: it reads
what the one before wrote, writes its own object as a whole, and the job is stored once under its id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from db import stages
from db.errors import DuplicateJobError, StorageError
from db.queries import get_job
from db.records import JobStatus
from db.submissions import Submission, SubmissionState, find_submission
from invoice_connector.arrivals.bundle import bundle_of
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.piles.dividing import page_digest
from invoice_connector.pipeline.outcome import Failure, Outcome
from invoice_connector.pipeline.process import Stage, advance, beside, documents, failed, finished
from invoice_connector.pipeline.request import Request, plain_request, request_of
from invoice_connector.scale.codec import outcome_json, outcome_of, page_png, pixels_of
from invoice_connector.scale.queues import DELIVERY, Priority
from invoice_connector.scale.store import WorkStore

Send = Callable[[str, str, str], None]  # job id, stage, priority
_ORDER = tuple(Stage)
_SOURCE, _READ = "source", "read.json"
_NEEDS_BYTES = (Stage.PREPROCESSING, Stage.EVALUATING)
_NEEDS_PIXELS = (Stage.READING, Stage.EXTRACTING, Stage.VERIFYING, Stage.EVALUATING)
OPEN = frozenset({"received", *_ORDER})
"""What ``status`` says of documents that are not read yet."""
_SHOWN = {JobStatus.COMPLETED: "approved"}  # everything else is shown under its own name


@dataclass(frozen=True, slots=True)
class Line:
    """The production line that one process works on."""

    connector: InvoiceOCRConnector
    store: WorkStore
    send: Send

    def accept(self, content: bytes, request: Request, priority: str = Priority.NORMAL) -> None:
        """Keeps a document for sure, then queues it. Once the row is there the document is read, even when the broker
        cannot be told. Raises OSError and StorageError; then nothing was accepted."""
        kept = {**plain_request(request), "priority": str(Priority(priority))}
        self.store.put(request.job_id, _SOURCE, content)
        stages.enter(self.connector.database, request.job_id, _ORDER[0], kept)
        with suppress(OSError):  # the sweep of a worker finds the row
            self.send(request.job_id, _ORDER[0], priority)

    def work(self, job_id: str, stage: Stage) -> None:
        """Does a document's stage and queues the next one; nothing when the document is elsewhere by now.

        Raises OSError and StorageError when store, broker or database are away: try again later.
        """
        database = self.connector.database
        found = stages.begin(database, job_id, stage)
        if found is None:
            return
        try:
            if found.tries > self.connector.settings.stage_tries:
                self._set_aside(found, stage)
            else:
                self._advance(found, stage)
        except (OSError, StorageError) as error:
            with suppress(StorageError):
                stages.note(database, job_id, stage, f"{type(error).__name__}: {error}", blameless=True)
            raise
        except Exception as error:
            stages.note(database, job_id, stage, f"{type(error).__name__}: {error}")
            raise

    def resend_lost(self, quiet_since: Any, waiting: Callable[[str], int]) -> int:
        """Sends the messages of documents anew that nothing was heard of since a moment, for stages whose queue is
        empty: in a long queue silence means waiting. Returns how many."""
        empty = [str(stage) for stage in _ORDER if waiting(stage) == 0]
        found = stages.lost(self.connector.database, empty, quiet_since)
        for each in found:
            self.send(each.job_id, str(each.stage), each.request["priority"])
        return len(found)

    def _advance(self, found: Submission, stage: Stage) -> None:
        outcome = self._outcome_before(found, stage)
        source = self.store.get(found.job_id, _SOURCE) if stage in _NEEDS_BYTES else b""
        if stage is Stage.PREPROCESSING:
            outcome = replace(outcome, sha256=hashlib.sha256(source).hexdigest())
        content = bundle_of(source).main
        connector, tools = self.connector, self.connector.tools
        outcome = self._read(found, outcome) if stage is Stage.READING else advance(outcome, stage, content, tools)
        others: list[Outcome] = []
        if stage is Stage.READING:
            outcome, *others = documents(outcome, tools)
        if outcome.failure is not None or stage is _ORDER[-1]:
            self._finish(found, self._with_beside(outcome), content)
            return
        for other in others:
            self._hand_out(found, other)
        if stage is Stage.PREPROCESSING:
            self._put_pages(found.job_id, outcome)
        self.store.put(found.job_id, f"{stage}.json", outcome_json(outcome))
        following = _ORDER[_ORDER.index(stage) + 1]
        if stages.leave(connector.database, found.job_id, stage, following):
            self.send(found.job_id, following, found.request["priority"])

    def _read(self, found: Submission, outcome: Outcome) -> Outcome:
        """What is on the pages; as it was read before where a process ended while it handed documents out, since a
        second reading may divide them otherwise."""
        with suppress(FileNotFoundError):
            if found.tries > 1:
                before = outcome_of(self.store.get(found.job_id, _READ))
                return replace(before, document=outcome.document)
        outcome = advance(outcome, Stage.READING, b"", self.connector.tools)
        if outcome.document is not None and len(outcome.document.pages) > 1:
            self.store.put(found.job_id, _READ, outcome_json(outcome))
        return outcome

    def _hand_out(self, found: Submission, outcome: Outcome) -> None:
        """A further document of the file goes its own way from here, once, however often this is done."""
        job_id, priority = outcome.request.job_id, found.request["priority"]
        following = _ORDER[_ORDER.index(Stage.READING) + 1]
        if find_submission(self.connector.database, job_id) is None:
            self.store.put(job_id, _SOURCE, self.store.get(found.job_id, _SOURCE))
            self._put_pages(job_id, outcome)
            self.store.put(job_id, f"{Stage.READING}.json", outcome_json(outcome))
            with suppress(DuplicateJobError):
                kept = {**plain_request(outcome.request), "priority": priority}
                stages.enter(self.connector.database, job_id, following, kept)
        with suppress(OSError):  # the sweep of a worker finds the row
            self.send(job_id, following, priority)

    def _outcome_before(self, found: Submission, stage: Stage) -> Outcome:
        """What the stage before left; the pages with their pixels where the stage looks at them."""
        if stage is _ORDER[0]:
            return failed(_request(found), None, None, self.connector.ensemble)
        before = _ORDER[_ORDER.index(stage) - 1]
        outcome = outcome_of(self.store.get(found.job_id, f"{before}.json"))
        document = outcome.document
        if stage not in _NEEDS_PIXELS or document is None:
            return outcome
        pages = tuple(
            replace(page, pixels=pixels_of(self.store.get(found.job_id, name)))
            for page, name in zip(document.pages, _page_names(outcome), strict=True)
        )
        return replace(outcome, document=replace(document, pages=pages))

    def _put_pages(self, job_id: str, outcome: Outcome) -> None:
        assert outcome.document is not None
        for page, name in zip(outcome.document.pages, _page_names(outcome), strict=True):
            self.store.put(job_id, name, page_png(page))

    def _with_beside(self, outcome: Outcome) -> tuple[Outcome, ...]:
        """What came beside a file is read where its first document ends, and stored with it."""
        if not _is_first(outcome.request):
            return (outcome,)
        bundle = bundle_of(self.store.get(outcome.request.job_id, _SOURCE))
        return beside(outcome, bundle, self.connector.tools)

    def _set_aside(self, found: Submission, stage: Stage) -> None:
        """A document that no worker gets through the stage becomes a failed job that says so."""
        reason = found.message or "each time the worker's process ended"
        times = self.connector.settings.stage_tries
        failure = Failure.given_up(found.request["source_name"], times, stage, reason)
        outcome = failed(_request(found), None, failure, self.connector.ensemble)
        with suppress(OSError):
            content = self.store.get(found.job_id, _SOURCE)
            outcome = replace(outcome, sha256=_digest(content, outcome.request))
        self._finish(found, (outcome,))

    def _finish(self, found: Submission, outcomes: Sequence[Outcome], content: bytes = b"") -> None:
        with suppress(DuplicateJobError):  # it was stored before this process, or another one, could say so
            self.connector.store(*map(finished, outcomes), content=content or None)
        stages.end(self.connector.database, found.job_id)
        self.store.remove(found.job_id)
        if self.connector.settings.deliver_to:
            with suppress(OSError):  # the delivery is a row of the database; `deliver` and the sweep find it
                self.send(found.job_id, DELIVERY, found.request["priority"])


def status(database: Any, job_id: str) -> dict[str, Any]:
    """Where a document is: received, a stage, or approved, needs_review, failed. Raises JobNotFoundError."""
    found = find_submission(database, job_id)
    if found is not None and found.state in (SubmissionState.RECEIVED, SubmissionState.RUNNING):
        shown = found.state if found.state == SubmissionState.RECEIVED else str(found.stage)
        return {"job_id": job_id, "status": shown, "tries": found.tries, "message": found.message}
    job = get_job(database, job_id).record
    status = JobStatus(job.status)
    return {"job_id": job_id, "status": _SHOWN.get(status, str(status)), "message": job.error_message}


def _request(found: Submission) -> Request:
    values: Mapping[str, Any] = {name: value for name, value in found.request.items() if name != "priority"}
    return request_of(values)


def _page_names(outcome: Outcome) -> list[str]:
    """The objects with the pixels of a document's pages, which go by their numbers in the file that was divided."""
    assert outcome.document is not None
    container = outcome.request.container or {}
    numbers = container.get("pages") or [page.number for page in outcome.document.pages]
    return [f"page-{number}.png" for number in numbers]


def _digest(content: bytes, request: Request) -> str:
    """As the document's job has it where it is read: some pages of a file have a digest of their own."""
    sha256, container = hashlib.sha256(content).hexdigest(), request.container or {}
    return sha256 if _is_first(request) else page_digest(sha256, container["pages"])


def _is_first(request: Request) -> bool:
    """Whether a document is its whole file, or the first of several in it."""
    return bool((request.container or {}).get("jobs", [request.job_id])[0] == request.job_id)
