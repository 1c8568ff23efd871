"""Figures over many jobs that the API answers with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from analytics.models.base import Model
from analytics.models.lists import JobItem


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
