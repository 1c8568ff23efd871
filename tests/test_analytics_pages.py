"""The pages: both languages, nothing executes, nothing comes from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from audit_samples import failed_job, fresh_log, sample_job
from fastapi import APIRouter
from starlette.testclient import TestClient

import analytics
from analytics.app import create_app
from analytics.language import Language
from analytics.marks import Part, box_of, certainty, compared, marked, timeline
from analytics.models.job import Run
from analytics.texts import FIELD_ORDER, TEXTS
from db.audit import append_job, erase_job
from db.records import EngineRunRecord

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"
JOB = sample_job(1)
EVIL = sample_job(
    2,
    source_name=HOSTILE,
    customer_id=HOSTILE,
    text=HOSTILE,
    verifier_feedback=HOSTILE,
    violations=[{"rule": HOSTILE, "message": HOSTILE}],
    fields={HOSTILE: {"value": HOSTILE, "text": "x", "confidence": 0.5, "page": 1, "box": [1, 2, 30, 40]}},
    lines=[
        {"page": 1, "box": [1, 2, 30, 40], "text": HOSTILE, "confidence": 0.2, "readings": {HOSTILE: HOSTILE + "x"}}
    ],
    fallback_trace=[{"page": 1, "engine": HOSTILE, "ran": True, "reason": HOSTILE, "line": 3}],
    invoice_lines=[{"description": HOSTILE}],
    quality=[{HOSTILE: HOSTILE}],
    verdicts=[{"subject": HOSTILE, "options": [[HOSTILE, 0.5]], "none": 0.5}],
    engines_used=[HOSTILE],
    primary_engine=HOSTILE,
    timings_ms={HOSTILE: 1.0},
    resources={"processor_ms": {HOSTILE: 1.0}},
    runs=[EngineRunRecord(1, HOSTILE, HOSTILE, "failed", 1.0, error=HOSTILE)],
)


@pytest.fixture
def client() -> Iterator[TestClient]:
    engine = fresh_log()
    for record in (JOB, EVIL, failed_job(3), sample_job(4)):
        append_job(engine, record)
    with TestClient(create_app(engine)) as client:
        yield client


def page(client: TestClient, path: str, **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


PAGES = (
    "/", "/jobs", "/jobs?status=completed", "/jobs?q=faktura", "/jobs?q=alert", f"/jobs/{JOB.id}", f"/jobs/{EVIL.id}",
    "/review", "/engines", "/verifier", "/docs", "/?since=2026-11-20&until=x&customer_id=&engine=",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES, ids=range(len(PAGES)))  # a job's number is another in every process
@pytest.mark.parametrize("language", ["sv", "en"])
def test_pages_run_nothing_and_load_nothing_from_elsewhere(client: TestClient, path: str, language: str) -> None:
    html = page(client, path, **{"accept-language": language})
    parser = _Tags()
    parser.feed(html)
    for tag, attributes in parser.tags:
        assert tag not in ("iframe", "object", "embed", "style"), tag
        assert tag != "script" or attributes == {"src": "/static/app.js", "defer": None}
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (tag, attributes)
        for name in ("src", "href", "action"):
            link = attributes.get(name) or ""
            assert not re.match(r"(?i)\s*(https?:|//|javascript:|data:)", link), (tag, link)
        assert tag != "img" or (attributes["src"] or "").startswith(("/static/icon.svg", "/charts/"))
    assert "></script>" in html
    assert html.count("<script") == 1
    assert "{{" not in html.replace("{{ 7*7 }}", "")
    assert f'<html lang="{language}">' in html


def test_hostile_texts_are_shown_as_texts(client: TestClient) -> None:
    for path in ("/", "/jobs", f"/jobs/{EVIL.id}", "/jobs?q=" + quote(HOSTILE), "/engines", "/verifier"):
        html = page(client, path)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert ">49<" not in html


@pytest.mark.parametrize("path", ["/", "/analytics/dashboard", "/static/style.css", "/analytics/jobs/x", "/nowhere"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_the_language_follows_the_wish_the_cookie_and_the_browser(client: TestClient) -> None:
    assert "Senaste dokumenten" in page(client, "/", **{"accept-language": "de, sv;q=0.8, en;q=0.5"})
    assert "Latest documents" in page(client, "/", **{"accept-language": "sv;q=0.1, en-GB"})
    assert "Latest documents" in page(client, "/", **{"accept-language": "sv;q=x, fi"})
    assert "Senaste dokumenten" in page(client, "/?lang=sv")
    assert "Senaste dokumenten" in page(client, "/", **{"accept-language": "en"})  # the cookie of the wish
    assert "Latest documents" in page(client, "/?lang=en")


def test_an_empty_log_says_how_to_begin() -> None:
    with TestClient(create_app(fresh_log())) as client:
        assert "invoice-connector demo" in page(client, "/")
        assert "No document fits" in page(client, "/jobs")


def test_a_job_page_tells_the_whole_story(client: TestClient) -> None:
    html = page(client, f"/jobs/{JOB.id}?lang=en")
    for expected in (
        "Nordisk Kontorsmiljö AB", "13162.50", "13 162,50", "Amount due", "✓", "✗", "weights are missing",
        "4 lines below 0.95 after rapidocr", "All nine fields match the picture.", "sha256:", "#1<", "Frakt 1 st",
        "<mark>O</mark>", 'id="box-amount_due"', 'href="#field-amount_due"', "813 ms",
    ):  # fmt: skip
        assert expected in html, expected


def test_a_failed_and_an_erased_job_have_pages() -> None:
    engine = fresh_log()
    failed, erased = failed_job(3), sample_job(4)
    append_job(engine, failed)
    append_job(engine, erased)
    erase_job(engine, erased.id)
    with TestClient(create_app(engine)) as client:
        assert "ask the sender for it again" in page(client, f"/jobs/{failed.id}")
        html = page(client, f"/jobs/{erased.id}")
        assert "erased on request" in html
        assert "Kontorsmiljö" not in html
        assert page(client, "/jobs").count("badge erased") == 1


def test_rows_with_little_in_them_still_have_pages() -> None:
    engine = fresh_log()
    bare = sample_job(
        1, fields={"x": {}}, lines=[{}], verdicts=[{}], violations=[{}], fallback_trace=[{}], pages=[{}], quality=[{}],
        invoice_lines=[{}], vat_breakdown=[{}], runs=[], confidence=None, verifier_used=False, verified=None,
    )  # fmt: skip
    append_job(engine, bare)
    with TestClient(create_app(engine)) as client:
        page(client, f"/jobs/{bare.id}")
        page(client, "/")


def test_errors_are_pages_for_people_and_json_for_programs(client: TestClient) -> None:
    response = client.get("/jobs/nosuch", headers={"accept": "text/html"})
    assert response.status_code == 404
    assert "no job has the id nosuch" in response.text
    assert client.get("/jobs/nosuch").json()["error"]["type"] == "not_found"
    response = client.get("/analytics/jobs/nosuch", headers={"accept": "text/html"})
    assert response.json()["error"]["type"] == "not_found"
    assert client.get("/nowhere").json() == {"error": {"type": "not_found", "message": "there is nothing here"}}
    assert client.post("/analytics/dashboard").json()["error"]["type"] == "method_not_allowed"


def test_lists_are_paged_and_keep_their_filters() -> None:
    engine = fresh_log()
    for number in range(52):
        append_job(engine, sample_job(number, lines=[], runs=[]))
    with TestClient(create_app(engine)) as client:
        first = page(client, "/jobs?status=completed&customer_id=&lang=en")
        assert "1–50 of 52" in first
        assert 'href="?status=completed&amp;offset=50"' in first
        second = page(client, "/jobs?status=completed&offset=50")
        assert "51–52 of 52" in second
        assert 'href="?status=completed&amp;offset=0"' in second
        found = page(client, "/jobs?q=bankgiro")
        assert "1–20" in found
        assert 'href="?q=bankgiro&amp;offset=20"' in found
        assert "<mark>Bankgiro</mark>" in found


def test_routes_may_be_added() -> None:
    app = create_app(fresh_log())
    router = APIRouter()
    router.add_api_route("/more", lambda: {"more": True})
    app.include_router(router)
    with TestClient(app) as client:
        assert client.get("/more").json() == {"more": True}
        assert "/more" in page(client, "/docs")


def test_every_text_of_the_templates_has_both_languages() -> None:
    folder = Path(analytics.__file__).parent / "templates"
    used = set(re.findall(r"\bt\(['\"](\w+)['\"]", "".join(path.read_text() for path in folder.glob("*.html"))))
    used -= {"answer_", "kind_", "matched_"}  # beginnings of several texts
    assert used <= TEXTS.keys()
    assert set(FIELD_ORDER) <= TEXTS.keys()
    assert all(swedish and english for swedish, english in TEXTS.values())


def test_numbers_are_written_as_the_language_does() -> None:
    swedish, english = Language("sv"), Language("en")
    assert swedish.percent(0.9731, 1) == "97,3\xa0%"
    assert english.percent(0.9731, 1) == "97.3%"
    assert swedish.percent(None) == "–"
    assert swedish.number(12345) == "12\xa0345"
    assert english.milliseconds(812.4) == "812 ms"
    assert swedish.milliseconds(2300) == "2,3 s"


def test_a_timeline_puts_runs_one_after_another() -> None:
    def run(milliseconds: float) -> Run:
        return Run(page=1, engine="a", version="", status="ok", milliseconds=milliseconds, lines=0, characters=0,
                   confidence=None, error=None, cached=False)  # fmt: skip

    assert [(b.x, b.width) for _, b in timeline([run(30), run(70), run(0)])] == [(0, 30), (30, 70), (99.6, 0.4)]
    assert timeline([run(0)])[0][1].width == 0.4


def test_differences_are_marked() -> None:
    assert compared("1O0", "100") == [Part("1", False), Part("O", True), Part("0", False)]
    assert marked("a <b> c", ("<", ">")) == [Part("a ", False), Part("b", True), Part(" c", False)]
    assert marked("a > c <d", ("<", ">")) == [Part("a > c ", False), Part("d", False)]
    assert compared("10", "100")[-1] == Part("", True)
    assert [certainty(c) for c in (None, 0.95, 0.8, 0.79)] == ["unknown", "certain", "likely", "doubtful"]
    assert box_of({"box": [1, 2, 4, 8]}) == (1, 2, 3, 6)
    assert box_of({"box": [4, 2, 1, 8]}) is box_of({}) is box_of({"box": ["a", 1, 2, 3]}) is None


def test_the_queue_says_whose_invoice_waits_how_much_and_why() -> None:
    engine = fresh_log()
    broken = [
        {"rule": "BR-CO-15", "message": "The sums do not hold.", "fields": ["total_with_vat"]},
        {"rule": "field-missing", "message": "no due date was found", "fields": ["due_date"]},
    ]
    fields = {name: field for name, field in JOB.fields.items() if name != "due_date"}
    append_job(engine, sample_job(7, status="needs_review", violations=broken, fields=fields))
    with TestClient(create_app(engine)) as client:
        listed = page(client, "/review")
        assert "Nordisk Kontorsmiljö AB" in listed
        assert "13162.50 SEK" in listed
        assert "The sums do not hold." in listed
        assert "+1" in listed
        story = page(client, re.findall(r'href="(/jobs/[^"]+)"', listed.split("<tbody>")[1])[0])
    rows = re.findall(r'<tr id="field-(\w+)"[^>]*class="flagged"', story)
    assert rows == ["due_date", "total_with_vat"]  # what was not found has a row to be filled
    assert 'class="tag" href="#field-total_with_vat"' in story


def test_the_place_that_a_sentence_is_about_is_drawn_on_the_page() -> None:
    engine = fresh_log()
    told = {"rule": "TAMPER", "message": "page 1 was changed", "fields": [], "page": 1, "box": [50, 60, 150, 90]}
    broken = [told, {**told, "box": "nonsense"}, {"rule": "x", "message": "no place"}]
    append_job(engine, sample_job(9, status="needs_review", violations=broken))
    with TestClient(create_app(engine)) as client:
        listed = page(client, "/review")
        story = page(client, re.findall(r'href="(/jobs/[^"]+)"', listed.split("<tbody>")[1])[0])
    assert re.findall(r'id="place-of-(\d)" x="41" y="51" width="118" height="48"', story) == ["1"]
    assert re.findall(r'class="tag" href="#place-of-(\d)"', story) == ["1"]


def test_older_jobs_without_the_fields_of_a_sentence_are_shown_as_before() -> None:
    engine = fresh_log()
    append_job(engine, sample_job(8, status="needs_review", violations=[{"rule": "x", "message": "An old sentence."}]))
    with TestClient(create_app(engine)) as client:
        listed = page(client, "/review")
        story = page(client, re.findall(r'href="(/jobs/[^"]+)"', listed.split("<tbody>")[1])[0])
    assert "An old sentence." in listed and "An old sentence." in story
    assert "flagged" not in story
