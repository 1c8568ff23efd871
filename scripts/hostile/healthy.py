"""Small healthy files of every kind, which the attacks then spoil."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pikepdf
import pillow_heif
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

LINES = (
    "Exempel AB",
    "Fakturanummer 4711",
    "Datum 2026-03-17",
    "Netto 100,00",
    "Moms 25 % 25,00",
    "Att betala 125,00",
)


def picture(lines: tuple[str, ...] = LINES, size: tuple[int, int] = (420, 260)) -> Image.Image:
    """A few printed lines, black on white."""
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        pen.text((20, 15 + 38 * row), line, fill="black", font=ImageFont.load_default(22))
    return image


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def pdf(lines: tuple[str, ...] = LINES) -> bytes:
    """One page with a text layer."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(420, 300), invariant=1)
    for row, line in enumerate(lines):
        canvas.drawString(30, 260 - 30 * row, line)
    canvas.save()
    return stream.getvalue()


def saved(document: pikepdf.Pdf, **options: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream, deterministic_id=True, **options)
    return stream.getvalue()


def pdf_with(attachments: Mapping[str, bytes]) -> bytes:
    """The same with files attached."""
    document = pikepdf.open(io.BytesIO(pdf()))
    for name, content in attachments.items():
        document.attachments[name] = pikepdf.AttachedFileSpec(document, content, mime_type="text/xml")
    return saved(document)


INVOICE_XML = b"""<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID><cbc:ID>4711</cbc:ID>
 <cbc:IssueDate>2026-03-17</cbc:IssueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
 <cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode>
 <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="SEK">100.00</cbc:TaxExclusiveAmount>
 <cbc:TaxInclusiveAmount currencyID="SEK">125.00</cbc:TaxInclusiveAmount>
 <cbc:PayableAmount currencyID="SEK">125.00</cbc:PayableAmount></cac:LegalMonetaryTotal></Invoice>"""


def _heic() -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(picture()).save(stream, quality=80)
    return stream.getvalue()


def _tiff(compression: str) -> bytes:
    grey = picture().convert("1" if compression == "group4" else "RGB")
    return encoded(grey, "TIFF", save_all=True, append_images=[grey], compression=compression)


_MAKERS: dict[str, Callable[[], bytes]] = {
    "png": lambda: encoded(picture(), "PNG"),
    "jpg": lambda: encoded(picture(), "JPEG", progressive=True),
    "tif": lambda: _tiff("tiff_lzw"),
    "fax.tif": lambda: _tiff("group4"),
    "webp": lambda: encoded(picture(), "WEBP"),
    "bmp": lambda: encoded(picture(), "BMP"),
    "heic": _heic,
    "pdf": pdf,
    "invoice.pdf": lambda: pdf_with({"factur-x.xml": INVOICE_XML}),
}
KINDS = tuple(_MAKERS)


@cache
def healthy(kind: str) -> bytes:
    """A file of one of ``KINDS``."""
    return _MAKERS[kind]()
