"""Signed files (CMS, RFC 5652; names that end with ``.p7m``), as Italian e-invoices travel: what was signed.

The signature is not verified; that is the business of whoever received the file.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

from ocr_ensemble.errors import DamagedDocumentError

_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"  # OID 1.2.840.113549.1.7.2
_HEAD = 64  # bytes within which it stands
_OCTETS, _CONSTRUCTED_OCTETS = 0x04, 0x24
_BASE64 = b"MI"  # how a SEQUENCE of more than 127 bytes begins in it
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class _Element:
    """One value of BER: its tag, its bytes from ``begin`` to ``end``, and where the next one begins."""

    tag: int
    begin: int
    end: int
    after: int


def is_signed(source: bytes) -> bool:
    """Whether the bytes are CMS signed data, as they are or in base64."""
    return _SIGNED_DATA in source[:_HEAD] or (source.startswith(_BASE64) and _SIGNED_DATA in _decoded(source[:_HEAD]))


def signed_content(source: bytes) -> bytes:
    """What was signed. Raises DamagedDocumentError, also where the signature is kept apart from it."""
    content = source if _SIGNED_DATA in source[:_HEAD] else _decoded(source)
    try:
        _, data = _inside(content, _at(content, 0, 0), 2)
        *_, encapsulated = _inside(content, next(_children(content, data)), 3)
        _, explicit = _inside(content, encapsulated, 2)
        return b"".join(_octets(content, next(_children(content, explicit)), 0))
    except (IndexError, ValueError, StopIteration) as error:
        raise DamagedDocumentError(
            "it is signed and holds no content that can be taken out; send it unsigned"
        ) from error


def _inside(source: bytes, element: _Element, count: int) -> list[_Element]:
    """The first ``count`` values in one. ValueError where there are fewer."""
    found = [child for child, _ in zip(_children(source, element), range(count), strict=False)]
    if len(found) < count:
        raise ValueError("fewer values than the form has")
    return found


def _children(source: bytes, element: _Element) -> Iterator[_Element]:
    at = element.begin
    while at < element.end:
        child = _at(source, at, 0)
        yield child
        at = child.after


def _octets(source: bytes, element: _Element, depth: int) -> Iterator[bytes]:
    """The pieces of an octet string, which may be in pieces."""
    if element.tag == _OCTETS:
        yield source[element.begin : element.end]
    elif element.tag == _CONSTRUCTED_OCTETS and depth < _DEEPEST:
        for child in _children(source, element):
            yield from _octets(source, child, depth + 1)
    else:
        raise ValueError("no octet string")


def _at(source: bytes, at: int, depth: int) -> _Element:
    """The value at a place; of indefinite length it ends with two zero bytes."""
    tag, length, begin = source[at], source[at + 1], at + 2
    if length == 0x80:
        if depth > _DEEPEST:
            raise ValueError("too deep")
        end = begin
        while source[end : end + 2] != b"\0\0":
            end = _at(source, end, depth + 1).after
        return _Element(tag, begin, end, end + 2)
    if length > 0x80:
        size = length - 0x80
        length = int.from_bytes(source[begin : begin + size], "big")
        begin += size
    if begin + length > len(source):
        raise ValueError("it ends beyond the file")
    return _Element(tag, begin, begin + length, begin + length)


def _decoded(source: bytes) -> bytes:
    try:
        whole = b"".join(source.split())
        return base64.b64decode(whole[: len(whole) // 4 * 4])
    except binascii.Error:
        return b""
