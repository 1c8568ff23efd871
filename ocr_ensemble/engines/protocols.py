"""What an engine is: three small protocols, of which it implements what it can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.page import PageImage
from ocr_ensemble.layout import BoundingBox, Polygon, TextLine
from ocr_ensemble.reading import FieldReading, Reading, Transcription


@dataclass(frozen=True, slots=True, eq=False)
class LineCrop:
    """The picture of one line. ``pixels``: uint8, shape (H, W, 3), RGB, upright; ``box`` is its place on the page.

    ``language`` is the page's ISO 639-1 code where known; ``preparation`` names a treatment, "" for none.
    """

    box: BoundingBox
    pixels: NDArray[np.uint8]
    language: str | None = None
    preparation: str = ""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What a factory may need to know. ``language`` is the ISO 639-1 code all documents are in, None to find out per
    page; ``threads`` per engine; ``weights`` a folder of checkpoints instead of the profile's."""

    language: str | None = None
    threads: int = 2
    profile: str = "compact"
    weights: Path | None = None
    device: str = "auto"


class Engine(Protocol):
    """``name`` as registered, ``version`` of the library and checkpoint: both go into the audit log."""

    name: str
    version: str


@runtime_checkable
class PageReader(Protocol):
    """Finds and reads all lines of a page."""

    name: str
    version: str

    def read_page(self, page: PageImage) -> Transcription:
        """All lines of the page in reading order, boxes in pixels of ``page.pixels``. Raises anything: it is recorded
        as that engine's failure."""
        ...


@runtime_checkable
class LineDetector(Protocol):
    """Finds lines of text without reading them; runs once per page for all LineReaders."""

    def detect(self, pixels: NDArray[np.uint8]) -> list[Polygon]:
        """One polygon per line, corners clockwise from the top left of its text. ``pixels``: shape (H, W, 3), RGB."""
        ...


@runtime_checkable
class LineReader(Protocol):
    """Reads line crops in one batch; the result has one Reading per crop, in the same order."""

    name: str
    version: str

    def read_lines(self, crops: Sequence[LineCrop]) -> list[Reading]:
        """Each Reading has the crop's box, and the text "" where nothing was read."""
        ...


@runtime_checkable
class FieldReader(Protocol):
    """Reads named fields off a page; ``lines`` are what other engines read of it so far."""

    name: str
    version: str

    def read_fields(self, page: PageImage, lines: Sequence[TextLine] = ()) -> list[FieldReading]:
        """Only fields that were found, named as in the contract (``total_with_vat``)."""
        ...
