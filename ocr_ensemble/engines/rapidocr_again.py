"""RapidOCR's recogniser once more, for lines in doubt: cut out by their box and with more around them.

A detector's outline may cut print off, and lines that only another engine found RapidOCR has not read at all. What it
reads so is closely related to its first reading; the fitted weights of this engine's own name know how closely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocr_ensemble.document.page import PageImage
from ocr_ensemble.engines import rapidocr
from ocr_ensemble.engines.protocols import EngineSettings, LineCrop
from ocr_ensemble.engines.regions import Region
from ocr_ensemble.reading import Reading

NAME = "rapidocr_again"
MARGIN = 0.15  # of the line's height, on every side
PREPARATION = "cut wider"


class RapidOCRAgainReader:
    """LineReader with a cut of its own; RapidOCR's recogniser is loaded once for both."""

    name = NAME

    def __init__(self, reader: rapidocr.RapidOCRReader) -> None:
        self.version = reader.version
        self._reader = reader

    def cut(self, page: PageImage, region: Region) -> LineCrop:
        """The line's box and ``MARGIN`` around it; on a sloping line, all that its outline spans."""
        box = region.box.padded(max(2, round(MARGIN * region.box.height)), page.width, page.height)
        return LineCrop(box, page.pixels[box.top : box.bottom, box.left : box.right], page.language, PREPARATION)

    def read_lines(self, crops: Sequence[LineCrop]) -> list[Reading]:
        return [replace(reading, engine=self.name) for reading in self._reader.read_lines(crops)]


def create(settings: EngineSettings) -> RapidOCRAgainReader:
    """Raises EngineUnavailableError when the library is not installed."""
    return RapidOCRAgainReader(rapidocr.create_recognizer(settings))


def find_version(settings: EngineSettings) -> str:
    """The version that ``create`` would give, without loading weights. Raises EngineUnavailableError."""
    return rapidocr.find_version(settings)
