"""How far confidences can be trusted, from the documents that people reviewed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from db.rollups import Scope, total
from db.tally import Tally


@dataclass(frozen=True, slots=True)
class ReliabilityBand:
    """Reviewed fields whose confidence lies from ``low`` to below ``high``: how sure they were, how many were right."""

    low: float
    high: float
    fields: int
    average_confidence: float
    right_share: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """``error`` is the expected calibration error over the bands; None without reviewed fields."""

    bands: tuple[ReliabilityBand, ...]
    fields: int
    error: float | None


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """Of ``documents`` reviewed ones the share ``coverage`` is at least ``confidence`` sure, and of those the share
    ``risk`` had a wrong key field."""

    confidence: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The curve from the surest documents to all; a document is as sure as its least sure key field."""

    documents: int
    points: tuple[RiskPoint, ...]

    def at_risk(self, most: float) -> RiskPoint | None:
        """The point with the greatest coverage whose risk is at most ``most``: "at 1 % risk you can book X %"."""
        allowed = [point for point in self.points if point.risk <= most]
        return max(allowed, key=lambda point: point.coverage, default=None)


def reliability(engine: Engine, scope: Scope, bands: int = 10) -> Reliability:
    """Stated confidence against how often it was right; bands without fields are left out."""
    right, wrong = _by_thousandth(total(engine, scope), "field")
    counts: dict[int, list[float]] = {}
    for thousandth in {*right, *wrong}:
        good, bad = right.get(thousandth, 0), wrong.get(thousandth, 0)
        sums = counts.setdefault(thousandth * bands // 1000, [0, 0, 0.0])
        sums[0] += good + bad
        sums[1] += good
        sums[2] += (good + bad) * (thousandth + 0.5) / 1000
    found = [
        ReliabilityBand(band / bands, (band + 1) / bands, int(fields), stated / fields, good / fields)
        for band, (fields, good, stated) in sorted(counts.items())
    ]
    fields = sum(band.fields for band in found)
    gaps = sum(band.fields * abs(band.average_confidence - band.right_share) for band in found)
    return Reliability(tuple(found), fields, gaps / fields if fields else None)


def risk_coverage(engine: Engine, scope: Scope) -> RiskCoverage:
    """How much may be booked unseen at which risk."""
    right, wrong = _by_thousandth(total(engine, scope), "document")
    documents = sum(right.values()) + sum(wrong.values())
    points: list[RiskPoint] = []
    kept = bad = 0
    for thousandth in sorted({*right, *wrong}, reverse=True):
        kept += right.get(thousandth, 0) + wrong.get(thousandth, 0)
        bad += wrong.get(thousandth, 0)
        points.append(RiskPoint(thousandth / 1000, kept / documents, bad / kept))
    return RiskCoverage(documents, tuple(points))


def _by_thousandth(tally: Tally, subject: str) -> tuple[dict[int, int], dict[int, int]]:
    """Right and wrong ones by thousandth of confidence; those of unknown confidence are left out."""
    found: list[dict[int, int]] = []
    for judged in ("right", "wrong"):
        sums: dict[int, int] = {}
        for key, number in tally.get(f"{subject}_{judged}", {}).items():
            thousandth = key.rpartition("\t")[2]
            if thousandth:
                sums[int(thousandth)] = sums.get(int(thousandth), 0) + number
        found.append(sums)
    return found[0], found[1]
