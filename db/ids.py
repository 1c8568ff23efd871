"""Job ids that sort by time of creation, and ids of what follows from a job."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid


def new_job_id(nanoseconds: int | None = None) -> str:
    """A UUIDv7 (RFC 9562, method 3): 48 bits of milliseconds, 12 bits of their fraction, 62 random bits.

    ``nanoseconds`` since 1970, now when left out. Two ids of one microsecond may sort either way.
    """
    milliseconds, rest = divmod(time.time_ns() if nanoseconds is None else nanoseconds, 1_000_000)
    fraction = rest * 4096 // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def derived_job_id(job_id: str, what: str) -> str:
    """The id of a job that follows from another one, the same each time it is made; it sorts with the other."""
    digest = int.from_bytes(hashlib.sha256(f"{job_id} {what}".encode()).digest()[:16], "big")
    try:
        begun = uuid.UUID(job_id).int
    except ValueError:  # an id that its sender chose
        begun = digest
    return str(uuid.UUID(int=begun >> 64 << 64 | 0b10 << 62 | digest & (1 << 62) - 1))
