"""What every engine read of a labelled page, on disk: settings of the fusion are then compared without reading anew.

Page readers read the page; readers of lines then read every line that a page reader saw.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ocr_ensemble.document.decode import load_document
from ocr_ensemble.engines.protocols import EngineSettings, LineReader, PageReader
from ocr_ensemble.engines.regions import Region, read_regions
from ocr_ensemble.engines.registry import create_engine
from ocr_ensemble.fusion.slots import match_lines
from ocr_ensemble.language import detect_language
from ocr_ensemble.layout import BoundingBox, TextLine, Word
from ocr_ensemble.reading import Transcription
from scripts.evaluation.datasets import Sample
from scripts.evaluation.measures import on_source

PAGE_READERS = ("rapidocr", "tesseract")


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """What each engine read of one page, and its true lines, both in pixels of the file as stored."""

    name: str
    transcriptions: Mapping[str, Transcription]
    truth: Sequence[tuple[BoundingBox, str]]


class Recorder:
    """Reads the first page of documents with all engines, or takes what ``folder`` holds of an earlier run."""

    def __init__(self, engines: Sequence[str], folder: Path | None = None) -> None:
        self._engines, self._folder = tuple(engines), folder
        self._readers: dict[str, Any] = {}
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def read(self, sample: Sample) -> LabelledPage:
        """The page with all transcriptions; those that were not recorded yet are read and recorded."""
        path = self._folder / f"{sample.path.stem}.json" if self._folder else None
        known = _load(path) if path and path.exists() else {}
        missing = [name for name in self._engines if name not in known]
        if missing:
            known = {**known, **self._record(sample, missing, known)}
            if path:
                path.write_text(json.dumps({name: asdict(read) for name, read in known.items()}), "utf-8")
        truth = [(labelled.box, labelled.text) for labelled in sample.boxes]
        return LabelledPage(sample.path.name, {name: known[name] for name in self._engines}, truth)

    def _record(
        self, sample: Sample, engines: Iterable[str], known: Mapping[str, Transcription]
    ) -> dict[str, Transcription]:
        page = load_document(sample.path).pages[0]
        matrix = np.asarray(page.from_source).reshape(2, 3)
        recorded: dict[str, Transcription] = {}
        on_page: dict[str, Transcription] = {}
        wanted = dict.fromkeys([*PAGE_READERS, *engines])  # lines come from the page readers, recorded or not
        for name in wanted:
            reader = self._reader(name)
            if isinstance(reader, PageReader) and name in PAGE_READERS:
                on_page[name] = reader.read_page(page)
                if page.language is None:
                    page = replace(page, language=detect_language("\n".join(x.text for x in on_page[name].lines)))
            elif isinstance(reader, LineReader):
                places = match_lines(tuple(on_page[each] for each in PAGE_READERS))
                regions = [Region(place.slot.box, place.polygon) for place in places]
                on_page[name] = read_regions(reader, page, regions)
            if name not in known:
                recorded[name] = replace(on_page[name], lines=tuple(on_source(on_page[name].lines, matrix)))
        return recorded

    def _reader(self, name: str) -> Any:
        if name not in self._readers:
            self._readers[name] = create_engine(name, EngineSettings(device="cpu"))
        return self._readers[name]


def _load(path: Path) -> dict[str, Transcription]:
    stored = json.loads(path.read_text("utf-8"))
    return {name: _transcription(row) for name, row in stored.items()}


def _transcription(row: Mapping[str, Any]) -> Transcription:
    return Transcription(row["engine"], row["version"], row["page"], tuple(map(_line, row["lines"])))


def _line(row: Mapping[str, Any]) -> TextLine:
    words = tuple(Word(word["text"], BoundingBox(**word["box"]), word["confidence"]) for word in row["words"])
    characters = row["char_confidences"]
    return TextLine(
        row["text"],
        BoundingBox(**row["box"]),
        row["confidence"],
        words,
        None if characters is None else tuple(characters),
    )
