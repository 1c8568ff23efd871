"""A document as the engines see it: upright page images with what was measured and done on the way."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.drawings import Drawn
from ocr_ensemble.document.signs import Sign
from ocr_ensemble.document.steps import NotRead, PreprocessingStep
from ocr_ensemble.layout import BoundingBox, TextLine
from ocr_ensemble.reading import DocumentReading, PageReading, Transcription

Affine = tuple[float, float, float, float, float, float]
IDENTITY: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
BLANK = "blank"  # the step of a page on which nothing is printed
DARK = "dark"  # the step of a page so dark that print on it may not show


@dataclass(frozen=True, slots=True)
class ImageQuality:
    """Measured on the page as it came. ``sharpness``: variance of the Laplacian on and beside print over contrast
    squared (under 0.05 blurred, above 0.3 crisp); ``contrast``: distance of the median greys of print and paper, 0..1;
    ``noise``: standard deviation of the grain, 0..1; ``skew_degrees``: clockwise text slope before deskewing, -15..15;
    ``text_height``: median height of letters in pixels, None when none were found."""

    sharpness: float
    contrast: float
    noise: float
    skew_degrees: float
    text_height: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PageImage:
    """One upright page. ``pixels``: uint8, shape (H, W, 3), RGB. ``number`` counts from 1.

    ``text_layer`` holds the PDF's own text when it can be trusted; its boxes refer to ``pixels``. ``untold`` are places
    of print beside it, ``drawn`` lines of print that may be stamps. ``askew`` are texts of the PDF that stand at an
    angle, ``covered`` lines of it that something was painted over, ``hidden`` texts of it that nobody sees otherwise,
    ``signs`` that it was changed.
    ``language`` is the ISO 639-1 code once it is known, for engines that read better with it.
    ``from_source`` is the affine map (a, b, c, d, e, f) from the decoded page's pixels, before it was turned, scaled or
    levelled, to ``pixels``: x' = a x + b y + c, y' = d x + e y + f.
    """

    number: int
    pixels: NDArray[np.uint8]
    quality: ImageQuality
    steps: tuple[PreprocessingStep, ...] = ()
    dpi: float | None = None
    text_layer: Transcription | None = None
    language: str | None = None
    from_source: Affine = IDENTITY
    untold: tuple[BoundingBox, ...] = ()
    drawn: tuple[Drawn, ...] = ()
    askew: tuple[str, ...] = ()
    covered: tuple[TextLine, ...] = ()
    hidden: tuple[str, ...] = ()
    signs: tuple[Sign, ...] = ()

    @property
    def width(self) -> int:
        """Of the page image, in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Of the page image, in pixels."""
        return int(self.pixels.shape[0])

    @property
    def blank(self) -> bool:
        """Whether nothing is printed on it."""
        return any(step.name == BLANK for step in self.steps)

    @property
    def dark(self) -> bool:
        """Whether it is so dark that print on it may not show."""
        return any(step.name == DARK for step in self.steps)

    def digest(self) -> str:
        """Content address of the pixels: ``sha256:`` and 64 hex digits."""
        shape = f"{self.pixels.shape}".encode()
        return f"sha256:{hashlib.sha256(shape + np.ascontiguousarray(self.pixels).tobytes()).hexdigest()}"


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A decoded file. ``sha256``: 64 hex digits over the bytes as they came; ``not_read``: its parts without a page."""

    name: str
    media_type: str
    sha256: str
    pages: tuple[PageImage, ...]
    not_read: tuple[NotRead, ...] = ()

    def unread(self, reading: DocumentReading) -> tuple[PageReading, ...]:
        """The readings of printed pages that no engine came to the end of."""
        pages = zip(self.pages, reading.pages, strict=True)
        return tuple(read for page, read in pages if not page.blank and not read.was_read)
