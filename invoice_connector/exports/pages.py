"""The page pictures of a stored job: from its file if that is still the same, else those kept for the dashboard."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from db.pictures import PictureStore
from db.records import JobRecord
from invoice_connector.arrivals.arriving import Opening, part_of, picture_beside, with_picture
from invoice_connector.arrivals.bundle import bundle_of
from invoice_connector.arrivals.parts import Bounds
from invoice_connector.einvoice.alone import stated
from invoice_connector.exports.errors import SourceMissingError
from ocr_ensemble.document.decode import load_document, read_source
from ocr_ensemble.document.foreign import is_xml
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.page import Document, PageImage
from ocr_ensemble.errors import DocumentError
from ocr_ensemble.settings import EnsembleSettings


@dataclass(frozen=True, slots=True, eq=False)
class ShownPage:
    """One page in the size that the job's boxes refer to. ``pixels``: uint8, shape (H, W, 3), RGB; ``number`` counts
    from 1; ``dpi`` is None where the file does not tell it."""

    number: int
    pixels: NDArray[np.uint8]
    dpi: float | None = None

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


def page_pictures(
    record: JobRecord, source: Path | None, limits: Limits, kept: PictureStore | None = None
) -> tuple[ShownPage, ...]:
    """The pages that the boxes of the job refer to, from ``source`` or from where the file lay when it was read.

    Where no ``source`` is given and the file is gone or another one by now, the ``kept`` pictures serve, enlarged to
    the size that was read. Raises SourceMissingError when there is neither.
    """
    try:
        return _pages_of_file(record, source, limits)
    except SourceMissingError:
        pages = () if source is not None or kept is None else _kept_pages(record, kept)
        if not pages:
            raise
        return pages


def _pages_of_file(record: JobRecord, source: Path | None, limits: Limits) -> tuple[ShownPage, ...]:
    content = source_bytes(record, source, limits)
    try:
        pages = _own(record, _document(content, record.source_name, limits).pages)
    except DocumentError as error:
        raise SourceMissingError(f"the pages of {record.source_name} cannot be shown: {error}") from error
    sizes = [(page["width"], page["height"]) for page in record.pages]
    if [(page.width, page.height) for page in pages] != sizes:
        raise SourceMissingError(
            f"{record.source_name} is prepared differently now than when it was read; process it again and export that"
        )
    return tuple(ShownPage(number, page.pixels, page.dpi) for number, page in enumerate(pages, start=1))


def _own(record: JobRecord, pages: Sequence[PageImage]) -> list[PageImage]:
    """The pages of a file that are the job's, in its order."""
    numbers = (record.container or {}).get("pages") or range(1, len(pages) + 1)
    return [pages[number - 1] for number in numbers if number <= len(pages)]


def _opening(limits: Limits) -> Opening:
    return Opening(EnsembleSettings(limits=limits), Bounds())


def _document(content: bytes, name: str, limits: Limits) -> Document:
    if is_xml(content):
        return stated(content, name, EnsembleSettings(limits=limits)).document
    return load_document(content, name, limits)


def _kept_pages(record: JobRecord, kept: PictureStore) -> tuple[ShownPage, ...]:
    """All pages of the job; empty when one of them was not kept."""
    pages = []
    for page in record.pages:
        found = kept.find(record.id, page["page"])
        if found is None:
            return ()
        with Image.open(found[1]) as picture:
            size = (page["width"], page["height"])
            pixels = np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BICUBIC))
        pages.append(ShownPage(page["page"], pixels))
    return tuple(pages)


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
    container = record.container or {}
    read = container.get("sha256", record.sha256)  # of the file whose pages a document of a pile is
    if hashlib.sha256(content).hexdigest() != read:
        if (part := _taken_out(record, read, content, path, limits)) is not None:
            return bundle_of(part).main
        raise SourceMissingError(
            f"{path} is not the file that job {record.id} read (its SHA-256 differs); give that one with --source"
        )
    return content


def _taken_out(record: JobRecord, read: str | None, content: bytes, path: Path, limits: Limits) -> bytes | None:
    """The bytes that were read where they were a part of the file, or the file with the PDF beside it."""
    if record.container is not None:
        return part_of(read, content, path.name, _opening(limits))
    pair = with_picture(path, picture_beside(path), EnsembleSettings(limits=limits))
    return pair if isinstance(pair, bytes) and hashlib.sha256(pair).hexdigest() == read else None
