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

from invoice_connector.commands.audit import add_audit, add_keys, add_review, add_search
from invoice_connector.commands.batch import add_batch
from invoice_connector.commands.common import OK, CommandError
from invoice_connector.commands.completion import add_completion, answer_shell
from invoice_connector.commands.deliver import add_deliver
from invoice_connector.commands.demo import add_demo
from invoice_connector.commands.doctor import add_doctor
from invoice_connector.commands.export import add_export
from invoice_connector.commands.jobs import add_jobs, add_schema
from invoice_connector.commands.mailbox import add_mailbox
from invoice_connector.commands.models import add_models
from invoice_connector.commands.process import add_process
from invoice_connector.commands.scale import add_scale
from invoice_connector.commands.serve import add_serve
from invoice_connector.commands.settings import add_settings, tell_unknown_variables
from invoice_connector.commands.suppliers import add_master_data
from invoice_connector.commands.terminal import ArgumentParser, be_quiet, complain, logged, show, tell
from invoice_connector.commands.watch import add_watch

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
    parser = build_parser()
    answer_shell(parser)
    arguments = parser.parse_args(_with_default_command(list(sys.argv[1:] if argv is None else argv)))
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


def build_parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser: argparse.ArgumentParser = ArgumentParser(
        prog="invoice-connector",
        description="Reads invoices with several OCR engines, fuses what they read and logs every step.",
        epilog="invoice-connector --invoice FILE is short for invoice-connector process FILE.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and its commit")
    parser.set_defaults(verbose=0, quiet=False)
    _add_loudness(parser)
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_process(subparsers)
    add_batch(subparsers)
    add_watch(subparsers)
    add_mailbox(subparsers)
    add_export(subparsers)
    add_deliver(subparsers)
    add_jobs(subparsers)
    add_audit(subparsers)
    add_search(subparsers)
    add_review(subparsers)
    add_keys(subparsers)
    add_master_data(subparsers)
    add_serve(subparsers)
    add_models(subparsers)
    add_scale(subparsers)
    add_demo(subparsers)
    add_doctor(subparsers)
    add_settings(subparsers)
    add_completion(subparsers)
    add_schema(subparsers)
    for command in subparsers.choices.values():
        _add_loudness(command)
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
