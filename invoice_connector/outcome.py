"""Everything that became of one document, as one frozen value; the audit log stores it as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from db import inputs
from db.records import EngineRunRecord, JobRecord, JobStatus
from invoice_connector.codes.families import codes_of
from invoice_connector.invoice import (
    Adjustment,
    DocumentKind,
    Invoice,
    InvoiceField,
    InvoiceLine,
    VatBreakdown,
    Violation,
    plain,
)
from invoice_connector.receipt import receipt
from invoice_connector.resources import Resources
from invoice_connector.suppliers.matching import SupplierMatch
from ocr_ensemble.document.page import Document, PageImage
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import Consensus, DocumentReading, EngineRun, FieldReading, Reading
from verifier.verdict import NOT_REACHED, Verdict, Verification


@dataclass(frozen=True, slots=True)
class ManualDivision:
    """How a person divides a file: ``documents``, each its pages (from 1) in their order; ``left_out``: pages that are
    no document's; ``by``: who said so; ``instead_of``: the jobs whose pages these are."""

    documents: tuple[tuple[int, ...], ...]
    left_out: tuple[int, ...] = ()
    by: str | None = None
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One document as its sender handed it over. ``customer_id``, ``invoice_number`` and ``expected_amount`` are what
    the ERP knows; ``source_path`` is where the file lies, None for an upload. ``container`` is the file that the
    document came in, as the contract writes it, and ``not_read`` what of that file became no document. ``broken``: the
    type and the message of the error for which it could not be taken out of that file; its bytes then only stand for
    it. ``remarks``: the sentences of the mail that the document came with. ``division``: the file's documents, where
    a person said so."""

    job_id: str
    source_name: str
    customer_id: str | None = None
    invoice_number: str | None = None
    expected_amount: Decimal | None = None
    source_path: str | None = None
    container: Mapping[str, Any] | None = None
    not_read: tuple[Mapping[str, Any], ...] = ()
    broken: tuple[str, str] | None = None
    remarks: tuple[str, ...] = ()
    division: ManualDivision | None = None

    def __post_init__(self) -> None:
        """Raises ``db.inputs.InputError`` for a value that no ERP has."""
        for name in ("customer_id", "invoice_number"):
            if (value := getattr(self, name)) is not None:
                inputs.text(value, name)
        if self.expected_amount is not None:
            inputs.checked_amount(self.expected_amount, "expected_amount")


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
            timings_ms=_rounded(self.timings_ms),
            resources=self.resources.to_dict(),
            error_type=self.failure.type if self.failure else None,
            error_message=self.failure.message if self.failure else None,
            **(_document_columns(document) if document else {}),
            **(_reading_columns(reading) if reading else {}),
            **(_invoice_columns(invoice) if invoice else {}),
            container=self.request.container,
            not_read=[
                *receipt(document, reading, self.verification, self.embedded_invoice),
                *self.request.not_read,
            ],
            expected=self.expected,
            embedded_invoice=self.embedded_invoice,
            supplier=self.supplier.to_json() if self.supplier else None,
            violations=_violations(self.violations),
            verifier_used=self.verification.used,
            verifier_backend=self.verification.backend,
            verifier_model=self.verification.model,
            verified=self.verification.verified,
            verifier_confidence=self.verification.confidence,
            verifier_feedback=self.verification.feedback,
            verdicts=[_verdict(verdict) for verdict in self.verification.verdicts],
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
        found, said = _violations(self.violations), self.verification.feedback
        if (record.status, list(record.violations), record.verifier_feedback) == (self.status, found, said):
            return record
        return replace(record, status=self.status, violations=found, verifier_feedback=said)


def _violations(violations: Sequence[Violation]) -> list[dict[str, Any]]:
    return [broken.to_json() for broken in violations]


def _document_columns(document: Document) -> dict[str, Any]:
    return {
        "media_type": document.media_type,
        "page_count": len(document.pages),
        "pages": [{"page": page.number, "width": page.width, "height": page.height} for page in document.pages],
        "quality": [_quality(page) for page in document.pages],
        "preprocessing": [
            {"page": page.number, "step": step.name, "detail": step.detail}
            for page in document.pages
            for step in page.steps
        ],
    }


def _quality(page: PageImage) -> dict[str, Any]:
    quality = page.quality
    return {
        "page": page.number,
        "sharpness": round(quality.sharpness, 4),
        "contrast": round(quality.contrast, 4),
        "noise": round(quality.noise, 4),
        "skew_degrees": round(quality.skew_degrees, 2),
        "text_height": quality.text_height,
    }


def _reading_columns(reading: DocumentReading) -> dict[str, Any]:
    return {
        "text": reading.text,
        "confidence": reading.confidence,
        "primary_engine": reading.primary_engine,
        "engines_used": list(reading.engines_used),
        "engine_processing_times": _rounded(reading.engine_processing_times),
        "engine_versions": reading.engine_versions,
        "fallback_trace": [
            {"page": d.page, "engine": d.engine, "ran": d.ran, "reason": d.reason, "line": d.line}
            for page in reading.pages
            for d in page.decisions
        ],
        "lines": [_line(page.number, consensus) for page in reading.pages for consensus in page.lines],
        "codes": [code.to_json() for code in codes_of(reading)] or None,
        "field_readings": [_field_reading(found) for page in reading.pages for found in page.fields],
        "runs": [_run(run) for run in reading.runs],
    }


def _field_reading(found: FieldReading) -> dict[str, Any]:
    return {
        "engine": found.engine,
        "name": found.name,
        "text": found.text,
        "page": found.page,
        "confidence": _share(found.confidence),
    }


def _line(page: int, consensus: Consensus) -> dict[str, Any]:
    return {
        "page": page,
        "box": _box(consensus.line.box),
        "text": consensus.line.text,
        "confidence": _share(consensus.line.confidence),
        "words": [[word.text, _box(word.box), _share(word.confidence)] for word in consensus.line.words],
        "readings": {_reading_name(reading): reading.text for reading in consensus.slot.readings},
        "votes": [
            {
                "position": v.position,
                "options": [[text, round(weight, 3), list(names)] for text, weight, names in v.options],
            }
            for v in consensus.votes
        ],
    }


def _reading_name(reading: Reading) -> str:
    """The engine; with how its crop was prepared where it read the line once more."""
    return f"{reading.engine} ({reading.preparation})" if reading.preparation else reading.engine


def _run(run: EngineRun) -> EngineRunRecord:
    return EngineRunRecord(
        page=run.page,
        engine=run.engine,
        version=run.version,
        status=run.status,
        milliseconds=round(run.milliseconds, 3),
        lines=run.lines,
        characters=run.characters,
        confidence=_share(run.confidence),
        error=run.error,
        cached=run.cached,
    )


def _invoice_columns(invoice: Invoice) -> dict[str, Any]:
    return {
        "document_kind": None if invoice.document_kind is None else _kind(invoice.document_kind),
        "language": invoice.language,
        "fields": {name: _field(found) for name, found in sorted(invoice.fields.items())},
        "invoice_lines": [line_json(line) for line in invoice.lines],
        "vat_breakdown": [_vat(vat) for vat in invoice.vat_breakdown],
        "adjustments": [_adjustment(found) for found in invoice.adjustments],
    }


def _vat(vat: VatBreakdown) -> dict[str, Any]:
    amounts = {"rate": vat.rate, "taxable_amount": vat.taxable_amount, "tax_amount": vat.tax_amount}
    code, reason = vat.exemption
    more = {"category": vat.category, "exemption_code": code, "exemption_reason": reason}
    return {**{name: _decimal(value) for name, value in amounts.items()}, **_given(more)}


def _adjustment(found: Adjustment) -> dict[str, Any]:
    more = {"vat_rate": _decimal(found.vat_rate), "vat_category": found.vat_category}
    return {"reason": found.reason, "amount": _decimal(found.amount), "charge": found.charge, **_given(more)}


def _given(values: Mapping[str, str | None]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def line_json(line: InvoiceLine) -> dict[str, Any]:
    """A line as the contract writes it; unit and discount are left out where none is printed."""
    less = {"discount_percentage": line.discount_percentage, "discount_amount": line.discount_amount}
    return {
        "description": line.description,
        "quantity": _decimal(line.quantity),
        **({"unit": line.unit} if line.unit else {}),
        "unit_price": _decimal(line.unit_price),
        **{name: _decimal(value) for name, value in less.items() if value is not None},
        "net_amount": _decimal(line.net_amount),
        "vat_rate": _decimal(line.vat_rate),
        **_given({"vat_category": line.vat_category}),
        "page": line.page,
        "box": _box(line.box),
        "boxes": {name: _box(box) for name, box in line.boxes.items()},
    }


def _kind(kind: DocumentKind) -> dict[str, Any]:
    return {"value": kind.value, "probability": _share(kind.probability), "code": kind.code, "seen": kind.seen}


def _field(found: InvoiceField) -> dict[str, Any]:
    return {
        "value": plain(found.value),
        "text": found.text,
        "confidence": _share(found.confidence),
        "page": found.page,
        "box": _box(found.box),
        "engines": list(found.engines),
        "verified": found.verified,
        "alternatives": [
            {"value": plain(other.value), "text": other.text, "confidence": _share(other.confidence)}
            for other in found.alternatives
        ],
        "witnesses": [{"kind": str(witness.kind), "detail": witness.detail} for witness in found.witnesses],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    question = verdict.question
    return {
        "subject": question.subject,
        "page": question.page,
        "box": _box(question.box),
        "options": [[text, _share(p)] for text, p in zip(question.options, verdict.probabilities, strict=True)],
        "none": _share(verdict.none),
        "milliseconds": round(verdict.milliseconds, 3),
        "prompt_version": verdict.prompt_version,
        "model": verdict.model,
        "stated": verdict.stated,
        "calibrated": verdict.calibrated,
        "note": verdict.note,
    }


def _box(box: BoundingBox) -> list[int]:
    return list(box.as_tuple())


def _decimal(value: Any) -> str | None:
    return None if value is None else f"{value:f}"


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _rounded(milliseconds: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in milliseconds.items()}
