"""Figures over many jobs, from the roll-ups alone: what they cost does not grow with the number of jobs.

Every function takes a ``Scope`` (time range, customer, engine). Shares lie in 0..1, times are milliseconds, None is
unknown. Percentiles come from logarithmic buckets and are right within ``db.tally.BUCKET_ERROR``.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine

from db.figure_values import (
    Agreement,
    ChainFigures,
    ConfidenceBand,
    ConfidenceFigures,
    Count,
    EngineFigures,
    EngineUsageFigures,
    ErrorFigures,
    FieldFigures,
    Overview,
    PeriodFigures,
    StageFigures,
    VerifierFigures,
    share,
)
from db.periods import Level
from db.rollups import Scope, series, total
from db.tally import CHAIN, Tally
from db.tally_reading import average, duration, ordered_counts, pairs, ratio, summed

CHAINS = 20


def overview(engine: Engine, scope: Scope) -> Overview:
    """Jobs, success, confidence, review and verification."""
    return _overview(total(engine, scope))


def over_time(engine: Engine, scope: Scope, level: Level = Level.DAY, newest: int | None = 30) -> list[PeriodFigures]:
    """The same per hour, day or month that has jobs, oldest first."""
    return [PeriodFigures(period, _overview(tally)) for period, tally in series(engine, scope, level, newest)]


def engine_usage(engine: Engine, scope: Scope) -> EngineUsageFigures:
    """What ran, how long, who supplied the text, who agrees with whom, and in which chains."""
    tally = total(engine, scope)
    wins, runs = tally.get("wins", {}), pairs(tally, "runs")
    decided = sum(wins.values())
    engines = [
        _engine(name, {status: count for (of, status), count in runs.items() if of == name}, tally, decided)
        for name in sorted({name for name, _ in runs})
    ]
    lines, agreed = pairs(tally, "pair_lines"), pairs(tally, "pair_agreed")
    agreements = [Agreement(first, second, count, agreed.get((first, second), 0))
                  for (first, second), count in sorted(lines.items())]  # fmt: skip
    chains = [
        ChainFigures(count.name, tuple(count.name.split(CHAIN)), count.jobs)
        for count in ordered_counts(tally, "chains")
    ]
    ordered = sorted(engines, key=lambda found: (-found.wins, -found.runs, found.engine))
    return EngineUsageFigures(tuple(ordered), tuple(agreements), tuple(chains[:CHAINS]))


def timings(engine: Engine, scope: Scope) -> tuple[StageFigures, ...]:
    """Milliseconds per stage, slowest first."""
    tally = total(engine, scope)
    stages = [
        StageFigures(name, found)
        for name in tally.get("stage_microseconds", {}) | {name: 0 for name, _ in pairs(tally, "stage_buckets")}
        if (found := duration(tally, "stage", name)) is not None
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
    return ConfidenceFigures(tuple(found), jobs - known, average(tally, "confidence", known))


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
        average_confidence=average(tally, "verifier_confidence", rated),
        models=pairs(tally, "verifier_models"),
        answers=dict(tally.get("verdicts", {})),
    )


def fields(engine: Engine, scope: Scope) -> tuple[FieldFigures, ...]:
    """How often each field is found, how sure, and how often it was right where a person looked."""
    tally = total(engine, scope)
    right, wrong = summed(tally, "field_right"), summed(tally, "field_wrong")
    verified = pairs(tally, "field_verified")
    missed = tally.get("field_missed", {})
    found = tally.get("fields", {})
    return tuple(
        FieldFigures(
            field=name,
            found=found.get(name, 0),
            average_confidence=ratio(tally, "field_millionths", "field_confidences", name),
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
    return ordered_counts(total(engine, scope), "languages")


def errors(engine: Engine, scope: Scope) -> ErrorFigures:
    """What went wrong."""
    tally = total(engine, scope)
    runs = pairs(tally, "runs")
    failures = [(name, status, count) for (name, status), count in runs.items() if status not in ("ok", "cached")]
    ordered = sorted(failures, key=lambda found: (-found[2], found[0], found[1]))
    return ErrorFigures(ordered_counts(tally, "errors"), tuple(ordered), ordered_counts(tally, "rules"))


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
        average_confidence=average(tally, "confidence", sum(tally.get("confidence", {}).values())),
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
        milliseconds=duration(tally, "run", name),
    )
