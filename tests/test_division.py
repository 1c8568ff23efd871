"""A person divides a file otherwise: its pages go on as the documents that were said, once, and the log says who."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_server import serving
from test_scale import Workshop

from db.contract import document_json
from db.database import open_database
from db.deliveries import claim_due, list_deliveries, request_delivery
from db.piles import PileDocument, StoredPile, stored_pile
from db.queries import get_job
from db.records import utc_now
from db.verification import verify
from invoice_connector.cli import main
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.piles.anew import DivisionError, divided_anew, pages_in, set_aside
from invoice_connector.pipeline.process import processed_all
from invoice_connector.pipeline.request import ManualDivision, Request
from invoice_connector.settings import ConnectorSettings
from invoice_connector.storage import erase, picture_store
from scripts.synthetic.piles import drawn_documents, empty_sheet, joined


@pytest.fixture(scope="module")
def pile() -> bytes:
    """Documents of one and two pages, an empty sheet, and one of a single page."""
    made = [drawn_documents(seed, "en", 5, 1)[0] for seed in range(1, 12)]
    short, long = ([each for each in made if len(each.pages) == pages] for pages in (1, 2))
    return joined([*short[0].pages, *long[0].pages, empty_sheet(), *short[1].pages])


def settings_of(folder: Path, **more: Any) -> ConnectorSettings:
    url = f"sqlite:///{folder / 'audit.db'}"
    return ConnectorSettings(database_url=url, engines=("pdf_text",), verifier="off", reader_isolated=False, **more)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(settings_of(tmp_path)) as address, httpx.Client(base_url=address, timeout=120) as client:
        yield client


def sent(client: httpx.Client, content: bytes) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = client.post("/invoices", files={"file": ("p.pdf", content)}).json()
    assert [document["container"]["pages"] for document in documents] == [[1], [2, 3], [5]]
    return documents


def read(client: httpx.Client, job_id: str) -> list[dict[str, Any]]:
    """The documents of a file once all are read."""
    while (found := client.get(f"/invoices/{job_id}").json())["status"] in ("received", "running"):
        time.sleep(0.05)
    return [client.get(f"/invoices/{each}").json() for each in found["container"]["jobs"]]


def test_pages_go_on_as_the_documents_that_a_person_names(server: httpx.Client, pile: bytes, tmp_path: Path) -> None:
    before = sent(server, pile)
    first = before[1]["job_id"]  # any document of the file stands for it
    shown = server.get(f"/invoices/{first}/division").json()
    assert [document["pages"] for document in shown["documents"]] == [[1], [2, 3], [5]]
    assert (shown["left_out"], shown["can_be_divided"], shown["divided_into"]) == ([4], True, None)

    answer = server.post(f"/invoices/{first}/division", json={"documents": [[3, 2], [4, 5]], "reviewer": "Anna"})
    assert answer.status_code == 202
    made = answer.json()
    old = [document["job_id"] for document in before]
    assert made["instead_of"] == old
    documents = read(server, made["job_id"])
    assert [document["container"]["pages"] for document in documents] == [[3, 2], [4, 5]]
    assert [document["file"] for document in documents] == ["p.pdf (pages 3, 2)", "p.pdf (pages 4-5)"]
    for document in documents:
        assert document["container"]["divided_by"] == {"name": "Anna", "instead_of": old}
        assert document["container"]["left_out"] == [1]
        assert document["container"]["probability"] == 1.0
        assert not {broken["rule"] for broken in document["violations"]} & {"DUPLICATE", "SEVERAL-DOCUMENTS"}
        assert {"part": "page 1 of p.pdf", "reason": "left out by Anna"} in document["not_read"]
    last = before[2]["fields"]["invoice_number"]["value"]
    assert documents[1]["fields"]["invoice_number"]["value"] == last
    for document in before:
        review = server.get(f"/invoices/{document['job_id']}").json()["review"]
        assert (review["status"], review["by"]) == ("rejected", "Anna")
        assert made["job_id"] in review["note"] and "pages 3, 2; 4, 5" in review["note"]
    database = open_database(f"sqlite:///{tmp_path / 'audit.db'}")
    assert verify(database).intact
    database.dispose()

    again = server.post(f"/invoices/{first}/division", json={"documents": [[1]]})
    assert (again.status_code, made["job_id"] in again.json()["error"]["message"]) == (409, True)
    assert server.get(f"/invoices/{first}/division").json()["divided_into"] == made["job_id"]
    further = server.post(f"/invoices/{documents[1]['job_id']}/division", json={"documents": [[3, 2], [4], [5], [1]]})
    assert further.status_code == 202  # what came of it may be divided once more
    assert [each["container"]["pages"] for each in read(server, further.json()["job_id"])] == [[3, 2], [4], [5], [1]]


@pytest.mark.parametrize(
    ("documents", "why"),
    [
        ([[1], [2, 3], [5]], "documents as they are"),
        ([[1, 2], [2, 3]], "page 2 is named twice"),
        ([[1, 9]], "page 9 is not among"),
        ([[1], []], "no document has no pages"),
        ([], "no document has no pages"),
    ],
)
def test_what_the_file_cannot_be_is_refused(
    server: httpx.Client, pile: bytes, documents: list[list[int]], why: str
) -> None:
    first = sent(server, pile)[0]["job_id"]
    answer = server.post(f"/invoices/{first}/division", json={"documents": documents})
    assert (answer.status_code, why in answer.json()["error"]["message"]) == (422, True)
    assert server.get(f"/invoices/{first}").json()["review"] is None
    assert server.get("/invoices/nobody/division").status_code == 404


def test_documents_that_were_settled_keep_their_pages(server: httpx.Client, pile: bytes) -> None:
    before = sent(server, pile)
    settled = before[0]["job_id"]
    body = {"status": "approved", "confirmed": True, "note": "as printed"}
    assert server.post(f"/invoices/{settled}/review", json=body).status_code == 200
    refused = server.post(f"/invoices/{settled}/division", json={"documents": [[1, 2, 3], [5]]})
    assert "page 1 is not among those that can be moved, 2, 3, 4, 5" in refused.json()["error"]["message"]
    made = server.post(f"/invoices/{settled}/division", json={"documents": [[2, 3, 5]]}).json()
    (document,) = read(server, made["job_id"])
    assert (document["container"]["pages"], document["container"]["left_out"]) == ([2, 3, 5], [4])
    assert server.get(f"/invoices/{settled}").json()["review"]["status"] == "approved"


def booked(folder: Path, pile: bytes) -> tuple[InvoiceOCRConnector, list[str]]:
    """The jobs of a file whose documents were completed unseen."""
    connector = InvoiceOCRConnector(settings_of(folder))
    read = processed_all(pile, Request("pile-1", "p.pdf"), connector.tools)
    done = connector.store(*(replace(each, violations=()) for each in read), content=pile)
    documents = done.documents()
    assert [document["status"] for document in documents] == ["completed"] * 3
    return connector, [document["job_id"] for document in documents]


def test_completed_documents_are_withdrawn_with_an_entry_in_the_log(pile: bytes, tmp_path: Path) -> None:
    connector, jobs = booked(tmp_path, pile)
    stored = stored_pile(connector.database, jobs[1])
    assert stored.can_be_divided and stored.movable == {1, 2, 3, 4, 5}
    request_delivery(connector.database, jobs[0], ["books"])
    set_aside(connector.database, divided_anew(stored, [[1, 2, 3, 5]], "Anna"), stored.next_job)
    for job_id in jobs:
        document = document_json(get_job(connector.database, job_id))
        assert (document["status"], document["review"]["status"]) == ("needs_review", "rejected")
    assert list_deliveries(connector.database, jobs[0]) == []
    after = stored_pile(connector.database, jobs[0])
    assert after.why_not is not None and after.why_not.endswith("send each document as a file of its own")
    with pytest.raises(DivisionError, match=f"no page of this file can be moved any more: job {jobs[0]} was rejected"):
        divided_anew(after, [[1, 2]], None)
    assert verify(connector.database).intact
    connector.database.dispose()


def test_what_a_sink_has_keeps_its_pages(pile: bytes, tmp_path: Path) -> None:
    connector, jobs = booked(tmp_path, pile)
    request_delivery(connector.database, jobs[0], ["books"])
    assert claim_due(connector.database, ["books"], utc_now(), jobs[0]) is not None
    stored = stored_pile(connector.database, jobs[2])
    assert stored.movable == {2, 3, 4, 5}
    with pytest.raises(DivisionError, match=f"it is in job {jobs[0]}, which was delivered to books"):
        divided_anew(stored, [[1, 2]], None)
    connector.database.dispose()


def test_what_was_judged_waits_in_no_list(
    server: httpx.Client, pile: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sent(server, pile)
    made = server.post(f"/invoices/{before[0]['job_id']}/division", json={"documents": [[3, 2], [4, 5]]}).json()
    read(server, made["job_id"])
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    assert main(["jobs", "list", "--status", "needs_review", "--db", url]) == 0
    waiting = capsys.readouterr().out
    assert made["job_id"] in waiting and not any(document["job_id"] in waiting for document in before)
    page = server.get(f"/jobs/{before[0]['job_id']}", headers={"Accept-Language": "en"}).text
    head = page[page.index("<h1>") : page.index("</time>")]
    assert ">Rejected<" in head and ">Review<" not in head


def test_a_file_that_is_not_kept_cannot_be_divided(pile: bytes, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, keep_page_pictures=False)
    with serving(settings) as address, httpx.Client(base_url=address, timeout=120) as client:
        first = sent(client, pile)[0]["job_id"]
        assert client.get(f"/invoices/{first}/division").json()["can_be_divided"] is False
        answer = client.post(f"/invoices/{first}/division", json={"documents": [[1, 2, 3, 5]]})
        assert (answer.status_code, "not kept" in answer.json()["error"]["message"]) == (409, True)


def test_the_file_goes_when_one_of_its_documents_is_erased(pile: bytes, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    connector = InvoiceOCRConnector(settings)
    first, _, last = connector.process_bytes(pile, Request("pile-1", "p.pdf")).documents()
    store = picture_store(connector.database, settings)
    assert store is not None and store.file(first["job_id"]) == pile
    path = store.find(first["job_id"], 0)
    erase(connector.database, settings, last["job_id"], "asked for")
    assert store.file(first["job_id"]) is None
    assert path is not None and not path[1].exists()
    assert [picture.page for picture in store.of_job(first["job_id"])] == [1]
    assert not stored_pile(connector.database, first["job_id"]).documents[2].open
    connector.database.dispose()


def test_one_document_without_doubt_is_not_kept(pile: bytes, tmp_path: Path) -> None:
    connector = InvoiceOCRConnector(settings_of(tmp_path))
    alone = drawn_documents(3, "en", 5, 1)[0]
    done = connector.process_bytes(joined(alone.pages), Request("job-1", "p.pdf"))
    assert "container" not in done.to_dict()
    assert connector.pictures is not None and connector.pictures.file("job-1") is None
    connector.database.dispose()


def test_workers_divide_as_they_are_told(pile: bytes, tmp_path: Path) -> None:
    workshop = Workshop(tmp_path, engines=("pdf_text",))
    division = ManualDivision(((3, 2), (1,)), (4, 5), "Anna", ("old",))
    workshop.line.accept(pile, Request("told-1", "p.pdf", division=division))
    workshop.run()
    container = get_job(workshop.connector.database, "told-1").record.container or {}
    pages = [(get_job(workshop.connector.database, each).record.container or {})["pages"] for each in container["jobs"]]
    assert pages == [[3, 2], [1]]
    assert container["divided_by"] == {"name": "Anna", "instead_of": ["old"]}
    workshop.connector.database.dispose()


@given(st.lists(st.lists(st.integers(1, 9), max_size=4), max_size=5))
def test_every_movable_page_is_in_one_document_or_left_out(documents: list[list[int]]) -> None:
    waits = (PileDocument("a", (1, 2), "needs_review", True), PileDocument("b", (5, 4), "needs_review", True))
    stored = StoredPile((*waits, PileDocument("c", (6,), "completed", False)), (3,), "next", False)
    try:
        told = divided_anew(stored, documents, None)
    except DivisionError:
        return
    laid = [page for pages in told.documents for page in pages] + [*told.left_out]
    assert sorted(laid) == [1, 2, 3, 4, 5]
    assert told.instead_of == ("a", "b")


@given(st.lists(st.lists(st.integers(1, 10**6), min_size=1, max_size=5), min_size=1, max_size=5))
def test_what_the_form_says_is_what_it_names(documents: list[list[int]]) -> None:
    assert pages_in("; ".join(" ".join(map(str, pages)) for pages in documents)) == documents


@pytest.mark.parametrize("text", ["one", "1 2; x", "1.5", "-", "①"])
def test_a_form_that_names_no_pages_is_refused(text: str) -> None:
    with pytest.raises(DivisionError):
        assert pages_in(text) == []
