"""ZIP archives, read in memory: no name in them ever becomes a path."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from invoice_connector.arrivals.parts import Bounds, Part, clean_path
from ocr_ensemble.errors import DamagedDocumentError, DocumentError, DocumentTooLargeError, EncryptedDocumentError

_ENCRYPTED = 1  # bit of an entry's flags
_ADDED = "what an operating system adds to archives by itself, no document"
_OF_SYSTEMS = ("__MACOSX/", ".DS_Store", "Thumbs.db")  # what programs add by themselves


def zip_parts(source: bytes, bounds: Bounds) -> Iterator[Part]:
    """The files in an archive. Raises DamagedDocumentError for one that cannot be opened."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(source))
        entries = archive.infolist()
    except Exception as error:  # hostile archives meet any exception there is: struct.error, OverflowError, ...
        raise DamagedDocumentError(f"it is a damaged ZIP archive ({error}); send it again") from error
    added = list[str]()
    with archive:
        for entry in (entry for entry in entries if not entry.is_dir()):
            path = clean_path(entry.filename)
            if any(name in entry.filename for name in _OF_SYSTEMS):
                added.append(path)
                continue
            try:
                yield Part(path, _content(archive, entry, bounds))
            except DocumentError as error:
                yield Part(path, b"", error=error)
    if added:  # one entry for all: a Mac adds one for each file
        more = f" and {len(added) - 1} more" if len(added) > 1 else ""
        yield Part(f"{added[0]}{more}", b"", reason=_ADDED)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, bounds: Bounds) -> bytes:
    if entry.flag_bits & _ENCRYPTED:
        raise EncryptedDocumentError("it is encrypted in the archive; send the archive without a password")
    try:
        with archive.open(entry) as stream:
            content = stream.read(bounds.part_bytes + 1)
    except Exception as error:  # as above
        raise DamagedDocumentError(f"it cannot be unpacked ({type(error).__name__}: {error}); send it again") from error
    if len(content) > bounds.part_bytes:
        raise DocumentTooLargeError(
            f"it unpacks to more than {bounds.part_bytes:,} bytes; send it by itself, or raise the limit max_bytes"
        )
    return content
