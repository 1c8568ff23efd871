"""PDF pages to pixels and glyphs through pdfium."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from ocr_ensemble.document.characters import Characters, View, mapped_boxes, seen_glyphs
from ocr_ensemble.document.covers import bare, covered_print
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.notes import Note
from ocr_ensemble.document.opening import OpenedPage, opened
from ocr_ensemble.document.pdf_parts import parts_beside_pages
from ocr_ensemble.document.raw import Glyphs, RawPage, guarded_decoding
from ocr_ensemble.document.revisions import History
from ocr_ensemble.document.steps import DRAWINGS_SCALE, LOWER_RESOLUTION, NO_FONTS, PreprocessingStep
from ocr_ensemble.errors import DamagedDocumentError, EncryptedDocumentError
from ocr_ensemble.grey import is_one_tone

_VERSION = f"pypdfium2 {pypdfium2.PYPDFIUM_INFO.version} (pdfium {pypdfium2.PDFIUM_INFO.build})"
_AFTER_END = re.compile(rb"\s*\d|.*\bobj\b", re.DOTALL)


def pdf_pages(source: bytes, name: str, limits: Limits) -> Iterator[RawPage]:
    """The pages of a PDF, rendered upright at ``limits.pdf_dpi`` or what ``limits.max_render_pixels`` allows.

    Raises EncryptedDocumentError, DamagedDocumentError (also for a PDF without pages), DocumentTooLargeError and
    PageTooSmallError.
    """
    _check_complete(source, name)
    document, history = _open(source, name), History()
    try:
        with guarded_decoding(name):
            count = len(document)
            history = History.of(document, source)
        limits.check_page_count(count, name)
        for index in range(count):
            where = name if count == 1 else f"page {index + 1} of {name}"
            with guarded_decoding(where):
                with opened(document, index) as page:
                    raw = _with_notes(_render(page, where, limits, history, index), page.notes, index + 1)
                if index == count - 1:
                    raw = replace(raw, not_read=(*raw.not_read, *parts_beside_pages(document, source)))
            yield raw
    finally:
        with guarded_decoding(name):
            history.close()
            document.close()


def _check_complete(source: bytes, name: str) -> None:
    """Raises DamagedDocumentError for a file that was cut short, which pdfium would repair into half a document."""
    end = source.rfind(b"%%EOF")
    if end < 0 or _AFTER_END.match(source, end + 5):
        raise DamagedDocumentError(f"{name} is cut short, its end is missing; send or export it again.")


def _open(source: bytes, name: str) -> pypdfium2.PdfDocument:
    with guarded_decoding(name):
        try:
            document = pypdfium2.PdfDocument(source)
        except pypdfium2.PdfiumError as error:
            # pdfium reports a file without pages under the error code of the file before it: ask the bytes, too.
            if error.err_code == pdfium.FPDF_ERR_PASSWORD and b"/Encrypt" in source:
                raise EncryptedDocumentError(
                    f"{name} is encrypted and asks for a password; save it without one and send that."
                ) from error
            raise DamagedDocumentError(
                f"{name} is a PDF that is corrupt or has no pages; open it, print it to a new PDF and send that."
            ) from error
        return document


def _with_notes(raw: RawPage, notes: Sequence[Note], number: int) -> RawPage:
    """What notes say counts as what stamps do; each is named as not read."""
    askew = (*raw.askew, *(note.text for note in notes))
    return replace(raw, askew=askew, not_read=(*raw.not_read, *(note.not_read(number) for note in notes)))


def _render(opened_page: OpenedPage, where: str, limits: Limits, history: History, index: int) -> RawPage:
    """One page. A page whose text runs sideways is turned until most of it reads level."""
    page = opened_page.page
    width, height = page.get_size()
    scale = limits.pdf_dpi / 72
    steps: list[PreprocessingStep] = []
    largest = min(limits.max_render_pixels, limits.max_pixels)
    if width * height * scale * scale > largest or max(width, height) * scale > limits.max_side:
        scale = min(math.sqrt(largest / (width * height)), limits.max_side / max(width, height)) * 0.999
        steps.append(
            PreprocessingStep(LOWER_RESOLUTION, f"{width:.0f} x {height:.0f} points rendered at {scale * 72:.0f} dpi")
        )
    limits.check_page_size(math.ceil(width * scale), math.ceil(height * scale), where)
    with closing(page.get_textpage()) as text_page:
        characters = Characters(page, text_page)
        turn = characters.most_common_turn()
        if turn:
            width, height = (height, width) if turn in (90, 270) else (width, height)
            steps.append(PreprocessingStep("turn", f"turned by {turn} degrees: the text layer runs sideways"))
        size = (math.ceil(width * scale), math.ceil(height * scale))
        view = View(page, size, turn, scale)
        pixels = view.picture()
        glyphs, askew = seen_glyphs(characters, view, pixels), characters.askew(view, pixels)
        glyphs = _without_prompts(glyphs, opened_page, view)
        drawings = bare(page, view.smaller(DRAWINGS_SCALE).picture) if glyphs.visible.any() else None
        if characters.lack_fonts() and is_one_tone(pixels):
            reason = "its fonts are not in the file, and none here can stand in for them"
            steps.append(PreprocessingStep(NO_FONTS, reason))
        signs = (
            *history.signs,
            *history.changes(index, opened_page, view),
            *covered_print(page, view.smaller(DRAWINGS_SCALE).picture, DRAWINGS_SCALE),
        )
    return RawPage(pixels, scale * 72, tuple(steps), glyphs, askew, drawings, version=_VERSION, signs=signs)


def _without_prompts(glyphs: Glyphs, opened_page: OpenedPage, view: View) -> Glyphs:
    """Without the words that a filled form field or a signature covers, which are there to be; numbers stay."""
    fields = np.array([each.place for each in opened_page.annotations if each.field], dtype=np.float64)
    if not len(fields) or not glyphs.covered.any():
        return glyphs
    left, top, right, bottom = mapped_boxes(fields, view.to_pixels()).T[:, :, None]
    x, y = (glyphs.tight[:, :2] + glyphs.tight[:, 2:]).T / 2
    inside = ((left <= x) & (x <= right) & (top <= y) & (y <= bottom)).any(axis=0)
    digits = np.array([chr(code).isdigit() for code in glyphs.codes.tolist()], dtype=np.bool_)
    return glyphs.where(~(glyphs.covered & inside & ~digits))
