"""What kind of file the bytes are, judged by content; a name's ending proves nothing."""

from __future__ import annotations

from enum import StrEnum

from ocr_ensemble.errors import EmptyDocumentError, UnsupportedDocumentError

SUPPORTED = "PNG, JPEG, TIFF, WebP, BMP, HEIC and PDF"
_PDF_HEADER_WITHIN = 1024  # PDF readers accept junk of up to this many bytes before the header
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})


class MediaType(StrEnum):
    PNG = "image/png"
    JPEG = "image/jpeg"
    TIFF = "image/tiff"
    WEBP = "image/webp"
    BMP = "image/bmp"
    HEIC = "image/heic"
    PDF = "application/pdf"


_SIGNATURES: tuple[tuple[bytes, MediaType], ...] = (
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"II+\x00", MediaType.TIFF),
    (b"MM\x00+", MediaType.TIFF),
)

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document or an Outlook message"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%!PS", "a PostScript file"),
    (b"{\\rtf", "an RTF text"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
)

_FOREIGN_TEXTS: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML file"),
)


def sniff(source: bytes, name: str) -> MediaType:
    """The media type of ``source``.

    Raises EmptyDocumentError for no bytes and UnsupportedDocumentError, which says what it seems to be instead.
    """
    if not source:
        raise EmptyDocumentError(f"{name} is empty, probably because a transfer failed; send the file again.")
    for signature, media_type in _SIGNATURES:
        if source.startswith(signature):
            return media_type
    if source[:4] == b"RIFF" and source[8:12] == b"WEBP":
        return MediaType.WEBP
    # "BM" alone also begins many a text: the reserved words of the header must be zero as well.
    if source[:2] == b"BM" and source[6:10] == bytes(4):
        return MediaType.BMP
    if _is_heic(source):
        return MediaType.HEIC
    if b"%PDF-" in source[:_PDF_HEADER_WITHIN]:
        return MediaType.PDF
    raise UnsupportedDocumentError(
        f"{name} is {_describe(source)}, which cannot be read as a page; send one of {SUPPORTED}."
    )


def _brands(source: bytes) -> frozenset[bytes]:
    """The brands of an ISO base media file, major brand first in the box; empty for anything else."""
    if source[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(source[:4], "big"), 256, len(source))
    return frozenset({source[8:12]} | {source[start : start + 4] for start in range(16, end - 3, 4)})


def _is_heic(source: bytes) -> bool:
    return bool(_brands(source) & _HEIC_BRANDS)


def _describe(source: bytes) -> str:
    """What foreign bytes seem to be, for the error message."""
    brands = _brands(source)
    if brands:
        return "an AVIF picture" if brands & {b"avif", b"avis"} else "a video or a picture in a video container"
    for signature, description in _FOREIGN:
        if source.startswith(signature):
            return description
    head = source[:_PDF_HEADER_WITHIN]
    lowered = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for signature, description in _FOREIGN_TEXTS:
        if lowered.startswith(signature):
            return description
    is_text = not any(byte < 9 or 13 < byte < 32 for byte in head)
    return "a text file" if is_text else "a file of an unknown kind"
