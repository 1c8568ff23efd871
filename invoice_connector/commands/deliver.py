"""``deliver``: its arguments and what it does. Heavy libraries are imported when it runs."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterable
from typing import TYPE_CHECKING

from invoice_connector.commands.arguments import seconds
from invoice_connector.commands.common import (
    OK,
    SOME_FAILED,
    WRONG_USAGE,
    CommandError,
    chosen_settings,
    opened_database,
)
from invoice_connector.commands.options import add_database_option
from invoice_connector.commands.terminal import show, tell

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from invoice_connector.settings import ConnectorSettings


def add_deliver(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds ``deliver`` to the command line."""
    text = "send results to the configured sinks: what is due, or the jobs that are named"
    parser: ArgumentParser = subparsers.add_parser("deliver", help=text, description=text)
    parser.set_defaults(run=deliver)
    parser.add_argument("jobs", nargs="*", metavar="JOB", help="jobs to ask a delivery for, besides what is due")
    parser.add_argument("--sink", metavar="NAME", action="append", help="to these sinks only (default: all)")
    parser.add_argument("--retry-failed", action="store_true", help="try again what was given up")
    parser.add_argument("--wait", type=seconds, default=0.0, metavar="SECONDS", help="go on while something is pending")
    parser.add_argument("--list", action="store_true", help="list deliveries and send nothing")
    add_database_option(parser)


def deliver(arguments: Namespace) -> int:
    """Exit code 1 when something that was tried has not arrived."""
    from db.deliveries import request_delivery, retry_failed
    from db.queries import get_job
    from db.records import utc_now

    settings = chosen_settings(arguments)
    with opened_database(arguments) as database:
        if arguments.list:
            return _listed(database)
        names = _sink_names(settings, arguments.sink or settings.sinks)
        for job_id in arguments.jobs:
            request_delivery(database, get_job(database, job_id).record.id, names)
        if arguments.retry_failed:
            retry_failed(database, utc_now())
        return SOME_FAILED if _until(database, settings, names, time.monotonic() + arguments.wait) else OK


def _sink_names(settings: ConnectorSettings, wanted: Iterable[str]) -> tuple[str, ...]:
    """The names that were asked for. Raises CommandError for one without settings, and for none at all."""
    names = tuple(wanted)
    unknown = [name for name in names if name not in settings.sinks]
    if unknown or not names:
        known = ", ".join(settings.sinks) or "none; describe them in INVOICE_CONNECTOR_SINKS"
        raise CommandError(f"no sink is called {', '.join(unknown) or '(none given)'}; known are {known}", WRONG_USAGE)
    return names


def send_job(database: Engine, settings: ConnectorSettings, job_id: str | None = None) -> None:
    """The first try of a job that was just stored, or of all that is due; what fails is due later and said here."""
    if not settings.deliver_to:
        return
    from invoice_connector.sinks.dispatch import deliver_due

    sinks = {name: settings.sinks[name] for name in settings.deliver_to}
    for attempt in deliver_due(database, sinks, job_id=job_id):
        if attempt.error is not None:
            later = f"; again from {attempt.again_at:%H:%M:%S} UTC with `deliver`" if attempt.again_at else ""
            tell(f"{attempt.sink}: {attempt.error}{later}")


def send_stored(settings: ConnectorSettings, job_id: str | None = None) -> None:
    """The same for a command that has the log not open. Raises StorageError."""
    if settings.deliver_to:
        from invoice_connector.storage import open_log

        engine = open_log(settings)
        try:
            send_job(engine, settings, job_id)
        finally:
            engine.dispose()


def _until(database: Engine, settings: ConnectorSettings, names: tuple[str, ...], deadline: float) -> bool:
    """Sends what is due, and what becomes due before the deadline; whether something is left that was tried."""
    from db.deliveries import next_due
    from db.records import utc_now
    from invoice_connector.sinks.dispatch import deliver_due

    sinks = {name: settings.sinks[name] for name in names}
    missing: set[tuple[str, str]] = set()
    while True:
        for attempt in deliver_due(database, sinks):
            place = (attempt.job_id, attempt.sink)
            missing.discard(place)
            if attempt.error is None:
                show(f"{attempt.job_id}  {attempt.sink}  delivered as {attempt.reference}")
                continue
            missing.add(place)
            again = f"again at {attempt.again_at:%Y-%m-%d %H:%M:%S} UTC" if attempt.again_at else "given up"
            tell(f"{attempt.job_id}  {attempt.sink}  {attempt.error}; {again}")
        due = next_due(database, names)
        left = deadline - time.monotonic()
        if due is None or left <= 0:
            return bool(missing)
        time.sleep(max(0.0, min((due - utc_now()).total_seconds(), left)))


def _listed(database: Engine) -> int:
    from db.deliveries import list_deliveries

    for found in list_deliveries(database):
        what = found.reference if found.status == "delivered" else found.error
        show(f"{found.job_id}  {found.sink:<12}  {found.status:<9}  {found.attempts} tries  {what or ''}".rstrip())
    return OK
