"""Checks of single values that records share. Each raises InvalidRecordError with a sentence that names the value."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TypeVar

from db.errors import InvalidRecordError

_E = TypeVar("_E", bound=StrEnum)


def member(kind: type[_E], value: str) -> _E:
    """The status of this name."""
    try:
        return kind(value)
    except ValueError:
        names = ", ".join(kind)
        raise InvalidRecordError(f"status is one of {names}; got {value!r}") from None


def check_count(name: str, value: int) -> None:
    """From 0 to what a column of 32 bits holds."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise InvalidRecordError(f"{name} is a whole number from 0, got {value!r}")


def check_milliseconds(name: str, value: float) -> None:
    """From 0, finite."""
    if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise InvalidRecordError(f"{name} is a finite number of milliseconds from 0, got {value!r}")


def check_share(name: str, value: float | None) -> None:
    """A probability or a share, 0..1, or None for an unknown one."""
    if value is not None and not (isinstance(value, int | float) and 0.0 <= value <= 1.0):
        raise InvalidRecordError(f"{name} lies in 0..1 or is None, got {value!r}")
