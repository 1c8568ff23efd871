"""Options that several commands share, and how a command is added to the command line."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, _SubParsersAction

from invoice_connector.commands.common import Command
from invoice_connector.commands.terminal import tell


def add_command(subparsers: _SubParsersAction[ArgumentParser], name: str, text: str, run: Command) -> ArgumentParser:
    """The parser of a command or an action; ``text`` is its help and its description."""
    parser: ArgumentParser = subparsers.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def add_reading_options(parser: ArgumentParser) -> None:
    """What all commands that read share."""
    parser.add_argument("--engines", metavar="A,B", help="engines in the order they are asked")
    parser.add_argument("--policy", choices=("fallback", "fusion", "single"), help="how engines share the work")
    parser.add_argument("--verifier", metavar="auto|off|NAME|URL", help="who scores the text against the picture")
    when = ("always", "doubt", "never")
    parser.add_argument("--verify-when", dest="verify", choices=when, help="when it is asked (default: in doubt)")
    parser.add_argument("--verify", action=_Renamed, choices=when, help=argparse.SUPPRESS)
    parser.add_argument("--profile", choices=("compact", "standard", "large"), help="which checkpoints to use")
    parser.add_argument("--language", metavar="CODE", help="ISO 639-1 code; found out per page when left out")
    parser.add_argument("--split", choices=("auto", "never"), help="whether a file of several documents is divided")
    add_database_option(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object per file, one per line")


def add_database_option(parser: ArgumentParser) -> None:
    """``--db``."""
    parser.add_argument("--db", metavar="URL", help="the audit log, any SQLAlchemy URL")


class _Renamed(argparse.Action):
    """An option's earlier name."""

    def __call__(self, _: object, arguments: argparse.Namespace, value: object, option: str | None = None) -> None:
        tell(f"{option} is called {option}-when now; the old name goes in a later version")
        setattr(arguments, self.dest, value)
