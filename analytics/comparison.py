"""Two jobs side by side: what differs in how they were read and in what was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from rapidfuzz.distance import Levenshtein

from analytics.models.job import Difference, JobComparison, JobDetail, LineDifference

_HOW = ("status", "confidence", "language", "policy", "profile", "device", "primary_engine", "engines_used",
        "engine_versions", "page_count")  # fmt: skip


def comparison(first: JobDetail, second: JobDetail) -> JobComparison:
    """What the two have in common is left out."""
    steps = Levenshtein.opcodes(_texts(first), _texts(second))
    return JobComparison(
        first=first.job_id,
        second=second.job_id,
        same_file=first.sha256 is not None and first.sha256 == second.sha256,
        how=list(_differences(_how(first), _how(second))),
        fields=list(_differences(_values(first), _values(second))),
        lines=[line for step in steps if step.tag != "equal" for line in _lines(step, _texts(first), _texts(second))],
        equal_lines=sum(step.src_end - step.src_start for step in steps if step.tag == "equal"),
    )


def _how(job: JobDetail) -> dict[str, str | None]:
    asked = [job.verification.get(name) for name in ("backend", "model", "feedback")]
    return {name: _text(getattr(job, name)) for name in _HOW} | {"verifier": _text(asked)}


def _values(job: JobDetail) -> dict[str, str | None]:
    """What was read, without corrections: these are a person's, not the run's."""
    return {name: _text(field.get("value")) for name, field in job.fields.items() if isinstance(field, Mapping)}


def _differences(first: Mapping[str, str | None], second: Mapping[str, str | None]) -> Iterator[Difference]:
    for name in dict.fromkeys([*first, *second]):
        if first.get(name) != second.get(name):
            yield Difference(name=name, first=first.get(name), second=second.get(name))


def _texts(job: JobDetail) -> list[str]:
    return [str(line.get("text") or "") for line in job.lines]


def _lines(step: Any, first: list[str], second: list[str]) -> Iterator[LineDifference]:
    """A run of changed lines, paired in its order; what is left over stands alone."""
    pairs = zip_longest(range(step.src_start, step.src_end), range(step.dest_start, step.dest_end))
    for here, there in pairs:
        yield LineDifference(
            number=None if here is None else here + 1,
            first=None if here is None else first[here],
            other_number=None if there is None else there + 1,
            second=None if there is None else second[there],
        )


def _text(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {item}" for key, item in value.items()) or None
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value if item is not None) or None
    return None if value is None else str(value)
