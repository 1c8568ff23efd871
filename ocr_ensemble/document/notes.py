"""What people wrote on a PDF page with a viewer's comment tools and its picture does not show: sticky notes, comments
on marked text, and free text that has no appearance stream, which most viewers draw and pdfium does not. And where
annotations and form fields stand."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from ocr_ensemble.document.steps import NotRead

_UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_FIELDS = frozenset({pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_XFAWIDGET})
_NEVER_DRAWN = frozenset({pdfium.FPDF_ANNOT_POPUP})
_NO_COMMENTS = _FIELDS | _NEVER_DRAWN | {pdfium.FPDF_ANNOT_LINK}
_MOST, _LONGEST, _QUOTED = 50, 2000, 60  # annotations of a page; characters of a note, and of its quotation
_MOST_DRAWN = 500  # annotations of a page that are told from its content: a form has many fields
_EMPTY = 2  # bytes: the end of a string alone
_DICTIONARY = (pdfium.FPDF_OBJECT_DICTIONARY, pdfium.FPDF_OBJECT_REFERENCE)
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Note:
    """``text`` in one line; ``free``: text on the page itself, not behind a symbol or mark that is clicked."""

    text: str
    free: bool

    def not_read(self, number: int) -> NotRead:
        """What is said of it; ``number`` counts pages from 1."""
        quoted = self.text if len(self.text) <= _QUOTED else f"{self.text[: _QUOTED - 1]}…"
        if self.free:
            reason = "it has no appearance of its own and is drawn by some programs only; open the PDF and look"
            return NotRead(f"the text {quoted!r} added to page {number}", reason, may_matter=True)
        return NotRead(f"the comment {quoted!r} on page {number}", "comments are no part of the printed page")


@dataclass(frozen=True, slots=True)
class Annotation:
    """``place``: left, bottom, right, top in points; ``field``: it is one of a form, a ``signature`` where that is its
    value."""

    place: tuple[float, float, float, float]
    field: bool
    signature: bool


def notes_of(page: pypdfium2.PdfPage) -> tuple[Note, ...]:
    """The page's notes that a viewer shows and its picture does not, in the order of the file."""
    return tuple(_notes(page))


def _notes(page: pypdfium2.PdfPage) -> Iterator[Note]:
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            kind, flags = pdfium.FPDFAnnot_GetSubtype(annotation), pdfium.FPDFAnnot_GetFlags(annotation)
            free = kind == pdfium.FPDF_ANNOT_FREETEXT
            text = "" if kind in _NO_COMMENTS or flags & _UNSEEN else _text_of(annotation)
            if text and not (free and _is_drawn(annotation)):
                yield Note(text, free)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def annotations_of(page: pypdfium2.PdfPage) -> tuple[Annotation, ...]:
    """What is put on the page and may be drawn, in the order of the file."""
    return tuple(_annotations(page))


def _annotations(page: pypdfium2.PdfPage) -> Iterator[Annotation]:
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_DRAWN)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        place, kind = pdfium.FS_RECTF(), pdfium.FPDFAnnot_GetSubtype(annotation)
        if pdfium.FPDFAnnot_GetRect(annotation, place) and kind not in _NEVER_DRAWN:
            is_field = kind in _FIELDS
            # The value of a signature is a dictionary.
            is_no_text = pdfium.FPDFAnnot_GetValueType(annotation, b"V") in _DICTIONARY
            signature = is_field and is_no_text and not _string(annotation, b"V")
            yield Annotation((place.left, place.bottom, place.right, place.top), is_field, signature)
        pdfium.FPDFPage_CloseAnnot(annotation)


def _is_drawn(annotation: pdfium.FPDF_ANNOTATION) -> bool:
    return bool(pdfium.FPDFAnnot_GetAP(annotation, pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0) > _EMPTY)


def _text_of(annotation: pdfium.FPDF_ANNOTATION) -> str:
    plain = _string(annotation, b"Contents") or _TAGS.sub(" ", _string(annotation, b"RC"))
    return " ".join("".join(char if char.isprintable() else " " for char in plain).split())


def _string(annotation: pdfium.FPDF_ANNOTATION, key: bytes) -> str:
    length = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if length <= _EMPTY:
        return ""
    buffer = (ctypes.c_ushort * (length // 2))()
    pdfium.FPDFAnnot_GetStringValue(annotation, key, buffer, length)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\0")[:_LONGEST]
