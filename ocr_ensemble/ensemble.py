"""The ensemble: engines in order, their readings fused, every decision kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from ocr_ensemble.cache import ReadingCache
from ocr_ensemble.codes import with_codes
from ocr_ensemble.document.decode import load_document, read_source
from ocr_ensemble.document.isolation import decoding
from ocr_ensemble.document.page import Document, PageImage
from ocr_ensemble.engines.pool import EnginePool
from ocr_ensemble.engines.protocols import Engine, FieldReader, LineDetector, LineReader, PageReader
from ocr_ensemble.engines.regions import CutsItself, Region, read_regions
from ocr_ensemble.engines.runner import Attempt, attempt, recorded
from ocr_ensemble.errors import EngineError, NoEngineError
from ocr_ensemble.fusion.confidence import calibrated
from ocr_ensemble.fusion.doubt import in_doubt
from ocr_ensemble.fusion.slots import PlacedSlot, match_lines
from ocr_ensemble.fusion.vote import vote
from ocr_ensemble.language import detect_language
from ocr_ensemble.layer_check import Checked, LayerCheck, beside_layer, joined, with_checks, without_layer
from ocr_ensemble.layout import BoundingBox, TextLine
from ocr_ensemble.memory import give_back
from ocr_ensemble.reading import (
    Consensus,
    Decision,
    DocumentReading,
    EngineRun,
    FieldReading,
    PageReading,
    Reading,
    RunStatus,
    Transcription,
)
from ocr_ensemble.rereading import read_again
from ocr_ensemble.settings import EnsembleSettings, Policy
from ocr_ensemble.strokes import without_struck


class OCREnsemble:
    """Reads documents with several engines. One instance serves a whole process and may be called from threads."""

    def __init__(self, settings: EnsembleSettings | None = None, engines: Mapping[str, Engine] | None = None) -> None:
        self.settings = settings or EnsembleSettings()
        self._pool = EnginePool(self.settings.engine, engines)
        self._layers = LayerCheck(self._pool, self.settings)
        self._cache = ReadingCache(self.settings.cached_documents)

    @property
    def device(self) -> str:
        """What the engines that were asked so far compute on: "cpu", "cpu, cuda"."""
        return ", ".join(sorted(self._pool.devices or {"cpu"}))

    def read(self, source: str | Path | bytes) -> DocumentReading:
        """Reads a file or its bytes.

        A file that was read before is not even decoded. Raises DocumentError when the file cannot be read,
        NoEngineError when no engine could.
        """
        limits = self.settings.limits
        name = None if isinstance(source, bytes) else Path(source).name
        content = source if isinstance(source, bytes) else read_source(Path(source), limits)
        known = self._cache.get(hashlib.sha256(content).hexdigest())
        return known or self.read_document(self.load(content, name))

    def load(self, content: bytes, name: str | None = None) -> Document:
        """The pages of a file, decoded in a child process unless the settings say otherwise. Raises DocumentError."""
        settings = self.settings
        return load_document(content, name, settings.limits, decode=decoding(settings.isolation))

    def read_document(self, document: Document) -> DocumentReading:
        """Raises NoEngineError when no engine could read any page."""
        if known := self._cache.get(document.sha256):
            return known
        reading = DocumentReading(self._pages_in_time(document.pages))
        give_back()
        if not any(page.was_read for page in reading.pages):
            reasons = "; ".join(dict.fromkeys(run.error for run in reading.runs if run.error))
            raise NoEngineError(f"no engine could read {document.name}: {reasons or 'none was chosen'}")
        late = any(run.status is RunStatus.TIMED_OUT for run in reading.runs)
        if not late and not document.unread(reading):  # otherwise another try may do better
            self._cache.put(document.sha256, reading)
        return reading

    def _pages_in_time(self, pages: Sequence[PageImage]) -> tuple[PageReading, ...]:
        """A reading of every page; the pages that the document's time limit leaves out say so."""
        started, limit = perf_counter(), self.settings.document_seconds
        readings: list[PageReading] = []
        for page in pages:
            if perf_counter() - started < limit:
                readings.append(self.read_page(page))
            else:
                readings.append(_left_out(page, self.settings.engines, limit))
        return tuple(readings)

    def read_page(self, page: PageImage) -> PageReading:
        """Asks the engines one after the other until no line is in doubt, and fuses what they read.

        A text layer is compared with the picture first. What it does not tell is read from the picture. What is
        crossed out is kept apart. Codes are read beside the text.
        """
        reading = without_struck(self._read_page(page), page.pixels)
        return with_codes(reading, page, self.settings.engine_seconds)

    def _read_page(self, page: PageImage) -> PageReading:
        checked = self._layers.of_sample(page)
        page, decisions = without_layer(page, checked)
        reading = self._in_turn(_PageState(page, decisions=decisions))
        if reading.lines:
            reading = with_checks(reading, checked)
        beside = self._layers.beside(page)
        reading = replace(reading, runs=(*reading.runs, *beside.runs), stamps=beside.stamps)
        if beside.number is None or page.text_layer is None:
            return reading
        rest = _PageState(replace(page, text_layer=None), told=page.text_layer.lines)
        return joined(reading, self._in_turn(rest), beside.number)

    def _in_turn(self, state: _PageState) -> PageReading:
        page = state.page
        for name in self.settings.engines:
            reason = self._reason_to_read(name, state)
            if reason.ran:
                state = self._run(name, state)
            state = replace(state, decisions=(*state.decisions, reason))
        kept = tuple(line for line in state.lines if _is_text(line, state.page_readers, self.settings.keep))
        timings = {"engines": sum(run.milliseconds for run in state.runs), "fusion": state.fusion_ms}
        return PageReading(
            page.number, page.width, page.height, kept, state.fields, state.runs, state.decisions, timings
        )

    def compare(self, page: PageImage, lines: Sequence[TextLine]) -> Checked:
        """What the picture shows in the place of lines that a text layer told."""
        return self._layers.of_lines(page, lines)

    def read_refuted(self, page: PageImage, checked: Checked) -> PageReading:
        """Reads a page whose picture contradicts its text layer from the picture alone."""
        page, decisions = without_layer(page, checked)
        reading = self.read_page(page)
        return replace(reading, decisions=(*decisions, *reading.decisions), runs=(*reading.runs, *checked.runs))

    def read_again(self, page: PageImage, boxes: Sequence[BoundingBox]) -> list[tuple[Reading, ...]]:
        """Per box what every chosen reader of lines reads in it when it is cut out anew and enlarged.

        An engine that fails gives nothing; the others go on.
        """
        found: list[tuple[Reading, ...]] = [()] * len(boxes)
        for name in self.settings.engines if boxes else ():
            try:
                engine = self._pool.get(name)
            except EngineError:
                continue
            if isinstance(engine, LineReader) and not isinstance(engine, CutsItself):  # a second look itself
                done = attempt(name, partial(read_again, engine, page, boxes), self.settings.engine_seconds)
                if done.hangs:
                    self._pool.discard(name)
                found = [(*old, *new) for old, new in zip(found, done.result or [()] * len(boxes), strict=True)]
        return found

    def _reason_to_read(self, name: str, state: _PageState) -> Decision:
        """Whether this engine is worth its time on this page, and why."""
        page, policy = state.page, self.settings.policy
        if page.blank:
            return Decision(page.number, name, ran=False, reason="nothing is printed on the page")
        if name == "pdf_text" and page.text_layer is None:
            return Decision(page.number, name, ran=False, reason="the page has no text layer that can be trusted")
        if not state.lines:
            return Decision(page.number, name, ran=True, reason="nothing has been read yet")
        if policy is Policy.SINGLE:
            return Decision(page.number, name, ran=False, reason="one engine was asked for, and one has read the page")
        if policy is Policy.FUSION:
            return Decision(page.number, name, ran=True, reason="every engine reads every page")
        return self._reason_to_go_on(name, state)

    def _reason_to_go_on(self, name: str, state: _PageState) -> Decision:
        """Under fallback: whether time and doubt are left."""
        page = state.page.number
        spent, budget = sum(run.milliseconds for run in state.runs), self.settings.budget_ms
        if budget is not None and spent >= budget:
            reason = f"the page's budget of {budget:g} ms is spent ({spent:.0f} ms)"
            return Decision(page, name, ran=False, reason=reason, limited=bool(self._doubtful(state)))
        certain, count = self.settings.certain, len(state.lines)
        if doubtful := self._doubtful(state):
            return Decision(page, name, True, f"{doubtful} of {count} lines are below {certain:g}")
        return Decision(page, name, False, f"all {count} lines are at or above {certain:g}")

    def _doubtful(self, state: _PageState) -> int:
        """How many lines are not sure enough."""
        return sum((line.probability or 0.0) < self.settings.certain for line in state.lines)

    def _run(self, name: str, state: _PageState) -> _PageState:
        """The state after this engine has read the page, or after its failure was recorded."""
        page = self._with_language(state.page, state.lines)
        state = replace(state, page=page)
        try:
            engine = self._pool.get(name)
        except EngineError as error:
            run = EngineRun(name, "", page.number, RunStatus.UNAVAILABLE, 0.0, error=str(error))
            return replace(state, runs=(*state.runs, run))
        if isinstance(engine, PageReader):
            return self._read_lines(engine, partial(engine.read_page, page), state)
        if isinstance(engine, LineReader):
            asked = self._asked_lines(state)
            state = replace(state, decisions=(*state.decisions, *_line_decisions(name, state, asked)))
            return self._read_lines(engine, partial(self._read_regions, engine, state, asked), state)
        if isinstance(engine, FieldReader):
            return self._read_fields(engine, state)
        return state

    def _read_regions(self, engine: LineReader, state: _PageState, asked: Sequence[int]) -> Transcription:
        """The engine's reading of the lines it is asked about; of all detected lines where nothing was read yet."""
        page = state.page
        if state.lines:
            regions = [Region(state.places[number].slot.box, state.places[number].polygon) for number in asked]
        else:
            regions = [Region.of_polygon(polygon) for polygon in self._detector().detect(page.pixels)]
        return read_regions(engine, page, regions)

    def _asked_lines(self, state: _PageState) -> list[int]:
        """The lines that a reader of lines is given: all, or under fallback those that are still in doubt.

        What looks like dirt is not read once more: it is going to be dropped.
        """
        settings = self.settings
        if settings.policy is not Policy.FALLBACK:
            return list(range(len(state.lines)))
        printed = [n for n, line in enumerate(state.lines) if _is_text(line, state.page_readers, settings.keep)]
        chances = [state.lines[number].probability for number in printed]
        doubtful = in_doubt(chances, settings.certain, settings.wanted_error, settings.line_share)
        return sorted(printed[index] for index in doubtful)

    def _detector(self) -> LineDetector:
        """Raises EngineUnavailableError when the engine that finds lines is missing."""
        detector = self._pool.get(self.settings.detector)
        assert isinstance(detector, LineDetector)
        return detector

    def _read_lines(
        self, engine: PageReader | LineReader, read: Callable[[], Transcription], state: _PageState
    ) -> _PageState:
        """``read`` gives the engine's lines; they are fused with those of the engines before."""
        done = attempt(engine.name, read, self.settings.engine_seconds)
        if done.result is None:
            return self._failed(engine, state, done)
        beside = beside_layer(done.result.lines, state.told) if state.told else done.result.lines
        transcription = replace(done.result, lines=beside, milliseconds=done.milliseconds)
        texts = tuple(line.text for line in transcription.lines)
        run = recorded(done, engine.name, engine.version, state.page.number, texts, _mean_confidence(transcription))
        started = perf_counter()
        transcriptions = (*state.transcriptions, transcription)
        readers = state.page_readers
        if isinstance(engine, PageReader) or not state.lines:
            readers = (*readers, engine.name)
        places = match_lines(transcriptions)
        lines = tuple(calibrated(vote(place.slot), _asked(place, readers)) for place in places)
        return replace(
            state,
            transcriptions=transcriptions,
            page_readers=readers,
            places=places,
            lines=lines,
            runs=(*state.runs, run),
            fusion_ms=state.fusion_ms + (perf_counter() - started) * 1000,
        )

    def _read_fields(self, engine: FieldReader, state: _PageState) -> _PageState:
        page = state.page
        lines = [consensus.line for consensus in state.lines]
        done = attempt(engine.name, lambda: engine.read_fields(page, lines), self.settings.engine_seconds)
        if done.result is None:
            return self._failed(engine, state, done)
        texts = tuple(field.text for field in done.result)
        run = recorded(done, engine.name, engine.version, page.number, texts)
        return replace(state, fields=(*state.fields, *done.result), runs=(*state.runs, run))

    def _with_language(self, page: PageImage, lines: tuple[Consensus, ...]) -> PageImage:
        if page.language is not None or not lines:
            return page
        text = "\n".join(consensus.line.text for consensus in lines)
        return replace(page, language=self.settings.engine.language or detect_language(text))

    def _failed(self, engine: Engine, state: _PageState, done: Attempt[Any]) -> _PageState:
        if done.hangs:
            self._pool.discard(engine.name)
        run = recorded(done, engine.name, engine.version, state.page.number)
        return replace(state, runs=(*state.runs, run))


@dataclass(frozen=True, slots=True)
class _PageState:
    """What is known of a page while the engines take their turns. ``told``: lines that are known and left out."""

    page: PageImage
    told: tuple[TextLine, ...] = ()
    transcriptions: tuple[Transcription, ...] = ()
    page_readers: tuple[str, ...] = ()  # engines that looked at every line
    places: tuple[PlacedSlot, ...] = ()
    lines: tuple[Consensus, ...] = ()
    fields: tuple[FieldReading, ...] = ()
    runs: tuple[EngineRun, ...] = ()
    decisions: tuple[Decision, ...] = ()
    fusion_ms: float = field(default=0.0)


def _asked(place: PlacedSlot, page_readers: tuple[str, ...]) -> tuple[str, ...]:
    """The engines that looked at this line: not having seen it speaks against it, not having been asked does not."""
    return tuple(dict.fromkeys((*page_readers, *(reading.engine for reading in place.slot.readings))))


def _line_decisions(name: str, state: _PageState, asked: Sequence[int]) -> list[Decision]:
    """Why this engine is asked about these lines and not about the others."""
    if len(asked) == len(state.lines):
        return []
    chances = {number: state.lines[number].probability or 0.0 for number in asked}
    page = state.page.number
    return [Decision(page, name, True, f"right with {chance:.2f} only", number) for number, chance in chances.items()]


def _left_out(page: PageImage, engines: Sequence[str], limit: float) -> PageReading:
    reason = f"the {limit:g} s that a document may take were spent on the pages before"
    decisions = tuple(Decision(page.number, name, ran=False, reason=reason) for name in engines)
    return PageReading(page.number, page.width, page.height, (), decisions=decisions)


def _mean_confidence(transcription: Transcription) -> float | None:
    known = [line.confidence for line in transcription.lines if line.confidence is not None]
    return sum(known) / len(known) if known else None


def _is_text(consensus: Consensus, page_readers: Sequence[str], keep: float) -> bool:
    """Whether a line is more likely print than dirt: two engines found it, or its probability earns it.

    An engine that was asked to read a given place has not found anything.
    """
    if not consensus.line.text.strip():
        return False
    finders = {reading.engine for reading in consensus.slot.readings}.intersection(page_readers)
    return len(finders) > 1 or consensus.probability is None or consensus.probability >= keep
