"""``doctor``: its arguments and what it prints. Heavy libraries are imported when it runs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction

from invoice_connector.commands.common import COMPONENT_MISSING, OK, chosen_settings
from invoice_connector.commands.options import add_command, add_reading_options
from invoice_connector.commands.terminal import show, show_json


def add_doctor(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds ``doctor`` to the command line."""
    parser = add_command(subparsers, "doctor", "say which engines and parts are available here", doctor)
    parser.add_argument("--deep", action="store_true", help="also load every engine's weights, which takes longer")
    add_reading_options(parser)


def doctor(arguments: Namespace) -> int:
    """One line per part: there or not, and what to do about it."""
    from invoice_connector.commands.findings import examine

    settings = chosen_settings(arguments)
    findings = examine(settings, deep=arguments.deep)
    if arguments.json:
        show_json([finding.to_dict() for finding in findings])
    else:
        for finding in findings:
            show(f"{'ok     ' if finding.available else 'missing'}  {finding.part:<14} {finding.detail}")
    readable = any(finding.available for finding in findings if finding.reads_pictures)
    return OK if readable else COMPONENT_MISSING
