"""Values from outside, one function for each kind: requests, command lines, settings, e-invoices and reviews use these.

Each returns the value or raises InputError, whose sentence says what is allowed. A text is measured before it is
parsed: ``Decimal("1e99999999")`` is short, and what it is written out to is not.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

WHOLE_DIGITS, DECIMALS = 15, 20
"""Of an amount: no bill has more before the decimal point, and some programs write out binary fractions."""
FIRST_YEAR = 1900
SHORT_TEXT, LONG_TEXT = 200, 2000
"""Characters of a name or identifier, and of a note or a term of several lines."""
FILE_NAME = 255
_SHOWN = 40
_AMOUNT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{8}", re.ASCII)
_BEGINS_WITH_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_LINE_CHARACTERS = "\t\n\r"
PLAIN_TEXT_PATTERN = r"^[^\x00-\x1f\x7f-\x9f]*$"
"""What ``text`` allows on one line, for descriptions of an interface."""


class InputError(ValueError):
    """A value from outside that is not allowed."""


def amount(text: str, what: str = "the amount") -> Decimal:
    """A finite number of bounded length, in plain or exponential notation."""
    if len(text) <= 2 * (WHOLE_DIGITS + DECIMALS) and _AMOUNT.fullmatch(text):
        value = Decimal(text)
        if _is_bounded(value):
            return value
    raise _no_amount(what, text)


def checked_amount(value: Decimal, what: str = "the amount") -> Decimal:
    """The same for what is a number already."""
    if not _is_bounded(Decimal(value)):
        raise _no_amount(what, str(value))
    return value


def day(text: str, what: str = "the day") -> date:
    """A day of the calendar in ISO 8601."""
    if _DAY.fullmatch(text):
        try:
            found = date.fromisoformat(text)
        except ValueError:
            found = date.min
        if found.year >= FIRST_YEAR:
            return found
    raise InputError(f"{what} is a day such as 2026-11-30, from the year {FIRST_YEAR} on; got {shown(text)}")


def moment(text: str, what: str = "the moment") -> datetime:
    """A moment or the beginning of a day in ISO 8601; UTC where no zone is given."""
    if len(text) <= _SHOWN and _BEGINS_WITH_DAY.match(text):
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = datetime.min
        if found.year >= FIRST_YEAR:
            return found if found.tzinfo else found.replace(tzinfo=UTC)
    raise InputError(f"{what} is a day such as 2026-11-30 or a moment such as 2026-11-30T08:00:00Z; got {shown(text)}")


def number(text: str, low: int, high: int, what: str = "the number") -> Decimal:
    """A decimal number from ``low`` to ``high``."""
    value = amount(text, what)
    if not low <= value <= high:
        raise InputError(f"{what} is a number from {low:,} to {high:,}; got {shown(text)}")
    return value


def integer(text: str, low: int, high: int, what: str = "the number") -> int:
    """A whole number from ``low`` to ``high``."""
    if _INTEGER.fullmatch(text) and low <= int(text) <= high:
        return int(text)
    raise InputError(f"{what} is a whole number from {low:,} to {high:,}; got {shown(text)}")


def text(value: str, what: str = "the text", limit: int = SHORT_TEXT, *, lines: bool = False) -> str:
    """A text of at most ``limit`` characters without control characters, but for line ends and tabs with ``lines``."""
    if len(value) > limit:
        raise InputError(f"{what} has {len(value):,} characters; at most {limit:,} are allowed")
    for character in value:
        if _is_control(character) and not (lines and character in _LINE_CHARACTERS):
            raise InputError(f"{what} holds the control character U+{ord(character):04X}; plain text is allowed")
    return value


def currency(value: str, what: str = "the currency") -> str:
    """A currency's code of ISO 4217, in capitals."""
    from babel.core import get_global

    code = value.strip().upper()
    if code not in get_global("all_currencies"):
        raise InputError(f"{what} is a code of ISO 4217 such as EUR; got {shown(value)}")
    return code


def language(value: str, what: str = "the language") -> str:
    """A language's code of ISO 639-1."""
    from babel.localedata import exists

    if not re.fullmatch(r"[a-z]{2}", value) or not exists(value):
        raise InputError(f"{what} is a code of ISO 639-1 such as sv or en; got {shown(value)}")
    return value


def file_name(name: str | None) -> str:
    """A document's name made storable and short: it is read whatever it is called. The end of a long name stays."""
    plain = "".join("\ufffd" if _is_control(character) else character for character in (name or "")[-FILE_NAME:])
    return plain or "upload"


def shown(value: str) -> str:
    """The value as an error's sentence quotes it: short, control characters written out."""
    return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}...")


def _is_bounded(value: Decimal) -> bool:
    if not value.is_finite():
        return False
    exponent = int(value.as_tuple().exponent)
    return -DECIMALS <= exponent <= WHOLE_DIGITS and value.adjusted() < WHOLE_DIGITS


def _is_control(character: str) -> bool:
    """Control characters, and surrogates, which have no UTF-8 form."""
    return unicodedata.category(character) in ("Cc", "Cs")


def _no_amount(what: str, given: str) -> InputError:
    return InputError(
        f"{what} is an amount with a decimal point, such as 1250.00, with at most {WHOLE_DIGITS} digits before it and "
        f"{DECIMALS} after it; got {shown(given)}"
    )
