"""Lists that the API answers with: jobs, what waits for a person, hits of a search, what is under way."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from analytics.models.base import Model
from db.document import Status


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
