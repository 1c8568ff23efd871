"""What the API answers. Shares lie in 0..1, times are milliseconds, moments UTC; null means unknown, never zero."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["completed", "needs_review", "failed"]


class Model(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ErrorBody(Model):
    type: str = Field(examples=["not_found"])
    message: str = Field(examples=["no job has the id 42; `jobs list` shows the ids"])


class ErrorResponse(Model):
    error: ErrorBody


class Milliseconds(Model):
    mean: float = Field(examples=[812.4])
    p50: float = Field(description="half took at most this long", examples=[790.0])
    p95: float = Field(description="95 of 100 took at most this long", examples=[1410.0])


class Day(Model):
    day: date
    completed: int
    needs_review: int
    failed: int


class Dashboard(Model):
    jobs: int = Field(examples=[1284])
    completed: int
    needs_review: int
    failed: int
    pages: int
    success_rate: float | None = Field(description="share of the jobs that did not fail", examples=[0.99])
    review_share: float | None = Field(description="share of the jobs a person has to look at", examples=[0.12])
    average_confidence: float | None = Field(examples=[0.957])
    verifier_used: int = Field(description="jobs the verifier was asked about")
    verified: int = Field(description="jobs the verifier confirmed")
    verified_share: float | None = Field(description="share of all jobs that the verifier confirmed", examples=[0.81])
    days: list[Day] = Field(description="the newest days with jobs, oldest first")


class EngineUsage(Model):
    engine: str = Field(examples=["tesseract"])
    runs: int = Field(description="pages it was given")
    ok: int
    failed: int
    timed_out: int
    unavailable: int
    cached: int = Field(description="of ok: answered from the cache")
    wins: int = Field(description="jobs whose text is mostly this engine's")
    win_share: float | None = Field(description="wins as a share of the jobs that have a primary engine")
    milliseconds: Milliseconds | None = Field(description="a page, cached and failed runs left out")


class Chain(Model):
    engines: list[str] = Field(examples=[["rapidocr", "tesseract"]])
    name: str = Field(examples=["rapidocr -> tesseract"])
    jobs: int


class EngineUsageReport(Model):
    engines: list[EngineUsage]
    chains: list[Chain] = Field(description="engines that delivered a reading, in the order they ran; most used first")


class JobItem(Model):
    id: str
    status: Status
    source_name: str
    started_at: datetime
    finished_at: datetime
    page_count: int
    customer_id: str | None
    invoice_number: str | None
    language: str | None
    confidence: float | None
    primary_engine: str | None
    engines_used: list[str]
    verifier_used: bool
    verified: bool | None
    error_type: str | None
    erased: bool = Field(description="its personal data was removed on request")


class JobPage(Model):
    items: list[JobItem]
    total: int
    limit: int
    offset: int


class Hit(JobItem):
    snippet: str = Field(description="the recognised text around the first match; empty when it matched elsewhere")


class SearchPage(Model):
    items: list[Hit]
    total: int
    limit: int
    offset: int


class Stage(Model):
    stage: str = Field(examples=["extract"])
    jobs: int
    milliseconds: Milliseconds


class Timings(Model):
    stages: list[Stage] = Field(description="over the newest jobs, slowest stage first")
    jobs: int = Field(description="how many of the newest jobs were looked at")


class Bin(Model):
    low: float
    high: float
    jobs: int


class ConfidenceReport(Model):
    bins: list[Bin] = Field(description="low included, high not, 1.0 in the last")
    unknown: int = Field(description="jobs without a confidence")
    average: float | None


class VerifierModel(Model):
    backend: str | None
    model: str | None
    jobs: int


class Feedback(Model):
    job_id: str
    source_name: str
    started_at: datetime
    verified: bool | None
    confidence: float | None
    feedback: str


class VerifierReport(Model):
    asked: int
    confirmed: int
    doubted: int
    undecided: int
    not_asked: int
    average_confidence: float | None
    models: list[VerifierModel]
    feedback: list[Feedback] = Field(description="the newest words of the verifier")


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


class Audit(Model):
    sequence: int
    hash: str


class JobDetail(Model):
    """The JSON of the document as the command printed it, and the rest of what the log holds about the job."""

    job_id: str
    file: str
    status: Status
    error: ErrorBody | None
    page_count: int
    pages: list[dict[str, Any]]
    language: str | None
    text: str
    confidence: float | None
    primary_engine: str | None
    engines_used: list[str]
    engine_processing_times: dict[str, float]
    fields: dict[str, dict[str, Any]]
    invoice_lines: list[dict[str, Any]]
    vat_breakdown: list[dict[str, Any]]
    violations: list[dict[str, Any]]
    lines: list[dict[str, Any]] = Field(description="with the votes that decided each contested character")
    verification: dict[str, Any]
    timings_ms: dict[str, float]
    audit: Audit
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


class Health(Model):
    status: Literal["ok", "unavailable"]
    detail: str = ""
