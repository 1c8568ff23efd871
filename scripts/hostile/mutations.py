"""Damage done to healthy files without knowing their form."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from scripts.hostile.healthy import KINDS, healthy

Mutation = Callable[[bytes, Random], bytes]
_EXTREMES = tuple(
    value.to_bytes(size, order)
    for size in (2, 4, 8)
    for value in (0, 1, 2 ** (8 * size - 1) - 1, 2 ** (8 * size - 1), 2 ** (8 * size) - 1)
    for order in ("little", "big")
)


def flip_bits(content: bytes, rng: Random) -> bytes:
    spoiled = bytearray(content)
    for _ in range(2 ** rng.randrange(8)):
        spoiled[rng.randrange(len(spoiled))] ^= 1 << rng.randrange(8)
    return bytes(spoiled)


def flip_bits_in_the_head(content: bytes, rng: Random) -> bytes:
    return flip_bits(content[:256], rng) + content[256:]


def cut(content: bytes, rng: Random) -> bytes:
    return content[: rng.randrange(len(content))]


def drop_a_piece(content: bytes, rng: Random) -> bytes:
    start, end = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:start] + content[end:]


def repeat_a_piece(content: bytes, rng: Random) -> bytes:
    start = rng.randrange(len(content))
    piece = content[start : start + 1 + rng.randrange(64)]
    return content[:start] + piece * rng.randrange(2, 2000) + content[start:]


def write_extremes(content: bytes, rng: Random) -> bytes:
    """Lengths, offsets and sizes become the numbers that break arithmetic."""
    spoiled = bytearray(content)
    for _ in range(rng.randrange(1, 6)):
        value = rng.choice(_EXTREMES)
        start = rng.randrange(min(len(spoiled), rng.choice((64, 512, len(spoiled)))))
        spoiled[start : start + len(value)] = value
    return bytes(spoiled)


def join_two(content: bytes, rng: Random) -> bytes:
    other = healthy(rng.choice(KINDS))
    return content[: rng.randrange(len(content))] + other[rng.randrange(len(other)) :]


def noise_after_the_head(content: bytes, rng: Random) -> bytes:
    return content[: rng.randrange(8, 64)] + rng.randbytes(rng.randrange(1, 20_000))


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    flip_bits_in_the_head,
    cut,
    drop_a_piece,
    repeat_a_piece,
    write_extremes,
    join_two,
    noise_after_the_head,
)
