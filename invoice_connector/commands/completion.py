"""Completion for shells: ``completion`` prints what a shell is told once, and ``answer_shell`` answers when it asks."""

from __future__ import annotations

import argparse
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any

from invoice_connector.commands.common import OK
from invoice_connector.commands.terminal import show

SHELLS = ("bash", "zsh")


def add_completion(subparsers: Any) -> None:
    """Adds ``completion`` to the command line."""
    text = "print what a shell needs to complete commands, options and names of files"
    parser = subparsers.add_parser("completion", help=text, description=text)
    parser.add_argument("shell", choices=SHELLS)
    parser.set_defaults(run=completion)


def completion(arguments: Namespace) -> int:
    """Prints the lines that the shell is to run when it starts."""
    from argcomplete.shell_integration import shellcode

    show(shellcode(["invoice-connector"], shell=arguments.shell))
    return OK


def asks_shell() -> bool:
    """Whether a shell asks what fits, instead of running a command."""
    return "_ARGCOMPLETE" in os.environ


def answer_shell(parser: ArgumentParser) -> None:
    """Ends the process with what fits where a shell asks for it (``_ARGCOMPLETE``); else does nothing."""
    if not asks_shell():
        return
    import argcomplete

    for action in _actions(parser):
        if action.metavar == "DIR":
            action.completer = argcomplete.DirectoriesCompleter()  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser)


def _actions(parser: ArgumentParser) -> Iterator[argparse.Action]:
    """Of all commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield from _actions(child)
