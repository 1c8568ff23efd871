"""Picture files that lie about their size, unpack to gigabytes, never end, or are two files at once."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from random import Random

from PIL import Image

from scripts.hostile.healthy import encoded, healthy, pdf, picture

Attack = Callable[[Random], tuple[str, bytes]]  # -> the file's ending and its bytes
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIDES = (1, 2, 15, 16, 30_000, 60_000, 65_535, 2**31 - 1, 2**32 - 1)


def png_that_lies_about_its_size(rng: Random) -> tuple[str, bytes]:
    header = struct.pack(">IIBBBBB", rng.choice(_SIDES), rng.choice(_SIDES), rng.choice((1, 8, 16)), 2, 0, 0, 0)
    return "png", _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(1000))) + _END


def png_with_a_bomb_for_a_comment(rng: Random) -> tuple[str, bytes]:
    head, rest = healthy("png")[:33], healthy("png")[33:]
    packed = zlib.compress(bytes(rng.choice((10, 100)) * 1_000_000), 9)
    kind = rng.choice((b"zTXt", b"iCCP"))
    return "png", head + _chunk(kind, b"Comment\0\0" + packed) * rng.choice((1, 8)) + rest


def png_of_a_few_bytes_and_many_pixels(rng: Random) -> tuple[str, bytes]:
    side = rng.choice((3_000, 5_000, 7_500))
    return "png", encoded(Image.new(rng.choice(("1", "L", "P")), (side, side), rng.choice((0, 1))), "PNG")


def png_with_more_rows_than_it_says(rng: Random) -> tuple[str, bytes]:
    header = struct.pack(">IIBBBBB", 200, 200, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(rng.choice((1, 50)) * 1_000_000))
    return "png", _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _END


def jpeg_that_lies_about_its_size(rng: Random) -> tuple[str, bytes]:
    spoiled = bytearray(healthy("jpg"))
    frame = spoiled.find(b"\xff\xc2")
    spoiled[frame + 5 : frame + 9] = struct.pack(
        ">HH", rng.choice((1, 30_000, 65_535)), rng.choice((1, 30_000, 65_535))
    )
    return "jpg", bytes(spoiled)


def jpeg_with_endless_scans(rng: Random) -> tuple[str, bytes]:
    """A progressive JPEG whose last scan comes thousands of times: each costs a pass over the whole picture."""
    content = encoded(picture(size=(2000, 1500)), "JPEG", progressive=True, quality=30)
    scan = content.rfind(b"\xff\xda")
    return "jpg", content[:-2] + content[scan:-2] * rng.choice((200, 2000)) + content[-2:]


def tiff_that_never_ends(rng: Random) -> tuple[str, bytes]:
    """Its list of pages points to its own beginning."""
    content = bytearray(healthy("tif"))
    start = struct.unpack_from("<I", content, 4)[0]
    count = struct.unpack_from("<H", content, start)[0]
    struct.pack_into("<I", content, start + 2 + 12 * count, rng.choice((start, start + 2, 8, len(content) - 6)))
    return "tif", bytes(content)


def tiff_with_a_strange_entry(rng: Random) -> tuple[str, bytes]:
    content = bytearray(healthy(rng.choice(("tif", "fax.tif"))))
    start = struct.unpack_from("<I", content, 4)[0]
    count = struct.unpack_from("<H", content, start)[0]
    entry = start + 2 + 12 * rng.randrange(count)
    strange = (rng.randrange(1, 14), rng.choice((0, 1, 2**31, 2**32 - 1)), rng.choice((0, 7, 65_535, 2**32 - 1)))
    struct.pack_into("<HII", content, entry + 2, *strange)
    return "tif", bytes(content)


def tiff_of_many_pages(rng: Random) -> tuple[str, bytes]:
    dot = Image.new("1", (20, 20), 1)
    return "tif", encoded(dot, "TIFF", save_all=True, append_images=[dot] * rng.choice((99, 100, 600)))


def bmp_that_lies_about_its_size(rng: Random) -> tuple[str, bytes]:
    spoiled = bytearray(healthy("bmp"))
    struct.pack_into(
        "<ii", spoiled, 18, rng.choice((1, -1, 60_000, 2**31 - 1)), rng.choice((-(2**31), -60_000, 60_000))
    )
    struct.pack_into("<HI", spoiled, 28, rng.choice((0, 1, 16, 24, 33)), rng.choice((0, 1, 2, 3, 9)))
    return "bmp", bytes(spoiled)


def heic_that_lies_about_its_size(rng: Random) -> tuple[str, bytes]:
    spoiled = bytearray(healthy("heic"))
    place = spoiled.find(b"ispe")
    struct.pack_into(">II", spoiled, place + 8, rng.choice(_SIDES), rng.choice(_SIDES))
    return "heic", bytes(spoiled)


def webp_that_lies_about_its_size(rng: Random) -> tuple[str, bytes]:
    spoiled = bytearray(healthy("webp"))
    struct.pack_into("<HH", spoiled, 26, rng.choice((0, 1, 16_383, 65_535)), rng.choice((0, 1, 16_383, 65_535)))
    return "webp", bytes(spoiled)


def exif_gone_wrong(rng: Random) -> tuple[str, bytes]:
    exif = b"Exif\0\0" + rng.choice((b"II*\0", b"MM\0*")) + rng.randbytes(rng.randrange(4, 400))
    return "jpg", encoded(picture(), "JPEG", exif=exif)


def two_files_at_once(rng: Random) -> tuple[str, bytes]:
    """A picture that is a PDF, an archive, a page of HTML or a program as well."""
    tails = (
        pdf(),
        b"PK\x03\x04" + bytes(40),
        b"<html><script>alert(1)</script></html>",
        b"MZ" + bytes(100),
        b"#!/bin/sh\n",
    )
    ending = rng.choice(("png", "jpg", "bmp", "webp"))
    first, second = healthy(ending), rng.choice(tails)
    return rng.choice((ending, "pdf", "html")), first + second if rng.random() < 0.7 else second + first


def something_else(rng: Random) -> tuple[str, bytes]:
    """No picture at all, whatever its name says."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    others = (
        b"",
        b"\0",
        bytes(10_000),
        svg,
        b"GIF89a" + bytes(20),
        b"%!PS\n",
        rng.randbytes(5000),
        "å".encode("utf-16"),
    )
    return rng.choice(("png", "pdf", "tif", "heic")), rng.choice(others)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


_END = _chunk(b"IEND", b"")

ATTACKS: tuple[Attack, ...] = (
    png_that_lies_about_its_size,
    png_with_a_bomb_for_a_comment,
    png_of_a_few_bytes_and_many_pixels,
    png_with_more_rows_than_it_says,
    jpeg_that_lies_about_its_size,
    jpeg_with_endless_scans,
    tiff_that_never_ends,
    tiff_with_a_strange_entry,
    tiff_of_many_pages,
    bmp_that_lies_about_its_size,
    heic_that_lies_about_its_size,
    webp_that_lies_about_its_size,
    exif_gone_wrong,
    two_files_at_once,
    something_else,
)
