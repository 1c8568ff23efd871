"""Outlook messages (MS-OXMSG): the attachments in a compound file, and who sent it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import olefile

from invoice_connector.arrivals.containers import OUTLOOK_PROPERTIES
from invoice_connector.arrivals.parts import Part, clean
from invoice_connector.arrivals.said import paragraphs_in
from ocr_ensemble.errors import DamagedDocumentError, DocumentError

_ATTACHMENT = "__attach_version1.0_"
_EMBEDDED = "__substg1.0_3701000D"
# Properties by their tags: PR_SUBJECT, PR_SENDER_NAME, PR_SENDER_SMTP_ADDRESS, PR_SENDER_EMAIL_ADDRESS, ...
_SUBJECT, _SENDER, _SMTP, _ADDRESS, _BODY = "0037", "0C1A", "5D01", "0C1F", "1000"
_LONG_NAME, _SHORT_NAME, _IDENTIFIER, _DATA, _HTML = "3707", "3704", "3712", "37010102", "10130102"
_DELIVERED = b"\x40\x00\x06\x0e"  # PR_MESSAGE_DELIVERY_TIME as it lies in the property stream
_LONGEST_HEADER = 500
Place = tuple[str, ...]


def message_parts(source: bytes, deepest: int) -> Iterator[Part]:
    """The attachments, of messages within it too, up to ``deepest`` within each other. Raises DamagedDocumentError."""
    try:
        with closing(olefile.OleFileIO(io.BytesIO(source))) as file:
            yield from _Message(file).parts((), deepest)
    except DocumentError:
        raise
    except Exception as error:  # a hostile compound file meets any exception there is
        what = type(error).__name__
        raise DamagedDocumentError(f"it is a damaged Outlook message ({what}); send its attachments") from error


class _Message:
    """Reads streams of a compound file that may lack any of them."""

    def __init__(self, file: olefile.OleFileIO) -> None:
        self._file = file
        self._folders = [tuple(entry) for entry in file.listdir(streams=False, storages=True)]

    def parts(self, place: Place, deeper: int) -> Iterator[Part]:
        facts = self._facts(place)
        page = (self._bytes((*place, f"__substg1.0_{_HTML}")) or b"").decode("utf-8", "replace")
        text = self._text(place, _BODY)
        said = paragraphs_in(facts["subject"], [text or page], as_page=not text)
        for folder in self._folders:
            if len(folder) == len(place) + 1 and folder[: len(place)] == place and folder[-1].startswith(_ATTACHMENT):
                found = self._attachment(folder, facts, page, deeper)
                yield from (replace(part, said=tuple(dict.fromkeys((*said, *part.said)))) for part in found)

    def _attachment(self, folder: Place, facts: Mapping[str, str | None], page: str, deeper: int) -> Iterator[Part]:
        name = clean(self._text(folder, _LONG_NAME) or self._text(folder, _SHORT_NAME) or "part").replace("/", "_")
        inner = (*folder, _EMBEDDED)
        if inner in self._folders:
            outer = Part(name if name != "part" else "mail.msg", b"", facts)
            if deeper <= 1:
                error = DamagedDocumentError("it lies in too many mails within each other; send it by itself")
                yield Part(outer.path, b"", facts, error=error)
                return
            yield from (part.within(outer) for part in self.parts(inner, deeper - 1))
            return
        content = self._bytes((*folder, f"__substg1.0_{_DATA}"))
        identifier = (self._text(folder, _IDENTIFIER) or "").strip("<>")
        if content:
            yield Part(name, content, facts, bool(identifier) and identifier in page)

    def _facts(self, place: Place) -> Mapping[str, str | None]:
        name, address = self._text(place, _SENDER), self._text(place, _SMTP) or self._text(place, _ADDRESS)
        address = address if address and "@" in address and address != name else None
        sender = f"{name} <{address}>" if name and address else name or address
        subject = self._text(place, _SUBJECT)
        return {
            "sender": clean(sender, _LONGEST_HEADER) if sender else None,
            "subject": clean(subject, _LONGEST_HEADER) if subject else None,
            "received": self._received(place),
        }

    def _received(self, place: Place) -> str | None:
        """The moment of delivery: in 100 nanoseconds since 1601, 8 bytes after the tag and its flags."""
        stream = self._bytes((*place, OUTLOOK_PROPERTIES)) or b""
        found = stream.find(_DELIVERED)
        if found < 0:
            return None
        ticks = int.from_bytes(stream[found + 8 : found + 16], "little")
        try:
            return (datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)).isoformat()
        except OverflowError:
            return None

    def _text(self, place: Place, tag: str) -> str | None:
        """A text property: UTF-16 or, in old messages, of an unknown code page."""
        wide = self._bytes((*place, f"__substg1.0_{tag}001F"))
        if wide is not None:
            return wide.decode("utf-16-le", "replace").rstrip("\x00") or None
        narrow = self._bytes((*place, f"__substg1.0_{tag}001E"))
        return None if narrow is None else narrow.decode("cp1252", "replace").rstrip("\x00") or None

    def _bytes(self, place: Place) -> bytes | None:
        path = list(place)
        if not self._file.exists(path) or self._file.get_type(path) != olefile.STGTY_STREAM:
            return None
        with self._file.openstream(path) as stream:
            content: bytes = stream.read()
        return content
