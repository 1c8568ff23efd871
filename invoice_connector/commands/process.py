"""``process FILE...``: its arguments and what it does. Heavy libraries are imported when it runs."""

from __future__ import annotations

import gc
import hashlib
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoice_connector.commands.arguments import amount, short_text
from invoice_connector.commands.common import OK, SOME_FAILED, reading_settings, storage_errors
from invoice_connector.commands.options import add_command, add_reading_options
from invoice_connector.commands.terminal import show, show_json, tell

if TYPE_CHECKING:
    from invoice_connector.arrivals.arriving import Arrival, Opening
    from invoice_connector.settings import ConnectorSettings
    from invoice_connector.workers.reader import Reader
    from ocr_ensemble.document.sniff import MediaType

_FIRST_BYTES = 2048  # of a file: what it is stands there
_OBJECTS_OF_A_START = 400_000  # with which modules, tables and models of one document are never looked through


def add_process(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds ``process`` to the command line."""
    parser = add_command(subparsers, "process", "read invoices (images or PDF)", process)
    parser.add_argument("files", nargs="+", metavar="FILE", help="an image, PDF, e-invoice, mail or archive")
    parser.add_argument("--customer-id", type=short_text, help="stored with the job")
    parser.add_argument("--invoice-number", type=short_text, help="the number the ERP expects, compared with the page")
    parser.add_argument(
        "--expected-amount", type=amount, metavar="AMOUNT", help="the amount the ERP expects, such as 1250.00"
    )
    parser.add_argument("--deliver", metavar="A,B", help="send the results to these sinks of the settings")
    parser.add_argument("--words", action="store_true", default=None, help="with --json: each line with its words")
    parser.add_argument(
        "--fail-on", choices=("review",), metavar="review", help="exit code 1 also when a document needs review"
    )
    add_reading_options(parser)


def process(arguments: Namespace) -> int:
    """Reads every file; one that fails, or ends the process that reads it, does not stop the next."""
    gc.set_threshold(_OBJECTS_OF_A_START)  # further files are read in a process of their own
    settings = reading_settings(arguments)
    if _is_alone(arguments.files):
        _begin_decoding(settings, Path(arguments.files[0]))
    return _process(arguments, settings)


def _process(arguments: Namespace, settings: ConnectorSettings) -> int:
    from db.ids import new_job_id
    from invoice_connector.arrivals.arriving import shown_by_data, with_picture
    from invoice_connector.commands.deliver import send_stored
    from invoice_connector.pipeline.request import Request

    wrong = ("failed", "needs_review") if arguments.fail_on == "review" else ("failed",)
    _check_log(settings)
    opening, failed = _opening(settings), 0
    expected = (arguments.customer_id, arguments.invoice_number, arguments.expected_amount)
    shown = shown_by_data([Path(name) for name in arguments.files], opening)
    pictures = {data: picture for picture, data in shown.items()}
    files = [name for name in arguments.files if Path(name) not in shown]
    with closing(_reader(settings, files)) as reader:
        for path in _with_progress(files):
            request = Request(new_job_id(), path.name, *expected, str(path.absolute()))
            for arrival in opening.arrivals(with_picture(path, pictures.get(path), opening.settings), request):
                with storage_errors():
                    documents = _read_whatever_happens(reader, arrival, settings)
                    for document in documents:
                        send_stored(settings, document["job_id"])
                for document in documents:
                    failed += document["status"] in wrong
                    _print(document, arguments.json)
    return SOME_FAILED if failed else OK


def _opening(settings: ConnectorSettings) -> Opening:
    from invoice_connector.arrivals.arriving import Opening
    from invoice_connector.connector import bounds_of, ensemble_settings

    return Opening(ensemble_settings(settings), bounds_of(settings))


def _is_alone(files: Sequence[str]) -> bool:
    """Whether no second document follows, be it in the same file."""
    from invoice_connector.arrivals.containers import SUFFIXES

    return len(files) <= 1 and not any(Path(name).suffix.lower() in SUFFIXES for name in files)


def _begin_decoding(settings: ConnectorSettings, path: Path) -> None:
    """Starts the process that decodes, which imports its libraries while this one imports its own."""
    from invoice_connector.workers.isolating import isolation_of
    from ocr_ensemble.document.isolation import begin_decoding

    begin_decoding(isolation_of(settings), _kind_of(path))


def _kind_of(path: Path) -> MediaType | None:
    """What its first bytes say that it is; None for what is no page, and for a pipe, whose bytes come once."""
    from ocr_ensemble.document.sniff import sniff
    from ocr_ensemble.errors import DocumentError

    if not path.is_file():
        return None
    try:
        with path.open("rb") as stream:
            return sniff(stream.read(_FIRST_BYTES), path.name)
    except (OSError, DocumentError):  # told when it is read
        return None


def _reader(settings: ConnectorSettings, files: Sequence[str]) -> Reader:
    """A process of its own where further files follow, which a document could take with it."""
    from invoice_connector.workers.reader import InThisProcess, ReadingProcess

    if not _is_alone(files):
        return ReadingProcess(settings)
    from invoice_connector.connector import InvoiceOCRConnector

    return InThisProcess(InvoiceOCRConnector(settings))


def _read_whatever_happens(reader: Reader, arrival: Arrival, settings: ConnectorSettings) -> list[dict[str, Any]]:
    """The JSON of the contract of each document. What ends the reading process again and again becomes a failed job."""
    from invoice_connector.workers.reader import ReaderDiedError

    for _ in range(settings.stage_tries):
        try:
            return reader.read(arrival.source, arrival.request)
        except ReaderDiedError as error:
            tell(str(error))
    from invoice_connector.connector import InvoiceOCRConnector
    from invoice_connector.pipeline.outcome import Failure

    source, request = arrival.source, arrival.request
    failure = Failure.given_up(request.source_name, settings.stage_tries)
    content = source if isinstance(source, bytes) else source.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return InvoiceOCRConnector(settings).store_failure(request, sha256, failure).documents()


def _check_log(settings: ConnectorSettings) -> None:
    """Opens the log once before anything is read for it, and says so where it is new. Raises CommandError where it
    cannot be."""
    from invoice_connector.storage import missing_log, open_log

    with storage_errors():
        new = missing_log(settings)
        open_log(settings).dispose()
    if new is not None:
        tell(f"a new audit log is begun: {new}")


def _with_progress(files: Sequence[str]) -> Iterator[Path]:
    """The paths; a progress bar on stderr when a person watches and there is more than one."""
    paths = [Path(name) for name in files]
    if len(paths) < 2 or not sys.stderr.isatty():
        yield from paths
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(paths, "reading", console=Console(stderr=True))


def _print(document: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(document)
    else:
        from invoice_connector.commands.report import report

        show(report(document))
