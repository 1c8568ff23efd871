"""E-mails (RFC 5322, MIME) and mailboxes (mbox): their attachments, and who sent them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime

from invoice_connector.arrivals.parts import Part, clean
from invoice_connector.arrivals.said import paragraphs_in
from ocr_ensemble.errors import DamagedDocumentError

_MOST_WALKED = 10_000  # parts of one mail that are looked at, bodies included
_FROM_LINE = re.compile(rb"^From \S.*\d\d?:\d\d", re.MULTILINE)  # with the time of delivery
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_LONGEST_HEADER = 500
_LONGEST_HEAD = 65_536
_NESTED = "message/rfc822"


def mail_parts(source: bytes) -> Iterator[Part]:
    """The attachments of a mail and its texts; a mail in it is a part, too. Raises DamagedDocumentError."""
    try:
        message = message_from_bytes(source, policy=policy.compat32)
        yield from _parts(message)
    except RecursionError as error:
        raise DamagedDocumentError("it holds parts within parts without end; send its attachments") from error
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, IndexError) as error:
        raise DamagedDocumentError(f"it is a damaged e-mail ({type(error).__name__}); send its attachments") from error


def subject_of(source: bytes) -> str | None:
    """The subject of a mail, of whose bytes the first are enough; None where it has none."""
    try:
        return _header(BytesHeaderParser(policy=policy.compat32).parsebytes(source[:_LONGEST_HEAD]), "Subject")
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError, IndexError):
        return None


def mailbox_parts(source: bytes) -> Iterator[Part]:
    """The mails of an mbox file, each as a part."""
    begins = [0, *(found.start() for found in _FROM_LINE.finditer(source, 1) if _is_parted(source, found.start()))]
    for number, (begin, end) in enumerate(zip(begins, [*begins[1:], len(source)], strict=True), start=1):
        _, _, text = source[begin:end].partition(b"\n")
        yield Part(f"message {number}", _QUOTED_FROM.sub(rb"\1", text))


def _is_parted(source: bytes, begin: int) -> bool:
    """Whether an empty line is before a line: else it is a sentence that begins with "From"."""
    return source[max(0, begin - 4) : begin].endswith((b"\n\n", b"\r\n\r\n"))


def _parts(message: Message) -> Iterator[Part]:
    facts, said = _facts(message), _said(message)
    shown = _shown(message)
    for number, part in enumerate(_walked(message), start=1):
        kind, name = part.get_content_type(), _name(part)
        if kind == _NESTED:
            inner = part.get_payload()
            nested = inner[0] if isinstance(inner, list) and inner else None
            if isinstance(nested, Message):
                subject = _header(nested, "Subject")
                path = clean(name or f"{subject or 'mail'}.eml").replace("/", "_")
                yield Part(path, nested.as_bytes(), facts, said=said)
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content:
            identifier = (part.get("Content-ID") or "").strip("<> \t\r\n")
            path = clean(name or _default_name(kind, number)).replace("/", "_")
            yield Part(path, content, facts, bool(identifier) and identifier in shown, said=said)


def _walked(message: Message) -> Iterator[Message]:
    """The leaves in their order; mails within are leaves."""
    waiting = [message]
    for _ in range(_MOST_WALKED):
        if not waiting:
            return
        part = waiting.pop()
        inner = part.get_payload()
        if part.get_content_type() != _NESTED and isinstance(inner, list):
            waiting.extend(each for each in reversed(inner) if isinstance(each, Message))
        else:
            yield part


def _said(message: Message) -> tuple[str, ...]:
    """The paragraphs of the mail's own text: as plain text where it has one, else as a page."""
    leaves = [part for part in _walked(message) if _name(part) is None]
    plain, pages = (
        [part for part in leaves if part.get_content_type() == kind] for kind in ("text/plain", "text/html")
    )
    return paragraphs_in(_header(message, "Subject"), [_text(part) for part in plain or pages], as_page=not plain)


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    charset = part.get_content_charset() or "utf-8"
    if not isinstance(content, bytes):
        return ""
    try:
        return content.decode(charset, "replace")
    except LookupError:  # a charset that nobody knows
        return content.decode("utf-8", "replace")


def _shown(message: Message) -> str:
    """The texts of the mail in HTML, which name the pictures that they show by ``cid:``."""
    texts = [part.get_payload(decode=True) for part in _walked(message) if part.get_content_type() == "text/html"]
    return " ".join(text.decode("utf-8", "replace") for text in texts if isinstance(text, bytes))


def _facts(message: Message) -> Mapping[str, str | None]:
    received = str(message.get("Received") or "").rpartition(";")[2].strip()
    return {
        "sender": _header(message, "From"),
        "subject": _header(message, "Subject"),
        "received": _moment(received) or _moment(str(message.get("Date") or "")),
    }


def _header(message: Message, name: str) -> str | None:
    raw = next((str(value) for each, value in message.raw_items() if each.lower() == name.lower()), None)
    return None if raw is None else clean(_decoded(_of_bytes(raw)), _LONGEST_HEADER)


def _of_bytes(raw: str) -> str:
    """A header as it came: bytes beyond ASCII, which none may have, are UTF-8 or else Latin-1 as Windows has it."""
    try:
        content = raw.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:  # text already
        return raw
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _decoded(text: str) -> str:
    """Encoded words (RFC 2047) as text; what is none stays as it is."""
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, ValueError, LookupError):
        return text


def _moment(text: str) -> str | None:
    """ISO 8601 in UTC; None for what is no date."""
    try:
        found = parsedate_to_datetime(text[:_LONGEST_HEADER])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _name(part: Message) -> str | None:
    name = part.get_filename()
    return _decoded(name) if name else None


def _default_name(kind: str, number: int) -> str:
    return "the text of the mail" if kind.startswith("text/") else f"part {number} ({clean(kind.replace('/', ' '))})"
