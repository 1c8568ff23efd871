"""What a hostile file might make a decoder do; run in the child process by ``test_isolation.py``."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from typing import Any

_kept: list[bytearray] = []


def environment(_content: bytes) -> dict[str, str]:
    return dict(os.environ)


def modules(_content: bytes) -> list[str]:
    return sorted({name.partition(".")[0] for name in sys.modules})


def process(content: bytes) -> list[Any]:
    return [os.getpid(), len(content)]


def sleep(_content: bytes) -> None:
    time.sleep(3600)


def spin(_content: bytes) -> None:
    while True:
        pass


def swallow(_content: bytes) -> None:
    while True:
        _kept.append(bytearray(10_000_000))


def follow_a_wild_pointer(_content: bytes) -> None:
    ctypes.string_at(1)


def die_unless_new(content: bytes) -> int:
    """Dies in a child that has run this before: what a library that corrupts its memory does."""
    if _kept:
        os.kill(os.getpid(), signal.SIGKILL)
    _kept.append(bytearray())
    return len(content)


def fill_the_disk(_content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryFile() as file:
        file.seek(100_000_000_000)
        file.write(b"a hole and a byte")


def open_everything(_content: bytes) -> None:
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(10_000)]
    raise AssertionError(len(files))
