"""The ensemble with engines that fail in every way they can: each failure is recorded, none takes the page down."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocr_ensemble.document.page import BLANK, Document, ImageQuality, PageImage
from ocr_ensemble.document.steps import PreprocessingStep
from ocr_ensemble.engines.protocols import Engine, EngineSettings, LineCrop
from ocr_ensemble.engines.registry import create_engine, known_engines
from ocr_ensemble.engines.replay import ReplayReader
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.errors import EngineFailedError, EngineUnavailableError, UnknownEngineError
from ocr_ensemble.fusion.doubt import in_doubt
from ocr_ensemble.layout import BoundingBox, Polygon, TextLine, Word
from ocr_ensemble.reading import Reading, RunStatus, Transcription
from ocr_ensemble.settings import EnsembleSettings, Policy

PAGE = PageImage(1, np.full((200, 400, 3), 255, np.uint8), ImageQuality(1.0, 1.0, 0.0, 0.0))


def transcription(engine: str, *texts: str, confidence: float | None = 0.99) -> Transcription:
    lines = []
    for row, text in enumerate(texts):
        box = BoundingBox(10, 10 + 40 * row, 300, 40 + 40 * row)
        lines.append(TextLine(text, box, confidence, (Word(text, box, confidence),) if " " not in text else ()))
    return Transcription(engine, "1", 1, tuple(lines))


@dataclass
class Reader:
    name: str
    result: Transcription | Exception
    version: str = "1"
    calls: int = 0

    def read_page(self, page: PageImage) -> Transcription:
        self.calls += 1
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@dataclass
class HangingReader:
    name: str
    release: threading.Event
    version: str = "1"

    def read_page(self, page: PageImage) -> Transcription:
        self.release.wait(30)
        return transcription(self.name)


@dataclass
class LateReader:
    """Takes longer than the documents' limit in these tests."""

    name: str
    version: str = "1"
    calls: int = 0

    def read_page(self, page: PageImage) -> Transcription:
        self.calls += 1
        time.sleep(0.05)
        return transcription(self.name, "Faktura")


@dataclass
class Lines:
    """A LineReader that reads what it is told in every crop, and remembers the crops."""

    name: str
    text: str
    version: str = "1"
    crops: list[LineCrop] = field(default_factory=list)

    def read_lines(self, crops: Sequence[LineCrop]) -> list[Reading]:
        self.crops = list(crops)
        return [Reading(self.name, self.text, crop.box, 0.9) for crop in crops]


@dataclass
class Detector:
    name: str = "rapidocr"
    version: str = "1"

    def detect(self, pixels: NDArray[np.uint8]) -> list[Polygon]:
        return [((10, 10), (300, 10), (300, 40), (10, 40)), ((10, 50), (300, 50), (300, 80), (10, 80))]


def ensemble(*engines: Engine, policy: Policy = Policy.FUSION, seconds: float = 20.0) -> OCREnsemble:
    settings = EnsembleSettings(engines=tuple(engine.name for engine in engines), policy=policy, engine_seconds=seconds)
    return OCREnsemble(settings, {engine.name: engine for engine in engines})


def test_a_crashing_engine_is_recorded_and_the_next_one_reads() -> None:
    page = ensemble(Reader("a", RuntimeError("boom")), Reader("b", transcription("b", "Faktura"))).read_page(PAGE)
    assert [(run.engine, run.status) for run in page.runs[:2]] == [("a", RunStatus.FAILED), ("b", RunStatus.OK)]
    assert page.runs[0].error == "a failed: RuntimeError: boom"
    assert page.text == "Faktura"


def test_a_hanging_engine_is_left_behind_at_its_time_limit() -> None:
    release = threading.Event()
    try:
        hanging = HangingReader("a", release)
        page = ensemble(hanging, Reader("b", transcription("b", "Faktura")), seconds=0.2).read_page(PAGE)
    finally:
        release.set()
    assert [(run.engine, run.status) for run in page.runs[:2]] == [("a", RunStatus.TIMED_OUT), ("b", RunStatus.OK)]
    assert "0.2 s" in str(page.runs[0].error)
    assert page.text == "Faktura"


def test_a_missing_engine_is_recorded_as_unavailable() -> None:
    settings = EnsembleSettings(engines=("no such engine", "b"))
    page = OCREnsemble(settings, {"b": Reader("b", transcription("b", "Faktura"))}).read_page(PAGE)
    assert [run.status for run in page.runs[:2]] == [RunStatus.UNAVAILABLE, RunStatus.OK]
    assert page.text == "Faktura"


def test_unknown_confidence_does_not_become_zero() -> None:
    page = ensemble(Reader("a", transcription("a", "Faktura", confidence=None))).read_page(PAGE)
    assert page.lines[0].probability is None
    assert page.runs[0].confidence is None


def test_fallback_stops_when_no_line_is_in_doubt() -> None:
    first, second = Reader("a", transcription("a", "Faktura")), Reader("b", transcription("b", "Faktura"))
    reader = ensemble(first, second, policy=Policy.FALLBACK)
    sure = OCREnsemble(replace(reader.settings, certain=0.0), {"a": first, "b": second}).read_page(PAGE)
    assert second.calls == 0
    assert [(d.engine, d.ran) for d in sure.decisions] == [("a", True), ("b", False)]
    assert sure.decisions[1].reason == "all 1 lines are at or above 0"
    doubtful = OCREnsemble(replace(reader.settings, certain=1.0), {"a": first, "b": second}).read_page(PAGE)
    assert second.calls == 1
    assert doubtful.decisions[1].reason == "1 of 1 lines are below 1"


def test_single_reads_with_the_first_engine_that_can() -> None:
    second, third = Reader("b", transcription("b", "Faktura")), Reader("c", transcription("c", "Faktura"))
    page = ensemble(Reader("a", RuntimeError("boom")), second, third, policy=Policy.SINGLE).read_page(PAGE)
    assert (second.calls, third.calls) == (1, 0)
    assert page.text == "Faktura"


def test_every_reading_of_a_line_is_kept_beside_the_chosen_one() -> None:
    page = ensemble(
        Reader("a", transcription("a", "Faktura")), Reader("b", transcription("b", "Fakfura", confidence=0.3))
    ).read_page(PAGE)
    assert {reading.engine: reading.text for reading in page.lines[0].slot.readings} == {
        "a": "Faktura",
        "b": "Fakfura",
    }
    assert page.lines[0].votes[0].position == 3


def test_a_line_reader_is_asked_about_the_lines_in_doubt_only() -> None:
    sure = transcription("a", "Faktura", "Belopp")
    sure = replace(sure, lines=(sure.lines[0], transcription("a", "Faktura", "Belopp", confidence=0.2).lines[1]))
    lines = Lines("b", "Belopp")
    reader = ensemble(Reader("a", sure), lines, policy=Policy.FALLBACK)
    unknown = OCREnsemble(replace(reader.settings, certain=0.8), {"a": Reader("a", sure), "b": lines}).read_page(PAGE)
    assert [crop.box.top for crop in lines.crops] == [50]
    assert {r.engine: r.text for r in unknown.lines[1].slot.readings} == {"a": "Belopp", "b": "Belopp"}
    assert len(unknown.lines[0].slot.readings) == 1
    assert [(d.engine, d.line, d.ran) for d in unknown.decisions if d.line is not None] == [("b", 1, True)]


def test_no_further_engine_is_asked_once_the_budget_is_spent() -> None:
    first, second = Reader("a", transcription("a", "Fak", confidence=0.2)), Reader("b", transcription("b", "Faktura"))
    settings = replace(ensemble(first, second, policy=Policy.FALLBACK).settings, budget_ms=0.0)
    page = OCREnsemble(settings, {"a": first, "b": second}).read_page(PAGE)
    assert second.calls == 0
    assert page.decisions[-1].reason.startswith("the page's budget of 0 ms is spent")


chances = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=30)


@given(chances, st.floats(0, 1), st.floats(0, 0.2))
def test_lines_that_are_settled_hold_the_wanted_error_rate(
    given_chances: list[float | None], certain: float, wanted: float
) -> None:
    doubtful = in_doubt(given_chances, certain, wanted, 1.0)
    settled = [chance or 0.0 for index, chance in enumerate(given_chances) if index not in doubtful]
    below = [chance for chance in settled if chance < certain]
    if below:
        assert sum(1 - chance for chance in settled) <= wanted * len(settled) + 1e-9
    assert max((given_chances[i] or 0.0 for i in doubtful), default=0.0) <= min(settled, default=1.0)


@given(chances, st.floats(0, 1))
def test_at_most_the_wanted_share_of_lines_is_read_again(given_chances: list[float | None], most: float) -> None:
    doubtful = in_doubt(given_chances, 1.0, 0.0, most)
    assert len(doubtful) <= (max(1.0, most * len(given_chances)) if most > 0 else 0)
    asked = [given_chances[index] or 0.0 for index in doubtful]
    assert asked == sorted(asked)


def test_a_line_reader_that_comes_first_reads_the_detected_lines() -> None:
    lines = Lines("b", "Faktura")
    settings = EnsembleSettings(engines=("b",), policy=Policy.FUSION, keep=0.0)
    page = OCREnsemble(settings, {"b": lines, "rapidocr": Detector()}).read_page(PAGE)
    assert [line.line.box.as_tuple() for line in page.lines] == [(10, 10, 300, 40), (10, 50, 300, 80)]
    assert page.text == "Faktura\nFaktura"
    assert [crop.pixels.shape for crop in lines.crops] == [(30, 290, 3), (30, 290, 3)]


def test_a_replayed_recording_reads_like_the_engine_and_a_gap_is_a_failure() -> None:
    replay = ReplayReader("a", "1", {PAGE.digest(): transcription("a", "Faktura")})
    assert ensemble(replay).read_page(PAGE).text == "Faktura"
    other = replace(PAGE, pixels=np.zeros((200, 400, 3), np.uint8))
    with pytest.raises(EngineFailedError, match="no recording of a for page 1"):
        replay.read_page(other)
    assert ensemble(replay).read_page(other).runs[0].status is RunStatus.FAILED


def test_the_registry_names_the_known_engines() -> None:
    with pytest.raises(UnknownEngineError, match="known are pdf_text, rapidocr, tesseract"):
        create_engine("nobody", EngineSettings())
    assert list(known_engines())[:3] == ["pdf_text", "rapidocr", "tesseract"]


def test_an_engine_whose_library_is_missing_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineUnavailableError, match="apt-get install tesseract-ocr"):
        create_engine("tesseract", EngineSettings())


def test_no_engine_is_asked_about_a_blank_page() -> None:
    reader = Reader("a", transcription("a", "smudge"))
    ensemble = OCREnsemble(EnsembleSettings(engines=("a",)), {"a": reader})
    back = replace(PAGE, number=2, steps=(PreprocessingStep(BLANK, "nothing is printed on it"),))
    read = ensemble.read_page(back)
    assert (reader.calls, read.lines, read.runs) == (0, (), ())
    assert [(d.engine, d.ran, d.reason) for d in read.decisions] == [("a", False, "nothing is printed on the page")]
    assert ensemble.read_page(PAGE).lines


def test_no_further_page_is_begun_once_the_documents_time_is_spent() -> None:
    reader = LateReader("a")
    document = Document("pile.pdf", "application/pdf", "0" * 64, tuple(replace(PAGE, number=n) for n in (1, 2, 3)))
    settings = replace(ensemble(reader).settings, document_seconds=0.01)
    reading = OCREnsemble(settings, {"a": reader}).read_document(document)
    assert [page.was_read for page in reading.pages] == [True, False, False]
    assert reading.pages[2].decisions[0].reason.startswith("the 0.01 s that a document may take")
    patient = OCREnsemble(replace(settings, document_seconds=60.0), {"a": reader})
    assert all(page.was_read for page in patient.read_document(document).pages)


def test_a_reading_that_ran_out_of_time_is_not_remembered() -> None:
    reader = LateReader("a")
    document = Document("pile.pdf", "application/pdf", "1" * 64, (PAGE, replace(PAGE, number=2)))
    hurried = OCREnsemble(replace(ensemble(reader).settings, document_seconds=0.01), {"a": reader})
    hurried.read_document(document)
    hurried.read_document(document)
    assert reader.calls == 2
