"""What a PDF holds beside its pages: attached files, and forms that other programs draw anew when they open it."""

from __future__ import annotations

import io
from pathlib import PurePath

import pypdfium2
import pypdfium2.raw as pdfium

from ocr_ensemble.document.steps import NotRead

_ATTACHED = "attached files are not read"
_IN_PORTFOLIO = "the PDF is a portfolio; save this file from it and send it"
_MOST = 50  # attachments that are named
_PAGES = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".heic", ".bmp", ".gif"})
_DATA = frozenset({".xml"})  # an e-invoice beside the page: ``embedded_invoice`` says what became of it
_XFA = (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND)


def parts_beside_pages(document: pypdfium2.PdfDocument, source: bytes) -> tuple[NotRead, ...]:
    """The attachments and the XFA form, each with why it is not read. Those of a portfolio may matter: the document
    is one of them, and the page only a cover."""
    parts = []
    if document.get_formtype() in _XFA:
        reason = "the PDF draws its pages from an XFA form only in a few programs; open it there and print it to a PDF"
        parts.append(NotRead("the XFA form", reason, may_matter=True))
    count = document.count_attachments()
    names = [_name(document, index) for index in range(min(count, _MOST))]
    others = [name for name in names if PurePath(name).suffix.lower() not in _DATA]
    portfolio = any(PurePath(name).suffix.lower() in _PAGES for name in others) and _is_portfolio(source)
    for name in others:
        parts.append(NotRead(f"the attachment {name}", _IN_PORTFOLIO if portfolio else _ATTACHED, portfolio))
    if count > _MOST:
        parts.append(NotRead(f"{count - _MOST} more attachments", _ATTACHED, portfolio))
    return tuple(parts)


def _name(document: pypdfium2.PdfDocument, index: int) -> str:
    name = str(document.get_attachment(index).get_name())[:200]
    return name if name.isprintable() and name else f"number {index + 1}"


def _is_portfolio(source: bytes) -> bool:
    """Whether the catalogue has a collection; pdfium does not say, so the file is opened once more."""
    from pypdf import PdfReader

    try:
        return "/Collection" in PdfReader(io.BytesIO(source)).root_object
    except Exception:  # a file that pdfium repairs and pypdf does not open: say no more than is known
        return b"/Collection" in source
