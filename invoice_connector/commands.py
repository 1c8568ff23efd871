"""What each command does. Each imports the heavy libraries it needs when it runs."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoice_connector.terminal import one_line, show, show_json, tell

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from invoice_connector.arrivals.arriving import Arrival, Opening
    from invoice_connector.connector import InvoiceOCRConnector
    from invoice_connector.reader import Reader
    from invoice_connector.settings import ConnectorSettings

Command = Callable[[Namespace], int]

OK, SOME_FAILED, WRONG_USAGE, COMPONENT_MISSING = 0, 1, 2, 3
_OBJECTS_OF_A_START = 400_000  # with which modules, tables and models of one document are never looked through


class CommandError(Exception):
    """Ends the command with a sentence on stderr and an exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def process(arguments: Namespace) -> int:
    """Reads every file; one that fails, or ends the process that reads it, does not stop the next."""
    gc.set_threshold(_OBJECTS_OF_A_START)  # further files are read in a process of their own
    settings = reading_settings(arguments)
    if _is_alone(arguments.files):
        _begin_decoding(settings)
    return _process(arguments, settings)


def _process(arguments: Namespace, settings: ConnectorSettings) -> int:
    from db.ids import new_job_id
    from invoice_connector.arrivals.arriving import shown_by_data, with_picture
    from invoice_connector.deliver_commands import send_stored
    from invoice_connector.outcome import Request

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


def _begin_decoding(settings: ConnectorSettings) -> None:
    """Starts the process that decodes, which imports its libraries while this one imports its own."""
    from invoice_connector.isolating import isolation_of
    from ocr_ensemble.document.isolation import begin_decoding

    begin_decoding(isolation_of(settings))


def _reader(settings: ConnectorSettings, files: Sequence[str]) -> Reader:
    """A process of its own where further files follow, which a document could take with it."""
    from invoice_connector.reader import InThisProcess, ReadingProcess

    if not _is_alone(files):
        return ReadingProcess(settings)
    from invoice_connector.connector import InvoiceOCRConnector

    return InThisProcess(InvoiceOCRConnector(settings))


def _read_whatever_happens(reader: Reader, arrival: Arrival, settings: ConnectorSettings) -> list[dict[str, Any]]:
    """The JSON of the contract of each document. What ends the reading process again and again becomes a failed job."""
    from invoice_connector.reader import ReaderDiedError

    for _ in range(settings.stage_tries):
        try:
            return reader.read(arrival.source, arrival.request)
        except ReaderDiedError as error:
            tell(str(error))
    from invoice_connector.connector import InvoiceOCRConnector
    from invoice_connector.outcome import Failure

    source, request = arrival.source, arrival.request
    failure = Failure.given_up(request.source_name, settings.stage_tries)
    content = source if isinstance(source, bytes) else source.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return InvoiceOCRConnector(settings).store_failure(request, sha256, failure).documents()


def demo(arguments: Namespace) -> int:
    """Reads the bundled synthetic invoices and compares the fields with what was printed on them."""
    from invoice_connector.demo import compare, summary

    connector = _connector(arguments)
    samples = resources.files("invoice_connector").joinpath("samples")
    truth = json.loads(samples.joinpath("truth.json").read_text("utf-8"))
    wrong = 0
    for name in truth:
        with resources.as_file(samples.joinpath(name)) as path, storage_errors():
            processed = connector.process_invoice_with_ocr(path)
        document = processed.to_dict()
        result = compare(document, truth[name])
        wrong += len(result.wrong)
        if arguments.json:
            show_json(document)
        else:
            show(summary(document, result))
    if not arguments.json:
        show("`process FILE` shows all that was read of a file, with probabilities; `serve` opens the dashboard.")
    return SOME_FAILED if wrong else OK


def doctor(arguments: Namespace) -> int:
    """One line per part: there or not, and what to do about it."""
    from invoice_connector.doctor import examine

    settings = chosen_settings(arguments)
    findings = examine(settings, deep=arguments.deep)
    if arguments.json:
        show_json([finding.to_dict() for finding in findings])
    else:
        for finding in findings:
            show(f"{'ok     ' if finding.available else 'missing'}  {finding.part:<14} {finding.detail}")
    readable = any(finding.available for finding in findings if finding.reads_pictures)
    return OK if readable else COMPONENT_MISSING


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


def serve(arguments: Namespace) -> int:
    from invoice_connector.serve import run

    with storage_errors():
        run(_connector(arguments), arguments.host, arguments.port)
    return OK


def chosen_settings(arguments: Namespace) -> ConnectorSettings:
    """The environment's settings with the command line's on top."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from invoice_connector.setting_names import problems_of
    from invoice_connector.settings import ConnectorSettings

    _check_locales()
    chosen: dict[str, Any] = {
        name: value
        for name in ("policy", "profile", "language", "verifier", "verify", "split", "words")
        if (value := getattr(arguments, name, None)) is not None
    }
    if getattr(arguments, "engines", None):
        chosen["engines"] = tuple(name.strip() for name in arguments.engines.split(",") if name.strip())
    if getattr(arguments, "deliver", None):
        chosen["deliver_to"] = tuple(name.strip() for name in arguments.deliver.split(",") if name.strip())
    if getattr(arguments, "db", None):
        chosen["database_url"] = arguments.db
    try:
        return ConnectorSettings(**chosen)
    except ValidationError as error:
        raise CommandError(f"a setting is wrong: {problems_of(error)}", WRONG_USAGE) from error
    except SettingsError as error:
        raise CommandError(
            f'a setting of several values is no valid JSON; write it like ["a", "b"]: {error}', WRONG_USAGE
        ) from error


def _check_locales() -> None:
    """Reads the locales where own ones are named. Raises CommandError for such as cannot be used."""
    from invoice_connector.locales import PATH_VARIABLE, PLUGIN_VARIABLE, LocaleError, locales

    if not any(map(os.environ.get, (PATH_VARIABLE, PLUGIN_VARIABLE))):
        return
    try:
        locales()
    except LocaleError as error:
        raise CommandError(str(error), WRONG_USAGE) from error


def reading_settings(arguments: Namespace) -> ConnectorSettings:
    """The settings of a command that reads. Raises CommandError for an engine nobody knows."""
    from ocr_ensemble.engines.registry import is_known, known_engines
    from verifier.backends.create import check_name
    from verifier.errors import VerifierSettingsError

    settings = chosen_settings(arguments)
    unknown = [name for name in settings.engines if not is_known(name)]
    if unknown or not settings.engines:
        names = ", ".join(known_engines())
        raise CommandError(f"unknown engine {', '.join(unknown) or '(none)'}; known are {names}", WRONG_USAGE)
    try:
        check_name(settings.verifier)
    except VerifierSettingsError as error:
        raise CommandError(str(error), WRONG_USAGE) from error
    return settings


def _connector(arguments: Namespace) -> InvoiceOCRConnector:
    from invoice_connector.connector import InvoiceOCRConnector

    return InvoiceOCRConnector(reading_settings(arguments))


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turns the log's errors into sentences with an exit code."""
    from db.errors import JobNotFoundError, RecordNotFoundError, StorageError

    try:
        yield
    except (JobNotFoundError, RecordNotFoundError) as error:
        raise CommandError(str(error), SOME_FAILED) from error
    except StorageError as error:
        raise CommandError(str(error), COMPONENT_MISSING) from error


@contextmanager
def opened_database(arguments: Namespace, new: bool = False) -> Iterator[Engine]:
    """The log that the arguments name, closed afterwards. Raises CommandError where there is none, unless it may be
    ``new``: a misspelt path would be an empty log, and an empty log is intact."""
    from invoice_connector.storage import missing_log, open_log

    with storage_errors():
        settings = chosen_settings(arguments)
        missing = None if new else missing_log(settings)
        if missing is not None:
            raise CommandError(
                f"there is no audit log {missing}; check --db, or read a document first", COMPONENT_MISSING
            )
        engine = open_log(settings)
        try:
            yield engine
        finally:
            engine.dispose()


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
        from invoice_connector.report import report

        show(report(document))


def _plain(job: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in asdict(job).items()}
