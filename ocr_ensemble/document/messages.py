"""What the decoding child and its parent say to each other: JSON heads, bytes, and pixels as open files.

Nothing that comes from the child is unpickled: a file that took the child over can send wrong pixels, no code.
"""

from __future__ import annotations

import fcntl
import json
import math
import mmap
import os
import socket
import struct
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.raw import Glyphs, RawPage
from ocr_ensemble.document.signs import Change, Layer, Sign
from ocr_ensemble.document.steps import NotRead, PreprocessingStep
from ocr_ensemble.grey import in_grey
from ocr_ensemble.layout import BoundingBox

Json = Mapping[str, Any]

_FRAME = struct.Struct("!IQ")  # bytes of the head, bytes of the body
_LARGEST_HEAD = 64 << 20
_MOST_GLYPHS = 1_000_000
# What is known of each glyph, in the order in which it follows the pixels in the file.
_GLYPHS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("tight", "<f8", (4,)),
    ("loose", "<f8", (4,)),
    ("baselines", "<f8", ()),
    ("codes", "<i4", ()),
    ("visible", "u1", ()),
    ("mapped", "u1", ()),
    ("covered", "u1", ()),
    ("fonts", "<i4", ()),
    ("colours", "<i4", ()),
)


class BrokenMessageError(Exception):
    """The other side sent something that is no message, or closed."""


@dataclass(frozen=True, slots=True)
class WithBytes:
    """The answer of a task that is more than JSON: ``value``, and bytes that belong to it."""

    value: Any
    content: bytes = field(repr=False)


def send(channel: socket.socket, head: Json, body: bytes = b"", file: int | None = None) -> None:
    """One message; ``file`` is a descriptor that travels with it."""
    encoded = json.dumps(head).encode()
    frame = _FRAME.pack(len(encoded), len(body))
    if file is None:
        channel.sendall(frame)
    else:
        socket.send_fds(channel, [frame], [file])
    channel.sendall(encoded)
    channel.sendall(body)


def receive(channel: socket.socket, largest_body: int = 0) -> tuple[dict[str, Any], bytes, int | None]:
    """The next message: head, body, descriptor. Raises BrokenMessageError, TimeoutError and OSError."""
    frame, files, _, _ = socket.recv_fds(channel, _FRAME.size, 1)
    file = files[0] if files else None
    try:
        return *_rest(channel, frame, largest_body), file
    except BaseException:
        if file is not None:
            os.close(file)
        raise


def _rest(channel: socket.socket, frame: bytes, largest_body: int) -> tuple[dict[str, Any], bytes]:
    if not frame:
        raise BrokenMessageError("the other side closed")
    head_size, body_size = _FRAME.unpack(frame + _exactly(channel, _FRAME.size - len(frame)))
    if head_size > _LARGEST_HEAD or body_size > largest_body:
        raise BrokenMessageError("a message is larger than any that is sent")
    try:
        head = json.loads(_exactly(channel, head_size))
    except ValueError as error:
        raise BrokenMessageError("the head of a message is no JSON") from error
    if not isinstance(head, dict):
        raise BrokenMessageError("the head of a message is no object")
    return head, _exactly(channel, body_size)


def send_value(channel: socket.socket, value: Any) -> None:
    """The answer of a task; bytes of a ``WithBytes`` travel in a file."""
    if not isinstance(value, WithBytes):
        send(channel, {"value": value})
        return
    file = _anonymous_file()
    try:
        with os.fdopen(os.dup(file), "wb") as stream:
            stream.write(value.content)
        send(channel, {"value": value.value, "size": len(value.content)}, file=file)
    finally:
        os.close(file)


def received_bytes(size: Any, file: int) -> bytes:
    """The bytes that came with a value. Raises BrokenMessageError."""
    if not isinstance(size, int) or size < 0:
        raise BrokenMessageError("a value without the size of its bytes")
    return bytes(_mapped(file, size)[:]) if size else b""


def pack(page: RawPage) -> tuple[dict[str, Any], int]:
    """A page as the head of a message and a file whose descriptor the caller closes."""
    height, width = page.pixels.shape[:2]
    head: dict[str, Any] = {"height": height, "width": width, "dpi": page.dpi, "glyphs": None}
    head["version"] = page.version
    head["steps"] = [asdict(step) for step in page.steps]
    head["askew"] = list(page.askew)
    head["not_read"] = [asdict(part) for part in page.not_read]
    head["signs"] = [_sent(sign) for sign in page.signs]
    head["bare"] = None if page.bare is None else page.bare.shape
    pixels = page.pixels[..., :1] if page.pixels.strides[-1] == 0 else page.pixels
    head["channels"] = pixels.shape[2]
    parts = [np.ascontiguousarray(pixels, dtype=np.uint8)]
    if page.glyphs is not None:
        head["glyphs"] = len(page.glyphs.codes)
        parts += [np.ascontiguousarray(getattr(page.glyphs, name), dtype=kind) for name, kind, _ in _GLYPHS]
    parts += [np.ascontiguousarray(page.bare, dtype=np.uint8)] if page.bare is not None else []
    file = _anonymous_file()
    with os.fdopen(os.dup(file), "wb") as stream:
        for part in parts:
            stream.write(part.data)
    return head, file


def unpack(head: Json, file: int, limits: Limits) -> RawPage:
    """The page; its pixels are the file's own memory, read-only. Raises BrokenMessageError."""
    try:
        height, width, channels = int(head["height"]), int(head["width"]), int(head["channels"])
        count = None if head["glyphs"] is None else int(head["glyphs"])
        dpi = None if head["dpi"] is None else float(head["dpi"])
        steps = tuple(PreprocessingStep(str(step["name"]), str(step["detail"])) for step in head["steps"])
        bare = None if head["bare"] is None else (int(head["bare"][0]), int(head["bare"][1]))
        askew, version = tuple(str(text) for text in head["askew"]), str(head["version"])
        parts = [NotRead(str(p["part"]), str(p["reason"]), bool(p["may_matter"])) for p in head["not_read"]]
        signs = tuple(_received(*sign) for sign in head["signs"])
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise BrokenMessageError("a page without its measures") from error
    sizes = [(height, width), *([bare] if bare is not None else [])]
    if (
        any(not 0 < h * w <= limits.max_pixels or h < 1 for h, w in sizes)
        or (count or 0) > _MOST_GLYPHS
        or channels not in (1, 3)
    ):
        raise BrokenMessageError("a page beyond the limits")
    pixels = height * width * channels
    size = pixels + (count or 0) * sum(np.dtype(kind).itemsize * (shape or (1,))[0] for _, kind, shape in _GLYPHS)
    memory = _mapped(file, size + (math.prod(bare) if bare is not None else 0))
    picture = np.frombuffer(memory, np.uint8, pixels).reshape(height, width, channels)
    picture = picture if channels == 3 else in_grey(picture[..., 0])
    glyphs = None if count is None else _glyphs(memory, pixels, count)
    rest = None if bare is None else np.frombuffer(memory, np.uint8, math.prod(bare), size).reshape(bare)
    return RawPage(picture, dpi, steps, glyphs, askew, rest, tuple(parts), version, signs)


def _sent(sign: Sign) -> list[Any]:
    return [str(sign.change), sign.text, sign.box.as_tuple() if sign.box is not None else None, str(sign.layer)]


def _received(change: str, text: str, box: Sequence[float] | None, layer: str) -> Sign:
    return Sign(Change(change), str(text), None if box is None else BoundingBox(*map(int, box)), Layer(layer))


def _glyphs(memory: Any, offset: int, count: int) -> Glyphs:
    found: dict[str, NDArray[Any]] = {}
    for name, kind, shape in _GLYPHS:
        length = count * (shape or (1,))[0]
        values = np.frombuffer(memory, kind, length, offset).reshape(count, *shape)
        offset += values.nbytes
        found[name] = values != 0 if kind == "u1" else values.copy()
    return Glyphs(**found)


def _anonymous_file() -> int:
    """A file in memory without a name, on the disk where the system has no such thing."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("page", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with tempfile.TemporaryFile() as stream:
        return os.dup(stream.fileno())


def _mapped(file: int, size: int) -> Any:
    """The first ``size`` bytes of the file. Sealed first: were it cut later, reading it would kill us."""
    if os.fstat(file).st_size != size:
        raise BrokenMessageError("a page whose pixels are missing")
    if not hasattr(fcntl, "F_ADD_SEALS"):
        stream: BinaryIO
        with os.fdopen(os.dup(file), "rb") as stream:
            stream.seek(0)
            return stream.read(size)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)
    return mmap.mmap(file, size, prot=mmap.PROT_READ)


def _exactly(channel: socket.socket, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        chunk = channel.recv(min(size - len(content), 1 << 20))
        if not chunk:
            raise BrokenMessageError("the other side closed")
        content += chunk
    return bytes(content)
