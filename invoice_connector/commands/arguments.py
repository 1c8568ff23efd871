"""Values of the command line: what ``type=`` of an argument takes. A wrong one ends the command with its sentence."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from db import inputs

T = TypeVar("T")
_MANY, _WEEK = 1_000_000_000, 604_800


def amount(text: str) -> Decimal:
    return _checked(lambda: inputs.amount(text, "it"))


def count(text: str) -> int:
    """A whole number from 1 on."""
    return _checked(lambda: inputs.integer(text, 1, _MANY, "it"))


def port(text: str) -> int:
    return _checked(lambda: inputs.integer(text, 0, 65_535, "it"))


def seconds(text: str) -> float:
    """From 0 to a week."""
    return _checked(lambda: float(inputs.number(text, 0, _WEEK, "it")))


def short_text(text: str) -> str:
    """One line: a name, an identifier."""
    return _checked(lambda: inputs.text(text, "it"))


def long_text(text: str) -> str:
    """Several lines: a note."""
    return _checked(lambda: inputs.text(text, "it", inputs.LONG_TEXT, lines=True))


def moment(text: str) -> datetime:
    """The beginning of a day, or a moment; UTC where no zone is given."""
    return _checked(lambda: inputs.moment(text, "it"))


def _checked(value: Callable[[], T]) -> T:
    try:
        return value()
    except inputs.InputError as error:
        raise ArgumentTypeError(str(error)) from error
