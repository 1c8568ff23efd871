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

from invoice_connector.commands import common as commands
from invoice_connector.commands.arguments import amount, count, port, short_text
from invoice_connector.commands.audit import add_audit, add_keys, add_review, add_search
from invoice_connector.commands.batch import add_batch
from invoice_connector.commands.completion import add_completion, answer_shell
from invoice_connector.commands.deliver import add_deliver
from invoice_connector.commands.export import add_export
from invoice_connector.commands.mailbox import add_mailbox
from invoice_connector.commands.models import add_models
from invoice_connector.commands.scale import add_scale
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
        return commands.OK
    except commands.CommandError as error:
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
    _add_process(subparsers)
    add_batch(subparsers, _add_reading_options)
    add_watch(subparsers, _add_reading_options)
    add_mailbox(subparsers, _add_reading_options)
    add_export(subparsers)
    add_deliver(subparsers)
    _add_jobs(subparsers)
    add_audit(subparsers)
    add_search(subparsers)
    add_review(subparsers)
    add_keys(subparsers)
    add_master_data(subparsers)
    _add_serve(subparsers)
    add_models(subparsers)
    add_scale(subparsers, _add_reading_options, _add_database_option)
    demo = _command(subparsers, "demo", "read the bundled sample invoices", commands.demo)
    _add_reading_options(demo)
    doctor = _command(subparsers, "doctor", "say which engines and parts are available here", commands.doctor)
    doctor.add_argument("--deep", action="store_true", help="also load every engine's weights, which takes longer")
    _add_reading_options(doctor)
    add_settings(subparsers)
    add_completion(subparsers)
    _command(subparsers, "schema", "print the JSON Schema of the JSON of one document", commands.schema)
    for command in subparsers.choices.values():
        _add_loudness(command)
    return parser


def _add_loudness(parser: argparse.ArgumentParser) -> None:
    """Before or behind the command's name."""
    kept = argparse.SUPPRESS  # a command without them leaves what stands before its name as it is
    parser.add_argument("-v", "--verbose", action="count", default=kept, help="tell the steps; -vv tells more")
    parser.add_argument("-q", "--quiet", action="store_true", default=kept, help="only results and errors")


class _Renamed(argparse.Action):
    """An option's earlier name."""

    def __call__(self, _: object, arguments: argparse.Namespace, value: object, option: str | None = None) -> None:
        tell(f"{option} is called {option}-when now; the old name goes in a later version")
        setattr(arguments, self.dest, value)


class _Version(argparse.Action):
    """Found out only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from invoice_connector.version import commit, package_version

        of = f" (commit {found[:12]})" if (found := commit()) else ""
        show(f"invoice-connector {package_version()}{of}")
        parser.exit()


Subparsers = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _command(subparsers: Subparsers, name: str, text: str, run: commands.Command) -> argparse.ArgumentParser:  # type: ignore[valid-type]
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=text, description=text)  # type: ignore[attr-defined]
    parser.set_defaults(run=run)
    return parser


def _add_process(subparsers: Subparsers) -> None:  # type: ignore[valid-type]
    parser = _command(subparsers, "process", "read invoices (images or PDF)", commands.process)
    parser.add_argument("files", nargs="+", metavar="FILE", help="an image, PDF, e-invoice, mail or archive")
    parser.add_argument("--customer-id", type=short_text, help="stored with the job")
    parser.add_argument("--invoice-number", type=short_text, help="the number the ERP expects, compared with the page")
    parser.add_argument(
        "--expected-amount", type=amount, metavar="AMOUNT", help="the amount the ERP expects, such as 1250.00"
    )
    parser.add_argument("--deliver", metavar="A,B", help="send the results to these sinks of the settings")
    parser.add_argument("--words", action="store_true", default=None, help="with --json: each line with its words")
    parser.add_argument(
        "--fail-on", choices=("review",), metavar="review", help="exit code 1 also when a document needs review"
    )
    _add_reading_options(parser)


def _add_reading_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engines", metavar="A,B", help="engines in the order they are asked")
    parser.add_argument("--policy", choices=("fallback", "fusion", "single"), help="how engines share the work")
    parser.add_argument("--verifier", metavar="auto|off|NAME|URL", help="who scores the text against the picture")
    when = ("always", "doubt", "never")
    parser.add_argument("--verify-when", dest="verify", choices=when, help="when it is asked (default: in doubt)")
    parser.add_argument("--verify", action=_Renamed, choices=when, help=argparse.SUPPRESS)
    parser.add_argument("--profile", choices=("compact", "standard", "large"), help="which checkpoints to use")
    parser.add_argument("--language", metavar="CODE", help="ISO 639-1 code; found out per page when left out")
    parser.add_argument("--split", choices=("auto", "never"), help="whether a file of several documents is divided")
    _add_database_option(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object per file, one per line")


def _add_database_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--db", metavar="URL", help="the audit log, any SQLAlchemy URL")


def _add_jobs(subparsers: Subparsers) -> None:  # type: ignore[valid-type]
    jobs = subparsers.add_parser("jobs", help="look at processed documents")  # type: ignore[attr-defined]
    actions = jobs.add_subparsers(required=True, metavar="ACTION")
    listing = _command(actions, "list", "list the newest jobs", commands.list_jobs)
    listing.add_argument("--limit", type=count, default=20, metavar="N", help="how many (default 20)")
    listing.add_argument("--status", choices=("completed", "needs_review", "failed"))
    listing.add_argument("--json", action="store_true", help="one JSON object per job")
    _add_database_option(listing)
    show = _command(actions, "show", "print one job as JSON", commands.show_job)
    show.add_argument("job_id", metavar="ID")
    show.add_argument("--words", action="store_true", help="each line with its words")
    _add_database_option(show)


def _add_serve(subparsers: Subparsers) -> None:  # type: ignore[valid-type]
    parser = _command(subparsers, "serve", "serve the dashboard, the analytics API and uploads", commands.serve)
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default 127.0.0.1)")
    parser.add_argument("--port", type=port, default=8002, help="port (default 8002)")
    _add_reading_options(parser)


if __name__ == "__main__":
    sys.exit(main())
