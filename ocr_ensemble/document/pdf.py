"""PDF pages to pixels and glyphs through pdfium."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.page import PreprocessingStep
from ocr_ensemble.document.pdf_parts import parts_beside_pages
from ocr_ensemble.document.raw import Glyphs, RawPage, guarded_decoding
from ocr_ensemble.errors import DamagedDocumentError, EncryptedDocumentError

PDF_TEXT_VERSION = f"pypdfium2 {pypdfium2.PYPDFIUM_INFO.version} (pdfium {pypdfium2.PDFIUM_INFO.build})"
_MOST_GLYPHS = 100_000  # a page of print has under 10,000
_SUBPIXELS = 64  # pdfium maps points to whole device pixels: ask for a device this much finer
_AFTER_END = re.compile(rb"\s*\d|.*\bobj\b", re.DOTALL)


def pdf_pages(source: bytes, name: str, limits: Limits) -> Iterator[RawPage]:
    """The pages of a PDF, rendered upright at ``limits.pdf_dpi`` or what ``limits.max_render_pixels`` allows.

    Raises EncryptedDocumentError, DamagedDocumentError (also for a PDF without pages), DocumentTooLargeError and
    PageTooSmallError.
    """
    _check_complete(source, name)
    document = _open(source, name)
    try:
        with guarded_decoding(name):
            count = len(document)
        limits.check_page_count(count, name)
        for index in range(count):
            where = name if count == 1 else f"page {index + 1} of {name}"
            with guarded_decoding(where), closing(document[index]) as page:
                raw = _render(page, where, limits)
                if index == count - 1:
                    raw = replace(raw, not_read=parts_beside_pages(document, source))
            yield raw
    finally:
        with guarded_decoding(name):
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
        if document.get_formtype() != pdfium.FORMTYPE_NONE:
            document.init_forms()  # fields that were filled in are part of the print
        return document


def _render(page: pypdfium2.PdfPage, where: str, limits: Limits) -> RawPage:
    """One page. A page whose text runs sideways is turned until most of it reads level."""
    width, height = page.get_size()
    scale = limits.pdf_dpi / 72
    steps: list[PreprocessingStep] = []
    largest = min(limits.max_render_pixels, limits.max_pixels)
    if width * height * scale * scale > largest:
        scale = math.sqrt(largest / (width * height)) * 0.999
        steps.append(
            PreprocessingStep("lower_resolution", f"{width:.0f} x {height:.0f} points rendered at {scale * 72:.0f} dpi")
        )
    limits.check_page_size(math.ceil(width * scale), math.ceil(height * scale), where)
    with closing(page.get_textpage()) as text_page:
        characters = _Characters(page, text_page)
        turn = characters.most_common_turn()
        if turn:
            width, height = (height, width) if turn in (90, 270) else (width, height)
            steps.append(PreprocessingStep("turn", f"turned by {turn} degrees: the text layer runs sideways"))
        size = (math.ceil(width * scale), math.ceil(height * scale))
        glyphs = characters.glyphs(size, turn)
    with closing(page.render(scale=scale, rotation=turn, rev_byteorder=True, prefer_bgrx=False)) as bitmap:
        pixels = np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8)
    return RawPage(pixels, scale * 72, tuple(steps), glyphs)


class _Characters:
    """What pdfium says about each character, in points of the page, y upwards."""

    def __init__(self, page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage) -> None:
        self._page = page
        self._text = text_page
        count = min(max(0, text_page.count_chars()), _MOST_GLYPHS)
        # Generated characters are pdfium's guess at spaces and line ends; geometry decides that here.
        self._indexes = [index for index in range(count) if not pdfium.FPDFText_IsGenerated(text_page, index)]
        angles = [pdfium.FPDFText_GetCharAngle(text_page, index) for index in self._indexes]
        # Clockwise from level: pdfium gives the angle on the page, the page's own rotation comes on top.
        self._angles = np.mod(np.round(np.degrees(np.array(angles, dtype=np.float64))) + page.get_rotation(), 360)

    def most_common_turn(self) -> int:
        """Degrees clockwise (0, 90, 180, 270) that bring most characters level; 0 unless they are a clear majority."""
        quarters = np.mod(np.round(self._angles / 90), 4).astype(int)
        counts = np.bincount(quarters, minlength=4)
        best = int(counts.argmax())
        return (4 - best) % 4 * 90 if counts[best] > 0.7 * counts.sum() and counts[best] >= 50 else 0

    def glyphs(self, size: tuple[int, int], turn: int) -> Glyphs:
        """Level characters only, in pixels of an image of ``size`` (width, height) rendered with ``turn``."""
        level = np.flatnonzero(np.minimum(np.mod(self._angles + turn, 360), np.mod(-self._angles - turn, 360)) <= 3)
        rows = [self._row(self._indexes[position]) for position in level.tolist()]
        table = np.array([row for row in rows if row is not None], dtype=np.float64).reshape(-1, 13)
        to_pixels = _affine(self._page, size, turn)
        return Glyphs(
            codes=table[:, 0].astype(np.int32),
            tight=_mapped_boxes(table[:, 1:5], to_pixels),
            loose=_mapped_boxes(table[:, 5:9], to_pixels),
            baselines=(np.column_stack([table[:, 9:11], np.ones(len(table))]) @ to_pixels)[:, 1],
            visible=table[:, 11].astype(np.bool_),
            mapped=table[:, 12].astype(np.bool_),
        )

    def _row(self, index: int) -> tuple[float, ...] | None:
        """Code, tight box, loose box, origin, visible, mapped; None for line ends and characters without a place."""
        text = self._text
        code = pdfium.FPDFText_GetUnicode(text, index)
        if code in (0x0A, 0x0D):
            return None
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        loose = pdfium.FS_RECTF()
        x, y = ctypes.c_double(), ctypes.c_double()
        placed = (
            pdfium.FPDFText_GetCharBox(text, index, left, right, bottom, top)
            and pdfium.FPDFText_GetLooseCharBox(text, index, loose)
            and pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        )
        if not placed:
            return None
        text_object = pdfium.FPDFText_GetTextObject(text, index)
        mode = pdfium.FPDFTextObj_GetTextRenderMode(text_object) if text_object else pdfium.FPDF_TEXTRENDERMODE_FILL
        visible = mode not in (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
        mapped = pdfium.FPDFText_HasUnicodeMapError(text, index) != 1
        tight = (left.value, bottom.value, right.value, top.value)
        return (code, *tight, loose.left, loose.bottom, loose.right, loose.top, x.value, y.value, visible, mapped)


def _affine(page: pypdfium2.PdfPage, size: tuple[int, int], turn: int) -> NDArray[np.float64]:
    """Shape (3, 2): (x, y, 1) in points of the page @ this = pixels of the image rendered with the same arguments."""
    width, height = size[0] * _SUBPIXELS, size[1] * _SUBPIXELS

    def device(x: float, y: float) -> NDArray[np.float64]:
        column, row = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page, 0, 0, width, height, turn // 90, x, y, column, row)
        return np.array([column.value, row.value], dtype=np.float64) / _SUBPIXELS

    reach = 100.0
    origin = device(0, 0)
    return np.array([(device(reach, 0) - origin) / reach, (device(0, reach) - origin) / reach, origin])


def _mapped_boxes(boxes: NDArray[np.float64], to_pixels: NDArray[np.float64]) -> NDArray[Any]:
    """Boxes in points (two opposite corners a row) as left, top, right, bottom in pixels."""
    ones = np.ones((len(boxes), 1))
    first = np.hstack([boxes[:, :2], ones]) @ to_pixels
    second = np.hstack([boxes[:, 2:], ones]) @ to_pixels
    return np.hstack([np.minimum(first, second), np.maximum(first, second)])
