"""Figures over many jobs, from the roll-ups alone: what they cost does not grow with the number of jobs.

Every function takes a ``Scope`` (time range, customer, engine). Shares lie in 0..1, times are milliseconds, None is
unknown. Percentiles come from logarithmic buckets and are right within ``db.tally.BUCKET_ERROR``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from db.periods import Level
from db.rollups import Scope, series, total
from db.tally import CHAIN, MILLION, Tally, bucket_milliseconds

CHAINS = 20


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


def overview(engine: Engine, scope: Scope) -> Overview:
    """Jobs, success, confidence, review and verification."""
    return _overview(total(engine, scope))


def over_time(engine: Engine, scope: Scope, level: Level = Level.DAY, newest: int | None = 30) -> list[PeriodFigures]:
    """The same per hour, day or month that has jobs, oldest first."""
    return [PeriodFigures(period, _overview(tally)) for period, tally in series(engine, scope, level, newest)]


def engine_usage(engine: Engine, scope: Scope) -> EngineUsageFigures:
    """What ran, how long, who supplied the text, who agrees with whom, and in which chains."""
    tally = total(engine, scope)
    wins, runs = tally.get("wins", {}), _pairs(tally, "runs")
    decided = sum(wins.values())
    engines = [
        _engine(name, {status: count for (of, status), count in runs.items() if of == name}, tally, decided)
        for name in sorted({name for name, _ in runs})
    ]
    lines, agreed = _pairs(tally, "pair_lines"), _pairs(tally, "pair_agreed")
    agreements = [Agreement(first, second, count, agreed.get((first, second), 0))
                  for (first, second), count in sorted(lines.items())]  # fmt: skip
    chains = [
        ChainFigures(count.name, tuple(count.name.split(CHAIN)), count.jobs) for count in _counts(tally, "chains")
    ]
    ordered = sorted(engines, key=lambda found: (-found.wins, -found.runs, found.engine))
    return EngineUsageFigures(tuple(ordered), tuple(agreements), tuple(chains[:CHAINS]))


def timings(engine: Engine, scope: Scope) -> tuple[StageFigures, ...]:
    """Milliseconds per stage, slowest first."""
    tally = total(engine, scope)
    stages = [
        StageFigures(name, found)
        for name in tally.get("stage_microseconds", {}) | {name: 0 for name, _ in _pairs(tally, "stage_buckets")}
        if (found := _duration(tally, "stage", name)) is not None
    ]
    return tuple(sorted(stages, key=lambda stage: (-stage.milliseconds.mean, stage.stage)))


def confidence(engine: Engine, scope: Scope, bands: int = 20) -> ConfidenceFigures:
    """How sure the jobs are. ``bands`` of equal width over 0..1 divides 100; raises ValueError otherwise."""
    if bands < 1 or 100 % bands:
        raise ValueError(
            f"100 hundredths cannot be shared out to {bands} equal bands; ask for 1, 2, 4, 5, 10, 20, 50, 100"
        )
    tally = total(engine, scope)
    counts = [0] * bands
    for hundredth, jobs in tally.get("confidence", {}).items():
        counts[int(hundredth) * bands // 100] += jobs
    known, jobs = sum(counts), sum(tally.get("jobs", {}).values())
    found = [ConfidenceBand(n / bands, (n + 1) / bands, count) for n, count in enumerate(counts)]
    return ConfidenceFigures(tuple(found), jobs - known, _average(tally, "confidence", known))


def verifier(engine: Engine, scope: Scope) -> VerifierFigures:
    """What the verifier confirmed and what it doubted."""
    tally = total(engine, scope)
    found = {
        name: tally.get("verifier", {}).get(name, 0) for name in ("confirmed", "doubted", "undecided", "not_asked")
    }
    rated = tally.get("sums", {}).get("verifier_confidences", 0)
    return VerifierFigures(
        asked=sum(found.values()) - found["not_asked"],
        **found,
        average_confidence=_average(tally, "verifier_confidence", rated),
        models=_pairs(tally, "verifier_models"),
        answers=dict(tally.get("verdicts", {})),
    )


def fields(engine: Engine, scope: Scope) -> tuple[FieldFigures, ...]:
    """How often each field is found, how sure, and how often it was right where a person looked."""
    tally = total(engine, scope)
    right, wrong = _summed(tally, "field_right"), _summed(tally, "field_wrong")
    verified = _pairs(tally, "field_verified")
    missed = tally.get("field_missed", {})
    found = tally.get("fields", {})
    return tuple(
        FieldFigures(
            field=name,
            found=found.get(name, 0),
            average_confidence=_ratio(tally, "field_millionths", "field_confidences", name),
            confirmed=verified.get((name, "confirmed"), 0),
            doubted=verified.get((name, "doubted"), 0),
            reviewed=right.get(name, 0) + wrong.get(name, 0),
            right=right.get(name, 0),
            missed=missed.get(name, 0),
        )
        for name in sorted({*found, *missed})
    )


def languages(engine: Engine, scope: Scope) -> tuple[Count, ...]:
    """Jobs per language, an empty name for an unknown one."""
    return _counts(total(engine, scope), "languages")


def errors(engine: Engine, scope: Scope) -> ErrorFigures:
    """What went wrong."""
    tally = total(engine, scope)
    runs = _pairs(tally, "runs")
    failures = [(name, status, count) for (name, status), count in runs.items() if status not in ("ok", "cached")]
    ordered = sorted(failures, key=lambda found: (-found[2], found[0], found[1]))
    return ErrorFigures(_counts(tally, "errors"), tuple(ordered), _counts(tally, "rules"))


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _overview(tally: Tally) -> Overview:
    jobs, sums, reviews = (tally.get(name, {}) for name in ("jobs", "sums", "reviews"))
    verifier = tally.get("verifier", {})
    return Overview(
        jobs=sum(jobs.values()),
        completed=jobs.get("completed", 0),
        needs_review=jobs.get("needs_review", 0),
        failed=jobs.get("failed", 0),
        waiting=tally.get("queue", {}).get("waiting", 0),
        approved=reviews.get("approved", 0),
        rejected=reviews.get("rejected", 0),
        pages=sums.get("pages", 0),
        average_confidence=_average(tally, "confidence", sum(tally.get("confidence", {}).values())),
        verifier_used=sum(verifier.values()) - verifier.get("not_asked", 0),
        verified=verifier.get("confirmed", 0),
    )


def _engine(name: str, runs: Mapping[str, int], tally: Tally, decided: int) -> EngineFigures:
    wins = tally.get("wins", {}).get(name, 0)
    statuses = {status: runs.get(status, 0) for status in ("ok", "failed", "timed_out", "unavailable")}
    return EngineFigures(
        engine=name,
        runs=sum(statuses.values()),
        **statuses,
        cached=runs.get("cached", 0),
        wins=wins,
        win_share=share(wins, decided),
        milliseconds=_duration(tally, "run", name),
    )


def _duration(tally: Tally, measure: str, name: str) -> Duration | None:
    buckets = {int(number): count for (of, number), count in _pairs(tally, f"{measure}_buckets").items() if of == name}
    count = sum(buckets.values())
    if not count:
        return None
    mean = tally.get(f"{measure}_microseconds", {}).get(name, 0) / 1000 / count
    return Duration(count, mean, percentile(buckets, 50), percentile(buckets, 95))


def percentile(buckets: Mapping[int, int], percent: int) -> float:
    """The duration that at least ``percent`` of 100 do not exceed; ``buckets`` holds at least one."""
    wanted = max(1, -(-sum(buckets.values()) * percent // 100))
    for number in sorted(buckets):
        wanted -= buckets[number]
        if wanted <= 0:
            return bucket_milliseconds(number)
    raise AssertionError("unreachable: the counts add up to the whole")


def _counts(tally: Tally, measure: str) -> tuple[Count, ...]:
    found = tally.get(measure, {}).items()
    return tuple(Count(name, jobs) for name, jobs in sorted(found, key=lambda item: (-item[1], item[0])))


def _pairs(tally: Tally, measure: str) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for key, number in tally.get(measure, {}).items():
        first, _, second = key.rpartition("\t")
        found[first, second] = number
    return found


def _summed(tally: Tally, measure: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for (name, _), number in _pairs(tally, measure).items():
        sums[name] = sums.get(name, 0) + number
    return sums


def _average(tally: Tally, name: str, count: int) -> float | None:
    return tally.get("sums", {}).get(name, 0) / MILLION / count if count else None


def _ratio(tally: Tally, part: str, whole: str, name: str) -> float | None:
    count = tally.get(whole, {}).get(name, 0)
    return tally.get(part, {}).get(name, 0) / MILLION / count if count else None
