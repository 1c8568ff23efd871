"""The figures of the dashboard as values. Shares lie in 0..1, times are milliseconds, None is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Duration:
    """``count`` durations; mean exact, percentiles by nearest rank of their buckets."""

    count: int
    mean: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Overview:
    """``waiting`` are the jobs that need a review and have none; ``approved`` and ``rejected`` those that had one."""

    jobs: int
    completed: int
    needs_review: int
    failed: int
    waiting: int
    approved: int
    rejected: int
    pages: int
    average_confidence: float | None
    verifier_used: int
    verified: int

    @property
    def success_rate(self) -> float | None:
        return share(self.jobs - self.failed, self.jobs)

    @property
    def review_share(self) -> float | None:
        return share(self.needs_review, self.jobs)

    @property
    def verified_share(self) -> float | None:
        return share(self.verified, self.jobs)


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """One hour, day or month (``2026-11-20T08``, ``2026-11-20``, ``2026-11``)."""

    period: str
    overview: Overview


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """``runs`` counts pages; ``wins`` the jobs whose text is mostly this engine's; ``milliseconds`` a page, cached and
    failed runs left out."""

    engine: str
    runs: int
    ok: int
    failed: int
    timed_out: int
    unavailable: int
    cached: int
    wins: int
    win_share: float | None
    milliseconds: Duration | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two engines over the lines that both read; spaces do not count."""

    first: str
    second: str
    lines: int
    agreed: int

    @property
    def share(self) -> float | None:
        return share(self.agreed, self.lines)


@dataclass(frozen=True, slots=True)
class ChainFigures:
    """Engines that delivered a reading, in the order they ran: ``rapidocr -> tesseract``."""

    name: str
    engines: tuple[str, ...]
    jobs: int


@dataclass(frozen=True, slots=True)
class EngineUsageFigures:
    engines: tuple[EngineFigures, ...]
    agreements: tuple[Agreement, ...]
    chains: tuple[ChainFigures, ...]


@dataclass(frozen=True, slots=True)
class StageFigures:
    stage: str
    milliseconds: Duration


@dataclass(frozen=True, slots=True)
class ConfidenceBand:
    """``low`` is included, ``high`` is not; 1.0 is in the last band."""

    low: float
    high: float
    jobs: int


@dataclass(frozen=True, slots=True)
class ConfidenceFigures:
    bands: tuple[ConfidenceBand, ...]
    unknown: int
    average: float | None


@dataclass(frozen=True, slots=True)
class VerifierFigures:
    """Jobs by how the verifier saw them; ``answers`` counts its questions: confirmed, overturned, none."""

    asked: int
    confirmed: int
    doubted: int
    undecided: int
    not_asked: int
    average_confidence: float | None
    models: Mapping[tuple[str, str], int]
    answers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """``reviewed`` counts readings that a person judged, ``right`` those that were right, ``missed`` those that the
    person added."""

    field: str
    found: int
    average_confidence: float | None
    confirmed: int
    doubted: int
    reviewed: int
    right: int
    missed: int


@dataclass(frozen=True, slots=True)
class Count:
    name: str
    jobs: int


@dataclass(frozen=True, slots=True)
class ErrorFigures:
    """Jobs by error type, pages by engine and status, violations by rule; most frequent first."""

    errors: tuple[Count, ...]
    engine_failures: tuple[tuple[str, str, int], ...]
    rules: tuple[Count, ...]


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
