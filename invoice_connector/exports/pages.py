"""The page pictures of a stored job. The log keeps none, so they come from the file itself, if it is still the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

from db.records import JobRecord
from invoice_connector.exports.errors import SourceMissingError
from ocr_ensemble.document.decode import load_document, read_source
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.page import PageImage
from ocr_ensemble.errors import DocumentError


def page_pictures(record: JobRecord, source: Path | None, limits: Limits) -> tuple[PageImage, ...]:
    """The pages that the boxes of the job refer to, from ``source`` or from where the file lay when it was read.

    Raises SourceMissingError when there is no such file or its bytes have changed since.
    """
    content = source_bytes(record, source, limits)
    try:
        pages = load_document(content, record.source_name, limits).pages
    except DocumentError as error:
        raise SourceMissingError(f"the pages of {record.source_name} cannot be shown: {error}") from error
    sizes = [(page["width"], page["height"]) for page in record.pages]
    if [(page.width, page.height) for page in pages] != sizes:
        raise SourceMissingError(
            f"{record.source_name} is prepared differently now than when it was read; process it again and export that"
        )
    return pages


def source_bytes(record: JobRecord, source: Path | None, limits: Limits) -> bytes:
    """The bytes that were read. Raises SourceMissingError."""
    path = source or (Path(record.source_path) if record.source_path else None)
    if path is None:
        raise SourceMissingError(
            f"where {record.source_name} lies is not known (it was uploaded or erased); give the file with --source"
        )
    try:
        content = read_source(path, limits)
    except DocumentError as error:
        raise SourceMissingError(f"{error} Give the file with --source.") from error
    if hashlib.sha256(content).hexdigest() != record.sha256:
        raise SourceMissingError(
            f"{path} is not the file that job {record.id} read (its SHA-256 differs); give that one with --source"
        )
    return content
