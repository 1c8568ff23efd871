"""What every engine read of a labelled page, on disk: settings of the fusion are then compared without reading anew.

Page readers read the page; readers of lines then read every line that a page reader saw.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from ocr_ensemble.document.decode import load_document
from ocr_ensemble.document.page import PageImage
from ocr_ensemble.engines.protocols import EngineSettings, LineReader, PageReader
from ocr_ensemble.engines.regions import Region, read_regions
from ocr_ensemble.engines.registry import create_engine
from ocr_ensemble.fusion.slots import match_lines
from ocr_ensemble.language import detect_language
from ocr_ensemble.layout import BoundingBox, Polygon, TextLine, Word
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
        stored = json.loads(path.read_text("utf-8")) if path and path.exists() else {}
        known = {name: _transcription(row) for name, row in stored.get("read", {}).items()}
        from_source = stored.get("from_source")
        if from_source is None or any(name not in known for name in self._engines):
            page = load_document(sample.path).pages[0]
            from_source = list(page.from_source)
            known = self._complete(page, known)
            if path:
                rows = {name: asdict(read) for name, read in known.items()}
                path.write_text(json.dumps({"from_source": from_source, "read": rows}), "utf-8")
        matrix = np.asarray(from_source).reshape(2, 3)
        truth = [(labelled.box, labelled.text) for labelled in sample.boxes]
        placed = {
            name: replace(known[name], lines=tuple(on_source(known[name].lines, matrix))) for name in self._engines
        }
        return LabelledPage(sample.path.name, placed, truth)

    def _complete(self, page: PageImage, known: Mapping[str, Transcription]) -> dict[str, Transcription]:
        """What is known of the page and what the other engines read of it, in pixels of the page."""
        read = dict(known)
        for name in dict.fromkeys([*PAGE_READERS, *self._engines]):
            if page.language is None and read:
                text = "\n".join(line.text for line in next(iter(read.values())).lines)
                page = replace(page, language=detect_language(text))
            if name in read:
                continue
            reader = self._reader(name)
            if name in PAGE_READERS and isinstance(reader, PageReader):
                read[name] = reader.read_page(page)
            elif isinstance(reader, LineReader):
                places = match_lines([read[each] for each in PAGE_READERS])
                read[name] = read_regions(reader, page, [Region(place.slot.box, place.polygon) for place in places])
        return read

    def _reader(self, name: str) -> Any:
        if name not in self._readers:
            self._readers[name] = create_engine(name, EngineSettings(device="cpu"))
        return self._readers[name]


def _transcription(row: Mapping[str, Any]) -> Transcription:
    return Transcription(row["engine"], row["version"], row["page"], tuple(map(_line, row["lines"])))


def _line(row: Mapping[str, Any]) -> TextLine:
    words = tuple(Word(word["text"], BoundingBox(**word["box"]), word["confidence"]) for word in row["words"])
    characters, corners, others = row["char_confidences"], row["polygon"], row.get("alternatives")
    return TextLine(
        row["text"],
        BoundingBox(**row["box"]),
        row["confidence"],
        words,
        None if characters is None else tuple(characters),
        None if corners is None else cast("Polygon", tuple((x, y) for x, y in corners)),
        None if others is None else tuple(None if other is None else (other[0], other[1]) for other in others),
    )
