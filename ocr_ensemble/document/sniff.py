"""What kind of file the bytes are, judged by content; a name's ending proves nothing."""

from __future__ import annotations

from enum import StrEnum

from ocr_ensemble.document.foreign import Foreign, foreign, unknown
from ocr_ensemble.errors import EmptyDocumentError, UnsupportedDocumentError

SUPPORTED = "PNG, JPEG, TIFF, WebP, BMP, GIF, HEIC and PDF"
_PDF_HEADER_WITHIN = 1024  # PDF readers accept junk of up to this many bytes before the header
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_HEIF_BRANDS = frozenset({b"mif1", b"mif2", b"mif3", b"miaf", b"unif", b"avci", b"j2ki", b"jpeg", b"vvic", b"evbi"})


class MediaType(StrEnum):
    PNG = "image/png"
    JPEG = "image/jpeg"
    TIFF = "image/tiff"
    WEBP = "image/webp"
    BMP = "image/bmp"
    GIF = "image/gif"
    HEIC = "image/heic"
    PDF = "application/pdf"


_SIGNATURES: tuple[tuple[bytes, MediaType], ...] = (
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"II+\x00", MediaType.TIFF),
    (b"MM\x00+", MediaType.TIFF),
    (b"GIF87a", MediaType.GIF),
    (b"GIF89a", MediaType.GIF),
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
    container = _container(source)
    if container is None and b"%PDF-" in source[:_PDF_HEADER_WITHIN]:
        return MediaType.PDF
    found = container or unknown(source)
    raise UnsupportedDocumentError(
        f"{name} is {found.what}, which cannot be read as a page; {found.advice}. Pages are read from {SUPPORTED}."
    )


def _brands(source: bytes) -> frozenset[bytes]:
    """The brands of an ISO base media file, major brand first in the box; empty for anything else."""
    if source[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(source[:4], "big"), 256, len(source))
    return frozenset({source[8:12]} | {source[start : start + 4] for start in range(16, end - 3, 4)})


def _is_heic(source: bytes) -> bool:
    return bool(_brands(source) & _HEIC_BRANDS)


def _container(source: bytes) -> Foreign | None:
    """What else the bytes begin as: what a container holds is not what it is."""
    brands = _brands(source)
    if brands & {b"avif", b"avis"}:
        return Foreign("an AVIF picture", "save it as PNG or JPEG and send that")
    if brands & _HEIF_BRANDS:
        return Foreign("a HEIF picture of another kind than HEIC", "save it as PNG or JPEG and send that")
    if brands:
        return Foreign("a video or a picture in a video container", "send the pages of the document themselves")
    return foreign(source)
