"""What reviewed documents teach: how right a confidence is, and how much can be booked unseen at which risk."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from analytics.models.figures import ReliabilityBin, RiskCoverage, RiskPoint
from db.tally import Tally

BANDS = 20
ACCEPTED = 0.01
"""The share of wrongly booked documents that the pages speak of."""
_Z = 1.6449
"""The normal quantile of a one-sided 95 % interval."""


def reliability(tally: Tally, bands: int = BANDS) -> list[ReliabilityBin]:
    """Per band of confidence how many judged readings were right; bands without readings are left out."""
    found: dict[int, list[float]] = {}
    for measure in ("field_right", "field_wrong"):
        for key, count in tally.get(measure, {}).items():
            thousandth = key.rpartition("\t")[2]
            if thousandth:
                sums = found.setdefault(int(thousandth) * bands // 1000, [0, 0, 0.0])
                sums[0] += count
                sums[1] += count if measure == "field_right" else 0
                sums[2] += count * _middle(int(thousandth))
    return [
        ReliabilityBin(
            low=band / bands,
            high=(band + 1) / bands,
            readings=int(readings),
            right=int(right),
            accuracy=right / readings,
            confidence=confidence / readings,
        )
        for band, (readings, right, confidence) in sorted(found.items())
    ]


def calibration_error(bands: Sequence[ReliabilityBin]) -> float | None:
    """The mean distance between confidence and accuracy, weighted by readings (ECE); None without readings."""
    readings = sum(band.readings for band in bands)
    if not readings:
        return None
    return sum(band.readings * abs(band.confidence - band.accuracy) for band in bands) / readings


def risk_coverage(tally: Tally, risk: float) -> RiskCoverage:
    """Documents ordered by the least confidence among their key fields. ``risk`` in 0..1 is the accepted share of
    booked documents with a wrong one."""
    points = risk_points(tally.get("document_right", {}), tally.get("document_wrong", {}))
    return RiskCoverage(
        documents=points[-1].documents if points else 0,
        risk=risk,
        bookable=_last([point for point in points if point.risk <= risk]),
        bookable_surely=_last([point for point in points if point.risk_at_most <= risk]),
        points=points,
    )


def risk_points(right: Mapping[str, int], wrong: Mapping[str, int]) -> list[RiskPoint]:
    """One point per confidence that occurs, by falling threshold; keys are thousandths."""
    thresholds = sorted((int(key) for key in right.keys() | wrong.keys() if key), reverse=True)
    documents = sum(right.get(str(key), 0) + wrong.get(str(key), 0) for key in thresholds)
    points, booked, errors = [], 0, 0
    for key in thresholds:
        errors += wrong.get(str(key), 0)
        booked += right.get(str(key), 0) + wrong.get(str(key), 0)
        points.append(
            RiskPoint(
                threshold=key / 1000,
                documents=booked,
                coverage=booked / documents,
                risk=errors / booked,
                risk_at_most=upper_bound(errors, booked),
            )
        )
    return points


def upper_bound(errors: int, count: int) -> float:
    """The upper end of the Wilson score interval for a share (one-sided, 95 %)."""
    share, square = errors / count, _Z * _Z / count
    spread = _Z * math.sqrt(share * (1 - share) / count + square / (4 * count))
    return min(1.0, (share + square / 2 + spread) / (1 + square))


def _middle(thousandth: int) -> float:
    return (thousandth + 0.5) / 1000


def _last(points: Sequence[RiskPoint]) -> RiskPoint | None:
    return points[-1] if points else None
