"""A stored document as it counts now: what was read, with what people corrected in place of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from db.records import JobRecord, ReviewStatus, StoredJob


def corrected(job: StoredJob) -> JobRecord:
    """The record with the corrected fields, each marked ``"corrected": True``; the stored reading is left alone.

    A field that nobody read or pointed at has no place on the page: its ``page`` and ``box`` are None.
    """
    fields = dict(job.record.fields)
    for name, value in job.corrections.items():
        read = fields.pop(name, None)
        if value is not None:
            place = job.places.get(name)
            fields[name] = _field(value, {**(read or _NOWHERE), **(place.to_json() if place else {})}, read)
    return replace(job.record, fields=fields) if job.reviews else job.record


def is_rejected(job: StoredJob) -> bool:
    """Whether a person said last that the document is not to be booked."""
    return bool(job.reviews) and job.reviews[-1].status == ReviewStatus.REJECTED


_NOWHERE: Mapping[str, Any] = {"text": "", "page": None, "box": None, "engines": []}


def _field(value: str, printed: Mapping[str, Any], read: Mapping[str, Any] | None) -> dict[str, Any]:
    if read is not None and read["value"] == value:
        return dict(printed)
    return {**printed, "value": value, "confidence": None, "verified": None, "alternatives": [], "corrected": True}
