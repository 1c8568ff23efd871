"""Whatever the description of the API allows is answered as it says; what it does not allow is refused, never an error
of the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from audit_samples import failed_job, sample_job
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from db.audit import append_job
from db.reviews import ReviewRequest, add_review
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.invoice import FIELD_NAMES
from invoice_connector.settings import ConnectorSettings
from invoice_connector.web.serve import build_app

pytestmark = pytest.mark.slow
EXAMPLES = 8
MAX_ANSWER, MAX_GROWTH = 1_000_000, 64_000  # bytes
HUGE = (str(10**1000), str(2**63), "1e1000", "1e-1000")
NUMBERS = st.builds("{}{}".format, st.sampled_from(["", "-"]), st.sampled_from(HUGE))
HOST = {"Host": "localhost"}  # the name that a server on the loopback address answers to
LINE = 60_000  # characters of an address; servers take no more


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("contract") / "audit.db"


@pytest.fixture(scope="module")
def described(log: Path) -> Any:
    settings = ConnectorSettings(
        database_url=f"sqlite:///{log}",
        engines=("pdf_text",),
        policy="single",
        verifier="off",
        max_bytes=2_000_000,
        reader_isolated=False,
        keep_page_pictures=False,
    )
    connector = InvoiceOCRConnector(settings)
    engine = connector.database
    for record in (sample_job(1), sample_job(2, status="needs_review"), failed_job(3)):
        append_job(engine, record)
    reviewed = sample_job(4)
    append_job(engine, reviewed)
    add_review(engine, ReviewRequest(reviewed.id, {"amount_due": "1.00"}))
    return schemathesis.openapi.from_asgi("/openapi.json", build_app(connector), headers=HOST)


def described_operations(schema: Any) -> list[Any]:
    return [result.ok() for result in schema.get_all_operations()]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_as_described(described: Any, mode: GenerationMode) -> None:
    """Requests that follow the description, and such that break it, for every operation."""
    # A parameter given twice or one that nobody knows is no reason to refuse; which values a field of a review or of
    # a company may have, and that a form has one file, no schema says.
    excluded = [schemathesis.checks.CHECKS.get_one(f"{mode}_data_{word}") for mode, word in
                (("negative", "rejection"), ("positive", "acceptance"))]  # fmt: skip
    operations = described_operations(described)
    assert len(operations) >= 18
    for operation in operations:
        if mode is GenerationMode.NEGATIVE and not _has_parameters(operation):
            continue

        @settings(max_examples=EXAMPLES, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: schemathesis.Case) -> None:
            written = case.operation.method in ("post", "put")
            case.call_and_validate(headers=HOST, excluded_checks=excluded if written else excluded[:1])

        check()


def _has_parameters(operation: Any) -> bool:
    return bool(operation.definition.raw.get("parameters"))


def test_nothing_huge_costs_much(described: Any, log: Path) -> None:
    """Numbers up to 10^1000 and texts of a megabyte in every place that a request has."""
    for operation in described_operations(described):
        places = [(name, parameter) for name in ("path_parameters", "query") for parameter in _names(operation, name)]

        @settings(max_examples=3 * EXAMPLES, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(data=st.data(), operation=st.just(operation), places=st.just(places))
        def check(data: Any, operation: Any, places: list[tuple[str, str]]) -> None:
            case = data.draw(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
            if places:
                group, name = data.draw(st.sampled_from(places))
                huge = data.draw(NUMBERS | st.sampled_from(["x" * LINE, "%00" * 1000, "\x9b" * 1000]))
                setattr(case, group, {**(getattr(case, group) or {}), name: huge})
            if "application/json" in (case.media_type or ""):
                case.body = data.draw(_huge_reviews())
            before = _size(log)
            answer = case.call(headers=HOST)
            assert answer.status_code < 500, answer.text[:500]
            assert len(answer.content) <= MAX_ANSWER
            assert _size(log) - before <= MAX_GROWTH, answer.text[:500]

        check()


def _huge_reviews() -> st.SearchStrategy[Any]:
    texts = st.sampled_from(["x" * 900_000, "x" * 1_100_000, "\U0001f9fe" * 1000, "y" * 1000, "1e99999999", "9" * 1000])
    names = st.sampled_from([*sorted(FIELD_NAMES), "z" * 1000])
    values = st.dictionaries(names, texts | st.none() | st.just(10**1000), max_size=24)
    return st.fixed_dictionaries({"values": values}, optional={"note": texts, "reviewer": texts})


def _names(operation: Any, group: str) -> list[str]:
    return [parameter.name for parameter in getattr(operation, group)]


def _size(log: Path) -> int:
    return sum(path.stat().st_size for path in log.parent.glob(f"{log.name}*") if path.is_file())
