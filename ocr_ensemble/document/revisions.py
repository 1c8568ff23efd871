"""What the pages of a PDF showed before its last revisions. A file that was changed without being written anew still
holds, from its beginning on, what it was: what was signed above all. The pictures are compared, so that time stamps,
validation data and attachments are no changes."""

from __future__ import annotations

import ctypes
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from ocr_ensemble.document.changed import Comparison
from ocr_ensemble.document.characters import View
from ocr_ensemble.document.editing import edited_pdf
from ocr_ensemble.document.opening import OpenedPage, opened
from ocr_ensemble.document.signs import Change, Layer, Sign

_SCALE = 0.5  # of the page, at which revisions are compared
_MOST = 20  # revisions of a file that are followed
_MOST_SIGNATURES = 5  # that are looked at
_LONGEST_SIGNATURE = 1 << 20
_FORBIDDEN: Mapping[Layer, tuple[int, ...]] = {Layer.PAGE: (), Layer.FIELD: (1,), Layer.NOTE: (1, 2)}
_END = re.compile(rb"startxref\s+(\d{1,15})\s+%%EOF[ \t]*\r?\n?")
_XREF = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_PREVIOUS = re.compile(rb"/Prev\s+(\d{1,15})")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")  # the attribute of a signature that holds what it signs
_DIGESTS = ("sha256", "sha1", "sha512", "sha384", "sha224", "sha3_256", "sha3_384", "sha3_512")


@dataclass(frozen=True, slots=True)
class Signature:
    """``ranges``: (start, length) of the bytes of the file that it signs; ``contents``: its DER encoding;
    ``permission`` as in ``History``."""

    ranges: tuple[tuple[int, int], ...]
    contents: bytes
    permission: int = 0

    @property
    def end(self) -> int:
        return sum(self.ranges[-1])

    def signs(self, source: bytes) -> bool:
        """Whether these are the signed bytes, as far as the signature says of which it is; who signed is not asked."""
        if _MESSAGE_DIGEST not in self.contents:
            return True
        signed = [memoryview(source)[start : start + length] for start, length in self.ranges]
        return any(_digest(name, signed) in self.contents for name in _DIGESTS)


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """What a file was: its bytes, and its pages."""

    source: bytes
    pages: pypdfium2.PdfDocument

    @classmethod
    def of(cls, source: bytes) -> Earlier:
        """Raises PdfiumError."""
        return cls(source, pypdfium2.PdfDocument(source))


@dataclass(frozen=True, slots=True)
class History:
    """``signs`` of the file as a whole; ``earlier``: what it was when it was signed first, where it is ``signed`` and
    not the same any more, else what it was first; None where nothing came after. ``permission``: what the author of a
    signed file permits, as ``DocMDP`` has it: 1 nothing, 2 to fill and to sign, 3 notes, too; 0 where it does not say.
    """

    source: bytes = b""
    signs: tuple[Sign, ...] = ()
    earlier: Earlier | None = None
    signed: bool = False
    permission: int = 0

    @classmethod
    def of(cls, document: pypdfium2.PdfDocument, source: bytes) -> History:
        signatures = signatures_of(document)
        signs = (*_broken(source, signatures), *edited_pdf(document.get_metadata_dict(), source))
        ends = [signature.end for signature in signatures]
        signed = any(source[end:].strip() for end in ends)
        end = min(ends) if signed else next(iter(_revision_ends(source)), None)
        try:
            earlier = Earlier.of(source[:end]) if end is not None else None
        except pypdfium2.PdfiumError:
            return cls(source, signs)
        if earlier is not None and signed and len(earlier.pages) != len(document):
            signs = (*signs, Sign(Change.PAGES))
        told = [signature.permission for signature in signatures if signature.permission]
        return cls(source, signs, earlier, signed, min(told, default=0))

    def close(self) -> None:
        if self.earlier is not None:
            self.earlier.pages.close()

    def changes(self, index: int, now: OpenedPage, view: View) -> tuple[Sign, ...]:
        """What the page with that index, as ``view`` renders it, showed otherwise, with boxes in the view's pixels.

        Of a file that was not signed, only print that is gone counts in the page's own content: page numbers add to it.
        """
        try:
            return tuple(self._changes(index, now, view))
        except pypdfium2.PdfiumError:  # an earlier page that cannot be drawn says nothing of this one
            return ()

    def _changes(self, index: int, now: OpenedPage, view: View) -> Iterator[Sign]:
        if self.earlier is None or index >= len(self.earlier.pages):
            return
        with opened(self.earlier.pages, index) as before:
            if before.page.get_size() != now.page.get_size():
                yield from [Sign(Change.PAGES)] if self.signed else []
                return
            sources = self.earlier.source, self.source
            compared = Comparison(before, now, sources, index, view.smaller(_SCALE), _SCALE, self.signed)
            for place in compared.places():
                layer = place.layer if self._permits(place.layer) else Layer.PAGE
                yield Sign(Change.SIGNED if self.signed else Change.REVISED, place.before, place.box, layer)

    def _permits(self, layer: Layer) -> bool:
        """Whether who signed permits such changes: all of them where it is not said."""
        return self.permission not in _FORBIDDEN[layer]


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
    permission = pdfium.FPDFSignatureObj_GetDocMDPPermission(handle)
    return Signature(((start, before), (after, rest)), contents.raw, permission) if usual else None


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
