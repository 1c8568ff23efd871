"""Line readers at work on a page: regions cut out once, read in one batch, put back as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ocr_ensemble.crops import crop_box, crop_polygon
from ocr_ensemble.document.page import PageImage
from ocr_ensemble.engines.protocols import LineCrop, LineReader
from ocr_ensemble.layout import BoundingBox, Polygon, TextLine
from ocr_ensemble.reading import Reading, Transcription

MARGIN = 2  # pixels around a line that is known by its box only: boxes of words hug the ink


@dataclass(frozen=True, slots=True)
class Region:
    """Where a line stands. ``polygon``, where known, tells how it slopes."""

    box: BoundingBox
    polygon: Polygon | None = None

    @classmethod
    def of_polygon(cls, polygon: Polygon) -> Region:
        return cls(BoundingBox.around(polygon), polygon)


@runtime_checkable
class CutsItself(Protocol):
    """A LineReader that wants its lines cut out in its own way."""

    def cut(self, page: PageImage, region: Region) -> LineCrop: ...


def read_regions(engine: LineReader, page: PageImage, regions: Sequence[Region]) -> Transcription:
    """The lines that the engine read in these regions; regions where it read nothing are left out."""
    cutter = engine.cut if isinstance(engine, CutsItself) else cut
    readings = engine.read_lines([cutter(page, region) for region in regions])
    lines = tuple(
        _line(reading, region) for reading, region in zip(readings, regions, strict=True) if reading.text.strip()
    )
    return Transcription(engine.name, engine.version, page.number, lines)


def cut(page: PageImage, region: Region) -> LineCrop:
    """The upright picture of one line."""
    if region.polygon is None:
        return LineCrop(region.box, crop_box(page.pixels, region.box, MARGIN), page.language)
    return LineCrop(region.box, crop_polygon(page.pixels, region.polygon), page.language)


def _line(reading: Reading, region: Region) -> TextLine:
    return TextLine(
        reading.text,
        region.box,
        reading.confidence,
        reading.words,
        reading.char_confidences,
        region.polygon,
        reading.alternatives,
    )
