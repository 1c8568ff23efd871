"""The JSON of one document, made anew from what is stored."""

from __future__ import annotations

from typing import Any

from db.canonical import plain_json
from db.records import StoredJob

_LINE_KEYS = ("page", "box", "text", "confidence", "readings")


def document_json(job: StoredJob) -> dict[str, Any]:
    """What ``process --json`` printed for the job, key for key in the order of the contract."""
    record = job.record
    error = {"type": record.error_type, "message": record.error_message or ""} if record.error_type else None
    document = {
        "job_id": record.id,
        "file": record.source_name,
        "status": record.status,
        "error": error,
        "page_count": record.page_count,
        "pages": record.pages,
        "language": record.language,
        "text": record.text,
        "confidence": record.confidence,
        "primary_engine": record.primary_engine,
        "engines_used": record.engines_used,
        "engine_processing_times": record.engine_processing_times,
        "fields": record.fields,
        "invoice_lines": record.invoice_lines,
        "vat_breakdown": record.vat_breakdown,
        "violations": record.violations,
        "lines": [{key: line.get(key) for key in _LINE_KEYS} for line in record.lines],
        "verification": {
            "used": record.verifier_used,
            "backend": record.verifier_backend,
            "model": record.verifier_model,
            "verified": record.verified,
            "confidence": record.verifier_confidence,
            "feedback": record.verifier_feedback,
        },
        "timings_ms": record.timings_ms,
        "audit": {"sequence": job.audit.sequence, "hash": job.audit.hash},
    }
    plain: dict[str, Any] = plain_json(document)
    return plain
