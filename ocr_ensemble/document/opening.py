"""A PDF page made ready to be rendered: its form fields and annotations painted, what they say kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from ocr_ensemble.document.notes import Annotation, Note, annotations_of, notes_of

_THUMBNAIL = 0.05  # pixels a point


@dataclass(frozen=True, slots=True, eq=False)
class OpenedPage:
    """``notes`` that the page does not show; ``annotations`` that it may."""

    page: pypdfium2.PdfPage
    notes: tuple[Note, ...]
    annotations: tuple[Annotation, ...]


@contextmanager
def opened(document: pypdfium2.PdfDocument, index: int) -> Iterator[OpenedPage]:
    """The page with form fields and annotations made part of its content, as their appearance streams paint them.

    Form handling itself is never started: a small file can keep it busy for a minute.
    """
    page = document[index]
    notes, annotations = notes_of(page), annotations_of(page)
    if pdfium.FPDFPage_GetAnnotCount(page) > 0:
        page.render(scale=_THUMBNAIL)  # makes the appearance of fields that come without one
        if pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS:
            page.close()
            page = document[index]
    with closing(page):
        yield OpenedPage(page, notes, annotations)
