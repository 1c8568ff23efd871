"""A page is found by its words and by its numbers, however they are written; a query is never an error."""

from __future__ import annotations

from datetime import timedelta

import pytest
from audit_samples import START, failed_job, fresh_log, sample_job
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from db.audit import append_job, erase_job
from db.database import open_database
from db.errors import SearchUnavailableError
from db.queries import JobFilter
from db.reviews import ReviewRequest, add_review
from db.search import search
from db.search_index import rebuild_index
from db.terms import terms, wanted
from db.transactions import reading, writing

GIRO = {"page": 2, "box": [90, 1500, 1150, 1540], "text": "Bankgiro 5050-1055", "confidence": 0.9, "readings": {}}
OTHER = {"page": 2, "box": [90, 1400, 1150, 1440], "text": "Summa 1 250,00 kr", "confidence": 0.9, "readings": {}}


@pytest.fixture(scope="module")
def log() -> Engine:
    engine = open_database("sqlite://")
    append_job(engine, sample_job(1))
    append_job(engine, sample_job(2, lines=[*sample_job().lines, OTHER, GIRO], customer_id="andra"))
    append_job(engine, failed_job(3))
    return engine


@pytest.mark.parametrize(
    "query",
    ["bankgiro 5050-1055", "5050-1055", "50501055", "5050 1055", "BANKGIRO", "bankgiro 50501055 1250.00", "1250,00"],
)
def test_a_number_is_found_in_either_form(log: Engine, query: str) -> None:
    pages = [(hit.source_name, hit.page) for hit in search(log, query)]
    assert ("faktura-1002.pdf", 2) in pages
    assert all(page == 2 for _, page in pages if query != "BANKGIRO")


def test_a_hit_says_where_it_is(log: Engine) -> None:
    (hit,) = search(log, "bankgiro 5050-1055")
    assert hit.box == (90, 1500, 1150, 1540)
    assert "[Bankgiro] [5050]-[1055]" in hit.snippet
    assert hit.customer_id == "andra"
    assert search(log, "bankgiro 5050-1055", markers=("<b>", "</b>"))[0].snippet.startswith("Summa")


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("förfallodatum", 2), ("FORFALLODATUM", 2), ("förfallo", 2), ("nordisk sänkbart", 2),
        ("nordisk bankgiro 5050", 0),
        ("13162.50", 2), ("13 162,50", 2), ("2026-11-18", 2), ("20261118", 2), ("kvitto.jpg", 1), ("customer-123", 1),
        ("", 0), ("-- ;", 0), ("nirgendwo", 0),
    ],
)  # fmt: skip
def test_words_numbers_and_names_are_found(log: Engine, query: str, hits: int) -> None:
    assert len({hit.job_id for hit in search(log, query)}) == hits


def test_newer_pages_come_first_and_a_filter_restricts(log: Engine) -> None:
    assert [hit.source_name for hit in search(log, "fakturanummer")] == ["faktura-1002.pdf", "faktura-1001.pdf"]
    assert [hit.source_name for hit in search(log, "fakturanummer", limit=1, offset=1)] == ["faktura-1001.pdf"]
    assert [hit.customer_id for hit in search(log, "faktura", where=JobFilter(customer_id="andra"))] == ["andra"]


@settings(max_examples=100)
@given(st.text(max_size=30) | st.from_regex(r"[\"'*():^+\-A-Z ]{1,20}(AND|OR|NOT|NEAR)?.{0,10}"))
def test_every_text_is_a_query(log: Engine, query: str) -> None:
    search(log, query)


@settings(max_examples=200)
@given(st.lists(st.integers(0, 99999).map(str), min_size=1, max_size=4), st.data())
def test_a_number_is_its_own_query_under_any_separator(groups: list[str], data: st.DataObject) -> None:
    printed, asked = (data.draw(st.sampled_from([" ", "-", ".", "\u00a0"])).join(groups) for _ in range(2))
    found = set(terms([f"Konto {printed} kr"]))
    (thing, *rest) = wanted(asked)
    assert not rest
    assert any(set(words) <= found for words in thing.choices)


def test_a_very_long_word_takes_no_time() -> None:
    assert len(terms(["x" * 300_000, "1 " * 20_000])) < 10


def test_an_erased_job_is_found_no_more() -> None:
    engine = fresh_log()
    record = sample_job(text="Hemligheten 4711", lines=[])
    append_job(engine, record)
    add_review(engine, ReviewRequest(record.id, {"seller_name": "Rättad Firma"}))
    assert len(search(engine, "hemligheten")) == len(search(engine, "rättad")) == 1
    erase_job(engine, record.id)
    assert search(engine, "hemligheten") == search(engine, "rättad") == []
    with reading(engine) as connection:
        blocks = connection.exec_driver_sql("SELECT block FROM search_index_data").scalars()
        assert not any(b"hemlighet" in block or b"rattad" in block for block in blocks)


def test_a_database_without_an_index_says_so() -> None:
    engine = fresh_log()
    with writing(engine) as connection:
        for name in ("search_pages_indexed", "search_pages_removed"):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("DROP TABLE search_index")
    append_job(engine, sample_job())
    with pytest.raises(SearchUnavailableError, match="FTS5"):
        search(engine, "faktura")


def test_a_time_range_reads_only_where_its_pages_lie() -> None:
    """Jobs come in any order of time; a range finds all of its own, corrections included, and no other."""
    engine = fresh_log()
    days = [3, 0, 5, 1, 4, 2]
    ids = {}
    for day in days:
        started = START + timedelta(days=day)
        record = sample_job(day, started_at=started, finished_at=started)
        append_job(engine, record)
        ids[day] = record.id
    add_review(engine, ReviewRequest(ids[0], {"buyer_reference": "Zebra"}))
    for first, last in ((0, 5), (1, 3), (4, 4), (2, 2), (0, 0)):
        where = JobFilter(since=START + timedelta(days=first), until=START + timedelta(days=last, minutes=1))
        assert {hit.job_id for hit in search(engine, "bankgiro", where=where)} == {
            ids[day] for day in range(first, last + 1)
        }
    assert [hit.job_id for hit in search(engine, "zebra", where=JobFilter(until=START + timedelta(hours=1)))] == [
        ids[0]
    ]
    assert search(engine, "bankgiro", where=JobFilter(since=START + timedelta(days=9))) == []
    with writing(engine) as connection:
        rebuild_index(connection)
    assert len(search(engine, "bankgiro", where=JobFilter(since=START + timedelta(days=1)))) == 5


def test_a_word_that_is_there_whole_is_not_taken_for_a_beginning() -> None:
    engine = fresh_log()
    append_job(engine, sample_job(1, lines=[{**GIRO, "page": 1, "text": "moms momsregistrerad lampa"}]))
    assert len(search(engine, "moms lamp")) == 1
    assert len(search(engine, "momsreg")) == 1
    assert search(engine, "moms lamporna") == []
