"""The columns of the audit log that a document, its reading and its invoice fill, in the form of the JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from db.records import EngineRunRecord
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
from ocr_ensemble.document.page import Document, PageImage
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import Consensus, DocumentReading, EngineRun, FieldReading, Reading
from verifier.verdict import Verdict


def violations_json(violations: Sequence[Violation]) -> list[dict[str, Any]]:
    return [broken.to_json() for broken in violations]


def document_columns(document: Document) -> dict[str, Any]:
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


def reading_columns(reading: DocumentReading) -> dict[str, Any]:
    return {
        "text": reading.text,
        "confidence": reading.confidence,
        "primary_engine": reading.primary_engine,
        "engines_used": list(reading.engines_used),
        "engine_processing_times": rounded(reading.engine_processing_times),
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


def invoice_columns(invoice: Invoice) -> dict[str, Any]:
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


def verdict_json(verdict: Verdict) -> dict[str, Any]:
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


def rounded(milliseconds: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in milliseconds.items()}
