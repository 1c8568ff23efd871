"""The commands over the master data: ``companies`` and ``suppliers``."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoice_connector.commands.arguments import count, short_text
from invoice_connector.commands.common import OK, WRONG_USAGE, CommandError, opened_database
from invoice_connector.commands.options import add_database_option
from invoice_connector.commands.terminal import one_line, show, show_json, tell

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from invoice_connector.suppliers.master import Record

_EVERYONE = "*"


def add_master_data(subparsers: Any) -> None:
    """Adds ``companies`` and ``suppliers`` to the command line."""
    for name, what in (("companies", "own companies, which are never the seller"), ("suppliers", "who sends invoices")):
        parser = subparsers.add_parser(name, help=what, description=what.capitalize())
        actions = parser.add_subparsers(required=True, metavar="ACTION")
        importing = _command(actions, name, "import", "add or change those of a .csv, .xlsx or .json", import_records)
        importing.add_argument("file", type=Path, metavar="FILE")
        listing = _command(actions, name, "list", "list them by id", list_records)
        listing.add_argument("--limit", type=count, metavar="N", help="how many (default all)")
        listing.add_argument("--json", action="store_true", help="one JSON object each")
        removing = _command(actions, name, "remove", "remove some with their histories", remove_records)
        removing.add_argument("ids", nargs="+", metavar="ID")
        exporting = _command(actions, name, "export", "write all as CSV, XLSX or JSON Lines", export_records)
        exporting.add_argument("--format", choices=("csv", "xlsx", "json"), default="csv")
        exporting.add_argument("--to", type=Path, metavar="FILE", help="default: stdout")
        if name == "suppliers":
            _add_supplier_actions(actions)


def _add_supplier_actions(actions: Any) -> None:
    showing = _command(actions, "suppliers", "show", "print one as JSON, with its history", show_supplier)
    showing.add_argument("id", metavar="ID")
    forgetting = _command(actions, "suppliers", "forget", "forget what was learned of its layout", forget_supplier)
    forgetting.add_argument("id", metavar="ID")
    _command(actions, "suppliers", "rebuild", "learn all layouts anew from the log", rebuild_layouts)
    creating = _command(actions, "suppliers", "create", "make one of an approved job's values", create_supplier)
    creating.add_argument("job_id", metavar="JOB")
    creating.add_argument("--id", type=short_text, dest="new_id", metavar="ID", help="its id in the ERP")


def _command(
    actions: Any, plural: str, name: str, text: str, run: Callable[[Namespace], int]
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text, description=text.capitalize())
    parser.set_defaults(run=run, plural=plural)
    parser.add_argument("--customer-id", type=short_text, metavar="ID", help="of this customer (default: of everyone)")
    add_database_option(parser)
    return parser


@contextmanager
def _master_data(arguments: Namespace) -> Iterator[Engine]:
    """The log, with errors of records as sentences."""
    from invoice_connector.suppliers.master import MasterDataError

    with opened_database(arguments, new=True) as database:
        try:
            yield database
        except MasterDataError as error:
            raise CommandError(str(error), WRONG_USAGE) from error


def _kind(arguments: Namespace) -> type[Record]:
    from invoice_connector.suppliers.master import Company, Supplier

    return Company if arguments.plural == "companies" else Supplier


def import_records(arguments: Namespace) -> int:
    from dataclasses import replace

    from invoice_connector.suppliers.files import read_records
    from invoice_connector.suppliers.store import put

    with _master_data(arguments) as database:
        records = read_records(_kind(arguments), arguments.file)
        if arguments.customer_id is not None:
            records = [replace(record, customer_id=arguments.customer_id) for record in records]
        changed = put(database, records)
    show(f"{len(records)} {arguments.plural} read, {changed} new or changed")
    return OK


def list_records(arguments: Namespace) -> int:
    from invoice_connector.suppliers.master import to_json
    from invoice_connector.suppliers.store import listed

    scopes = None if arguments.customer_id is None else (arguments.customer_id,)
    with _master_data(arguments) as database:
        for record in listed(database, _kind(arguments), scopes, arguments.limit):
            if arguments.json:
                show_json(to_json(record))
            else:
                numbers = ", ".join(record.identifiers)
                show(one_line(f"{record.id:<16} {record.customer_id:<12} {record.name}  {numbers}"))
    return OK


def remove_records(arguments: Namespace) -> int:
    from invoice_connector.suppliers.store import remove

    with _master_data(arguments) as database:
        removed = remove(database, _kind(arguments), arguments.ids, arguments.customer_id or _EVERYONE)
    tell(f"{removed} removed")
    return OK


def show_supplier(arguments: Namespace) -> int:
    from invoice_connector.suppliers.master import Supplier, to_json
    from invoice_connector.suppliers.store import get, history, taught_jobs

    scope = arguments.customer_id or _EVERYONE
    with _master_data(arguments) as database:
        supplier = get(database, Supplier, arguments.id, scope)
        events = [version.sequence for version in history(database, Supplier, arguments.id, scope)]
        learned = taught_jobs(database, supplier)
    show_json({**to_json(supplier), "events": events, "layout_learned_from": learned}, indent=2)
    return OK


def export_records(arguments: Namespace) -> int:
    from invoice_connector.commands.export import write
    from invoice_connector.suppliers.files import written
    from invoice_connector.suppliers.store import listed

    scopes = None if arguments.customer_id is None else (arguments.customer_id,)
    with _master_data(arguments) as database:
        write(written(listed(database, _kind(arguments), scopes), arguments.format), arguments.to)
    return OK


def create_supplier(arguments: Namespace) -> int:
    """A supplier that was unknown, from a job that a person approved."""
    from invoice_connector.suppliers.master import to_json
    from invoice_connector.suppliers.store import create

    with _master_data(arguments) as database:
        supplier = create(database, arguments.job_id, arguments.new_id)
    show_json(to_json(supplier), indent=2)
    return OK


def forget_supplier(arguments: Namespace) -> int:
    from invoice_connector.suppliers.store import forget

    with _master_data(arguments) as database:
        count = forget(database, arguments.id, arguments.customer_id or _EVERYONE)
    tell(f"what {count} documents taught is forgotten")
    return OK


def rebuild_layouts(arguments: Namespace) -> int:
    from invoice_connector.suppliers.store import relearn

    with _master_data(arguments) as database:
        count = relearn(database)
    show(f"learned from {count} approved documents")
    return OK
