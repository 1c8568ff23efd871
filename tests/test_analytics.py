"""The API answers with what the log holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from audit_samples import contents, failed_job, fresh_log, sample_job
from sqlalchemy import Engine
from starlette.testclient import TestClient

from analytics.app import create_app
from analytics.risk import risk_points, upper_bound
from analytics.verification import preferred
from db.audit import append_job, erase_job
from db.errors import DatabaseUnavailableError
from db.records import EngineRunRecord
from db.reviews import ReviewRequest, add_review
from db.tally import BUCKET_ERROR

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


def near(milliseconds: float) -> Any:
    """A percentile out of logarithmic buckets."""
    return pytest.approx(milliseconds, rel=BUCKET_ERROR)


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
    assert rapid["milliseconds"] == {
        "count": 2, "mean": pytest.approx(814.9), "p50": near(813.4), "p95": near(816.4),
    }  # fmt: skip
    assert (tesseract["runs"], tesseract["cached"], tesseract["wins"]) == (3, 1, 1)
    assert tesseract["milliseconds"]["p50"] == near(197.0)  # the cached run cost a look-up, no reading
    assert (trocr["unavailable"], trocr["ok"], trocr["milliseconds"]) == (2, 0, None)
    assert {(pair["first"], pair["second"]) for pair in report["agreements"]} == {("rapidocr", "tesseract")}
    assert report["agreements"][0]["share"] == report["agreements"][0]["agreed"] / report["agreements"][0]["lines"]
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
    assert report["engines"][0]["milliseconds"]["p95"] == near(816.4)
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
        assert len(answer(client, "/analytics/search", q="kontorsmiljö")["items"]) == 2


def test_timings_name_the_slowest_stage_first(client: TestClient) -> None:
    report = answer(client, "/analytics/timings")
    assert [stage["stage"] for stage in report["stages"]] == ["read", "verify", "prepare", "decode", "extract"]
    assert report["stages"][3]["milliseconds"] == {
        "count": 4, "mean": pytest.approx(38.5), "p50": near(41.0), "p95": near(41.0),
    }  # fmt: skip


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


def test_the_readings_that_the_verifier_overturned(filled: bytes) -> None:
    engine = fresh_log(filled)
    doubt = {"subject": "amount_due", "options": [["13 162,5O", 0.1], ["13 162,50", 0.8]], "none": 0.1}
    nothing = {"subject": "line", "options": [["Frakt", 0.2]], "none": 0.7}
    append_job(engine, sample_job(5, verdicts=[doubt, nothing]))
    with TestClient(create_app(engine)) as client:
        report = answer(client, "/analytics/verifier")
    assert [(one["read"], one["preferred"], one["probability"]) for one in report["overturned"]] == [
        ("13 162,5O", "13 162,50", 0.8),
        ("Frakt", None, 0.7),
    ]
    assert report["answers"] == {"confirmed": 6, "overturned": 1, "none": 1}


def test_what_a_verdict_says() -> None:
    assert preferred({"options": [["a", 0.9], ["b", 0.1]], "none": 0.0}) is None
    assert preferred({"options": [["a", None]]}) is preferred({}) is preferred({"options": "x"}) is None


def reviewed(engine: Engine, number: int, confidence: float, **right: str) -> None:
    """A job whose key fields have that confidence, approved with corrections."""
    fields = {name: {**field, "confidence": confidence} for name, field in RECORD.fields.items()}
    job = sample_job(number, fields=fields)
    append_job(engine, job)
    add_review(engine, ReviewRequest(job.id, right))


def test_risk_and_coverage_follow_the_reviews() -> None:
    engine = fresh_log()
    for number, confidence in ((1, 0.99), (2, 0.95), (3, 0.8)):
        reviewed(engine, number, confidence)
    reviewed(engine, 4, 0.9, amount_due="1.00")
    with TestClient(create_app(engine)) as client:
        found = answer(client, "/analytics/risk-coverage")
        loose = answer(client, "/analytics/risk-coverage", risk=0.25)
        fields = answer(client, "/analytics/fields")["fields"]
        bands = answer(client, "/analytics/confidence")
    assert [(point["threshold"], point["coverage"], point["risk"]) for point in found["points"]] == [
        (0.99, 0.25, 0), (0.95, 0.5, 0), (0.9, 0.75, pytest.approx(1 / 3)), (0.8, 1.0, 0.25),
    ]  # fmt: skip
    assert (found["documents"], found["bookable"]["coverage"], found["bookable_surely"]) == (4, 0.5, None)
    assert loose["bookable"]["coverage"] == 1.0
    due = next(field for field in fields if field["field"] == "amount_due")
    assert (due["reviewed"], due["right"], due["accuracy"], due["found"]) == (4, 3, 0.75, 4)
    assert sum(band["readings"] for band in bands["reliability"]) == 4 * len(RECORD.fields)
    assert bands["calibration_error"] > 0


def test_risk_by_hand() -> None:
    assert risk_points({}, {}) == []
    assert upper_bound(0, 100) == pytest.approx(0.0263, abs=1e-4)  # z² / (n + z²)
    assert upper_bound(5, 5) == 1.0
    assert upper_bound(1, 10) > upper_bound(10, 100) > 0.1


def test_languages_and_errors(client: TestClient) -> None:
    assert answer(client, "/analytics/languages")["languages"] == [{"name": "sv", "jobs": 3}, {"name": "", "jobs": 1}]
    report = answer(client, "/analytics/errors")
    assert report["errors"] == [{"name": "DamagedDocumentError", "jobs": 1}]
    assert {"engine": "trocr", "status": "unavailable", "pages": 2} in report["engine_failures"]
    assert [job["source_name"] for job in report["newest"]] == ["kvitto.jpg"]


def test_totals_are_exact_at_any_moment(client: TestClient) -> None:
    """Jobs start at 08:01, 08:02, 08:04 and 08:09; whole hours come from the roll-ups, the rest is counted."""
    for since, until, expected in (
        ("08:00", "09:00", 4), ("08:02", "08:09", 2), ("07:30", "08:04", 2), ("08:03", "10:30", 2),
        ("09:00", "10:00", 0),
    ):  # fmt: skip
        for more in ({}, {"customer_id": "customer-123"}):
            query = {"since": f"2026-11-20T{since}Z", "until": f"2026-11-20T{until}Z", **more}
            page = answer(client, "/analytics/recent-jobs", **query)
            assert page["total"] == len(page["items"]), query
            assert page["total"] == expected or more, query
    assert answer(client, "/analytics/recent-jobs", waiting="true")["total"] == 1
    assert answer(client, "/analytics/recent-jobs", waiting="true", status="failed")["total"] == 0


def test_search_shows_the_place(client: TestClient) -> None:
    page = answer(client, "/analytics/search", q="skrivbordslampa")
    assert len(page["items"]) == 3
    assert page["more"] is False
    assert "[Skrivbordslampa] LED 3 st 595,00" in page["items"][0]["snippet"]
    assert page["items"][0]["box"] == [90, 566, 1150, 602]
    assert [hit["source_name"] for hit in answer(client, "/analytics/search", q="faktura-1004")["items"]] == [
        "faktura-1004.pdf"
    ]
    assert answer(client, "/analytics/search", q="skrivbordslampa", limit=2)["more"] is True
    assert answer(client, "/analytics/search", q="5402 9681")["items"]
    assert answer(client, "/analytics/search", q="%")["items"] == []  # signs mean nothing


def test_an_unchanged_log_is_not_sent_again(filled: bytes) -> None:
    engine = fresh_log(filled)
    with TestClient(create_app(engine)) as client:
        first = client.get("/analytics/dashboard")
        tag = first.headers["etag"]
        for path in ("/analytics/dashboard", "/analytics/engine-usage?customer_id=other"):
            again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        add_review(engine, ReviewRequest(RECORD.id, {}))
        changed = client.get("/analytics/dashboard", headers={"If-None-Match": tag})
        assert changed.status_code == 200
        assert changed.headers["etag"] != tag
        assert (first.json()["queue"], changed.json()["queue"], changed.json()["approved"]) == (1, 0, 1)
        assert "etag" not in client.get("/analytics/progress").headers  # uploads change without an event


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/analytics/recent-jobs?limit=0", "'limit' is wrong: it is at least 1"),
        ("/analytics/recent-jobs?limit=1000", "'limit'"),
        ("/analytics/recent-jobs?offset=-1", "'offset'"),
        ("/analytics/recent-jobs?status=done", "'status' is wrong: it is one of 'completed'"),
        ("/analytics/dashboard?since=yesterday", "'since'"),
        ("/analytics/confidence?bins=0", "'bins'"),
        ("/analytics/confidence?bins=3", "'bins' is wrong: hundredths make 1, 2, 4"),
        ("/analytics/risk-coverage?risk=2", "'risk'"),
        ("/analytics/search", "'q' is wrong: it is missing"),
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
    assert 'invoice_confidence_bucket{le="+Inf"} 3' in lines
    assert "invoice_reviews_waiting 1" in lines
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


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-20"])
def test_the_ends_of_the_calendar_are_moments_too(client: TestClient, moment: str) -> None:
    for name in ("since", "until"):
        for more in ({}, {"customer_id": "customer-123"}):
            for path in ("/analytics/dashboard", "/analytics/recent-jobs", "/analytics/verifier"):
                answer(client, path, **{name: moment}, **more)


def test_every_metric_of_the_grafana_dashboard_exists(client: TestClient) -> None:
    dashboard = json.loads((Path(__file__).parents[1] / "deploy" / "grafana" / "invoice-reader.json").read_text())
    wanted = {
        name
        for panel in dashboard["panels"]
        for target in panel.get("targets", ())
        for name in re.findall(r"invoice_\w+", target["expr"])
    }
    assert len(wanted) >= 6
    assert wanted <= set(re.findall(r"^(invoice_\w+)", client.get("/metrics").text, re.MULTILINE))
