"""Everything that became of one document, as one frozen value; the audit log stores it as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from db.records import JobRecord, JobStatus
from invoice_connector.invoice import Invoice, Violation
from invoice_connector.pipeline.columns import (
    document_columns,
    invoice_columns,
    reading_columns,
    rounded,
    verdict_json,
    violations_json,
)
from invoice_connector.pipeline.receipt import receipt
from invoice_connector.pipeline.request import Request
from invoice_connector.pipeline.resources import Resources
from invoice_connector.suppliers.matching import SupplierMatch
from ocr_ensemble.document.page import Document
from ocr_ensemble.reading import DocumentReading
from verifier.verdict import NOT_REACHED, Verification

POISON = "PoisonDocumentError"


@dataclass(frozen=True, slots=True)
class Failure:
    """``type`` is the error's class name, ``message`` its one clear sentence."""

    type: str
    message: str

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """The error as it is stored."""
        return cls(type(error).__name__, str(error) or type(error).__name__)

    @classmethod
    def given_up(
        cls, name: str, times: int, step: str = "reading", reason: str = "each time the process that read it ended"
    ) -> Failure:
        """Of a document that no process gets through a step."""
        advice = (
            "look at the file, or read it by itself with other engines (invoice-connector process FILE --engines ...); "
            "a watched folder knows it as failed and does not read it again"
        )
        return cls(POISON, f"{step} {name} failed {times} times and was given up: {reason}; {advice}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """``document``, ``reading`` and ``invoice`` are None from the step on that failed; ``failure`` then says why.

    ``sha256`` is known of every file whose bytes could be had. ``expected`` and ``embedded_invoice`` have the form of
    the JSON and are None when nothing was expected or embedded. ``device``: what the engines that read it compute on.
    """

    request: Request
    status: JobStatus
    started_at: datetime
    finished_at: datetime
    policy: str
    profile: str
    document: Document | None = None
    reading: DocumentReading | None = None
    invoice: Invoice | None = None
    violations: tuple[Violation, ...] = ()
    verification: Verification = NOT_REACHED
    failure: Failure | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)
    device: str | None = None
    sha256: str | None = None
    expected: Mapping[str, Any] | None = None
    embedded_invoice: Mapping[str, Any] | None = None
    supplier: SupplierMatch | None = None

    def to_record(
        self,
        settings_key: str | None = None,
        keys: Mapping[str, str] | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> JobRecord:
        """The row of the audit log. ``settings_key`` is equal for settings and versions that read alike; ``keys`` are
        what later documents find this one by; ``provenance``: with what it was read."""
        document, reading, invoice = self.document, self.reading, self.invoice
        return JobRecord(
            id=self.request.job_id,
            status=self.status,
            source_name=self.request.source_name,
            source_path=self.request.source_path,
            sha256=self.sha256,
            customer_id=self.request.customer_id,
            invoice_number=self.request.invoice_number,
            started_at=self.started_at,
            finished_at=self.finished_at,
            policy=self.policy,
            profile=self.profile,
            device=self.device,
            provenance=provenance,
            timings_ms=rounded(self.timings_ms),
            resources=self.resources.to_dict(),
            error_type=self.failure.type if self.failure else None,
            error_message=self.failure.message if self.failure else None,
            **(document_columns(document) if document else {}),
            **(reading_columns(reading) if reading else {}),
            **(invoice_columns(invoice) if invoice else {}),
            container=self.request.container,
            not_read=[
                *receipt(document, reading, self.verification, self.embedded_invoice),
                *self.request.not_read,
            ],
            expected=self.expected,
            embedded_invoice=self.embedded_invoice,
            supplier=self.supplier.to_json() if self.supplier else None,
            violations=violations_json(self.violations),
            verifier_used=self.verification.used,
            verifier_backend=self.verification.backend,
            verifier_model=self.verification.model,
            verified=self.verification.verified,
            verifier_confidence=self.verification.confidence,
            verifier_feedback=self.verification.feedback,
            verdicts=[verdict_json(verdict) for verdict in self.verification.verdicts],
            settings_key=settings_key,
            keys=keys or {},
        )

    @property
    def engine_versions(self) -> dict[str, str]:
        """Version and checkpoint of each engine that ran."""
        return self.reading.engine_versions if self.reading else {}

    def judgement_on(self, record: JobRecord) -> JobRecord:
        """The record of an earlier state of this outcome with what has been judged since: status, violations and
        feedback."""
        found, said = violations_json(self.violations), self.verification.feedback
        if (record.status, list(record.violations), record.verifier_feedback) == (self.status, found, said):
            return record
        return replace(record, status=self.status, violations=found, verifier_feedback=said)
