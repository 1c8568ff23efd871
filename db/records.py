"""What is stored, as frozen values that refuse nonsense. A SQLModel table class does not validate; these do.

Structured values are plain JSON: dict, list, str, int, finite float, bool, None. Amounts in them are decimal strings,
dates ISO 8601, boxes ``[left, top, right, bottom]`` in pixels of the page image, times in milliseconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from db.canonical import plain_json
from db.checks import check_count, check_milliseconds, check_share, member
from db.errors import InvalidRecordError

Json = Mapping[str, Any]

EVERYONE = "*"
"""The customer of companies and suppliers that hold for all."""
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OF_A_PLACE = frozenset({"page", "box", "text"})


class JobStatus(StrEnum):
    COMPLETED = "completed"
    NEEDS_REVIEW = "needs_review"
    FAILED = "failed"


class EngineRunStatus(StrEnum):
    OK = "ok"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class EngineRunRecord:
    """One engine on one page (from 1). ``confidence`` in 0..1 or None; ``cached`` runs cost the look-up only."""

    page: int
    engine: str
    version: str
    status: str
    milliseconds: float
    lines: int = 0
    characters: int = 0
    confidence: float | None = None
    error: str | None = None
    cached: bool = False

    def __post_init__(self) -> None:
        if not self.engine:
            raise InvalidRecordError("an engine run names its engine")
        member(EngineRunStatus, self.status)
        check_count("page", self.page)
        check_count("lines", self.lines)
        check_count("characters", self.characters)
        check_milliseconds("milliseconds", self.milliseconds)
        check_share("confidence", self.confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """One document, start to end: what was read, by what, and why. One row of ``ocr_jobs`` and its engine runs.

    ``customer_id`` and ``invoice_number`` are what the caller passed. ``fields``, ``invoice_lines``,
    ``vat_breakdown``, ``violations`` and ``pages`` have the form of the JSON contract; ``lines`` too, with each line's
    ``votes`` beside its ``readings``. ``quality`` and ``preprocessing`` hold one object per page,
    ``fallback_trace`` one per decision (``page``, ``engine``, ``ran``, ``reason``, ``line``), ``verdicts`` one per
    question put to the verifier. ``settings_key`` is equal for documents that were read with equal settings,
    ``source_path`` where the file lay, ``expected`` what the caller expected and whether the page agrees,
    ``embedded_invoice`` what a PDF carried as data, ``field_readings`` what engines that read fields said (``engine``,
    ``name``, ``text``, ``page``, ``confidence``), ``adjustments`` charges and allowances of the whole document,
    ``document_kind`` what kind of paper it is (``value``, ``probability``), ``supplier`` who of the master data sent it
    (``id``, ``name``, ``probability``, ``matched_by``), ``not_read`` parts of the file without a
    page (``part``, ``reason``), ``container`` the file that the document came in (``file``, ``part``, and of a mail
    ``sender``, ``subject``, ``received``), ``codes`` the bar codes and matrix codes on the pages (``kind``,
    ``symbology``, ``text``, ``page``, ``box``, ``values``, ``problem``), ``resources`` what reading took
    (``peak_memory_bytes``, ``processor_ms`` by step), ``provenance`` with what it was read (``package``, ``device``,
    ``engines``, ``parts``, ``libraries``, ``settings``), ``keys`` the texts under which a later document finds this
    one, with their values (``db.known``). Raises InvalidRecordError.
    """

    id: str
    status: str
    source_name: str
    started_at: datetime
    finished_at: datetime
    sha256: str | None = None
    media_type: str | None = None
    page_count: int = 0
    customer_id: str | None = None
    invoice_number: str | None = None
    language: str | None = None
    policy: str | None = None
    profile: str | None = None
    device: str | None = None
    confidence: float | None = None
    primary_engine: str | None = None
    engines_used: Sequence[str] = ()
    engine_processing_times: Mapping[str, float] = field(default_factory=dict)
    engine_versions: Mapping[str, str] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    verifier_used: bool = False
    verifier_backend: str | None = None
    verifier_model: str | None = None
    verified: bool | None = None
    verifier_confidence: float | None = None
    verifier_feedback: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    quality: Sequence[Json] = ()
    preprocessing: Sequence[Json] = ()
    pages: Sequence[Json] = ()
    fallback_trace: Sequence[Json] = ()
    violations: Sequence[Json] = ()
    vat_breakdown: Sequence[Json] = ()
    invoice_lines: Sequence[Json] = ()
    fields: Json = field(default_factory=dict)
    verdicts: Sequence[Json] = ()
    text: str = ""
    lines: Sequence[Json] = ()
    settings_key: str | None = None
    source_path: str | None = None
    expected: Json | None = None
    embedded_invoice: Json | None = None
    field_readings: Sequence[Json] = ()
    adjustments: Sequence[Json] = ()
    document_kind: Json | None = None
    not_read: Sequence[Json] = ()
    resources: Json | None = None
    supplier: Json | None = None
    container: Json | None = None
    codes: Sequence[Json] | None = None
    provenance: Json | None = None
    runs: Sequence[EngineRunRecord] = ()
    keys: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise InvalidRecordError(f"a job id is 1 to 64 letters, digits, '-' or '_', got {self.id!r}")
        if self.sha256 is not None and not _SHA256.fullmatch(self.sha256):
            raise InvalidRecordError(f"sha256 is 64 lower-case hexadecimal digits or None, got {self.sha256!r}")
        _check_status(self)
        check_count("page_count", self.page_count)
        check_share("confidence", self.confidence)
        check_share("verifier_confidence", self.verifier_confidence)
        for name in ("started_at", "finished_at"):
            if getattr(self, name).tzinfo is None:
                raise InvalidRecordError(f"{name} has no time zone; give it in UTC")
        for name in ("engine_processing_times", "timings_ms"):
            for key, milliseconds in getattr(self, name).items():
                check_milliseconds(f"{name}.{key}", milliseconds)
        _check_texts(self)
        _check_structures(self)


@dataclass(frozen=True, slots=True)
class AuditPosition:
    """A place in the chain: ``sequence`` counts from 1 (0 for an empty log), ``hash`` is ``sha256:...``."""

    sequence: int
    hash: str


class ReviewStatus(StrEnum):
    APPROVED = "approved"
    """A person has looked; with the corrections the fields are right."""
    REJECTED = "rejected"
    """A person has looked; the document is not to be booked."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person pointed: the page, from 1, the box in pixels of its image (left, top, right, bottom), and the text
    that was read there, "" where no engine read any. Raises InvalidRecordError."""

    page: int
    box: tuple[float, float, float, float]
    text: str = ""

    def __post_init__(self) -> None:
        check_count("page", self.page)
        if len(self.box) != 4 or not all(isinstance(edge, int | float) and math.isfinite(edge) for edge in self.box):
            raise InvalidRecordError(f"a box has four edges in pixels: left, top, right, bottom; got {self.box!r:.80}")
        left, top, right, bottom = self.box
        if self.page < 1 or not (0 <= left < right and 0 <= top < bottom):
            raise InvalidRecordError(
                f"no box lies on page {self.page} at {self.box}; pages count from 1, edges are left, top, right, bottom"
            )

    def to_json(self) -> dict[str, Any]:
        return {"page": self.page, "box": list(self.box), "text": self.text}

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Place:
        left, top, right, bottom = data["box"]
        return cls(data["page"], (left, top, right, bottom), data["text"])


@dataclass(frozen=True, slots=True)
class Review:
    """What a person said about a job. ``number`` counts a job's reviews from 1. ``changes`` maps a field's name to
    ``value`` (None: the document has no such field), ``original`` (None: nothing was read) and, where the person
    pointed at it, the keys of ``Place``. Raises InvalidRecordError."""

    job_id: str
    number: int
    status: str
    reviewed_at: datetime
    reviewer: str | None = None
    note: str | None = None
    changes: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        member(ReviewStatus, self.status)
        check_count("number", self.number)
        for name, change in self.changes.items():
            place = set(change) - {"value", "original"}
            if not {"value", "original"} <= set(change) or not isinstance(change["value"], str | None):
                raise InvalidRecordError(f"a change of {name} holds a value (text or None) and the original reading")
            if place and (place != _OF_A_PLACE or not Place.of_json(change)):
                raise InvalidRecordError(
                    f"a change of {name} holds all of a place or nothing of it: page, box and text"
                )
        plain_json(self.changes, "changes")


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job as it lies in the log. An erased one keeps its statistics and has lost its text, names and values.
    ``reviews`` come in the order they were made."""

    record: JobRecord
    audit: AuditPosition
    recorded_at: datetime
    erased_at: datetime | None = None
    reviews: tuple[Review, ...] = ()

    @property
    def corrections(self) -> dict[str, str | None]:
        """What people said is right, by field name; None for a field that is not there. The last word counts."""
        return {name: change["value"] for review in self.reviews for name, change in review.changes.items()}

    @property
    def places(self) -> dict[str, Place]:
        """Where the values of ``corrections`` are printed, as far as people pointed at them."""
        last = {name: change for review in self.reviews for name, change in review.changes.items()}
        return {name: Place.of_json(change) for name, change in last.items() if "box" in change}


@dataclass(frozen=True, slots=True)
class JobSummary:
    """One line of a list of jobs."""

    id: str
    status: str
    source_name: str
    started_at: datetime
    finished_at: datetime
    page_count: int
    customer_id: str | None
    invoice_number: str | None
    language: str | None
    confidence: float | None
    primary_engine: str | None
    engines_used: tuple[str, ...]
    verifier_used: bool
    verified: bool | None
    error_type: str | None
    erased: bool
    review: str | None = None
    """How the last review ended."""


def utc_now() -> datetime:
    return datetime.now(UTC)


_MAPPINGS = ("engine_processing_times", "engine_versions", "timings_ms", "fields")
_OPTIONAL = ("expected", "embedded_invoice", "document_kind", "resources", "supplier", "container",
             "provenance")  # fmt: skip
_STRINGS = ("engines_used",)
_TEXTS = ("source_name", "media_type", "customer_id", "invoice_number", "language", "policy", "profile", "device",
          "primary_engine", "verifier_backend", "verifier_model", "verifier_feedback", "error_type", "error_message",
          "text", "settings_key", "source_path")  # fmt: skip
_OBJECTS = ("quality", "preprocessing", "pages", "fallback_trace", "violations", "vat_breakdown", "invoice_lines",
            "verdicts", "lines", "field_readings", "adjustments", "not_read", "codes")  # fmt: skip
_LATER = ("codes",)  # lists that are None where nothing is in them: a row without them has the hash it had before


def _check_texts(record: JobRecord) -> None:
    for name in _TEXTS:
        value = getattr(record, name)
        if not isinstance(value, str) and (value is not None or name in ("source_name", "text")):
            raise InvalidRecordError(f"{name} is a text, got a {type(value).__name__}")


def _check_structures(record: JobRecord) -> None:
    for name in (*_MAPPINGS, *(name for name in _OPTIONAL if getattr(record, name) is not None)):
        if not isinstance(getattr(record, name), Mapping):
            raise InvalidRecordError(f"{name} is a mapping, got a {type(getattr(record, name)).__name__}")
    for name, kind in (*((n, str) for n in _STRINGS), *((n, Mapping) for n in _OBJECTS)):
        values = getattr(record, name)
        if values is None and name in _LATER:
            continue
        if not isinstance(values, list | tuple) or not all(isinstance(value, kind) for value in values):
            raise InvalidRecordError(f"{name} is a list of {kind.__name__}")
    for name in (*_MAPPINGS, *_OPTIONAL, *_OBJECTS):
        plain_json(getattr(record, name), name)


def _check_status(record: JobRecord) -> None:
    status = member(JobStatus, record.status)
    if status is JobStatus.FAILED and not record.error_type:
        raise InvalidRecordError("a failed job names its error type")
    if record.verified is not None and not record.verifier_used:
        raise InvalidRecordError("verified is None unless the verifier was used")


RECORD_FIELDS = tuple(f.name for f in fields(JobRecord) if f.name not in ("runs", "keys"))
