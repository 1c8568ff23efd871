"""``mailbox``: its arguments, and what is said of wrong settings. Heavy libraries are imported when it runs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator
from contextlib import contextmanager

from invoice_connector.commands.common import COMPONENT_MISSING, WRONG_USAGE, CommandError
from invoice_connector.commands.watch import add_watching_options, run_watch, watching_order

_EVERY = 60.0


def add_mailbox(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds ``mailbox`` to the command line."""
    text = "read what mails bring to a mailbox (IMAP), and move them to folders for done and failed"
    more = "Host, user, password or token and folders are settings: INVOICE_CONNECTOR_MAILBOX_HOST and so on."
    parser: ArgumentParser = subparsers.add_parser("mailbox", help=text, description=f"{text}. {more}")
    parser.set_defaults(run=mailbox)
    every = "between two looks where the server tells of no new mails by itself (default: %(default)g)"
    parser.add_argument("--every", type=float, default=_EVERY, metavar="SECONDS", help=every)
    add_watching_options(parser)


def mailbox(arguments: Namespace) -> int:
    """Reads mails until it is told to stop (SIGTERM, SIGINT). At the start the server has to be there."""
    from invoice_connector.mailbox.login import Secrets
    from invoice_connector.mailbox.watching import MailboxWatch

    if not 0 < arguments.every <= 86_400:
        raise CommandError("--every is above 0 seconds and at most a day", WRONG_USAGE)
    order, opening = watching_order(arguments)
    given = order.settings.mailbox
    if missing := given.missing():
        raise CommandError(f"no mailbox is set; give {', '.join(missing)} in the environment or in .env", WRONG_USAGE)
    place = MailboxWatch(Secrets(given), order, opening, arguments.every)
    with _wrong_settings():
        try:
            place.connect()
        except ConnectionError as error:
            raise CommandError(str(error), COMPONENT_MISSING) from error
        try:
            return run_watch(place, arguments)
        finally:
            place.close()


@contextmanager
def _wrong_settings() -> Iterator[None]:
    """What no waiting mends ends the command."""
    from invoice_connector.mailbox.errors import FolderRefusedError, LoginRefusedError

    try:
        yield
    except (LoginRefusedError, FolderRefusedError) as error:
        raise CommandError(str(error), WRONG_USAGE) from error
