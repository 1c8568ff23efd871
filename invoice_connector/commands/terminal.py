"""All that commands print goes through here: names and texts of strangers cannot steer a terminal."""

from __future__ import annotations

import argparse
import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

# Control characters but for tab and line feed, separators of lines, lone surrogates, and marks that turn the order of
# what stands beside them, so that a name shows another ending than it has.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """The text with such characters as escapes (``\\x1b``, ``\\u202e``)."""
    return _STEERING.sub(_escape, text)


def one_line(text: str) -> str:
    """The same where one line is meant: a name that holds a line feed adds no line of its own to a report."""
    return printable(text).replace("\n", "\\n")


def show(text: str, *, end: str = "\n") -> None:
    """Prints data to stdout, at once."""
    print(printable(text), end=end, flush=True)


_quiet = False


def be_quiet(quiet: bool) -> None:
    """Whether messages that are no errors are left out from now on."""
    global _quiet  # noqa: PLW0603 - one process has one terminal
    _quiet = quiet


def tell(text: str, *, end: str = "\n") -> None:
    """Prints a message to stderr, unless nobody wants any."""
    if not _quiet:
        complain(text, end=end)


def complain(text: str, *, end: str = "\n") -> None:
    """Prints to stderr why something could not be done."""
    print(printable(text), end=end, file=sys.stderr, flush=True)


class _PrintableLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


@contextmanager
def logged(times: int) -> Iterator[None]:
    """``-v`` (1) tells the steps on stderr, ``-vv`` all that the package and its libraries say; 0 what is amiss."""
    handler, teller = logging.StreamHandler(), logging.getLogger(None if times > 1 else "invoice_connector")
    handler.setFormatter(_PrintableLines("%(levelname)s %(name)s: %(message)s" if times else None))
    level = teller.level
    if times:
        teller.setLevel(logging.DEBUG if times > 1 else logging.INFO)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        teller.setLevel(level)


def show_json(value: Any, *, indent: int | None = None) -> None:
    """Prints a value as JSON to stdout."""
    show_json_text(json.dumps(value, ensure_ascii=False, indent=indent))


def show_json_text(text: str) -> None:
    """Prints what is JSON already, with the escapes of JSON: read back, it is what it was."""
    print(_STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text), flush=True)


class ArgumentParser(argparse.ArgumentParser):
    """A parser whose errors quote arguments without obeying them."""

    def _print_message(self, message: str, file: IO[str] | None = None) -> None:  # type: ignore[override]
        super()._print_message(printable(message), file)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
