"""``worker``, ``submit`` and ``status``: their arguments. Heavy libraries are imported when they run."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING

from invoice_connector.commands.arguments import count, short_text
from invoice_connector.commands.common import (
    COMPONENT_MISSING,
    OK,
    SOME_FAILED,
    WRONG_USAGE,
    CommandError,
    opened_database,
    reading_settings,
    storage_errors,
)
from invoice_connector.commands.options import add_database_option, add_reading_options
from invoice_connector.commands.terminal import show_json

if TYPE_CHECKING:
    from invoice_connector.settings import ConnectorSettings

PRIORITIES = ("low", "normal", "high", "urgent")


def add_scale(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the three commands to the command line."""
    text = "read documents from the queues of INVOICE_CONNECTOR_BROKER_URL (extra `scale`)"
    worker: ArgumentParser = subparsers.add_parser("worker", help=text, description=text)
    worker.set_defaults(run=work)
    worker.add_argument("--queues", metavar="A,B", help="stages to serve (default: all)")
    worker.add_argument("--concurrency", type=count, metavar="N", help="processes (default: one per core)")
    worker.add_argument("--name", help="the worker's name where several run on one machine")
    add_reading_options(worker)
    text = "put documents into the queues; prints their job ids"
    sender: ArgumentParser = subparsers.add_parser("submit", help=text, description=text)
    sender.set_defaults(run=submit)
    sender.add_argument("files", nargs="+", metavar="FILE", help="an image, PDF, e-invoice, mail or archive")
    sender.add_argument("--priority", choices=PRIORITIES, default="normal")
    sender.add_argument("--customer-id", type=short_text, help="stored with the job")
    sender.add_argument("--invoice-number", type=short_text, help="the number the ERP expects, compared with the page")
    add_reading_options(sender)
    text = "say where documents are: received, a stage, approved, needs_review or failed"
    shown: ArgumentParser = subparsers.add_parser("status", help=text, description=text)
    shown.set_defaults(run=status)
    shown.add_argument("job_ids", nargs="+", metavar="ID")
    add_database_option(shown)


def work(arguments: Namespace) -> int:
    """Runs a worker until it is stopped."""
    settings = _with_broker(arguments).model_copy(update={"threads": 1})
    # One thread for each process, before any library starts its own: side by side that is faster.
    for name in ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    from invoice_connector.scale.queues import QUEUES
    from invoice_connector.scale.worker import run
    from invoice_connector.storage import open_log

    queues = tuple(arguments.queues.split(",")) if arguments.queues else QUEUES
    if unknown := [name for name in queues if name not in QUEUES]:
        raise CommandError(f"no queue is called {', '.join(unknown)}; they are {', '.join(QUEUES)}", WRONG_USAGE)
    concurrency = os.cpu_count() or 1 if arguments.concurrency is None else arguments.concurrency
    if concurrency < 1:
        raise CommandError(f"--concurrency is at least 1, got {concurrency}", WRONG_USAGE)
    with storage_errors():
        open_log(settings).dispose()  # makes the tables before several processes look for them
        return run(settings, queues, concurrency, arguments.name)


def submit(arguments: Namespace) -> int:
    """Accepts files; one that is not there does not stop the next."""
    settings = _with_broker(arguments)
    from db.ids import new_job_id
    from invoice_connector.pipeline.request import Request
    from invoice_connector.scale.worker import line_of
    from ocr_ensemble.document.decode import read_source
    from ocr_ensemble.errors import DocumentError

    line, failed = line_of(settings), 0
    for path in map(Path, arguments.files):
        place = str(path.absolute())
        request = Request(new_job_id(), path.name, arguments.customer_id, arguments.invoice_number, source_path=place)
        try:
            content = read_source(path, line.connector.ensemble.settings.limits)
            arrivals = line.connector.opening.arrivals(content, request)
            with storage_errors():
                for arrival in arrivals:
                    assert isinstance(arrival.source, bytes)
                    line.accept(arrival.source, arrival.request, arguments.priority)
        except (DocumentError, OSError) as error:
            failed += 1
            show_json({"file": path.name, "error": {"type": type(error).__name__, "message": str(error)}})
        else:
            for arrival in arrivals:
                made = arrival.request
                show_json({"job_id": made.job_id, "file": made.source_name, "status": "received"})
    return SOME_FAILED if failed else OK


def status(arguments: Namespace) -> int:
    """One line of JSON per document."""
    from invoice_connector.scale.stages import status as status_of

    with opened_database(arguments) as database:
        for job_id in arguments.job_ids:
            show_json(status_of(database, job_id))
    return OK


def _with_broker(arguments: Namespace) -> ConnectorSettings:
    from importlib.util import find_spec

    settings = reading_settings(arguments)
    if find_spec("celery") is None:
        raise CommandError("this command needs Celery; install it with: pip install '.[scale]'", COMPONENT_MISSING)
    if not settings.broker_url:
        message = "no broker is set; give one such as INVOICE_CONNECTOR_BROKER_URL=redis://localhost/0"
        raise CommandError(message, WRONG_USAGE)
    return settings
