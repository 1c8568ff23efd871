"""Charts are pictures of the figures: right, in the page's colours and language, drawn once, and unable to run."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from audit_samples import START, fresh_log, sample_job
from starlette.testclient import TestClient

from analytics import charts
from analytics.app import create_app
from analytics.charts import Band, DayBar, Look, Mark, Risk
from analytics.language import Language
from db.audit import append_job
from db.reviews import ReviewRequest, add_review

LOOK = Look(Language("en"))
DAY = date(2026, 11, 20)
SVG = "{http://www.w3.org/2000/svg}"


def texts(drawn: bytes) -> list[str]:
    return [element.text or "" for element in ET.fromstring(drawn).iter(f"{SVG}text")]


def heights(drawn: bytes, colour: str) -> list[float]:
    """Of the bars of a colour, in the order they were drawn."""
    found = []
    for path in ET.fromstring(drawn).iter(f"{SVG}path"):
        if f"fill: {colour}" in path.get("style", ""):
            ys = [float(y) for y in re.findall(r"[ML] [\d.]+ ([\d.]+)", path.get("d", ""))]
            found.append(max(ys) - min(ys))
    return found


def test_bars_are_as_high_as_their_counts_and_stand_on_each_other() -> None:
    drawn = charts.days((DayBar(DAY, 10, 5, 0), DayBar(DAY + timedelta(days=1), 20, 0, 5)), LOOK)
    first, second = heights(drawn, "#17804a")
    assert second == pytest.approx(2 * first, rel=1e-3)
    assert heights(drawn, "#b26200")[0] == pytest.approx(first / 2, rel=1e-3)
    assert heights(drawn, "#c0322b")[1] == pytest.approx(first / 2, rel=1e-3)


def test_a_chart_speaks_its_language_and_wears_its_colours() -> None:
    bars = (DayBar(DAY, 12000, 0, 0),)
    assert "20 Nov" in texts(charts.days(bars, LOOK))
    swedish = charts.days(bars, Look(Language("sv"), dark=True, narrow=True))
    assert "20 nov." in texts(swedish)
    assert "12\u00a0000" in texts(swedish)
    assert b"#4cc38a" in swedish
    assert b"#17804a" not in swedish


@pytest.mark.parametrize("span", [1, 2, 7, 8, 30, 400])
def test_every_span_of_days_has_a_few_dates_and_the_last_among_them(span: int) -> None:
    days = sorted({*range(0, span, max(1, span // 25)), span - 1})
    bars = tuple(DayBar(DAY + timedelta(days=n), 1, 0, 0) for n in days)
    for narrow, most in ((False, 7), (True, 4)):
        found = [text for text in texts(charts.days(bars, Look(Language("en"), narrow=narrow))) if " " in text]
        assert 1 <= len(found) <= most
        assert Language("en").day(START.replace(month=11, day=20) + timedelta(days=span - 1)) in found


def test_the_other_charts_draw_what_they_are_given() -> None:
    drawn = charts.histogram((Band(0.5, 0.55, 4), Band(0.85, 0.9, 2), Band(0.95, 1.0, 8)), LOOK)
    (doubtful,), (likely,), (certain,) = (heights(drawn, colour) for colour in ("#c0322b", "#b26200", "#17804a"))
    assert (certain, doubtful) == (pytest.approx(4 * likely, rel=1e-3), pytest.approx(2 * likely, rel=1e-3))
    curve = charts.risk((Risk(0.5, 0.0, 0.03), Risk(1.0, 0.04, 0.09)), 0.01, LOOK)
    assert {"0%", "1.5%", "3%", "100%"} <= set(texts(curve))
    dots = charts.reliability((Mark(0.9, 0.8, 3), Mark(0.99, 1.0, 30)), LOOK)
    assert dots.count(b"<use ") >= 2 or dots.count(b"<path") > 4


def test_equal_charts_are_drawn_once() -> None:
    bars = (DayBar(DAY, 1, 2, 3),)
    assert charts.days(bars, LOOK) is charts.days(bars, Look(Language("en")))
    charts.days.cache_clear()
    before = charts.days(bars, LOOK)
    charts.days.cache_clear()
    assert charts.days(bars, LOOK) == before


def test_charts_are_served_with_a_tag_and_follow_the_filters() -> None:
    engine = fresh_log()
    for number in range(3):
        record = sample_job(number, customer_id=f"c{number}")
        append_job(engine, record)
    add_review(engine, ReviewRequest(record.id, {}))
    with TestClient(create_app(engine)) as client:
        for name in ("days", "confidence", "risk", "reliability"):
            answer = client.get(f"/charts/{name}?dark=1")
            assert answer.headers["content-type"] == "image/svg+xml", name
            assert "script-src" not in answer.headers["content-security-policy"]
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
            assert b"<script" not in answer.content
            again = client.get(f"/charts/{name}?dark=1", headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
        everyone, one = client.get("/charts/days").content, client.get("/charts/days?customer_id=c1").content
        assert everyone != one
        assert client.get("/charts/risk?customer_id=c1").status_code == 404
        assert client.get("/charts/days?customer_id=nobody").status_code == 404
        assert client.get("/charts/pie").status_code == 422
        html = client.get("/?customer_id=c1&since=2026-11-01&lang=sv").text
        assert "/charts/days?customer_id=c1&amp;lang=sv&amp;since=2026-11-01T00%3A00%3A00%2B00%3A00&amp;dark=1" in html
