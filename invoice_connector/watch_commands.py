"""``watch DIR``: its arguments and its loop. Heavy libraries are imported when it runs."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from pathlib import Path

from invoice_connector.arguments import short_text
from invoice_connector.commands import OK, WRONG_USAGE, CommandError, reading_settings
from invoice_connector.terminal import one_line, show, show_json, tell

_EVERY = 2.0  # seconds between two looks, unless told otherwise


def add_watch(subparsers: _SubParsersAction[ArgumentParser], add_options: Callable[[ArgumentParser], None]) -> None:
    """Adds ``watch`` to the command line; ``add_options`` adds the options that all readings share."""
    text = "read what is put into a folder, and move it to done/ or failed/ there"
    parser: ArgumentParser = subparsers.add_parser("watch", help=text, description=text)
    parser.set_defaults(run=watch)
    parser.add_argument(
        "folder", metavar="DIR", type=Path, help="files in it are read once they do not change any more"
    )
    parser.add_argument("--every", type=float, default=_EVERY, metavar="SECONDS", help="between two looks")
    parser.add_argument(
        "--settle", type=float, default=_EVERY, metavar="SECONDS", help="without a change before reading"
    )
    parser.add_argument("--once", action="store_true", help="end when nothing is left to be read")
    parser.add_argument("--customer-id", type=short_text, help="stored with every job")
    add_options(parser)


def watch(arguments: Namespace) -> int:
    """Looks until it is told to stop (SIGTERM, SIGINT); a log that is away for a while is waited for."""
    from db.errors import StorageError
    from db.records import JobStatus
    from invoice_connector.arrivals.arriving import Opening
    from invoice_connector.batch import BatchOrder
    from invoice_connector.connector import bounds_of, ensemble_settings
    from invoice_connector.watching import FolderWatch

    if not arguments.folder.is_dir():
        raise CommandError(f"{arguments.folder} is no folder; give the folder that invoices are put into", WRONG_USAGE)
    if not (0 < arguments.every <= 86_400 and 0 <= arguments.settle <= 86_400):
        raise CommandError("--every is above 0 and --settle at least 0 seconds, both at most a day", WRONG_USAGE)
    settings = reading_settings(arguments).model_copy(update={"threads": 1})
    order = BatchOrder(settings, arguments.customer_id, tuple(str(status) for status in JobStatus))
    opening = Opening(ensemble_settings(settings), bounds_of(settings))
    watcher, stopped = FolderWatch(arguments.folder, order, opening, arguments.settle), threading.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: stopped.set())
    while not stopped.is_set():
        try:
            for path, document in watcher.look():
                _show(path, document, arguments.json)
        except (StorageError, OSError) as error:
            tell(f"{error}; looking again in {arguments.every:g} seconds")
        if arguments.once and not watcher.waiting:
            break
        stopped.wait(arguments.every)
    return OK


def _show(path: Path, document: dict[str, object] | None, as_json: bool) -> None:
    if document is None:
        tell(f"{one_line(path.name)} was read before")
    elif as_json:
        show_json(document)
    else:
        show(f"{one_line(str(document['file']))}: {str(document['status']).replace('_', ' ')}")
