"""Mails and archives that were made to hurt: bombs, nests, names that lead elsewhere, directories that lie."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterable
from random import Random

from scripts.hostile.healthy import INVOICE_XML
from scripts.hostile.texts import NAMES

_ENDINGS = (".pdf", ".png", ".xml", ".zip", ".eml")


def zip_bomb(rng: Random) -> tuple[str, bytes]:
    """A few thousand bytes that unpack to many millions, once or in many entries."""
    count, size = rng.choice(((1, 60_000_000), (20, 12_000_000), (3000, 1000)))
    block = bytes(size)
    return "zip", _zipped((f"{number}{rng.choice(_ENDINGS)}", block) for number in range(count))


def nested_archives(rng: Random) -> tuple[str, bytes]:
    """Archives within archives, deeper than anybody packs."""
    content = INVOICE_XML
    for level in range(rng.randint(4, 60)):
        content = _zipped([(f"{level}.zip" if level else "invoice.xml", content)])
    return "zip", content


def archive_names(rng: Random) -> tuple[str, bytes]:
    """Entries whose names are paths, devices or nothing."""
    names = [f"{name[:60_000]}{rng.choice(_ENDINGS)}" for name in rng.sample(NAMES, 8)]
    return "zip", _zipped((name.encode(errors="replace").decode(), INVOICE_XML) for name in names)


def lying_archive(rng: Random) -> tuple[str, bytes]:
    """A directory whose sizes, places, checksums or counts are not those of the entries; zip64 fields among them."""
    content = bytearray(_zipped((f"{number}.xml", INVOICE_XML) for number in range(5)))
    begin = content.index(b"PK\x01\x02")
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(begin, len(content) - 4)
        content[place : place + 4] = struct.pack("<I", rng.choice((0, 0xFFFFFFFF, 0x7FFFFFFF, rng.getrandbits(32))))
    if rng.random() < 0.3:
        end = content.rindex(b"PK\x05\x06") if b"PK\x05\x06" in content else len(content)
        locator = b"PK\x06\x07" + struct.pack("<IQI", 0, rng.getrandbits(63), 1)
        content[end:end] = b"PK\x06\x06" + struct.pack("<Q", rng.getrandbits(63)) + bytes(44) + locator
    return "zip", bytes(content)


def endless_mime(rng: Random) -> tuple[str, bytes]:
    """Parts within parts, or thousands beside each other, mostly without an end."""
    head = b"From: a@example.com\nSubject: x\nMIME-Version: 1.0\n"
    if rng.random() < 0.5:
        depth = rng.choice((50, 3000))
        levels = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(depth))
        return "eml", head + levels
    part = b'--x\nContent-Type: application/pdf; name="a.pdf"\n\n%PDF-1.7\n'
    return "eml", head + b'Content-Type: multipart/mixed; boundary="x"\n\n' + part * rng.choice((500, 20_000))


def garbled_mime(rng: Random) -> tuple[str, bytes]:
    """Encodings that are none, headers without end, names in every charset."""
    encoding = rng.choice((b"quoted-printable", b"base64", b"x-uuencode", b"8bit", b"gzip", b"=?utf-8?q?=ff?="))
    kind = rng.choice((b"application/pdf", b"message/rfc822", b"text/html; charset=klingon", b"multipart/mixed", b"/"))
    name = rng.choice(NAMES).encode(errors="replace")[:5000].replace(b"\n", b" ").replace(b"\r", b" ")
    body = bytes(rng.choice(b"=0123456789ABCDEFabc+/\r\n \xff\x00") for _ in range(rng.randint(0, 4000)))
    return "eml", (
        b"From: =?klingon?b?////?= <a@b>\nTo: b\nDate: Mon, 99 Foo 2026 99:99:99 +9999\nReceived: ; ; ;\n"
        + b"Subject: " + b"=?utf-8?q?=C3?= " * rng.choice((1, 5000))
        + b'\nContent-Type: ' + kind + b'; boundary="x"; filename*0*=utf-8\'\'' + name
        + b"\nContent-Transfer-Encoding: " + encoding + b"\n\n" + body
    )  # fmt: skip


def endless_mailbox(rng: Random) -> tuple[str, bytes]:
    """A mailbox of very many mails, or one that is cut within one."""
    mail = b"From a@b Mon Nov  2 10:00:00 2026\nFrom: a@b\nSubject: x\n\nhello\n\n"
    content = mail * rng.choice((3, 400, 60_000))
    return "mbox", content[: len(content) - rng.randint(0, len(mail))]


def looping_message(rng: Random) -> tuple[str, bytes]:
    """An Outlook message whose tables of sectors and storages lead in circles or outside."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<10i", header, 40, 0, 1, rng.choice((0, 1, 99)), 0, 4096, -2, 0, -2, 0, 0)
    header[80:] = b"\xff" * 432
    fat = struct.pack("<128i", *(rng.choice((0, 1, 2, 3, -2, -1, rng.getrandbits(30))) for _ in range(128)))
    name = "__properties_version1.0".encode("utf-16-le").ljust(64, b"\0")
    entry = name + struct.pack(
        "<HBBiii", 48, rng.choice((1, 2, 5)), 1, rng.randrange(4), rng.randrange(4), rng.randrange(4)
    )
    directory = (entry + bytes(36) + struct.pack("<iQ", rng.randrange(4), rng.getrandbits(40)))[:128].ljust(
        128, b"\0"
    ) * 4
    return "msg", bytes(header) + fat + directory + bytes(rng.randrange(3000))


def cut_container(rng: Random) -> tuple[str, bytes]:
    """A healthy archive or mail that ends somewhere."""
    content = _zipped((f"{number}.xml", INVOICE_XML) for number in range(3))
    ending = "zip"
    if rng.random() < 0.5:
        part = b'--x\nContent-Type: application/xml; name="a.xml"\n\n' + INVOICE_XML + b"\n"
        content = b'From: a\nTo: b\nContent-Type: multipart/mixed; boundary="x"\n\n' + part * 3 + b"--x--\n"
        ending = "eml"
    return ending, content[: rng.randrange(len(content))]


ATTACKS: tuple[Callable[[Random], tuple[str, bytes]], ...] = (
    zip_bomb, nested_archives, archive_names, lying_archive, endless_mime, garbled_mime, endless_mailbox,
    looping_message, cut_container,
)  # fmt: skip


def _zipped(entries: Iterable[tuple[str, bytes]]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in entries:
            archive.writestr(name, each)
    return content.getvalue()
