"""The ``invoice-connector`` command. Data goes to stdout, everything else to stderr.

Heavy libraries are imported by the command that needs them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from invoice_connector.commands.common import OK, CommandError
from invoice_connector.commands.completion import answer_shell, asks_shell
from invoice_connector.commands.settings import tell_unknown_variables
from invoice_connector.commands.terminal import ArgumentParser, be_quiet, complain, logged, show, tell

# The module in ``commands`` and the function in it that add each command; in the order of the help.
_COMMANDS = {
    "process": ("process", "add_process"),
    "batch": ("batch", "add_batch"),
    "watch": ("watch", "add_watch"),
    "mailbox": ("mailbox", "add_mailbox"),
    "export": ("export", "add_export"),
    "deliver": ("deliver", "add_deliver"),
    "jobs": ("jobs", "add_jobs"),
    "audit": ("audit", "add_audit"),
    "search": ("audit", "add_search"),
    "review": ("audit", "add_review"),
    "keys": ("audit", "add_keys"),
    "companies": ("suppliers", "add_master_data"),
    "suppliers": ("suppliers", "add_master_data"),
    "serve": ("serve", "add_serve"),
    "models": ("models", "add_models"),
    "worker": ("scale", "add_scale"),
    "submit": ("scale", "add_scale"),
    "status": ("scale", "add_scale"),
    "demo": ("demo", "add_demo"),
    "doctor": ("doctor", "add_doctor"),
    "settings": ("settings", "add_settings"),
    "completion": ("completion", "add_completion"),
    "schema": ("jobs", "add_schema"),
}
_NEW_OBJECTS = 50_000  # after which Python looks for garbage; its own 700 are for programs that make little


def main(argv: Sequence[str] | None = None) -> int:
    """Parses the arguments (``sys.argv`` when None), runs the command and returns its exit code."""
    # NumPy's matrices here are small: threads for them, one a core, would do nothing but wait, and wait by spinning.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Modules, tables and models are made once and stay until the process ends: looking through them again and again,
    # and once more at the end, takes a tenth of a start.
    gc.set_threshold(_NEW_OBJECTS)
    if argv is None:  # the process is this command's alone
        atexit.register(gc.freeze)
    given = _with_default_command(list(sys.argv[1:] if argv is None else argv))
    parser = build_parser(None if asks_shell() else next(iter(given), None))
    answer_shell(parser)
    arguments = parser.parse_args(given)
    be_quiet(arguments.quiet)
    with logged(arguments.verbose):
        return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    tell_unknown_variables()
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        tell("stopped; every finished document is in the audit log")
        return 130
    except BrokenPipeError:
        return OK
    except CommandError as error:
        complain(f"invoice-connector: {error}")
        return error.exit_code


def _with_default_command(argv: list[str]) -> list[str]:
    """``--invoice FILE`` without a subcommand means ``process FILE``."""
    if "--invoice" not in argv or (argv and not argv[0].startswith("-")):
        return argv
    place = argv.index("--invoice")
    return ["process", *argv[:place], *argv[place + 1 :]]


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """All commands with their options, or one that is known by its name."""
    parser: argparse.ArgumentParser = ArgumentParser(
        prog="invoice-connector",
        description="Reads invoices with several OCR engines, fuses what they read and logs every step.",
        epilog="invoice-connector --invoice FILE is short for invoice-connector process FILE.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and its commit")
    parser.set_defaults(verbose=0, quiet=False)
    _add_loudness(parser)
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module, add in dict.fromkeys([_COMMANDS[command]] if command in _COMMANDS else _COMMANDS.values()):
        getattr(import_module(f"invoice_connector.commands.{module}"), add)(subparsers)
    for parsers in subparsers.choices.values():
        _add_loudness(parsers)
    return parser


def _add_loudness(parser: argparse.ArgumentParser) -> None:
    """Before or behind the command's name."""
    kept = argparse.SUPPRESS  # a command without them leaves what stands before its name as it is
    parser.add_argument("-v", "--verbose", action="count", default=kept, help="tell the steps; -vv tells more")
    parser.add_argument("-q", "--quiet", action="store_true", default=kept, help="only results and errors")


class _Version(argparse.Action):
    """Found out only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from invoice_connector.version import commit, package_version

        of = f" (commit {found[:12]})" if (found := commit()) else ""
        show(f"invoice-connector {package_version()}{of}")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
