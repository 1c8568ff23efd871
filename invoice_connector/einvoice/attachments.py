"""XML files inside a PDF, taken out under limits."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from pypdf import Configuration, PdfReader, apply_configuration
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import EmbeddedFile

from invoice_connector.einvoice.errors import EmbeddedInvoiceError

MAX_BYTES = 10_000_000  # of one XML file; an invoice with a thousand lines has one million
_MOST_FILES = 50
_LIMITS = Configuration(
    zlib_maximum_output_length=MAX_BYTES,
    lzw_maximum_output_length=MAX_BYTES,
    run_length_maximum_output_length=MAX_BYTES,
    brotli_maximum_output_length=MAX_BYTES,
    stream_decoding_work_maximum_length=4 * MAX_BYTES,
)
# The names that Factur-X, ZUGFeRD and XRechnung prescribe come first, whatever else is attached.
_STANDARD = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
# What pypdf raises for the many ways in which a PDF can be broken.
_BROKEN = (PyPdfError, ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError, OSError)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a PDF; its content is unpacked on demand, since it may be anything."""

    name: str
    file: EmbeddedFile = field(repr=False)

    def content(self) -> bytes:
        """Its bytes. Raises EmbeddedInvoiceError beyond MAX_BYTES and for what cannot be unpacked."""
        try:
            with apply_configuration(_LIMITS):
                content = self.file.content
        except LimitReachedError as error:
            raise _too_large(self.name) from error
        except (*_BROKEN, NotImplementedError) as error:
            raise EmbeddedInvoiceError(
                f"{self.name} is damaged inside the PDF ({error}); ask the seller for the file"
            ) from error
        if len(content) > MAX_BYTES:
            raise _too_large(self.name)
        return content


def xml_attachments(pdf: bytes) -> Iterator[Attachment]:
    """The XML files in a PDF, those with a standard's name first; none when it cannot be opened."""
    try:
        with apply_configuration(_LIMITS):
            files = itertools.islice(PdfReader(io.BytesIO(pdf)).attachment_list, _MOST_FILES)
            found = [Attachment(str(file.name), file) for file in files if str(file.name).lower().endswith(".xml")]
    except _BROKEN:
        return  # a PDF that pdfium renders and pypdf does not open: its picture is read, and nothing is attached
    yield from sorted(found, key=lambda file: file.name.lower() not in _STANDARD)


def _too_large(name: str) -> EmbeddedInvoiceError:
    return EmbeddedInvoiceError(
        f"{name} unpacks to more than {MAX_BYTES:,} bytes, which no invoice has; it was not read"
    )
