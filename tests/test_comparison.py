"""Two runs of one document: what differs is shown, what is equal is not."""

from __future__ import annotations

from typing import Any

from audit_samples import fresh_log, sample_job
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from analytics.app import create_app
from analytics.comparison import comparison
from analytics.jobs import job_detail
from analytics.models.job import JobComparison
from db.audit import append_job

SHA = "ab" * 32


def compared(first: dict[str, Any], second: dict[str, Any]) -> JobComparison:
    engine = fresh_log()
    records = [sample_job(1, **first), sample_job(2, **second)]
    for record in records:
        append_job(engine, record)
    return comparison(*(job_detail(engine, record.id) for record in records))


def lines(*texts: str) -> list[dict[str, Any]]:
    return [{"page": 1, "box": [0, 0, 9, 9], "text": text, "confidence": 0.9, "readings": {}} for text in texts]


def test_equal_runs_have_no_differences() -> None:
    found = compared({"sha256": SHA}, {"sha256": SHA})
    assert (found.how, found.fields, found.lines, found.same_file) == ([], [], [], True)
    assert found.equal_lines == len(sample_job().lines)


def test_what_differs_is_named_on_both_sides() -> None:
    fields = sample_job().fields
    changed = {**fields, "amount_due": {**fields["amount_due"], "value": "1.00"}, "buyer_name": {"value": "Köpare"}}
    del changed["due_date"]
    found = compared({"policy": "fallback", "lines": lines("a", "b", "c")},
                     {"policy": "fusion", "fields": changed, "lines": lines("a", "x", "c", "d")})  # fmt: skip
    assert not found.same_file
    assert [(d.name, d.first, d.second) for d in found.how] == [("policy", "fallback", "fusion")]
    assert {(d.name, d.first, d.second) for d in found.fields} == {
        ("amount_due", "13162.50", "1.00"), ("buyer_name", None, "Köpare"), ("due_date", "2026-12-18", None),
    }  # fmt: skip
    assert [(d.number, d.first, d.other_number, d.second) for d in found.lines] == [
        (2, "b", 2, "x"), (None, None, 4, "d"),
    ]  # fmt: skip
    assert found.equal_lines == 2


@settings(max_examples=30)
@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_every_line_of_both_is_equal_or_listed(first: list[str], second: list[str]) -> None:
    found = compared({"lines": lines(*first)}, {"lines": lines(*second)})
    assert found.equal_lines + sum(line.number is not None for line in found.lines) == len(first)
    assert found.equal_lines + sum(line.other_number is not None for line in found.lines) == len(second)


def test_the_page_of_a_job_leads_to_the_comparison() -> None:
    engine = fresh_log()
    evil = "<script>alert(1)</script>"
    first, second = sample_job(1, sha256=SHA), sample_job(2, sha256=SHA, lines=lines(evil), policy="single")
    for record in (first, second):
        append_job(engine, record)
    path = f"/jobs/{first.id}/comparison/{second.id}"
    with TestClient(create_app(engine)) as client:
        assert f'href="{path}"' in client.get(f"/jobs/{second.id}").text
        html = client.get(path + "?lang=sv").text
        assert "Två läsningar jämförda" in html
        assert evil not in html
        assert "<td><mark>" in html
        assert client.get(f"/jobs/{first.id}/comparison/nosuch").status_code == 404
        found = client.get(f"/analytics{path}").json()
        assert [row["name"] for row in found["how"]] == ["policy"]
