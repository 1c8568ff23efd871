"""The receipt of what was not read: parts, pages, hidden text, limits, engines, the verifier, in one list per job."""

from __future__ import annotations

import io
import random
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from disguised_invoices import KINDS, PAGE, draw, drawn, facts, layout
from fastapi.testclient import TestClient
from pypdf import PdfReader, PdfWriter

from invoice_connector.commands.report import report
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.pipeline.process import process
from invoice_connector.pipeline.request import Request
from invoice_connector.settings import ConnectorSettings
from invoice_connector.verify.document import Mode, Verifying
from invoice_connector.web.serve import build_app
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.page import PageImage
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.errors import EngineFailedError
from ocr_ensemble.reading import Transcription
from ocr_ensemble.settings import EnsembleSettings
from verifier.errors import VerifierUnavailableError

LAYER = EnsembleSettings(engines=("pdf_text",), confirming=())
Receipt = dict[str, str]


def invoice(seed: int = 1) -> bytes:
    chance = random.Random(seed)
    said = facts(chance)
    return drawn(lambda canvas: draw(canvas, said, layout(chance)))


def with_pages(*pdfs: bytes, blank: bool = False) -> bytes:
    writer = PdfWriter()
    for pdf in pdfs:
        writer.append(PdfReader(io.BytesIO(pdf)))
    if blank:
        writer.add_blank_page(*PAGE)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def receipt(pdf: bytes, settings: EnsembleSettings = LAYER, engines: Any = None, how: Any = None) -> Receipt:
    verifying = Verifying(mode=Mode.NEVER) if how is None else how
    record = process(pdf, Request("job", "i.pdf"), OCREnsemble(settings, engines), verifying).to_record()
    return {left["part"]: left["reason"] for left in record.not_read}


@dataclass
class Reads:
    """Reads what the text layer says, and fails on some pages; ``seconds`` that it takes."""

    name: str
    fails: frozenset[int] = frozenset()
    seconds: float = 0.0
    version: str = "1"

    def read_page(self, page: PageImage) -> Transcription:
        if page.number in self.fails:
            raise EngineFailedError(self.name, "it lost its way")
        time.sleep(self.seconds)
        assert page.text_layer is not None
        return replace(page.text_layer, engine=self.name)


def test_a_document_that_was_read_as_a_whole_has_none() -> None:
    assert receipt(invoice()) == {}


def test_empty_pages_are_named() -> None:
    assert receipt(with_pages(invoice(), blank=True)) == {"page 2": "nothing is printed on it"}


def test_a_page_that_is_drawn_coarser_than_asked_says_so() -> None:
    limits = Limits(max_render_pixels=1_000_000)
    (found,) = receipt(invoice(), replace(LAYER, limits=limits)).items()
    assert found[0] == "the finest print of page 1"
    assert "rendered at" in found[1]


def test_text_that_nobody_sees_is_named_with_its_page() -> None:
    chance = random.Random(3)
    told = receipt(KINDS["white"](facts(chance), chance))
    assert told == {"hidden text on page 1": "nobody sees it, so it was not read as the page's"}


def test_an_engine_that_failed_on_one_page_is_named_with_it() -> None:
    engines = {"a": Reads("a"), "b": Reads("b", frozenset({2}))}
    settings = EnsembleSettings(engines=("b", "a"), confirming=())
    (found,) = receipt(with_pages(invoice(1), invoice(2)), settings, engines).items()
    assert found[0] == "engine b on page 2"
    assert "it lost its way" in found[1]


def test_an_engine_that_a_spent_budget_kept_from_doubtful_lines_is_named() -> None:
    engines = {"a": Reads("a"), "b": Reads("b")}
    settings = EnsembleSettings(engines=("a", "b"), confirming=(), budget_ms=0.0, certain=1.0)
    (found,) = receipt(invoice(), settings, engines).items()
    assert found[0] == "engine b on page 1"
    assert "budget of 0 ms is spent" in found[1]
    assert receipt(invoice(), replace(settings, certain=0.0), engines) == {}  # nothing was in doubt


def test_pages_that_the_time_limit_left_out_are_named() -> None:
    slow = {"a": Reads("a", seconds=0.05)}
    settings = EnsembleSettings(engines=("a",), confirming=(), document_seconds=0.04)
    (found,) = receipt(with_pages(invoice(1), invoice(2)), settings, slow).items()
    assert found[0] == "page 2"
    assert "a document may take were spent" in found[1]


def test_pages_of_a_long_document_that_no_field_is_looked_for_in_are_named() -> None:
    terms = [drawn(lambda canvas, at=at: _prose(canvas, at)) for at in range(12)]  # type: ignore[misc]
    told = receipt(with_pages(invoice(), *terms))
    assert told and all(part.startswith("fields on page ") for part in told)
    assert "fields on page 1" not in told
    assert all("9,000 words" in reason for reason in told.values())


def _prose(canvas: Any, seed: int) -> None:
    chance = random.Random(seed)
    canvas.setFont("Helvetica", 5)
    for row in range(130):
        words = (chance.choice(("the", "seller", "shall", "deliver", "goods", "as", "agreed")) for _ in range(8))
        canvas.drawString(40, 820 - 6 * row, " ".join(words) + " " + " ".join(words))


def test_a_verifier_out_of_reach_is_named() -> None:
    def gone() -> None:
        raise VerifierUnavailableError("http://127.0.0.1:9 cannot be reached")

    told = receipt(invoice(), how=Verifying(open=gone, mode=Mode.ALWAYS))
    assert told == {"the questions to the verifier": "http://127.0.0.1:9 cannot be reached"}


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_it_is_in_the_json_the_api_the_page_and_the_terminal(accept: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    settings = ConnectorSettings(database_url=url, engines=("pdf_text",), verifier="off", split="never")
    connector = InvoiceOCRConnector(settings)
    document = connector.process_bytes(with_pages(invoice(), blank=True), Request("job-1", "i.pdf")).to_dict()
    (left,) = document["not_read"]
    assert left == {"part": "page 2", "reason": "nothing is printed on it"}
    assert "  not read: page 2 (nothing is printed on it)" in report(document).splitlines()
    with TestClient(build_app(connector), base_url="http://localhost") as client:
        path = "/jobs/job-1" if accept == "text/html" else "/analytics/jobs/job-1"
        answer = client.get(path, headers={"Accept": accept, "Accept-Language": "en"})
        if accept == "text/html":
            assert "What was not read" in answer.text
            assert "page 2: nothing is printed on it" in answer.text
        else:
            assert answer.json()["not_read"] == [left]
            assert client.get("/invoices/job-1").json()["not_read"] == [left]
    connector.database.dispose()
