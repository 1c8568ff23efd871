"""What container a file is, told by its first bytes: who only asks that needs none of what opens containers."""

from __future__ import annotations

from enum import StrEnum

from invoice_connector.arrivals.signed import is_signed
from ocr_ensemble.document.foreign import is_mail, is_office_document, is_xml

SUFFIXES = frozenset({".eml", ".msg", ".mbox", ".zip", ".xml", ".p7m"})  # of files that may hold several documents
BODY = "body "
"""With which the names of an e-invoice's bodies begin."""
BODY_ELEMENT = "FatturaElettronicaBody"
SIGNED = "signed content"
"""The name of what a signed file holds."""
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OUTLOOK_PROPERTIES = "__properties_version1.0"
"""The stream that makes a compound file an Outlook message."""


class Container(StrEnum):
    """Files that hold documents, as sentences call them."""

    ZIP = "a ZIP archive"
    MAIL = "an e-mail"
    MAILBOX = "a mailbox"
    OUTLOOK = "an Outlook message"
    BODIES = "an e-invoice with several bodies"
    SIGNED = "a signed file"


def container_kind(source: bytes) -> Container | None:
    """What container the bytes are; None for a document, and for what is neither."""
    if source.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None if is_office_document(source) else Container.ZIP
    # A compound file may also be an old Office document.
    if source.startswith(_COMPOUND_FILE) and OUTLOOK_PROPERTIES.encode("utf-16-le") in source:
        return Container.OUTLOOK
    if is_signed(source):
        return Container.SIGNED
    if is_xml(source):
        return Container.BODIES if source.count(f"{BODY_ELEMENT}>".encode()) > 2 else None
    if is_mail(source):
        return Container.MAILBOX if source.startswith(b"From ") else Container.MAIL
    return None
