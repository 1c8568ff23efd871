"""Whether a part of a container is a document, and if not, why, in words."""

from __future__ import annotations

import io
import re
import warnings
from pathlib import PurePath

from PIL import Image

from invoice_connector.arrivals.parts import Part
from invoice_connector.locales import phrase_pattern
from ocr_ensemble.document.foreign import foreign, is_e_invoice, is_xml, unknown
from ocr_ensemble.document.sniff import sniff
from ocr_ensemble.errors import DocumentError

_SMALLEST_SIDE, _SMALLEST_AREA = 150, 120_000  # pixels; below them a picture holds no legible invoice
_SHOWN_AREA, _SHOWN_RATIO = 600_000, 3.0  # of a picture that the text of a mail shows: letterheads are wide or small
_NO_PAPERS = ("a web page", "a text file", "a file of an unknown kind", "an XML file")
_SIGNATURES = (".p7s", ".p7m", ".asc", ".sig", ".pgp")
_PAGES = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".heic", ".bmp"})
_TNEF = b"\x78\x9f\x3e\x22"


def why_none(part: Part) -> str | None:
    """Why a part is no document; None for one that becomes a job, be it one that fails with a reason of its own."""
    if part.error is not None or (is_xml(part.content) and is_e_invoice(part.content)):
        return None
    if part.content.startswith(_TNEF):
        return "Outlook packed the attachments in a form of its own (TNEF); ask for the mail as plain MIME or HTML"
    if PurePath(part.name).suffix.lower() in _SIGNATURES:
        return "a signature or an encrypted part, which is not opened"
    try:
        media_type = sniff(part.content, part.name)
    except DocumentError:
        if PurePath(part.name).suffix.lower() in _PAGES:  # named as one: its job says what is wrong with it
            return None
        found = foreign(part.content) or unknown(part.content)
        return f"{found.what}, which is not read as an invoice" if found.what in _NO_PAPERS else None
    return _ornament(part) if media_type.startswith("image/") else None


def is_about_terms(part: Part) -> bool:
    """Whether a part's name says that it holds terms or a notice, and not an invoice."""
    name = re.sub(r"[\W_]+", " ", PurePath(part.name).stem)
    return bool(phrase_pattern("files_of_terms").search(name)) and not phrase_pattern("files_of_invoices").search(name)


def _ornament(part: Part) -> str | None:
    """Why a picture is a logo or a signature: it is too small for an invoice, or a mail's text shows it as such."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(part.content)) as image:
                width, height = image.size
    except Exception:  # a damaged picture becomes a job, which says so
        return None
    area = width * height
    if min(width, height) < _SMALLEST_SIDE or area < _SMALLEST_AREA:
        return f"a small picture such as a logo or a signature ({width} x {height} pixels)"
    if part.shown and (area < _SHOWN_AREA or max(width, height) > _SHOWN_RATIO * min(width, height)):
        return f"a picture that the text of the mail shows, such as a logo or a signature ({width} x {height} pixels)"
    return None
