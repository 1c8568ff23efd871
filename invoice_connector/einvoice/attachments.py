"""XML files inside a PDF, taken out under limits."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

from invoice_connector.einvoice.errors import EmbeddedInvoiceError

MAX_BYTES = 10_000_000  # of one XML file; an invoice with a thousand lines has one million
_MOST_FILES = 50
# The names that Factur-X, ZUGFeRD and XRechnung prescribe come first, whatever else is attached.
_STANDARD = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a PDF; ``content`` is read on demand, since it may be anything."""

    name: str
    stream: pikepdf.Object

    def content(self) -> bytes:
        """Its bytes. Raises EmbeddedInvoiceError beyond MAX_BYTES and for filters no such file needs."""
        found = self.stream.get("/Filter", pikepdf.Array())
        filters = [found] if isinstance(found, pikepdf.Name) else list(found)
        raw = bytes(self.stream.read_raw_bytes())
        if [str(name) for name in filters] == ["/FlateDecode"]:
            return _inflated(raw, self.name)
        if filters:
            raise EmbeddedInvoiceError(f"{self.name} is packed in a way no invoice is; ask the seller for the file")
        if len(raw) > MAX_BYTES:
            raise _too_large(self.name)
        return raw


def xml_attachments(pdf: bytes) -> Iterator[Attachment]:
    """The XML files in a PDF, those with a standard's name first; none when it cannot be opened."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            found = [
                Attachment(name, specification.obj.EF.F)
                for name, specification in list(document.attachments.items())[:_MOST_FILES]
                if name.lower().endswith(".xml") and "/EF" in specification.obj and "/F" in specification.obj.EF
            ]
            yield from sorted(found, key=lambda file: file.name.lower() not in _STANDARD)
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError):
        return  # a PDF that pdfium renders and qpdf does not open: its picture is read, and nothing is attached


def _inflated(raw: bytes, name: str) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(raw, MAX_BYTES + 1)
    except zlib.error as error:
        raise EmbeddedInvoiceError(f"{name} is damaged inside the PDF ({error}); ask the seller for it") from error
    if len(content) > MAX_BYTES:
        raise _too_large(name)
    return content


def _too_large(name: str) -> EmbeddedInvoiceError:
    return EmbeddedInvoiceError(
        f"{name} unpacks to more than {MAX_BYTES:,} bytes, which no invoice has; it was not read"
    )
