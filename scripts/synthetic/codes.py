"""Codes printed into the PDFs of synthetic invoices: as vectors, where the page is free, in the sizes of practice."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdf
import segno
import zxingcpp
from numpy.typing import NDArray
from reportlab.pdfgen.canvas import Canvas

from scripts.synthetic.payloads import Print
from scripts.synthetic.rendering import render_pdf

Modules = NDArray[np.bool_]
_POINTS = 72 / 25.4  # a millimetre
_LOOKED_AT = 36  # dpi at which free places are looked for
_QUIET = 3.0  # mm around a code
_LATIN_2 = "iso-8859-2"


@dataclass(frozen=True)
class Symbol:
    """The dark modules of a code, shape (H, W), and its printed size in mm."""

    modules: Modules
    width: float
    height: float


def make_symbol(text: str, how: Print, latin_2: bool = False) -> Symbol:
    """The code of a text. `latin_2`: UPN QR, which has a version and an encoding of its own."""
    if how.symbology == "QRCode":
        level = how.level
        if latin_2:
            code = segno.make_qr(text, error=level, version=15, encoding=_LATIN_2, eci=True, boost_error=False)
        else:
            code = segno.make_qr(text, error=level, boost_error=False)
        modules = np.array([[bool(module) for module in row] for row in code.matrix])
    else:
        bars: Any = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, how.symbology))
        modules = _trimmed(np.array(bars.to_image(scale=1, add_quiet_zones=False)) < 128)
    return Symbol(modules, how.width, how.height)


def print_symbols(pdf: bytes, symbols: Sequence[Symbol]) -> tuple[bytes, int]:
    """The PDF with those codes on its last page, of the first on, for which there is a free place; and how many."""
    page = render_pdf(pdf, _LOOKED_AT)[-1].image.min(axis=2) > 250
    document = pypdf.PdfReader(io.BytesIO(pdf))
    box = document.pages[-1].mediabox
    size = (float(box.width), float(box.height))
    drawing = io.BytesIO()
    canvas = Canvas(drawing, pagesize=size, invariant=1)
    fitting = 0
    for symbol in symbols:
        place = _free_place(page, symbol)
        if place is None:
            break
        _draw(canvas, size[1], symbol, place)
        fitting += 1
    if not fitting:
        return pdf, 0
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=document)
    writer.pages[-1].merge_page(pypdf.PdfReader(drawing).pages[0])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue(), fitting


def _trimmed(modules: Modules) -> Modules:
    rows, columns = np.flatnonzero(modules.any(axis=1)), np.flatnonzero(modules.any(axis=0))
    return modules[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _free_place(free: Modules, symbol: Symbol) -> tuple[float, float] | None:
    """Left and top in points of the lowest free place, which is then taken."""
    dots = _LOOKED_AT / 25.4
    height, width = (int((side + 2 * _QUIET) * dots) + 1 for side in (symbol.height, symbol.width))
    sums = np.pad(np.cumsum(np.cumsum(free, axis=0), axis=1), ((1, 0), (1, 0)))
    whole = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    rows, columns = np.nonzero(whole == height * width)
    if not rows.size:
        return None
    top, left = int(rows[-1]), int(columns[-1])
    free[top : top + height, left : left + width] = False
    scale = 72 / _LOOKED_AT
    return left * scale + _QUIET * _POINTS, top * scale + _QUIET * _POINTS


def _draw(canvas: Canvas, page_height: float, symbol: Symbol, place: tuple[float, float]) -> None:
    rows, columns = symbol.modules.shape
    width, height = symbol.width * _POINTS / columns, symbol.height * _POINTS / rows
    path = canvas.beginPath()
    for row, column in np.argwhere(symbol.modules):
        path.rect(place[0] + column * width, page_height - place[1] - (row + 1) * height, width, height)
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawPath(path, stroke=0, fill=1)
