"""A file's bytes to a Document: kind by content, limits before decoding, every page upright and judged."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from ocr_ensemble.document.decoders import Decode, raw_pages
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.page import Document, PageImage
from ocr_ensemble.document.preprocess import Treatments, prepare_page
from ocr_ensemble.document.sniff import sniff
from ocr_ensemble.document.steps import NO_FONTS, NotRead
from ocr_ensemble.errors import BlankDocumentError, DocumentError, DocumentNotFoundError

_DEFAULT_LIMITS = Limits()
_DEFAULT_TREATMENTS = Treatments()


def load_document(
    source: bytes | str | Path,
    name: str | None = None,
    limits: Limits = _DEFAULT_LIMITS,
    treatments: Treatments = _DEFAULT_TREATMENTS,
    decode: Decode = raw_pages,
) -> Document:
    """The pages of a PNG, JPEG, TIFF, WebP, BMP, GIF, HEIC or PDF file, given as a path or as its bytes.

    ``name`` is what messages call it, by default the file's name; ``decode`` may be ``isolation.decoding(...)``, which
    leaves the bytes to a child process. Raises a DocumentError subclass for every file that cannot be read in full,
    and no other exception. Blank pages among printed ones stay; a document of blank pages only raises
    BlankDocumentError.
    """
    if not isinstance(source, bytes):
        name = name or Path(source).name
        source = read_source(Path(source), limits)
    name = name or "the document"
    limits.check_bytes(len(source), name)
    media_type = sniff(source, name)
    pages: list[PageImage] = []
    parts: list[NotRead] = []
    total = 0
    for raw in decode(source, name, media_type, limits):
        page = prepare_page(raw, len(pages) + 1, treatments)
        total += page.width * page.height
        limits.check_total(total, name)
        pages.append(page)
        parts += raw.not_read
    if all(page.blank for page in pages):
        raise _blank(name, pages)
    return Document(name, media_type, hashlib.sha256(source).hexdigest(), tuple(pages), tuple(parts))


def _blank(name: str, pages: Sequence[PageImage]) -> BlankDocumentError:
    if any(step.name == NO_FONTS for page in pages for step in page.steps):
        return BlankDocumentError(
            f"{name} holds text in fonts that are neither in the file nor on this computer, so nothing of it can be "
            "shown; export it with its fonts embedded and send that."
        )
    return BlankDocumentError(
        f"{name} shows nothing that is printed on any page; check that the right side was scanned."
    )


def read_source(path: Path, limits: Limits = _DEFAULT_LIMITS) -> bytes:
    """The bytes of a regular file, at most ``limits.max_bytes``.

    Raises DocumentNotFoundError (also for folders, devices and unreadable files) and DocumentTooLargeError.
    """
    try:
        if path.is_dir():
            raise DocumentNotFoundError(f"{path} is a folder; give the files in it one by one, or use batch.")
        if not path.exists():
            raise DocumentNotFoundError(f"{path} does not exist; check the path and its spelling.")
        if not path.is_file():
            raise DocumentNotFoundError(f"{path} is not a regular file; save the document to disk first.")
        limits.check_bytes(path.stat().st_size, path.name)
        with path.open("rb") as stream:
            # The file may have grown since: read no more than one byte beyond the limit.
            source = stream.read(limits.max_bytes + 1)
    except DocumentError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        raise DocumentNotFoundError(f"{path} cannot be read ({error}); check its permissions.") from error
    limits.check_bytes(len(source), path.name)
    return source
