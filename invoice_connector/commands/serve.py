"""``serve``: its arguments and what it does. Heavy libraries are imported when it runs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction

from invoice_connector.commands.arguments import port
from invoice_connector.commands.common import OK, reading_connector, storage_errors
from invoice_connector.commands.options import add_command, add_reading_options


def add_serve(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds ``serve`` to the command line."""
    parser = add_command(subparsers, "serve", "serve the dashboard, the analytics API and uploads", serve)
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default 127.0.0.1)")
    parser.add_argument("--port", type=port, default=8002, help="port (default 8002)")
    add_reading_options(parser)


def serve(arguments: Namespace) -> int:
    from invoice_connector.web.serve import run

    with storage_errors():
        run(reading_connector(arguments), arguments.host, arguments.port)
    return OK
