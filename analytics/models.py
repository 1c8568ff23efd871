"""What the API answers. Shares lie in 0..1, times are milliseconds, moments UTC; null means unknown, never zero."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic import SkipValidation as AsStored  # a job of any version is shown; the schema says what this one writes

from db import document
from db.document import Status


class Model(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ErrorBody(Model):
    type: str = Field(examples=["not_found"])
    message: str = Field(examples=["no job has the id 42; `jobs list` shows the ids"])


class ErrorResponse(Model):
    error: ErrorBody


class Milliseconds(Model):
    count: int = Field(description="how many were measured", examples=[1284])
    mean: float = Field(examples=[812.4])
    p50: float = Field(description="half took at most this long, within 2.5 %", examples=[790.0])
    p95: float = Field(description="95 of 100 took at most this long, within 2.5 %", examples=[1410.0])


class Day(Model):
    day: date = Field(examples=["2026-11-20"])
    completed: int = Field(examples=[118])
    needs_review: int = Field(examples=[14])
    failed: int = Field(examples=[1])


class Dashboard(Model):
    jobs: int = Field(examples=[1284])
    completed: int = Field(examples=[1119])
    needs_review: int = Field(examples=[152])
    failed: int = Field(examples=[13])
    queue: int = Field(description="jobs that need a review and have none", examples=[31])
    approved: int = Field(description="jobs that a person approved", examples=[117])
    rejected: int = Field(description="jobs that a person rejected", examples=[4])
    pages: int = Field(examples=[1530])
    success_rate: float | None = Field(description="share of the jobs that did not fail", examples=[0.99])
    review_share: float | None = Field(description="share of the jobs a person has to look at", examples=[0.12])
    average_confidence: float | None = Field(examples=[0.957])
    verifier_used: int = Field(description="jobs the verifier was asked about", examples=[1210])
    verified: int = Field(description="jobs the verifier confirmed", examples=[1040])
    verified_share: float | None = Field(description="share of all jobs that the verifier confirmed", examples=[0.81])
    days: list[Day] = Field(description="the newest days with jobs, oldest first")


class EngineUsage(Model):
    engine: str = Field(examples=["tesseract"])
    runs: int = Field(description="pages it was given", examples=[1530])
    ok: int = Field(examples=[1522])
    failed: int = Field(examples=[3])
    timed_out: int = Field(examples=[1])
    unavailable: int = Field(examples=[4])
    cached: int = Field(description="of ok: answered from the cache", examples=[12])
    wins: int = Field(description="jobs whose text is mostly this engine's", examples=[402])
    win_share: float | None = Field(description="as a share of the jobs with a primary engine", examples=[0.31])
    milliseconds: Milliseconds | None = Field(description="a page, cached and failed runs left out")


class Agreement(Model):
    first: str = Field(examples=["rapidocr"])
    second: str = Field(examples=["tesseract"])
    lines: int = Field(description="lines that both read", examples=[20400])
    agreed: int = Field(description="of these with the same text, spaces aside", examples=[17850])
    share: float | None = Field(examples=[0.875])


class Chain(Model):
    engines: list[str] = Field(examples=[["rapidocr", "tesseract", "trocr"]])
    name: str = Field(examples=["rapidocr -> tesseract -> trocr"])
    jobs: int = Field(examples=[318])


class EngineUsageReport(Model):
    engines: list[EngineUsage]
    agreements: list[Agreement] = Field(description="every two engines that read the same lines")
    chains: list[Chain] = Field(description="engines that delivered a reading, in the order they ran; most used first")


class JobItem(Model):
    id: str = Field(examples=["019aa1f0c2d47f3e8b5d"])
    status: Status
    source_name: str = Field(examples=["faktura-1187.pdf"])
    started_at: datetime
    finished_at: datetime
    page_count: int = Field(examples=[1])
    customer_id: str | None = Field(examples=["customer-123"])
    invoice_number: str | None = Field(description="as the caller passed it", examples=["2026-1187"])
    language: str | None = Field(examples=["sv"])
    confidence: float | None = Field(examples=[0.943])
    primary_engine: str | None = Field(examples=["rapidocr"])
    engines_used: list[str] = Field(examples=[["rapidocr", "tesseract"]])
    verifier_used: bool
    verified: bool | None
    error_type: str | None = Field(examples=["DamagedDocumentError"])
    erased: bool = Field(description="its personal data was removed on request")
    review: str | None = Field(default=None, description="how the last review ended", examples=["approved"])


class JobPage(Model):
    items: list[JobItem]
    total: int = Field(examples=[1284])
    limit: int = Field(examples=[50])
    offset: int = Field(examples=[0])


class QueueItem(Model):
    """A job that waits for a person, with whose invoice it is and why it stopped."""

    job: JobItem
    seller: str | None
    amount: str | None
    currency: str | None
    reasons: list[str]


class QueuePage(Model):
    items: list[QueueItem]
    total: int
    limit: int
    offset: int


class Hit(Model):
    """A page that has all that was asked for."""

    job_id: str = Field(examples=["019aa1f0c2d47f3e8b5d"])
    source_name: str = Field(examples=["faktura-1187.pdf"])
    started_at: datetime
    status: Status
    customer_id: str | None = Field(examples=["customer-123"])
    page: int = Field(description="0 for a document without pages", examples=[1])
    box: list[float] | None = Field(
        description="the best line's place on the page image", examples=[[90, 80, 560, 130]]
    )
    snippet: str = Field(
        description="the text around the match, matched words in [ ]", examples=["[Bankgiro] 5402-9681"]
    )


class SearchPage(Model):
    items: list[Hit] = Field(description="newest first")
    more: bool = Field(description="whether there are further ones")
    limit: int = Field(examples=[50])
    offset: int = Field(examples=[0])


class Stage(Model):
    stage: str = Field(examples=["extract"])
    milliseconds: Milliseconds


class Timings(Model):
    stages: list[Stage] = Field(description="slowest stage first")


class Bin(Model):
    low: float = Field(examples=[0.9])
    high: float = Field(examples=[0.95])
    jobs: int = Field(examples=[211])


class ReliabilityBin(Model):
    low: float = Field(examples=[0.9])
    high: float = Field(examples=[0.95])
    readings: int = Field(description="fields of approved documents", examples=[640])
    right: int = Field(description="of these right, as a person saw them", examples=[602])
    accuracy: float = Field(examples=[0.941])
    confidence: float = Field(description="on average", examples=[0.929])


class ConfidenceReport(Model):
    bins: list[Bin] = Field(description="low included, high not, 1.0 in the last")
    unknown: int = Field(description="jobs without a confidence", examples=[13])
    average: float | None = Field(examples=[0.957])
    reliability: list[ReliabilityBin] = Field(description="against reviewed documents; bands with readings only")
    calibration_error: float | None = Field(description="expected calibration error of the same", examples=[0.021])


class RiskPoint(Model):
    threshold: float = Field(description="least confidence of the key fields to book unseen", examples=[0.985])
    documents: int = Field(description="reviewed documents at or above it", examples=[410])
    coverage: float = Field(description="as a share of all reviewed documents", examples=[0.78])
    risk: float = Field(description="share of them with a wrong key field", examples=[0.0098])
    risk_at_most: float = Field(description="upper end of the risk's one-sided 95 % interval", examples=[0.0211])


class RiskCoverage(Model):
    """How much could be booked without looking, measured on the documents that a person approved."""

    documents: int = Field(description="approved documents with a key field of known confidence", examples=[526])
    risk: float = Field(description="the risk that was asked for", examples=[0.01])
    bookable: RiskPoint | None = Field(description="the most that can be booked at that risk, as measured")
    bookable_surely: RiskPoint | None = Field(description="the same where risk_at_most stays below the risk")
    points: list[RiskPoint] = Field(description="by falling threshold")


class VerifierModel(Model):
    backend: str | None = Field(examples=["transformers"])
    model: str | None = Field(examples=["compact"])
    jobs: int = Field(examples=[1210])


class Answers(Model):
    confirmed: int = Field(description="questions where the first reading stood", examples=[9300])
    overturned: int = Field(description="where another reading was preferred", examples=[212])
    none: int = Field(description="where no reading was found in the picture", examples=[41])


class Overturned(Model):
    job_id: str
    source_name: str
    started_at: datetime
    subject: str = Field(description="a field's name, or line", examples=["amount_due"])
    read: str = Field(examples=["13 162,5O"])
    preferred: str | None = Field(description="null: none of the readings", examples=["13 162,50"])
    probability: float = Field(examples=[0.94])


class Feedback(Model):
    job_id: str
    source_name: str
    started_at: datetime
    verified: bool | None
    confidence: float | None = Field(examples=[0.92])
    feedback: str = Field(examples=["All nine fields match the picture."])


class VerifierReport(Model):
    asked: int = Field(examples=[1210])
    confirmed: int = Field(examples=[1040])
    doubted: int = Field(examples=[150])
    undecided: int = Field(examples=[20])
    not_asked: int = Field(examples=[74])
    average_confidence: float | None = Field(examples=[0.92])
    models: list[VerifierModel]
    answers: Answers
    overturned: list[Overturned] = Field(description="the newest, among the last 200 jobs")
    feedback: list[Feedback] = Field(description="the newest words, among the last 200 jobs")


class FieldUsage(Model):
    field: str = Field(examples=["amount_due"])
    found: int = Field(description="jobs where it was found", examples=[1201])
    average_confidence: float | None = Field(examples=[0.981])
    confirmed: int = Field(description="by the verifier", examples=[980])
    doubted: int = Field(description="by the verifier", examples=[14])
    reviewed: int = Field(description="readings that a person judged", examples=[117])
    right: int = Field(description="of these right", examples=[115])
    missed: int = Field(description="values that a person added", examples=[3])
    accuracy: float | None = Field(default=None, description="right of reviewed", examples=[0.983])


class FieldReport(Model):
    fields: list[FieldUsage]


class Count(Model):
    name: str = Field(examples=["sv"])
    jobs: int = Field(examples=[804])


class LanguageReport(Model):
    languages: list[Count] = Field(description="most frequent first; an empty name for an unknown language")


class EngineFailures(Model):
    engine: str = Field(examples=["trocr"])
    status: Literal["failed", "timed_out", "unavailable"]
    pages: int = Field(examples=[4])


class ErrorReport(Model):
    errors: list[Count] = Field(
        description="jobs by error type", examples=[[{"name": "DamagedDocumentError", "jobs": 9}]]
    )
    engine_failures: list[EngineFailures]
    rules: list[Count] = Field(description="broken rules", examples=[[{"name": "BR-CO-15", "jobs": 22}]])
    newest: list[JobItem] = Field(description="the newest jobs that failed")


class UploadItem(Model):
    job_id: str
    name: str = Field(examples=["faktura-1187.pdf"])
    state: Literal["received", "running", "done", "failed"]
    received_at: datetime


class BatchItem(Model):
    id: str
    label: str = Field(examples=["inbox/2026-11"])
    started_at: datetime
    total: int = Field(examples=[2000])
    done: int = Field(examples=[731])
    failed: int = Field(examples=[2])


class Progress(Model):
    uploads: list[UploadItem] = Field(description="waiting or being read, oldest first")
    batches: list[BatchItem] = Field(description="running, newest first")


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


class Health(Model):
    status: Literal["ok", "unavailable"]
    detail: str = ""
