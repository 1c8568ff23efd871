"""One job as the API answers with it, and two of them compared."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from pydantic import SkipValidation as AsStored  # a job of any version is shown; the schema says what this one writes

from analytics.models.base import ErrorBody, Model
from db import document
from db.document import Status


class Run(Model):
    page: int
    engine: str
    version: str
    status: Literal["ok", "failed", "timed_out", "unavailable"]
    milliseconds: float
    lines: int
    characters: int
    confidence: float | None
    error: str | None
    cached: bool


class JobDetail(Model):
    """The JSON of the document as the command printed it, and the rest of what the log holds about the job."""

    schema_version: int = Field(default=1, description="of the JSON of a document")
    job_id: str
    file: str
    status: Status
    error: ErrorBody | None
    page_count: int
    pages: list[AsStored[document.PageSize]]
    language: str | None
    text: str
    confidence: float | None
    primary_engine: str | None
    engines_used: list[str]
    engine_processing_times: dict[str, float]
    fields: dict[str, AsStored[document.FieldValue]]
    invoice_lines: list[AsStored[document.InvoiceLine]]
    vat_breakdown: list[AsStored[document.VatBreakdown]]
    adjustments: list[AsStored[document.Adjustment]] = Field(default=[], description="of the whole document")
    violations: list[AsStored[document.Violation]]
    lines: list[dict[str, Any]] = Field(description="with the votes that decided each contested character")
    verification: AsStored[document.Verification]
    timings_ms: dict[str, float]
    audit: AsStored[document.AuditPosition]
    started_at: datetime
    finished_at: datetime
    recorded_at: datetime
    erased_at: datetime | None
    customer_id: str | None
    invoice_number: str | None
    sha256: str | None
    media_type: str | None
    policy: str | None
    profile: str | None
    device: str | None
    engine_versions: dict[str, str]
    engine_runs: list[Run]
    fallback_trace: list[dict[str, Any]]
    verdicts: list[dict[str, Any]]
    quality: list[dict[str, Any]]
    preprocessing: list[dict[str, Any]]
    review: AsStored[document.Review] | None = Field(
        default=None, description="how the last review ended, and who looked; null before the first one"
    )
    corrections: dict[str, AsStored[document.Correction]] = Field(
        default={}, description="what a person put beside the readings"
    )
    expected: dict[str, AsStored[document.Expectation]] | None = Field(
        default=None, description="what the caller expected, and whether it is so"
    )
    embedded_invoice: dict[str, Any] | None = Field(default=None, description="what a PDF carried as data")
    field_readings: list[AsStored[document.FieldReading]] = Field(
        default=[], description="what engines that read fields said"
    )
    document_kind: AsStored[document.DocumentKind] | None = Field(
        default=None, description="what kind of paper it is, and how sure"
    )
    supplier: AsStored[document.Supplier] | None = Field(
        default=None, description="who of the suppliers sent it, and how sure"
    )
    container: AsStored[document.Container] | None = Field(
        default=None, description="the file that the document came in"
    )
    codes: list[AsStored[document.Code]] | None = Field(
        default=None, description="codes on the pages and what they say"
    )
    not_read: list[AsStored[document.NotRead]] = Field(
        default=[], description="the receipt of what was not read, and why"
    )
    resources: AsStored[document.Resources] | None = Field(
        default=None, description="what reading took; null in older jobs"
    )
    provenance: AsStored[document.Provenance] | None = Field(
        default=None, description="versions, device and settings of the reading; null in older jobs"
    )


class Difference(Model):
    """One thing that two jobs have otherwise; null where one has none."""

    name: str = Field(examples=["total_with_vat"])
    first: str | None = Field(examples=["13162.50"])
    second: str | None = Field(examples=["13162.60"])


class LineDifference(Model):
    number: int | None = Field(description="of the first job's lines, from 1; null where it has none", examples=[8])
    first: str | None = Field(examples=["Frakt 1 st 345,00"])
    other_number: int | None = Field(description="the same of the second job", examples=[8])
    second: str | None = Field(examples=["Frakt 1 st 345,OO"])


class JobComparison(Model):
    """Two jobs, most often two runs of one document; what is equal is left out."""

    first: str = Field(examples=["019aa1f0c2d47f3e8b5d"])
    second: str = Field(examples=["019aa1f0c2d47f3e8c11"])
    same_file: bool = Field(description="whether both read the same bytes")
    how: list[Difference] = Field(description="settings, engines, versions and endings")
    fields: list[Difference] = Field(description="values as read, before any correction")
    lines: list[LineDifference]
    equal_lines: int = Field(examples=[31])
