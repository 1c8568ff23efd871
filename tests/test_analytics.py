"""The API answers with what the log holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from audit_samples import contents, failed_job, fresh_log, sample_job
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from starlette.testclient import TestClient

from analytics.app import create_app
from analytics.jobs import snippet
from analytics.statistics import rank, summarised
from db.audit import append_job, erase_job
from db.errors import DatabaseUnavailableError
from db.records import EngineRunRecord

RECORD = sample_job(4, verified=False, status="needs_review", confidence=0.5, customer_id="other")


def fill(engine: Engine) -> None:
    """Four jobs: two completed, one to review of another customer, one failed."""
    append_job(engine, sample_job(1))
    cached = EngineRunRecord(1, "tesseract", "5.3.0", "ok", 0.1, 12, 240, 0.9, cached=True)
    append_job(engine, sample_job(2, engines_used=["tesseract"], primary_engine="tesseract", runs=[cached]))
    append_job(engine, RECORD)
    append_job(engine, failed_job(9))


@pytest.fixture(scope="module")
def filled() -> bytes:
    engine = fresh_log()
    fill(engine)
    return contents(engine)


@pytest.fixture
def client(filled: bytes) -> Iterator[TestClient]:
    with TestClient(create_app(fresh_log(filled))) as client:
        yield client


def answer(client: TestClient, path: str, **query: Any) -> Any:
    response = client.get(path, params=query)
    assert response.status_code == 200, response.text
    return response.json()


def test_the_dashboard_counts(client: TestClient) -> None:
    figures = answer(client, "/analytics/dashboard")
    assert (figures["jobs"], figures["completed"], figures["needs_review"], figures["failed"]) == (4, 2, 1, 1)
    assert (figures["success_rate"], figures["review_share"], figures["verified_share"]) == (0.75, 0.25, 0.5)
    assert figures["average_confidence"] == pytest.approx((0.943 * 2 + 0.5) / 3)
    assert (figures["verifier_used"], figures["verified"], figures["pages"]) == (3, 2, 3)
    assert figures["days"] == [{"day": "2026-11-20", "completed": 2, "needs_review": 1, "failed": 1}]


def test_an_empty_log_has_unknown_shares_and_not_zero(client: TestClient) -> None:
    figures = answer(client, "/analytics/dashboard", customer_id="nobody")
    assert figures["jobs"] == 0
    assert figures["success_rate"] is figures["average_confidence"] is figures["verified_share"] is None


def test_engine_usage_counts_runs_wins_and_failures(client: TestClient) -> None:
    report = answer(client, "/analytics/engine-usage")
    engines = {entry["engine"]: entry for entry in report["engines"]}
    assert list(engines) == ["rapidocr", "tesseract", "trocr"]
    rapid, tesseract, trocr = engines.values()
    assert (rapid["runs"], rapid["ok"], rapid["wins"], rapid["win_share"]) == (2, 2, 2, pytest.approx(2 / 3))
    assert rapid["milliseconds"] == {"mean": pytest.approx(814.9), "p50": 813.4, "p95": 816.4}
    assert (tesseract["runs"], tesseract["cached"], tesseract["wins"]) == (3, 1, 1)
    assert tesseract["milliseconds"]["p50"] == 197.0  # the cached run cost a look-up, no reading
    assert (trocr["unavailable"], trocr["ok"], trocr["milliseconds"]) == (2, 0, None)
    assert report["chains"] == [
        {"engines": ["rapidocr", "tesseract"], "name": "rapidocr -> tesseract", "jobs": 2},
        {"engines": ["tesseract"], "name": "tesseract", "jobs": 1},
    ]


def test_engine_usage_follows_the_filters(client: TestClient) -> None:
    report = answer(client, "/analytics/engine-usage", customer_id="other")
    assert {entry["engine"]: entry["runs"] for entry in report["engines"]} == {
        "rapidocr": 1,
        "tesseract": 1,
        "trocr": 1,
    }
    assert report["engines"][0]["milliseconds"]["p95"] == 816.4
    assert report["chains"][0]["jobs"] == 1


def test_recent_jobs_are_paged_and_filtered(client: TestClient) -> None:
    page = answer(client, "/analytics/recent-jobs", limit=2, offset=1)
    assert [item["source_name"] for item in page["items"]] == ["faktura-1004.pdf", "faktura-1002.pdf"]
    assert (page["total"], page["limit"], page["offset"]) == (4, 2, 1)
    for query, expected in (
        ({"status": "failed"}, 1),
        ({"customer_id": "customer-123"}, 2),
        ({"engine": "rapidocr"}, 2),
        ({"since": "2026-11-20T08:02:00"}, 3),
        ({"since": "2026-11-20T09:02:00+01:00", "until": "2026-11-20T08:04:00Z"}, 1),
    ):
        assert answer(client, "/analytics/recent-jobs", **query)["total"] == expected, query


def test_a_job_has_its_whole_story(client: TestClient) -> None:
    job = answer(client, f"/analytics/jobs/{RECORD.id}")
    assert job["fields"]["amount_due"]["value"] == "13162.50"
    assert job["audit"]["sequence"] == 3
    assert job["lines"][4]["votes"][0]["position"] == 3
    assert job["engine_runs"][2] == {
        "page": 1, "engine": "trocr", "version": "compact", "status": "unavailable", "milliseconds": 0.0, "lines": 0,
        "characters": 0, "confidence": None, "error": "weights are missing", "cached": False,
    }  # fmt: skip
    assert job["fallback_trace"][1]["ran"] is False
    assert job["verdicts"][0]["options"][0][1] == 0.94


def test_an_unknown_job_is_a_typed_404(client: TestClient) -> None:
    response = client.get("/analytics/jobs/nosuch")
    assert response.status_code == 404
    assert response.json()["error"]["type"] == "not_found"
    assert "nosuch" in response.json()["error"]["message"]


def test_an_erased_job_still_answers(filled: bytes) -> None:
    engine = fresh_log(filled)
    erase_job(engine, RECORD.id)
    with TestClient(create_app(engine)) as client:
        job = answer(client, f"/analytics/jobs/{RECORD.id}")
        assert job["erased_at"] is not None
        assert (job["text"], job["fields"]) == ("", {})
        assert client.get(f"/jobs/{RECORD.id}").status_code == 200
        assert answer(client, "/analytics/search", q="kontorsmiljö")["total"] == 2


def test_timings_name_the_slowest_stage_first(client: TestClient) -> None:
    report = answer(client, "/analytics/timings")
    assert [stage["stage"] for stage in report["stages"]] == ["read", "verify", "prepare", "decode", "extract"]
    assert report["stages"][3] == {
        "stage": "decode",
        "jobs": 4,
        "milliseconds": {"mean": 38.5, "p50": 41.0, "p95": 41.0},
    }
    assert report["jobs"] == 4


def test_the_histogram_holds_every_job_once(client: TestClient) -> None:
    report = answer(client, "/analytics/confidence", bins=10)
    assert [band["jobs"] for band in report["bins"]] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 2]
    assert report["unknown"] == 1
    assert answer(client, "/analytics/confidence", bins=1)["bins"] == [{"low": 0.0, "high": 1.0, "jobs": 3}]


def test_the_verifier_report(client: TestClient) -> None:
    report = answer(client, "/analytics/verifier")
    counts = [report[name] for name in ("asked", "confirmed", "doubted", "undecided", "not_asked")]
    assert counts == [3, 2, 1, 0, 1]
    assert report["models"] == [{"backend": "transformers", "model": "compact", "jobs": 3}]
    assert report["feedback"][0]["job_id"] == RECORD.id


def test_search_shows_the_place(client: TestClient) -> None:
    page = answer(client, "/analytics/search", q="skrivbordslampa")
    assert page["total"] == 3
    assert "Skrivbordslampa LED 3 st 595,00" in page["items"][0]["snippet"]
    assert answer(client, "/analytics/search", q="faktura-1004")["items"][0]["snippet"] == ""
    assert answer(client, "/analytics/search", q="%")["total"] == 3  # of "Moms 25 %", not everything


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/analytics/recent-jobs?limit=0", "'limit' is wrong: input should be greater than or equal to 1"),
        ("/analytics/recent-jobs?limit=1000", "'limit'"),
        ("/analytics/recent-jobs?offset=-1", "'offset'"),
        ("/analytics/recent-jobs?status=done", "'status' is wrong: input should be 'completed'"),
        ("/analytics/dashboard?since=yesterday", "'since'"),
        ("/analytics/confidence?bins=0", "'bins'"),
        ("/analytics/search", "'q' is wrong: field required"),
        ("/analytics/search?q=", "'q'"),
    ],
)
def test_wrong_parameters_get_a_sentence(client: TestClient, path: str, word: str) -> None:
    response = client.get(path)
    assert response.status_code == 422
    assert response.json()["error"]["type"] == "invalid_parameter"
    assert word in response.json()["error"]["message"]


def test_health_and_metrics(client: TestClient) -> None:
    assert answer(client, "/livez") == {"status": "ok", "detail": ""}
    assert answer(client, "/readyz")["status"] == "ok"
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = response.text.splitlines()
    assert 'invoice_jobs_total{status="completed"} 2' in lines
    assert 'invoice_engine_runs_total{engine="trocr",status="unavailable"} 2' in lines
    assert "invoice_audit_events_total 4" in lines
    assert all(line.startswith("#") or line.rpartition(" ")[2].replace(".", "").isdigit() for line in lines)


def test_a_label_cannot_break_the_metrics(filled: bytes) -> None:
    engine = fresh_log(filled)
    append_job(engine, sample_job(20, runs=[EngineRunRecord(1, 'a"} 1\nx', "1", "ok", 5.0)]))
    with TestClient(create_app(engine)) as client:
        assert r'invoice_engine_runs_total{engine="a\"} 1\nx",status="ok"} 1' in client.get("/metrics").text


def test_a_log_that_cannot_be_read_is_not_ready(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    with TestClient(create_app(f"sqlite:///{path}")) as client:
        assert client.get("/readyz").status_code == 200
        client.app.state.database.dispose()  # type: ignore[attr-defined]
        path.write_bytes(b"no database " * 1000)
        response = client.get("/readyz")
        assert (response.status_code, response.json()["status"]) == (503, "unavailable")
        assert client.get("/livez").status_code == 200
        response = client.get("/analytics/dashboard")
        assert (response.status_code, response.json()["error"]["type"]) == (503, "unavailable")


def test_an_application_without_a_database_says_so() -> None:
    with pytest.raises(DatabaseUnavailableError, match="not a database address"):
        create_app("audit")


def test_every_answer_of_the_description_is_typed(client: TestClient) -> None:
    document = answer(client, "/openapi.json")
    for path, methods in document["paths"].items():
        if path.startswith("/analytics"):
            responses = methods["get"]["responses"]
            assert "$ref" in responses["200"]["content"]["application/json"]["schema"]
            assert responses["422"]["content"]["application/json"]["schema"]["$ref"].endswith("ErrorResponse")


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_percentiles_are_values_that_were_measured(values: list[float]) -> None:
    ordered = sorted(values)
    found = summarised(ordered)
    assert found.p50 in ordered
    assert found.p95 in ordered
    assert sum(value <= found.p95 for value in ordered) >= 0.95 * len(ordered)
    assert sum(value <= found.p50 for value in ordered) >= 0.5 * len(ordered)


def test_ranks_and_snippets_by_hand() -> None:
    assert [rank(1, 50), rank(2, 50), rank(3, 50), rank(100, 95), rank(101, 95)] == [0, 0, 1, 94, 95]
    assert snippet("a" * 100 + " Moms\n25 " + "b" * 100, "moms") == "…" + "a" * 59 + " Moms 25 " + "b" * 56 + "…"
    assert snippet("text", "") == ""
