"""Whatever the description of the API allows is answered as it says; what it does not allow is refused, never an error
of the server."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from audit_samples import failed_job, fresh_log, sample_job
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from analytics.app import create_app
from db.audit import append_job
from db.reviews import ReviewRequest, add_review

pytestmark = pytest.mark.slow
EXAMPLES = 8


@pytest.fixture(scope="module")
def described() -> Any:
    engine = fresh_log()
    for record in (sample_job(1), sample_job(2, status="needs_review"), failed_job(3)):
        append_job(engine, record)
    reviewed = sample_job(4)
    append_job(engine, reviewed)
    add_review(engine, ReviewRequest(reviewed.id, {"amount_due": "1.00"}))
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(engine))


def described_operations(schema: Any) -> list[Any]:
    return [result.ok() for result in schema.get_all_operations()]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_as_described(described: Any, mode: GenerationMode) -> None:
    """Requests that follow the description, and such that break it, for every operation."""
    # A parameter given twice or one that nobody knows is no reason to refuse.
    accepted = schemathesis.checks.CHECKS.get_one("negative_data_rejection")
    operations = described_operations(described)
    assert len(operations) >= 15
    for operation in operations:
        if mode is GenerationMode.NEGATIVE and not _has_parameters(operation):
            continue

        @settings(max_examples=EXAMPLES, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(excluded_checks=[accepted])

        check()


def _has_parameters(operation: Any) -> bool:
    return bool(operation.definition.raw.get("parameters"))
