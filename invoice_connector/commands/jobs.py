"""``jobs`` and ``schema``: what is stored, and the form of its JSON. Heavy libraries are imported when they run."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from typing import Any

from invoice_connector.commands.arguments import count
from invoice_connector.commands.common import OK, opened_database
from invoice_connector.commands.options import add_command, add_database_option
from invoice_connector.commands.terminal import one_line, show, show_json


def add_jobs(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds ``jobs`` to the command line."""
    jobs = subparsers.add_parser("jobs", help="look at processed documents")
    actions = jobs.add_subparsers(required=True, metavar="ACTION")
    listing = add_command(actions, "list", "list the newest jobs", list_jobs)
    listing.add_argument("--limit", type=count, default=20, metavar="N", help="how many (default 20)")
    listing.add_argument("--status", choices=("completed", "needs_review", "failed"))
    listing.add_argument("--json", action="store_true", help="one JSON object per job")
    add_database_option(listing)
    showing = add_command(actions, "show", "print one job as JSON", show_job)
    showing.add_argument("job_id", metavar="ID")
    showing.add_argument("--words", action="store_true", help="each line with its words")
    add_database_option(showing)


def add_schema(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds ``schema`` to the command line."""
    add_command(subparsers, "schema", "print the JSON Schema of the JSON of one document", schema)


def list_jobs(arguments: Namespace) -> int:
    from db.queries import JobFilter
    from db.queries import list_jobs as query

    with opened_database(arguments) as database:
        waiting = arguments.status == "needs_review"  # what a person judged needs none any more
        where = JobFilter(status=arguments.status, waiting=waiting)
        for job in query(database, arguments.limit, where=where):
            if arguments.json:
                show_json(_plain(job))
            else:
                sure = "" if job.confidence is None else f"{job.confidence:.3f}"
                when = job.started_at.strftime("%Y-%m-%d %H:%M:%S")
                shown = "rejected" if job.review == "rejected" else job.status
                show(f"{job.id}  {when}  {shown:<12} {sure:<5}  {one_line(job.source_name)}")
    return OK


def show_job(arguments: Namespace) -> int:
    from db.contract import document_json
    from db.queries import get_job

    with opened_database(arguments) as database:
        show_json(document_json(get_job(database, arguments.job_id), arguments.words), indent=2)
    return OK


def schema(arguments: Namespace) -> int:
    """The JSON Schema of what ``process --json`` prints."""
    from db.document import document_schema

    show_json(document_schema(), indent=2)
    return OK


def _plain(job: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in asdict(job).items()}
