"""Mails, archives and Outlook messages for the tests of what arrives."""

from __future__ import annotations

import io
import struct
import zipfile
from email.message import EmailMessage
from itertools import pairwise
from typing import Any

from PIL import Image

HTML = '<html><p>Hej</p><img src="cid:logo@x"></html>'


def png(width: int, height: int) -> bytes:
    """A white picture."""
    content = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(content, "PNG")
    return content.getvalue()


def mail(attachments: dict[str, bytes], logo: bytes = b"", subject: str = "Faktura Å-1") -> EmailMessage:
    """A mail with a text in two forms, a picture that it shows, and files."""
    message = EmailMessage()
    message["From"] = "Åsa Öberg <asa@example.com>"
    message["Subject"] = subject
    message["Date"] = "Mon, 02 Nov 2026 10:00:00 +0100"
    message.set_content("Hej")
    message.add_alternative(HTML, subtype="html")
    if logo:
        message.get_payload()[1].add_related(logo, "image", "png", cid="<logo@x>")
    for name, content in attachments.items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def zipped(files: dict[str, bytes]) -> bytes:
    """An archive of them."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in files.items():
            archive.writestr(name, each)
    return content.getvalue()


def outlook(attachments: dict[str, bytes], subject: str, sender: str, delivered: int) -> bytes:
    """An Outlook message; ``delivered`` in 100 nanoseconds since 1601. Texts and files are filled up to 4,096 bytes,
    from which a stream lies in sectors of its own."""
    head = bytes(32) + struct.pack("<IIQ", 0x0E060040, 6, delivered)
    tree: dict[str, Any] = {
        "__properties_version1.0": head, "__substg1.0_0037001F": subject.encode("utf-16-le"),
        "__substg1.0_0C1F001F": sender.encode("utf-16-le"),
    }  # fmt: skip
    for number, (name, content) in enumerate(attachments.items()):
        files = {"__substg1.0_3707001F": name.encode("utf-16-le"), "__substg1.0_37010102": content.ljust(4096)}
        tree[f"__attach_version1.0_#{number:08X}"] = files
    return _compound(tree)


def _compound(tree: dict[str, Any]) -> bytes:
    """A compound file (MS-CFB, version 3): each storage's children are a chain of right siblings."""
    entries: list[list[Any]] = []  # name, kind, right sibling, child, content

    def add(name: str, value: Any, kind: int) -> int:
        place = len(entries)
        entries.append([name, kind, -1, -1, b"" if isinstance(value, dict) else value.ljust(4096, b"\0")])
        if isinstance(value, dict):
            children = [add(child, inner, 1 if isinstance(inner, dict) else 2) for child, inner in value.items()]
            entries[place][3] = children[0] if children else -1
            for one, other in pairwise(children):
                entries[one][2] = other
        return place

    add("Root Entry", tree, 5)
    directory_sectors = -(-len(entries) // 4)
    fat, body, starts = [-3, *range(2, directory_sectors + 1), -2], b"", []
    for entry in entries:
        count = -(-len(entry[4]) // 512)
        starts.append(len(fat) if count else -2)
        fat += [*range(len(fat) + 1, len(fat) + count), -2] if count else []
        body += entry[4].ljust(count * 512, b"\0")
    assert len(fat) <= 128  # one sector of it
    directory = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBiii", 2 * len(name) + 2, kind, 1, -1, right, child)
        + bytes(36)
        + struct.pack("<iQ", start, len(content))
        for (name, kind, right, child, content), start in zip(entries, starts, strict=True)
    ).ljust(directory_sectors * 512, b"\0")
    signature = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header = signature + struct.pack("<iiiiiiiiii", 0, 1, 1, 0, 4096, -2, 0, -2, 0, 0) + b"\xff" * 432
    return header + struct.pack("<128i", *fat, *[-1] * (128 - len(fat))) + directory + body
