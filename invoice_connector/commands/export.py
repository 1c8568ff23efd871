"""``export``: its arguments and what it does. Heavy libraries are imported when it runs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING

from invoice_connector.commands.arguments import moment, short_text
from invoice_connector.commands.common import (
    COMPONENT_MISSING,
    OK,
    SOME_FAILED,
    WRONG_USAGE,
    CommandError,
    chosen_settings,
    opened_database,
)
from invoice_connector.commands.options import add_database_option
from invoice_connector.commands.terminal import tell

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from db.records import StoredJob
    from invoice_connector.exports.formats import Exporter

FORMATS = ("json", "csv", "xlsx", "ubl", "peppol", "pdf", "hocr", "alto", "picture")  # and those of other packages
_TOGETHER = FORMATS[:3]  # all jobs go into one file


def add_export(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds ``export`` to the command line."""
    text = "write what was read as JSON, CSV, XLSX, UBL, searchable PDF, hOCR, ALTO or annotated picture"
    parser: ArgumentParser = subparsers.add_parser("export", help=text, description=text)
    parser.set_defaults(run=export)
    parser.add_argument("jobs", nargs="*", metavar="JOB", help="ids, as `jobs list` prints them")
    parser.add_argument("--all", action="store_true", help="all jobs that the filters let through, oldest first")
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        required=True,
        help=f"{', '.join(FORMATS)} (ubl is EN 16931, peppol is BIS Billing 3), or a plug-in's",
    )
    parser.add_argument("--to", type=Path, metavar="PATH", help="a file, or a folder for several; default: stdout")
    parser.add_argument("--source", type=Path, metavar="FILE", help="the file a job was read from, if it was moved")
    parser.add_argument("--rules", type=Path, metavar="DIR", help="official schemas and rules to validate UBL with")
    parser.add_argument("--since", type=moment, metavar="DAY", help="started on this day (UTC) or later, 2026-01-31")
    parser.add_argument("--until", type=moment, metavar="DAY", help="started before this day")
    parser.add_argument("--customer-id", type=short_text, help="jobs of this customer")
    parser.add_argument("--status", choices=("completed", "needs_review", "failed"))
    add_database_option(parser)


def export(arguments: Namespace) -> int:
    """Writes what can be written; a job that cannot gets its sentence on stderr and makes the exit code 1."""
    if bool(arguments.jobs) == arguments.all:
        raise CommandError("name the jobs to export, or give --all", WRONG_USAGE)
    export_one = None if arguments.format in _TOGETHER else _exporter(arguments.format)
    with opened_database(arguments) as database:
        jobs = list(_chosen(database, arguments))
        if export_one is None:
            from invoice_connector.exports.formats import together

            to = arguments.to
            if to is not None and to.is_dir():
                raise CommandError(
                    f"{arguments.format} is one file for all jobs and {to} is a folder; name a file", WRONG_USAGE
                )
            write(together(jobs, arguments.format), to)
            return OK
        return _export_each(database, jobs, export_one, arguments)


def _exporter(name: str) -> Exporter:
    """Raises CommandError for a format nobody knows, or a plug-in that cannot be used."""
    from invoice_connector.exports.errors import ExportError
    from invoice_connector.exports.formats import exporter
    from ocr_ensemble.errors import PluginError

    try:
        return exporter(name)
    except ExportError as error:
        raise CommandError(str(error), WRONG_USAGE) from error
    except PluginError as error:
        raise CommandError(str(error), COMPONENT_MISSING) from error


def _export_each(database: Engine, jobs: list[StoredJob], export_one: Exporter, arguments: Namespace) -> int:
    from invoice_connector.connector import ensemble_settings
    from invoice_connector.exports.errors import ExportError
    from invoice_connector.exports.formats import ExportOptions, file_stem
    from invoice_connector.storage import picture_store

    if arguments.source is not None and len(jobs) != 1:
        raise CommandError("--source is the file of one job; name that job alone", WRONG_USAGE)
    settings = chosen_settings(arguments)
    rules = arguments.rules or settings.validation_rules
    limits, kept = ensemble_settings(settings).limits, picture_store(database, settings)
    options = ExportOptions(arguments.source, rules, limits, kept, settings.buyer_addresses)
    failed = 0
    for job in jobs:
        try:
            files = list(export_one(job, options))
        except ExportError as error:
            tell(f"{job.record.source_name}: {error}")
            failed += 1
            continue
        into = _folder(arguments.to, len(jobs) > 1 or len(files) > 1)
        for ending, content in files:
            write(content, into / f"{file_stem(job.record)}{ending}" if into else arguments.to)
    return SOME_FAILED if failed else OK


def _chosen(database: Engine, arguments: Namespace) -> list[StoredJob]:
    from db.queries import MAX_LIMIT, JobFilter, get_job, list_jobs

    if arguments.jobs:
        return [get_job(database, job_id) for job_id in arguments.jobs]
    where = JobFilter(
        status=arguments.status, customer_id=arguments.customer_id, since=arguments.since, until=arguments.until
    )
    ids: list[str] = []
    while found := list_jobs(database, MAX_LIMIT, len(ids), where):
        ids.extend(job.id for job in found)
    return [get_job(database, job_id) for job_id in reversed(ids)]


def _folder(to: Path | None, several: bool) -> Path | None:
    """The folder that several files go to; None for the one file that ``to`` names."""
    if to is None and several:
        raise CommandError("several files need a folder; give it with --to", WRONG_USAGE)
    if to is None or not (several or to.is_dir()):
        return None
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"the folder {to} cannot be made: {error.strerror}", WRONG_USAGE) from error
    return to


def write(content: bytes, to: Path | None) -> None:
    """Writes a file, or to stdout. Raises CommandError."""
    if to is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        to.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{to} cannot be written: {error.strerror}; choose another --to", WRONG_USAGE) from error
    tell(str(to))
