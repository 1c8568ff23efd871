"""What a PDF page would show if less were painted: characters under what covers them, and drawings without the text."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ocr_ensemble.document.compared import differences
from ocr_ensemble.document.painted import Picture, PlacedCharacters, differing, without
from ocr_ensemble.document.signs import Change, Sign
from ocr_ensemble.grey import grey_of

_COVERS = frozenset({pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING})
_MOST_OBJECTS = 20_000
_MOST_OF_PAGE = 0.5
_DEEPEST = 8  # forms within forms


def covered(
    characters: PlacedCharacters,
    seen: NDArray[np.bool_],
    page: pypdfium2.PdfPage,
    render: Callable[[], Picture],
) -> NDArray[np.bool_]:
    """Shape (n,): what is not ``seen`` but would be without the drawings and pictures painted after it.

    Text that is white, transparent, clipped or switched off is not covered: nobody sees it either way.
    """
    found = np.zeros(len(seen), dtype=np.bool_)
    unseen = np.flatnonzero(characters.printed & ~seen)
    if not len(unseen):
        return found
    owners = set(characters.owners[unseen].tolist())
    covers = _drawn_after(page, owners)
    if covers:
        hidden = [characters.objects[owner] for owner in owners]
        bare, blank = without(covers, render), without([*covers, *hidden], render)
        found[unseen] = differing(characters.boxes[unseen], bare, blank)
    return found


def _drawn_after(page: pypdfium2.PdfPage, owners: set[int]) -> list[pdfium.FPDF_PAGEOBJECT]:
    """What is painted after the first of the text objects and can hide it."""
    objects = objects_of(page)
    first = next((at for at, item in enumerate(objects) if ctypes.addressof(item.contents) in owners), len(objects))
    return [item for item in objects[first:] if pdfium.FPDFPageObj_GetType(item) in _COVERS]


def bare(page: pypdfium2.PdfPage, render: Callable[[], Picture]) -> NDArray[np.uint8] | None:
    """The page without any text, grey, shape (h, w); None where text is all there is."""
    objects = objects_of(page)
    texts = [item for item in objects if pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_TEXT]
    if len(texts) == len(objects):
        return None
    return grey_of(without(texts, render))


def covered_print(page: pypdfium2.PdfPage, render: Callable[[], Picture], scale: float) -> Iterator[Sign]:
    """COVERED where something was put over the print of a picture that fills the page, such as white over an amount of
    a scan; ``render`` makes the page's picture in ``scale`` times the size that the boxes are of."""
    objects = objects_of(page)
    filling = [at for at, item in enumerate(objects) if _fills(item, page)]
    after = objects[filling[-1] + 1 :] if filling else []
    covers = [item for item in after if pdfium.FPDFPageObj_GetType(item) in _COVERS]
    if not covers:
        return
    texts = [item for item in objects if pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_TEXT]
    under, shown = (grey_of(without(chosen, render)) for chosen in ([*covers, *texts], texts))
    for box in differences(under, shown, anything=False, scale=scale):
        yield Sign(Change.COVERED, box=box)


def is_scan(page: pypdfium2.PdfPage) -> bool:
    """Whether a picture fills most of the page."""
    return any(_fills(item, page) for item in objects_of(page))


def _fills(item: pdfium.FPDF_PAGEOBJECT, page: pypdfium2.PdfPage) -> bool:
    """Whether it is a picture of most of the page."""
    if pdfium.FPDFPageObj_GetType(item) != pdfium.FPDF_PAGEOBJ_IMAGE:
        return False
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    width, height = page.get_size()
    return bool((right.value - left.value) * (top.value - bottom.value) > _MOST_OF_PAGE * width * height)


def is_empty(page: pypdfium2.PdfPage) -> bool:
    """Whether all that is on it is switched off: it is white then, which nothing needs to render."""
    objects = (pdfium.FPDFPage_GetObject(page, index) for index in range(pdfium.FPDFPage_CountObjects(page)))
    return pdfium.FPDFPage_GetAnnotCount(page) <= 0 and not any(map(_is_active, objects))


def _is_active(item: pdfium.FPDF_PAGEOBJECT) -> bool:
    active = ctypes.c_int(1)
    return not pdfium.FPDFPageObj_GetIsActive(item, active) or bool(active.value)


def objects_of(page: pypdfium2.PdfPage) -> list[pdfium.FPDF_PAGEOBJECT]:
    """In the order in which they are painted, those of forms in their place."""
    found = (
        part
        for index in range(pdfium.FPDFPage_CountObjects(page))
        for part in _parts(pdfium.FPDFPage_GetObject(page, index), 0)
    )
    return list(islice(found, _MOST_OBJECTS))


def _parts(item: pdfium.FPDF_PAGEOBJECT, depth: int) -> Iterator[pdfium.FPDF_PAGEOBJECT]:
    if pdfium.FPDFPageObj_GetType(item) != pdfium.FPDF_PAGEOBJ_FORM:
        yield item
    elif depth < _DEEPEST:
        for index in range(pdfium.FPDFFormObj_CountObjects(item)):
            yield from _parts(pdfium.FPDFFormObj_GetObject(item, index), depth + 1)
