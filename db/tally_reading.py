"""What a tally says: its counts by name, its averages, and durations from its logarithmic buckets."""

from __future__ import annotations

from collections.abc import Mapping

from db.figure_values import Count, Duration
from db.tally import MILLION, Tally, bucket_milliseconds


def duration(tally: Tally, measure: str, name: str) -> Duration | None:
    """How long a measure of this name took; None where none was counted."""
    buckets = {int(number): count for (of, number), count in pairs(tally, f"{measure}_buckets").items() if of == name}
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


def ordered_counts(tally: Tally, measure: str) -> tuple[Count, ...]:
    """The counts of a measure, most frequent first."""
    found = tally.get(measure, {}).items()
    return tuple(Count(name, jobs) for name, jobs in sorted(found, key=lambda item: (-item[1], item[0])))


def pairs(tally: Tally, measure: str) -> dict[tuple[str, str], int]:
    """The counts of a measure whose keys are two names."""
    found: dict[tuple[str, str], int] = {}
    for key, number in tally.get(measure, {}).items():
        first, _, second = key.rpartition("\t")
        found[first, second] = number
    return found


def summed(tally: Tally, measure: str) -> dict[str, int]:
    """The same by the first name alone."""
    sums: dict[str, int] = {}
    for (name, _), number in pairs(tally, measure).items():
        sums[name] = sums.get(name, 0) + number
    return sums


def average(tally: Tally, name: str, count: int) -> float | None:
    """The sum of this name, kept in millionths, shared out to ``count``; None for none."""
    return tally.get("sums", {}).get(name, 0) / MILLION / count if count else None


def ratio(tally: Tally, part: str, whole: str, name: str) -> float | None:
    """What one measure sums up in millionths, shared out to what another counts."""
    count = tally.get(whole, {}).get(name, 0)
    return tally.get(part, {}).get(name, 0) / MILLION / count if count else None
