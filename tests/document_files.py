"""Small files of every kind that is read, made in memory."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

from ocr_ensemble.document import Document, Treatments
from ocr_ensemble.document.sniff import MediaType

UNTREATED = Treatments(orient=False, deskew_from=90.0)


def picture(width: int = 300, height: int = 160, mode: str = "RGB") -> Image.Image:
    """A few printed lines, black on white."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for line in range(6):
        draw.text((12, 10 + 24 * line), "Faktura 4711 Summa 1 250,00", fill="black", font=ImageFont.load_default(16))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def heic(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(image).save(stream, quality=90)
    return stream.getvalue()


def pdf(pages: int = 1, size: tuple[float, float] = (300, 200), **options: Any) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=size, **options)
    for number in range(pages):
        for line in range(5):
            canvas.drawString(20, size[1] - 30 - 24 * line, f"Faktura 4711, sida {number + 1}, rad {line}")
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises far more than it holds."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes(1000))), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def tiff(*images: Image.Image, **options: Any) -> bytes:
    return encoded(images[0], "TIFF", save_all=True, append_images=list(images[1:]), **options)


def pixels_of(document: Document) -> list[NDArray[np.uint8]]:
    return [page.pixels for page in document.pages]


FILES: dict[str, tuple[bytes, MediaType]] = {
    "png": (encoded(picture(), "PNG"), MediaType.PNG),
    "jpeg": (encoded(picture(), "JPEG"), MediaType.JPEG),
    "progressive jpeg": (encoded(picture(), "JPEG", progressive=True), MediaType.JPEG),
    "tiff": (tiff(picture()), MediaType.TIFF),
    "tiff pages": (tiff(picture(), picture(200, 120), compression="tiff_adobe_deflate"), MediaType.TIFF),
    "fax": (tiff(picture(mode="1"), compression="group4"), MediaType.TIFF),
    "webp": (encoded(picture(), "WEBP"), MediaType.WEBP),
    "webp lossless": (encoded(picture(), "WEBP", lossless=True), MediaType.WEBP),
    "bmp": (encoded(picture(), "BMP"), MediaType.BMP),
    "gif": (encoded(picture(), "GIF"), MediaType.GIF),
    "heic": (heic(picture()), MediaType.HEIC),
    "pdf": (pdf(), MediaType.PDF),
    "pdf pages": (pdf(2), MediaType.PDF),
}
