"""What the pages of a PDF showed before its last revisions. A file that was changed without being written anew still
holds, from its beginning on, what it was: what was signed above all. The pictures are compared, so that time stamps,
validation data, attachments and further signatures on empty paper are no changes."""

from __future__ import annotations

import ctypes
import hashlib
import re
from dataclasses import dataclass, replace

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ocr_ensemble.document.characters import View, mapped_boxes
from ocr_ensemble.document.compared import SEEN, differences
from ocr_ensemble.document.editing import edited_pdf
from ocr_ensemble.document.opening import OpenedPage, opened
from ocr_ensemble.document.signs import Change, Sign
from ocr_ensemble.grey import grey_of

_SCALE = 0.5  # of the page, at which revisions are compared
_MOST = 20  # revisions of a file that are followed
_MOST_SIGNATURES = 5  # that are looked at
_LONGEST_SIGNATURE = 1 << 20
_END = re.compile(rb"startxref\s+(\d{1,15})\s+%%EOF[ \t]*\r?\n?")
_XREF = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_PREVIOUS = re.compile(rb"/Prev\s+(\d{1,15})")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")  # the attribute of a signature that holds what it signs
_DIGESTS = ("sha256", "sha1", "sha512", "sha384", "sha224", "sha3_256", "sha3_384", "sha3_512")


@dataclass(frozen=True, slots=True)
class Signature:
    """``ranges``: (start, length) of the bytes of the file that it signs; ``contents``: its DER encoding."""

    ranges: tuple[tuple[int, int], ...]
    contents: bytes

    @property
    def end(self) -> int:
        return sum(self.ranges[-1])

    def signs(self, source: bytes) -> bool:
        """Whether these are the signed bytes, as far as the signature says of which it is; who signed is not asked."""
        if _MESSAGE_DIGEST not in self.contents:
            return True
        signed = [memoryview(source)[start : start + length] for start, length in self.ranges]
        return any(_digest(name, signed) in self.contents for name in _DIGESTS)


@dataclass(frozen=True, slots=True)
class History:
    """``signs`` of the file as a whole; ``earlier``: what it was when it was signed first, where it is ``signed`` and
    not the same any more, else what it was first; None where nothing came after."""

    signs: tuple[Sign, ...] = ()
    earlier: pypdfium2.PdfDocument | None = None
    signed: bool = False

    @classmethod
    def of(cls, document: pypdfium2.PdfDocument, source: bytes) -> History:
        signatures = signatures_of(document)
        signs = (*_broken(source, signatures), *edited_pdf(document.get_metadata_dict(), source))
        ends = [signature.end for signature in signatures]
        signed = any(source[end:].strip() for end in ends)
        end = min(ends) if signed else next(iter(_revision_ends(source)), None)
        try:
            earlier = pypdfium2.PdfDocument(source[:end]) if end is not None else None
        except pypdfium2.PdfiumError:
            return cls(signs)
        if earlier is not None and signed and len(earlier) != len(document):
            signs = (*signs, Sign(Change.PAGES))
        return cls(signs, earlier, signed)

    def close(self) -> None:
        if self.earlier is not None:
            self.earlier.close()

    def changes(self, index: int, now: OpenedPage, view: View) -> tuple[Sign, ...]:
        """What the page with that index, as ``view`` renders it, showed otherwise, with boxes in the view's pixels.

        Of a file that was not signed, only print that is gone: filled-in forms and page numbers add to a page.
        """
        try:
            return self._changes(index, now, view)
        except pypdfium2.PdfiumError:  # an earlier page that cannot be drawn says nothing of this one
            return ()

    def _changes(self, index: int, now: OpenedPage, view: View) -> tuple[Sign, ...]:
        if self.earlier is None or index >= len(self.earlier):
            return ()
        with opened(self.earlier, index) as before:
            if before.page.get_size() != now.page.get_size():
                return (Sign(Change.PAGES),) if self.signed else ()
            small = view.smaller(_SCALE)
            old, new = grey_of(replace(small, page=before.page).picture()), grey_of(small.picture())
        _leave_out(mapped_boxes(now.signatures, small.to_pixels()), old, new)
        change = Change.SIGNED if self.signed else Change.REVISED
        return tuple(Sign(change, box=box) for box in differences(old, new, self.signed, _SCALE))


def _leave_out(signatures: NDArray[np.float64], old: NDArray[np.uint8], new: NDArray[np.uint8]) -> None:
    """What appears of signatures, given by their boxes, on paper that was empty is taken back."""
    for left, top, right, bottom in np.clip(signatures, 0, None).astype(int).tolist():
        window = slice(top, bottom + 1), slice(left, right + 1)
        if old[window].size and int(old[window].max()) - int(old[window].min()) < SEEN:
            new[window] = old[window]


def signatures_of(document: pypdfium2.PdfDocument) -> tuple[Signature, ...]:
    """Those whose bytes are told as they should be: from the beginning of the file on, around themselves."""
    found = (_signature(document, at) for at in range(min(_MOST_SIGNATURES, pdfium.FPDF_GetSignatureCount(document))))
    return tuple(signature for signature in found if signature is not None)


def _broken(source: bytes, signatures: tuple[Signature, ...]) -> tuple[Sign, ...]:
    """SIGNATURE once where a signature is of other bytes."""
    broken = any(signature.end > len(source) or not signature.signs(source) for signature in signatures)
    return (Sign(Change.SIGNATURE),) if broken else ()


def _signature(document: pypdfium2.PdfDocument, index: int) -> Signature | None:
    handle = pdfium.FPDF_GetSignatureObject(document, index)
    numbers = (ctypes.c_int * 4)()
    length = pdfium.FPDFSignatureObj_GetContents(handle, None, 0)
    if pdfium.FPDFSignatureObj_GetByteRange(handle, numbers, 4) != 4 or length > _LONGEST_SIGNATURE:
        return None
    contents = ctypes.create_string_buffer(length)
    pdfium.FPDFSignatureObj_GetContents(handle, contents, length)
    start, before, after, rest = numbers
    usual = start == 0 and 0 < before < after and rest > 0
    return Signature(((start, before), (after, rest)), contents.raw) if usual else None


def _digest(name: str, parts: list[memoryview]) -> bytes:
    found = hashlib.new(name, usedforsecurity=False)
    for part in parts:
        found.update(part)
    return found.digest()


def _revision_ends(source: bytes) -> list[int]:
    """Where the revisions of the file end that came before its last one, the first one first: each has a table of
    objects that the later ones refer to. The beginning of a linearized file and PDFs inside a PDF are none."""
    ends = {int(match[1]): match.end() for match in _END.finditer(source)}
    if len(ends) < 2:
        return []
    tables = sorted(ends, key=lambda table: ends[table])
    chain = _chain(source, tables[-1])
    return [ends[table] for table in tables[:-1] if table in chain and ends[table] > table]


def _chain(source: bytes, table: int) -> set[int]:
    """The places of the tables of objects that follow each other backwards from this one."""
    found: set[int] = set()
    while table not in found and len(found) < _MOST and _XREF.match(source, table, table + 40):
        found.add(table)
        end = source.find(b"startxref", table)
        stream = source.find(b"stream", table, end)
        previous = _PREVIOUS.search(source, table, stream if stream > 0 else end)
        if previous is None:
            break
        table = int(previous[1])
    return found
