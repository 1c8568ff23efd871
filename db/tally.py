"""What one job adds to the statistics: whole numbers by measure and key, which may be summed in any order.

A tally is ``{measure: {key: number}}``. Shares are counted in millionths and milliseconds in microseconds, so that a
sum is exact; durations also in logarithmic buckets, from which percentiles come with a relative error of at most
``BUCKET_ERROR``. Keys of two parts are joined by a tab.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

Row = Mapping[str, Any]
Tally = dict[str, dict[str, int]]

BUCKET_ERROR = 0.025
"""Relative error of a percentile: a bucket's value lies within so much of everything in it."""
_GAMMA = (1 + BUCKET_ERROR) / (1 - BUCKET_ERROR)
_LOG_GAMMA = math.log(_GAMMA)
_LEAST_MILLISECONDS, _MOST_MILLISECONDS = 0.001, 1e12
_ROUNDING = 1e-9  # 0.29 * 100 is a little less than 29
MILLION = 1_000_000
CHAIN = " -> "
KEY_FIELDS = ("seller_name", "invoice_number", "issue_date", "total_with_vat", "amount_due",
              "payment_account_identifier")  # fmt: skip
"""The fields that must all be right for a document to be booked unseen."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A job's tally and what it is filed under. ``hour`` is ``2026-11-20T08``, of the job's start in UTC."""

    hour: str
    customer: str | None
    engines: tuple[str, ...]
    tally: Tally


def facts(job: Row, runs: Sequence[Row], reviews: Sequence[Row] = ()) -> Facts:
    """The facts of stored rows."""
    tally: Tally = {}
    for measure, key, number in (*_job(job), *_runs(runs), *_readings(job), *_reviews(job, reviews)):
        keys = tally.setdefault(measure, {})
        keys[key] = keys.get(key, 0) + number
    engines = tuple(sorted({str(run["engine"]) for run in runs}))
    return Facts(str(job["started_at"])[:13], job["customer_id"], engines, without_zeros(tally))


def add(total: Tally, other: Tally, sign: int = 1) -> None:
    """Adds ``other`` to ``total`` in place, or takes it away."""
    for measure, keys in other.items():
        sums = total.get(measure)
        if sums is None:
            total[measure] = dict(keys) if sign == 1 else {key: sign * number for key, number in keys.items()}
            continue
        for key, number in keys.items():
            sums[key] = sums.get(key, 0) + sign * number


def without_zeros(tally: Tally) -> Tally:
    """The tally without what is nothing: one spelling for equal sums."""
    kept = {measure: {key: number for key, number in keys.items() if number} for measure, keys in tally.items()}
    return {measure: keys for measure, keys in kept.items() if keys}


def bucket(milliseconds: float) -> int:
    """The logarithmic bucket of a duration; everything up to a microsecond shares one."""
    return math.ceil(math.log(min(max(milliseconds, _LEAST_MILLISECONDS), _MOST_MILLISECONDS)) / _LOG_GAMMA)


def bucket_milliseconds(number: int) -> float:
    """The value that stands for a bucket, within ``BUCKET_ERROR`` of all that is in it."""
    return float(2 * _GAMMA**number / (_GAMMA + 1))


_Count = tuple[str, str, int]


def _job(job: Row) -> Iterator[_Count]:
    yield "jobs", str(job["status"]), 1
    yield "sums", "pages", int(job["page_count"])
    if job["confidence"] is not None:
        yield "confidence", str(percent(job["confidence"])), 1
        yield "sums", "confidence", millionths(job["confidence"])
    if job["verifier_confidence"] is not None:
        yield "sums", "verifier_confidence", millionths(job["verifier_confidence"])
        yield "sums", "verifier_confidences", 1
    yield "verifier", _verification(job), 1
    if job["verifier_used"]:
        yield "verifier_models", pair(job["verifier_backend"] or "", job["verifier_model"] or ""), 1
    yield "languages", str(job["language"] or ""), 1
    if job["primary_engine"] is not None:
        yield "wins", str(job["primary_engine"]), 1
    if chain := json.loads(job["engines_used"]):
        yield "chains", CHAIN.join(chain), 1
    if job["error_type"] is not None:
        yield "errors", str(job["error_type"]), 1
    for stage, milliseconds in json.loads(job["timings_ms"]).items():
        yield "stage_buckets", pair(stage, bucket(milliseconds)), 1
        yield "stage_microseconds", stage, microseconds(milliseconds)


def _verification(job: Row) -> str:
    if not job["verifier_used"]:
        return "not_asked"
    return "undecided" if job["verified"] is None else "confirmed" if job["verified"] else "doubted"


def _runs(runs: Sequence[Row]) -> Iterator[_Count]:
    for run in runs:
        engine = str(run["engine"])
        yield "runs", pair(engine, run["status"]), 1
        if run["status"] != "ok":
            continue
        if run["cached"]:
            yield "runs", pair(engine, "cached"), 1
            continue
        yield "run_buckets", pair(engine, bucket(run["milliseconds"])), 1
        yield "run_microseconds", engine, microseconds(run["milliseconds"])


def _readings(job: Row) -> Iterator[_Count]:
    for line in _objects(job["lines"]):
        yield from _agreement(line.get("readings"))
    for violation in _objects(job["violations"]):
        yield "rules", str(violation.get("rule")), 1
    for verdict in _objects(job["verdicts"]):
        if (answer := _answer(verdict)) is not None:
            yield "verdicts", answer, 1
    for name, found in _fields(job).items():
        yield "fields", name, 1
        if (confidence := _share(found.get("confidence"))) is not None:
            yield "field_confidences", name, 1
            yield "field_millionths", name, millionths(confidence)
        if isinstance(found.get("verified"), bool):
            yield "field_verified", pair(name, "confirmed" if found["verified"] else "doubted"), 1


def _agreement(readings: Any) -> Iterator[_Count]:
    """Per pair of engines that read the line: whether they read the same, spaces aside."""
    if not isinstance(readings, dict):
        return
    texts = {engine: "".join(text.split()) for engine, text in readings.items() if isinstance(text, str)}
    for first, second in combinations(sorted(texts), 2):
        yield "pair_lines", pair(first, second), 1
        if texts[first] == texts[second]:
            yield "pair_agreed", pair(first, second), 1


def _answer(verdict: Mapping[str, Any]) -> str | None:
    """Whether the verifier kept the reading it was shown first, preferred another, or found none in the picture."""
    options = verdict.get("options")
    if not isinstance(options, list) or not all(isinstance(o, list) and len(o) == 2 for o in options):
        return None
    shares = [_share(option[1]) for option in options]
    known = [share for share in shares if share is not None]
    if not known or shares[0] is None:
        return None
    if (_share(verdict.get("none")) or 0.0) > max(known):
        return "none"
    return "confirmed" if shares[0] == max(known) else "overturned"


def _reviews(job: Row, reviews: Sequence[Row]) -> Iterator[_Count]:
    """The last review counts, with the corrections of all before it."""
    if not reviews:
        if job["status"] == "needs_review":
            yield "queue", "waiting", 1
        return
    yield "reviews", str(reviews[-1]["status"]), 1
    if reviews[-1]["status"] != "approved" or job["erased_at"] is not None:
        return
    changes: dict[str, Any] = {}
    for review in reviews:
        changes |= json.loads(review["changes"] or "{}")
    found = _fields(job)
    wrong = {name for name, change in changes.items() if change["value"] != found.get(name, {}).get("value")}
    for name in wrong - set(found):
        yield "field_missed", name, 1
    for name, field in found.items():
        judged = "field_wrong" if name in wrong else "field_right"
        yield judged, pair(name, thousandth(_share(field.get("confidence")))), 1
    shares = [_share(found[name].get("confidence")) for name in KEY_FIELDS if name in found]
    known = [share for share in shares if share is not None]
    if known:
        yield "document_wrong" if wrong & set(KEY_FIELDS) else "document_right", thousandth(min(known)), 1


def pair(first: object, second: object) -> str:
    return f"{first}\t{second}"


def percent(share: float) -> int:
    """The band of one hundredth, 0 to 99; 1.0 is in the last."""
    return min(99, int(share * 100 + _ROUNDING))


def thousandth(share: float | None) -> str:
    """The band of one thousandth, 0 to 999; empty for an unknown share."""
    return "" if share is None else str(min(999, int(share * 1000 + _ROUNDING)))


def millionths(share: float) -> int:
    return round(share * MILLION)


def microseconds(milliseconds: float) -> int:
    return round(min(milliseconds, _MOST_MILLISECONDS) * 1000)


def _objects(text: str | None) -> Iterable[dict[str, Any]]:
    return (item for item in json.loads(text or "[]") if isinstance(item, dict))


def _fields(job: Row) -> dict[str, dict[str, Any]]:
    fields = json.loads(job["fields"] or "{}")
    return {name: found for name, found in fields.items() if isinstance(found, dict)}


def _share(value: Any) -> float | None:
    """A share in 0..1, or None for anything else a caller may have put there."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value <= 1.0
    return float(value) if known else None
