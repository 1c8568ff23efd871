"""The moment at which an engine's call has to be over. Engines look at it between two steps and end by themselves then.

A call that never looks can only be left behind (``runner.py``). The moment belongs to the thread that makes the call.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

_OVER: ContextVar[float] = ContextVar("over", default=math.inf)  # on the monotonic clock


class DeadlineError(Exception):
    """The time is over. The runner turns it into the engine's EngineTimeoutError."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Sets the limit of what this thread does inside."""
    token = _OVER.set(monotonic() + seconds)
    try:
        yield
    finally:
        _OVER.reset(token)


def remaining() -> float:
    """Seconds left, infinite where no limit was set. Raises DeadlineError when none is left."""
    seconds = _OVER.get() - monotonic()
    if seconds <= 0:
        raise DeadlineError
    return seconds


def check() -> None:
    """Raises DeadlineError when the time is over."""
    remaining()
