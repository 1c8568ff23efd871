"""The JSON of one document, made anew from what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from db.canonical import plain_json
from db.records import JobStatus, Json, Review, ReviewStatus, StoredJob

SCHEMA_VERSION = 1  # raised when a key changes its meaning or goes; new keys leave it as it is
_LINE_KEYS = ("page", "box", "text", "confidence", "readings")


def document_json(job: StoredJob, words: bool = False) -> dict[str, Any]:
    """What ``process --json`` printed for the job, key for key in the order of the contract.

    ``fields`` are what was read, ``corrections`` what a person put beside them. ``words``: each line with its words,
    their boxes and confidences.
    """
    record = job.record
    error = {"type": record.error_type, "message": record.error_message or ""} if record.error_type else None
    document = {
        "schema_version": SCHEMA_VERSION,
        "job_id": record.id,
        "file": record.source_name,
        "status": status_of(job),
        "error": error,
        "page_count": record.page_count,
        "pages": record.pages,
        **({"container": record.container} if record.container else {}),
        **({"not_read": record.not_read} if record.not_read else {}),
        "language": record.language,
        **({"document_kind": record.document_kind} if record.document_kind else {}),
        **({"supplier": record.supplier} if record.supplier else {}),
        "text": record.text,
        "confidence": record.confidence,
        "primary_engine": record.primary_engine,
        "engines_used": record.engines_used,
        "engine_processing_times": record.engine_processing_times,
        "fields": record.fields,
        "invoice_lines": record.invoice_lines,
        "vat_breakdown": record.vat_breakdown,
        **({"adjustments": record.adjustments} if record.adjustments else {}),
        "violations": record.violations,
        **({"expected": record.expected} if record.expected else {}),
        **({"embedded_invoice": record.embedded_invoice} if record.embedded_invoice else {}),
        "lines": [_line(line, words) for line in record.lines],
        **({"codes": record.codes} if record.codes else {}),
        **({"field_readings": record.field_readings} if record.field_readings else {}),
        "verification": {
            "used": record.verifier_used,
            "backend": record.verifier_backend,
            "model": record.verifier_model,
            "verified": record.verified,
            "confidence": record.verifier_confidence,
            "feedback": record.verifier_feedback,
        },
        "timings_ms": record.timings_ms,
        **({"resources": record.resources} if record.resources else {}),
        **({"provenance": record.provenance} if record.provenance else {}),
        "review": _review(job.reviews[-1], record.status) if job.reviews else None,
        "corrections": {name: change for review in job.reviews for name, change in _corrections(review)},
        "audit": {"sequence": job.audit.sequence, "hash": job.audit.hash},
    }
    plain: dict[str, Any] = plain_json(document)
    return plain


def _line(line: Json, words: bool) -> dict[str, Any]:
    found = {key: line.get(key) for key in _LINE_KEYS}
    parts = [{"text": text, "box": box, "confidence": sure} for text, box, sure in line.get("words", ())]
    return {**found, "words": parts} if words else found


def status_of(job: StoredJob) -> str:
    """How the job ended; completed once a person approved it, and not any more once one rejected it."""
    judged = job.reviews[-1].status if job.reviews else None
    if judged == ReviewStatus.APPROVED:
        return "completed"
    withdrawn = judged == ReviewStatus.REJECTED and job.record.status == JobStatus.COMPLETED
    return str(JobStatus.NEEDS_REVIEW if withdrawn else job.record.status)


def _review(review: Review, before: str) -> dict[str, Any]:
    return {
        "status": review.status,
        "number": review.number,
        "by": review.reviewer,
        "at": review.reviewed_at.isoformat(),
        "note": review.note,
        "status_before": before,
    }


def _corrections(review: Review) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, change in review.changes.items():
        who = {"by": review.reviewer, "at": review.reviewed_at.isoformat(), "note": review.note}
        yield name, {**change, **who}
