"""An engine: Tesseract in its mode for sparse text, which finds print that no column or paragraph holds."""

from __future__ import annotations

import time
from collections import defaultdict

import pytesseract

from ocr_ensemble import BoundingBox, EngineSettings, EngineUnavailableError, PageImage, TextLine, Transcription, Word

NAME = "sparse_text"


class SparseTextReader:
    """A PageReader: it finds and reads all lines of a page by itself."""

    name = NAME

    def __init__(self, version: str) -> None:
        self.version = version

    def read_page(self, page: PageImage) -> Transcription:
        started = time.perf_counter()
        found = pytesseract.image_to_data(page.pixels, config="--psm 11", output_type=pytesseract.Output.DICT)
        words: dict[tuple[int, ...], list[Word]] = defaultdict(list)
        for i, text in enumerate(found["text"]):
            left, top, width, height = (found[side][i] for side in ("left", "top", "width", "height"))
            if text.strip() and width and height:
                box = BoundingBox(left, top, left + width, top + height)
                line = tuple(found[part][i] for part in ("block_num", "par_num", "line_num"))
                words[line].append(Word(text.strip(), box, min(1.0, max(0.0, float(found["conf"][i]) / 100))))
        lines = tuple(_line(parts) for parts in words.values())
        return Transcription(self.name, self.version, page.number, lines, (time.perf_counter() - started) * 1000)


def _line(words: list[Word]) -> TextLine:
    box = BoundingBox.union(word.box for word in words)
    sure = [word.confidence for word in words if word.confidence is not None]
    return TextLine(" ".join(word.text for word in words), box, min(sure), tuple(words))


def create(settings: EngineSettings) -> SparseTextReader:
    """Raises EngineUnavailableError without the program; that names it in the log, and the other engines go on."""
    try:
        version = str(pytesseract.get_tesseract_version())
    except pytesseract.TesseractNotFoundError as error:
        raise EngineUnavailableError(NAME, "tesseract is not installed; apt-get install tesseract-ocr") from error
    return SparseTextReader(version)
