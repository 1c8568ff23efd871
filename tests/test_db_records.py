"""Records refuse what must not be stored."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from audit_samples import START, failed_job, sample_job

from db.canonical import canonical_json, plain_json
from db.errors import InvalidRecordError, StorageError
from db.ids import new_job_id
from db.records import EngineRunRecord


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"id": ""}, "job id"),
        ({"id": "a b"}, "job id"),
        ({"status": "done"}, "completed, needs_review, failed"),
        ({"status": "failed"}, "error type"),
        ({"sha256": "ABC"}, "sha256"),
        ({"confidence": math.nan}, "confidence"),
        ({"confidence": 1.01}, "confidence"),
        ({"verifier_confidence": -0.1}, "verifier_confidence"),
        ({"page_count": -1}, "page_count"),
        ({"page_count": True}, "page_count"),
        ({"started_at": datetime(2026, 1, 1)}, "time zone"),
        ({"timings_ms": {"read": math.inf}}, "timings_ms.read"),
        ({"engine_processing_times": {"a": -1.0}}, "engine_processing_times.a"),
        ({"verifier_used": False, "verified": True}, "verified"),
        ({"fields": {"total": {"value": Decimal(1)}}}, "fields.total.value is a Decimal"),
        ({"lines": [{"confidence": math.nan}]}, r"lines\[0\].confidence is nan"),
        ({"lines": [{1: "x"}]}, "the key 1"),
        ({"lines": "text"}, "lines is a list"),
        ({"engines_used": "trocr"}, "engines_used is a list"),
        ({"fields": []}, "fields is a mapping"),
        ({"text": None}, "text is a text"),
        ({"language": 7}, "language is a text"),
    ],
)
def test_a_job_refuses_nonsense(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(InvalidRecordError, match=word) as caught:
        sample_job(**changes)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, StorageError)


@pytest.mark.parametrize(
    "changes",
    [{"engine": ""}, {"status": "fine"}, {"milliseconds": math.nan}, {"milliseconds": -1.0}, {"confidence": 2.0},
     {"page": -1}, {"lines": 1.5}],
)  # fmt: skip
def test_an_engine_run_refuses_nonsense(changes: dict[str, Any]) -> None:
    good: dict[str, Any] = {"page": 1, "engine": "a", "version": "1", "status": "ok", "milliseconds": 1.0}
    EngineRunRecord(**good)
    with pytest.raises(InvalidRecordError):
        EngineRunRecord(**good | changes)


def test_records_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        failed_job().status = "completed"  # type: ignore[misc]


def test_characters_that_no_database_stores_become_the_replacement_character() -> None:
    assert plain_json({"a\x00": ["b\udcff", 1.5, None]}) == {"a\ufffd": ["b\ufffd", 1.5, None]}


def test_canonical_json_has_one_spelling() -> None:
    assert canonical_json({"b": [1, 2.5], "a": "å"}) == '{"a":"å","b":[1,2.5]}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(math.nan)


def test_job_ids_sort_by_time() -> None:
    nanoseconds = int(START.timestamp()) * 10**9
    ids = [new_job_id(nanoseconds + step * 1000) for step in range(2000)]
    assert ids == sorted(ids)
    assert len({new_job_id(nanoseconds) for _ in range(1000)}) == 1000
    assert ids[0][14] == "7"
    assert ids[0][19] in "89ab"
