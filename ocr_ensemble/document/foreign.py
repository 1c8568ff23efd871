"""What bytes are that are no page, by the container's own signature, and what can be done about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD = 1024  # bytes that are looked at


@dataclass(frozen=True, slots=True)
class Foreign:
    """``what`` the file is and ``advice``, as parts of a sentence."""

    what: str
    advice: str


_UNPACK = "unpack it and send each document in it by itself"
_AS_PDF = "print it to a PDF and send that"
_AS_PNG = "save it as PNG or JPEG and send that"

_OFFICE = "an Office document"

_SIGNATURES: tuple[tuple[bytes, Foreign], ...] = (
    (b"PK\x05\x06", Foreign("an empty ZIP archive", "send the document itself")),
    (b"\xd0\xcf\x11\xe0", Foreign("an old Office document or an Outlook message", _AS_PDF)),
    (b"Rar!", Foreign("a RAR archive", _UNPACK)),
    (b"7z\xbc\xaf", Foreign("a 7-Zip archive", _UNPACK)),
    (b"\x1f\x8b", Foreign("a gzip archive", _UNPACK)),
    (b"%!PS", Foreign("a PostScript file", _AS_PDF)),
    (b"{\\rtf", Foreign("an RTF text", _AS_PDF)),
    (b"\x00\x00\x00\x0cjP  ", Foreign("a JPEG 2000 picture", _AS_PNG)),
    (b"\xff\x4f\xff\x51", Foreign("a JPEG 2000 picture", _AS_PNG)),
    (b"\x89PNG", Foreign("a PNG picture whose header is damaged", "save or export it again")),
)
_MARKUP: tuple[tuple[bytes, Foreign], ...] = (
    (b"<!doctype html", Foreign("a web page", _AS_PDF)),
    (b"<html", Foreign("a web page", _AS_PDF)),
    (b"<svg", Foreign("an SVG drawing", _AS_PDF)),
)
_E_INVOICE = re.compile(
    rb"<(?:[\w.-]+:)?(CrossIndustryInvoice|CrossIndustryDocument|Invoice|CreditNote|FatturaElettronica)\b"
)
_UTF_16 = ("\ufeff<?xml".encode("utf-16-le"), "\ufeff<?xml".encode("utf-16-be"))
_FORMATS = {
    b"CrossIndustryInvoice": "UN/CEFACT CII",
    b"CrossIndustryDocument": "ZUGFeRD 1.0",
    b"FatturaElettronica": "FatturaPA",
}
_HEADER_LINE = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,40}):[ \t]")
_OF_MAIL = frozenset({b"from", b"to", b"subject", b"received", b"return-path", b"mime-version", b"delivered-to"})


def foreign(source: bytes) -> Foreign | None:
    """What the file is, when its first bytes say that it is a container or a text of another kind; else None.

    Asked before a PDF's header is looked for further in: an archive or a mail may carry one.
    """
    head = source[:HEAD]
    if head.startswith(b"PK\x03\x04"):
        return _zip(source)
    for signature, found in _SIGNATURES:
        if head.startswith(signature):
            return found
    lowered = _begins(head).lower()
    for signature, found in _MARKUP:
        if lowered.startswith(signature):
            return found
    if is_xml(source):
        return _xml(source[: 16 * HEAD])
    if _is_mail(head):
        return Foreign("an e-mail", "save its attachments and send those")
    return None


def is_xml(source: bytes) -> bool:
    """Whether the bytes are XML: by its declaration, or because an e-invoice begins."""
    head = source[:HEAD]
    if head.startswith(_UTF_16):
        return True
    begin = _begins(head)
    return begin.lower().startswith(b"<?xml") or (begin.startswith(b"<") and _E_INVOICE.search(head) is not None)


def is_e_invoice(source: bytes) -> bool:
    """Whether XML begins as an e-invoice does; in UTF-16 it is taken for one."""
    return source.startswith(_UTF_16) or _E_INVOICE.search(source[: 16 * HEAD]) is not None


def is_office_document(source: bytes) -> bool:
    """Whether a ZIP archive is one document of a word processor or a spreadsheet."""
    return source.startswith(b"PK\x03\x04") and _zip(source).what == _OFFICE


def is_mail(source: bytes) -> bool:
    """Whether the bytes begin as an e-mail does."""
    return _is_mail(source[: 16 * HEAD])


def _begins(head: bytes) -> bytes:
    """Without a mark of the byte order, and without white space."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")


def unknown(source: bytes) -> Foreign:
    """What to say of bytes without any known signature."""
    is_text = not any(byte < 9 or 13 < byte < 32 for byte in source[:HEAD])
    return Foreign("a text file" if is_text else "a file of an unknown kind", "send the document itself")


def _zip(source: bytes) -> Foreign:
    """Archives that are documents name themselves in their first entry or in the directory at their end."""
    names = source[:HEAD] + source[-64 * HEAD :]
    parts = (b"[Content_Types].xml", b"word/document.xml", b"xl/workbook.xml", b"ppt/presentation.xml")
    if any(part in names for part in parts) or b"mimetypeapplication/vnd.oasis" in names:
        return Foreign(_OFFICE, _AS_PDF)
    return Foreign("a ZIP archive", _UNPACK)


def _xml(head: bytes) -> Foreign:
    found = _E_INVOICE.search(head)
    if found is None:
        return Foreign("an XML file", _AS_PDF)
    name = _FORMATS.get(found[1], "UBL")
    return Foreign(f"an e-invoice as XML ({name})", "import it as data, or send the PDF that belongs to it")


def _is_mail(head: bytes) -> bool:
    """Header lines from the first byte on, two of them of a mail."""
    names = set()
    for line in re.split(rb"\r?\n", head):
        if not line:
            break
        match = _HEADER_LINE.match(line)
        if match:
            names.add(match[1].lower())
        elif not line.startswith((b" ", b"\t", b"From ")):
            break
    return len(names & _OF_MAIL) >= 2
