"""What processes took of memory and processor, and memory that is no longer needed given back to the system."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any


def give_back() -> None:
    """Returns freed memory to the system where the C library is glibc; elsewhere it does so by itself.

    Arrays of pages leave holes between what stays, and glibc keeps those: over 5,000 documents of all sizes a process
    grew by 250 MB without this and by 90 MB with it. A call takes milliseconds.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


def peak_bytes() -> int | None:
    """The most memory this process held since it began or ``forget_peak``, None where the system does not tell.

    Linux tells of this program alone; what ``getrusage`` says there includes the program that started it.
    """
    with suppress(OSError, ValueError, IndexError):
        status = Path("/proc/self/status").read_text("ascii", "replace")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def forget_peak() -> None:
    """From now on ``peak_bytes`` tells of what comes; only where Linux is, elsewhere it tells of the whole life."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def processor_seconds(process: int, children: bool = False) -> float:
    """Processor time that a process which was not waited for has used so far, 0.0 where the system does not tell.

    Linux tells it to a hundredth of a second. ``children``: that of its children that have ended, too.
    """
    with suppress(OSError, ValueError, IndexError):
        # The name before the bracket may hold anything; after it come the fields of proc(5) from the third on.
        values = Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return sum(map(int, values[11 : 15 if children else 13])) / os.sysconf("SC_CLK_TCK")
    return 0.0


@cache
def _malloc_trim() -> Callable[[int], Any] | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl and macOS have none; Windows has no library without a name
        return None
