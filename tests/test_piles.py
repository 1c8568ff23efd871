"""A file that holds several documents becomes a job for each, all or none; one that holds one stays one."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from live_server import serving
from swiss_piles import SELLERS, swiss_invoice

from db import audit
from db.errors import DuplicateJobError, StorageError
from db.ids import new_job_id
from db.piles import stored_documents
from db.queries import get_job, list_jobs
from db.verification import verify
from invoice_connector.cli import main
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.exports.pages import page_pictures
from invoice_connector.fields.geometry import segments_of
from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.page_numbers import PageNumber, page_number
from invoice_connector.fields.several import RULE
from invoice_connector.piles.dividing import pile_of
from invoice_connector.piles.segmentation import best_runs, cut_probabilities, run_probabilities
from invoice_connector.pipeline.request import Request
from invoice_connector.settings import ConnectorSettings
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.layout import BoundingBox, TextLine, Word
from scripts.synthetic.piles import Single, drawn_documents, empty_sheet, joined

Divided = list[list[int]]


@pytest.fixture(scope="module")
def singles() -> list[Single]:
    """Documents of several suppliers, of 1, 2, 1 and 2 pages."""
    made = [drawn_documents(seed, language, 4 + seed % 3, 1)[0] for seed, language in enumerate(("de", "en", "fr") * 6)]
    short, long = ([each for each in made if len(each.pages) == pages] for pages in (1, 2))
    return [short[0], long[0], short[1], long[1]]


def settings(folder: Path, **more: Any) -> ConnectorSettings:
    url = f"sqlite:///{folder / 'audit.db'}"
    return ConnectorSettings(database_url=url, engines=("pdf_text",), verifier="off", **more)


@pytest.fixture
def connector(tmp_path: Path) -> Iterator[InvoiceOCRConnector]:
    made = InvoiceOCRConnector(settings(tmp_path))
    yield made
    made.database.dispose()


def pages_of(documents: list[dict[str, Any]]) -> Divided:
    return [document["container"]["pages"] for document in documents]


def pile(*parts: tuple[bytes, ...]) -> bytes:
    return joined([page for part in parts for page in part])


def test_each_document_is_a_job_with_its_pages(
    connector: InvoiceOCRConnector, singles: list[Single], tmp_path: Path
) -> None:
    path = tmp_path / "pile.pdf"
    path.write_bytes(pile(*(single.pages for single in singles)))
    done = connector.process_invoice_with_ocr(path)
    documents = done.documents()
    assert pages_of(documents) == [[1], [2, 3], [4], [5, 6]]
    assert [document["page_count"] for document in documents] == [1, 2, 1, 2]
    assert [document["file"] for document in documents[:2]] == ["pile.pdf (page 1)", "pile.pdf (pages 2-3)"]
    assert len({document["fields"]["invoice_number"]["value"] for document in documents}) == 4
    for document in documents:
        assert document["container"]["jobs"] == [each["job_id"] for each in documents]
        assert {line["page"] for line in document["lines"]} == set(range(1, document["page_count"] + 1))
        assert 0.5 < document["container"]["probability"] <= 1.0
    assert stored_documents(connector.database, documents[0]["job_id"]) == documents
    assert verify(connector.database).intact
    record = get_job(connector.database, documents[1]["job_id"]).record
    shown = page_pictures(record, None, Limits())
    assert [(page.number, page.width) for page in shown] == [(p["page"], p["width"]) for p in record.pages]
    alone = connector.process_bytes(joined(singles[1].pages), Request(new_job_id(), "alone.pdf")).to_dict()
    kept = ("fields", "invoice_lines", "text", "lines", "pages")
    assert "container" not in alone
    assert {name: alone[name] for name in kept} == {name: documents[1][name] for name in kept}


@pytest.mark.parametrize("long", [False, True])
def test_twelve_pages_are_six_swiss_invoices(connector: InvoiceOCRConnector, long: bool) -> None:
    """Letter and payment part; each code stays with its letter."""
    chance = random.Random(5)
    made = [swiss_invoice(chance, seller, f"2026-{101 + at}", long) for at, seller in enumerate(SELLERS)]
    document = connector.ensemble.load(joined(made))
    found = pile_of(document, connector.ensemble.read_document(document), connector.wanted.risk)
    assert [part.pages for part in found.parts] == [[at, at + 1] for at in range(1, 12, 2)]


def test_a_part_in_doubt_says_where(connector: InvoiceOCRConnector, singles: list[Single]) -> None:
    done = connector.process_bytes(pile(*(single.pages for single in singles)), Request(new_job_id(), "p.pdf"))
    for document in done.documents():
        found = [broken["message"] for broken in document["violations"] if broken["rule"] == RULE]
        assert bool(found) == (1.0 - document["container"]["probability"] > connector.wanted.risk)
        assert all("begins on its page" in message for message in found)


def test_all_documents_of_a_file_are_stored_or_none(
    connector: InvoiceOCRConnector, singles: list[Single], monkeypatch: pytest.MonkeyPatch
) -> None:
    content, request = pile(singles[0].pages, singles[1].pages), Request(new_job_id(), "p.pdf")
    index, stored = audit.index_job, list[str]()

    def dies(connection: Any, job: Any) -> None:
        stored.append(job["id"])
        if len(stored) == 2:
            raise StorageError("the disk is full")
        index(connection, job)

    with monkeypatch.context() as patched:
        patched.setattr(audit, "index_job", dies)
        with pytest.raises(StorageError):
            connector.process_bytes(content, request)
    assert list_jobs(connector.database, 10) == []
    assert len(connector.process_bytes(content, request).documents()) == 2
    with pytest.raises(DuplicateJobError):
        connector.process_bytes(content, request)
    with pytest.raises(DuplicateJobError):
        connector.process_once(content, replace(request, job_id=new_job_id()), ("completed", "needs_review"))
    assert len(list_jobs(connector.database, 10)) == 2


def test_a_batch_reads_a_pile_once(
    singles: list[Single], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "pile.pdf").write_bytes(pile(singles[0].pages, singles[3].pages))
    options = ["--engines", "pdf_text", "--verifier", "off", "--json", "--db", f"sqlite:///{tmp_path / 'audit.db'}"]
    printed = []
    for _ in range(2):
        assert main(["batch", str(tmp_path / "in"), "--jobs", "1", *options]) == 0
        printed.append([json.loads(line) for line in capsys.readouterr().out.splitlines()])
    assert pages_of(printed[0]) == [[1], [2, 3]] and printed[1] == []
    assert main(["process", str(tmp_path / "in" / "pile.pdf"), "--split", "never", *options]) == 0
    (whole,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert whole["page_count"] == 3 and "container" not in whole


def test_an_upload_answers_with_a_list(singles: list[Single], tmp_path: Path) -> None:
    content = pile(singles[2].pages, singles[1].pages)
    with serving(settings(tmp_path)) as address:
        sent = httpx.post(f"{address}/invoices", files={"file": ("p.pdf", content)}, timeout=120).json()
        assert pages_of(sent) == [[1], [2, 3]]
        polled = httpx.get(f"{address}/invoices/{sent[1]['job_id']}").json()
        assert polled["container"] == sent[1]["container"]
        page = httpx.get(f"{address}/jobs/{sent[1]['job_id']}", headers={"Accept": "text/html"}).text
    assert "pages 2-3" in page


def test_pages_out_of_order_are_put_in_order_and_that_is_said(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    single = next(
        each
        for seed in range(40)
        for each in drawn_documents(seed, "de", 1, 1)
        if len(each.pages) == 3 and "3/3" in printed_on(each.pages[2])
    )
    first, second, third = single.pages
    done = connector.process_bytes(joined([second, third, first]), Request(new_job_id(), "p.pdf"))
    (document,) = done.documents()
    assert document["container"]["pages"] == [3, 1, 2]
    assert document["container"]["part"] == "pages 3, 1, 2"
    straight = connector.process_bytes(joined(single.pages), Request(new_job_id(), "q.pdf")).to_dict()
    assert document["fields"] == straight["fields"] and "container" not in straight
    steps = get_job(connector.database, document["job_id"]).record.preprocessing
    assert [step["page"] for step in steps if step["step"] == "page_order"] == [1, 2, 3]


def printed_on(page: bytes) -> str:
    import pypdfium2

    return pypdfium2.PdfDocument(page)[0].get_textpage().get_text_range().replace(" ", "").replace("von", "/")


def test_empty_sheets_are_no_document_and_are_named(connector: InvoiceOCRConnector, singles: list[Single]) -> None:
    content = pile(singles[0].pages, (empty_sheet(),), singles[1].pages)
    documents = connector.process_bytes(content, Request(new_job_id(), "p.pdf")).documents()
    assert pages_of(documents) == [[1], [3, 4]]
    for document in documents:
        assert "page 2 of p.pdf" in {each["part"] for each in document["not_read"]}


def test_terms_belong_to_the_invoice_before_them(connector: InvoiceOCRConnector, singles: list[Single]) -> None:
    terms = singles[0].beside["terms"]
    content = pile(singles[0].pages, terms, singles[1].pages)
    first, _ = connector.process_bytes(content, Request(new_job_id(), "p.pdf")).documents()
    assert first["container"]["pages"] == list(range(1, 2 + len(terms)))
    assert {each["kind"] for each in first["container"]["attachments"]} == {"terms"}


scores = st.integers(1, 6).flatmap(lambda n: arrays(np.float64, (n, n), elements=st.floats(-8, 8)))


@given(scores)
def test_probabilities_are_those_of_all_divisions_counted(scores: np.ndarray) -> None:
    count = len(scores)
    totals: dict[tuple[int, ...], float] = {}
    for inner in itertools.product((False, True), repeat=count - 1):
        begins = [0, *(place + 1 for place, begun in enumerate(inner) if begun)]
        runs = list(zip(begins, [*(b - 1 for b in begins[1:]), count - 1], strict=True))
        totals[tuple(begins)] = float(np.exp(sum(scores[run] for run in runs)))
    whole = sum(totals.values())
    expected = [sum(t for begins, t in totals.items() if place in begins) / whole for place in range(count)]
    assert cut_probabilities(scores) == pytest.approx(expected)
    best = tuple(first for first, _ in best_runs(scores))
    assert totals[best] == pytest.approx(max(totals.values()))
    for first, last in best_runs(scores):
        ends = [t for b, t in totals.items() if first in b and (last + 1 in b or last + 1 == count)
                and not any(first < place <= last for place in b)]  # fmt: skip
        assert run_probabilities(scores)[0][first, last] == pytest.approx(sum(ends) / whole)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Page 2 of 3", PageNumber(2, 3)),
        ("Seite 1/4", PageNumber(1, 4)),
        ("2 / 2", PageNumber(2, 2)),
        ("Sida 1 (2)", PageNumber(1, 2)),
        ("Seite 3", PageNumber(3)),
        ("1 (2)", None),  # in the middle of a page that may be anything
        ("3/2", None),
        ("12.03/2024", None),
        ("Invoice 2 of 3 May", None),
        ("Rechnung 4/5", None),
    ],
)
def test_page_numbers(text: str, said: PageNumber | None) -> None:
    box = BoundingBox(100, 1000, 400, 1030)
    page = FieldPage(1, 1654, 2339, (TextLine(text, box, words=(Word(text, box),)),))
    assert page_number(segments_of(page), 2339) == said


@pytest.mark.slow
def test_of_many_piles_hardly_any_document_is_cut_wrong_and_booked(connector: InvoiceOCRConnector) -> None:
    wrong, passed, decisions = 0, 0, 0
    for seed in range(12):
        rng = np.random.default_rng([seed, 5])
        languages = rng.permutation(["sv", "en", "de", "fr", "es", "it", "pt"])[: int(rng.integers(2, 6))]
        made = [drawn_documents(900 + 10 * seed + at, str(each), 3 + at, 1)[0] for at, each in enumerate(languages)]
        begins = set(itertools.accumulate((len(single.pages) for single in made), initial=1)) - {
            1 + sum(len(single.pages) for single in made)
        }
        content = pile(*(single.pages for single in made))
        documents = connector.process_bytes(content, Request(new_job_id(), f"{seed}.pdf")).documents()
        found = {document["container"]["pages"][0] for document in documents if "container" in document} or {1}
        decisions += sum(len(single.pages) for single in made) - 1
        wrong += len(begins ^ found)
        passed += len(begins ^ found) if all(RULE not in str(each["violations"]) for each in documents) else 0
    assert wrong <= 0.03 * decisions
    assert passed <= 0.01 * decisions
