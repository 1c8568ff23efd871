"""``watch DIR``: its arguments, and the loop of all that is watched. Heavy libraries are imported when it runs."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from invoice_connector.commands.arguments import short_text
from invoice_connector.commands.common import (
    COMPONENT_MISSING,
    OK,
    SOME_FAILED,
    WRONG_USAGE,
    CommandError,
    reading_settings,
)
from invoice_connector.commands.options import add_reading_options
from invoice_connector.commands.terminal import one_line, show, show_json, tell

if TYPE_CHECKING:
    from invoice_connector.arrivals.arriving import Opening
    from invoice_connector.workers.batch import BatchOrder
    from invoice_connector.workers.watching import Seen, Watch

_EVERY = 2.0  # seconds between two looks, unless told otherwise
_LONGEST_PAUSE = 60.0  # seconds after something failed; the first pause is _EVERY, each further one twice as long
_TRIES = 6  # with --once


def add_watch(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds ``watch`` to the command line."""
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
    add_watching_options(parser)


def add_watching_options(parser: ArgumentParser) -> None:
    """What all commands that watch share."""
    parser.add_argument("--once", action="store_true", help="end when nothing is left to be read")
    parser.add_argument("--customer-id", type=short_text, help="stored with every job")
    parser.add_argument(
        "--alive", type=Path, metavar="FILE", help="touched at every look and document, for a health check"
    )
    add_reading_options(parser)


def watch(arguments: Namespace) -> int:
    """Looks until it is told to stop (SIGTERM, SIGINT)."""
    from invoice_connector.workers.watching import FolderWatch

    if not arguments.folder.is_dir():
        raise CommandError(f"{arguments.folder} is no folder; give the folder that invoices are put into", WRONG_USAGE)
    if not (0 < arguments.every <= 86_400 and 0 <= arguments.settle <= 86_400):
        raise CommandError("--every is above 0 and --settle at least 0 seconds, both at most a day", WRONG_USAGE)
    order, opening = watching_order(arguments)
    return run_watch(FolderWatch(arguments.folder, order, opening, arguments.settle, arguments.every), arguments)


def watching_order(arguments: Namespace) -> tuple[BatchOrder, Opening]:
    """How to read, and how to open, what is watched: one document at a time, and none twice."""
    from db.records import JobStatus
    from invoice_connector.arrivals.arriving import Opening
    from invoice_connector.connector import bounds_of, ensemble_settings
    from invoice_connector.workers.batch import BatchOrder

    settings = reading_settings(arguments).model_copy(update={"threads": 1})
    order = BatchOrder(settings, arguments.customer_id, tuple(str(status) for status in JobStatus))
    return order, Opening(ensemble_settings(settings), bounds_of(settings))


def run_watch(place: Watch, arguments: Namespace) -> int:
    """Looks until it is told to stop, or with ``--once`` until nothing is left. A log or a server that is away for a
    while is waited for. Exit code 1 when a document failed, with ``--once``."""
    from db.errors import StorageError
    from invoice_connector.commands.deliver import send_stored

    try:
        _touch(arguments.alive)
    except OSError as error:
        raise CommandError(f"--alive {arguments.alive} cannot be written ({error.strerror})", WRONG_USAGE) from error
    failed = tries = 0
    with _told_to_stop() as stopped:
        while not stopped.is_set():
            try:
                _touch(arguments.alive)
                for seen in place.look():
                    failed += _shown(seen, arguments.json)
                    tries = 0
                    _touch(arguments.alive)
                    if stopped.is_set():
                        break
                send_stored(place.order.settings)
                if arguments.once and not place.waiting:
                    break
                place.wait(stopped)
                tries = 0
            except (StorageError, OSError) as error:
                tries += 1
                if arguments.once and tries >= _TRIES:
                    raise CommandError(str(error), COMPONENT_MISSING) from error
                pause = min(_EVERY * 2 ** (tries - 1), _LONGEST_PAUSE)
                tell(f"{error}; looking again in {pause:g} seconds")
                stopped.wait(pause)
    return SOME_FAILED if arguments.once and failed else OK


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Set by SIGTERM and SIGINT."""
    stopped = threading.Event()
    before = {kind: signal.signal(kind, lambda *_: stopped.set()) for kind in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _touch(alive: Path | None) -> None:
    if alive is not None:
        alive.touch()


def _shown(seen: Seen, as_json: bool) -> bool:
    """Shows a document; whether it failed."""
    name, document = seen
    if document is None:
        tell(f"{one_line(name)} was read before")
        return False
    if as_json:
        show_json(document)
    else:
        show(f"{one_line(str(document['file']))}: {str(document['status']).replace('_', ' ')}")
    return bool(document["status"] == "failed")
