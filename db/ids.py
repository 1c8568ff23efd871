"""Job ids that sort by time of creation."""

from __future__ import annotations

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
