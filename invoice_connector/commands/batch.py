"""``batch DIR``: its arguments and what a person sees of it. Heavy libraries are imported when it runs."""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from invoice_connector.commands.arguments import count, short_text
from invoice_connector.commands.common import (
    OK,
    SOME_FAILED,
    WRONG_USAGE,
    CommandError,
    reading_settings,
    storage_errors,
)
from invoice_connector.commands.options import add_reading_options
from invoice_connector.commands.terminal import one_line, show, show_json, tell

if TYPE_CHECKING:
    from invoice_connector.workers.batch import BatchItem, BatchOrder, BatchResult

_TELL_SECONDS = 2.0  # how often the dashboard hears of a running batch
Done = dict[str, str]  # SHA-256 of a document to the status it ended with


def add_batch(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds ``batch`` to the command line."""
    text = "read all invoices in a folder; goes on where it was stopped"
    parser: ArgumentParser = subparsers.add_parser("batch", help=text, description=text)
    parser.set_defaults(run=batch)
    what = "images, PDF, e-invoices, mails and archives in it and below are read"
    parser.add_argument("folder", metavar="DIR", type=Path, help=what)
    parser.add_argument("--jobs", type=count, metavar="N", help="documents at a time (default: one per core)")
    parser.add_argument("--retry-failed", action="store_true", help="read again what failed before")
    parser.add_argument("--customer-id", type=short_text, help="stored with every job")
    add_reading_options(parser)


def batch(arguments: Namespace) -> int:
    """Reads what is not done yet, prints what failed and a summary."""
    from invoice_connector.arrivals.arriving import Opening
    from invoice_connector.commands.deliver import send_stored
    from invoice_connector.connector import bounds_of, ensemble_settings
    from invoice_connector.workers.batch import BatchOrder, find_documents, found_items

    if not arguments.folder.is_dir():
        raise CommandError(f"{arguments.folder} is no folder; give the folder that holds the invoices", WRONG_USAGE)
    if arguments.jobs is not None and arguments.jobs < 1:
        raise CommandError(f"--jobs is at least 1, got {arguments.jobs}", WRONG_USAGE)
    settings = reading_settings(arguments).model_copy(update={"threads": 1})
    opening = Opening(ensemble_settings(settings), bounds_of(settings))
    items = list(found_items(find_documents(arguments.folder), opening))
    if not items:
        raise CommandError(f"{arguments.folder} holds no images, PDF, e-invoices, mails or archives", WRONG_USAGE)
    statuses = ("completed", "needs_review") if arguments.retry_failed else ("completed", "needs_review", "failed")
    order = BatchOrder(settings, arguments.customer_id, statuses)
    with storage_errors():
        done = _done(order)
        waiting = _waiting(items, done, order)
        results = list(_shown(waiting, order, arguments))
        send_stored(order.settings)  # recorded with each job by the workers, so that nothing is lost before
    summary = _Summary(items, done, results)
    (tell if arguments.json else show)(summary.text())
    return SOME_FAILED if summary.failed else OK


def _done(order: BatchOrder) -> Done:
    """What the log holds of these settings; opening it here also makes its tables before the workers start."""
    from db.queries import jobs_of_settings
    from invoice_connector.provenance import settings_key
    from invoice_connector.storage import open_log

    engine = open_log(order.settings)
    try:
        stored = jobs_of_settings(engine, settings_key(order.settings, order.customer_id))
    finally:
        engine.dispose()
    return {sha256: str(status) for sha256, status in stored.items()}


def _waiting(items: Iterable[BatchItem], done: Done, order: BatchOrder) -> list[BatchItem]:
    """The items to read: not done, and of several files with the same bytes the first."""
    waiting: dict[str, BatchItem] = {}
    for item in items:
        key = item.sha256 or str(item.path)
        if done.get(key) not in order.unless:
            waiting.setdefault(key, item)
    return list(waiting.values())


def _shown(waiting: list[BatchItem], order: BatchOrder, arguments: Namespace) -> Iterator[BatchResult]:
    """The results; JSON on stdout as they come, progress on stderr when a person watches."""
    from invoice_connector.workers.batch import read_all

    jobs = min(arguments.jobs or os.cpu_count() or 1, max(len(waiting), 1))
    results = _announced(read_all(waiting, order, jobs), order, str(arguments.folder), len(waiting))
    for result in _with_progress(results, len(waiting)):
        if arguments.json:
            for document in result.documents:
                show_json(document)
        yield result


def _announced(results: Iterable[BatchResult], order: BatchOrder, label: str, total: int) -> Iterator[BatchResult]:
    """The results, while the log is told how far the batch is, for whoever watches the dashboard."""
    from db.errors import StorageError
    from db.submissions import Batch, BatchState, report_batch, start_batch
    from invoice_connector.storage import open_log

    if total == 0:
        yield from results
        return
    engine = open_log(order.settings)
    batch: Batch = start_batch(engine, label, total)
    engine.dispose()  # no connection may be open when worker processes are made, here and below
    done, failed, state, told = 0, 0, BatchState.STOPPED, time.monotonic()
    try:
        for done, result in enumerate(results, 1):
            failed += result.status == "failed"
            if time.monotonic() - told >= _TELL_SECONDS:
                told = time.monotonic()
                with suppress(StorageError):  # a batch goes on when nobody can be told
                    report_batch(engine, batch, done, failed)
                engine.dispose()
            yield result
        state = BatchState.DONE
    finally:
        with suppress(StorageError):
            report_batch(engine, batch, done, failed, state)
        engine.dispose()


def _with_progress(results: Iterable[BatchResult], total: int) -> Iterator[BatchResult]:
    if not sys.stderr.isatty() or total == 0:
        yield from results
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    # stdout carries data: it is not the bar's to redraw.
    with Progress(*columns, console=Console(stderr=True), redirect_stdout=False) as progress:
        task = progress.add_task("reading", total=total, rate="")
        for result in results:
            progress.advance(task)
            speed = progress.tasks[task].finished_speed or progress.tasks[task].speed
            progress.update(task, rate=f"{speed * 60:.1f} a minute, left" if speed else "")
            yield result


class _Summary:
    """What became of every file of the folder, in this run and before."""

    def __init__(self, items: list[BatchItem], done: Done, results: list[BatchResult]) -> None:
        read = {result.item.path: result for result in results}
        status_of = {**done, **{r.item.sha256: r.status for r in results if r.item.sha256 and r.status != "done"}}
        self._rows: Counter[str] = Counter()
        self._failures: list[str] = []
        for item in items:
            result = read.get(item.path)
            status = result.status if result else status_of.get(item.sha256 or "", "failed")
            self._rows[status if result and status != "done" else "done before"] += 1
            if status == "failed":
                reason = result.reason if result else "failed before"
                self._failures.append(one_line(f"failed  {item.path}: {reason}"))

    @property
    def failed(self) -> int:
        return len(self._failures)

    def text(self) -> str:
        """One line per failure, then one per status with its count."""
        rows = ("completed", "needs_review", "failed", "done before")
        table = [f"{name.replace('_', ' '):<14}{self._rows[name]:>6}" for name in rows]
        return "\n".join([*self._failures, *table, f"{'files':<14}{self._rows.total():>6}"])
