"""What commands share: exit codes, settings, the opened log, and errors as sentences.

Heavy libraries are imported when they are needed.
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from invoice_connector.connector import InvoiceOCRConnector
    from invoice_connector.settings import ConnectorSettings

Command = Callable[[Namespace], int]

OK, SOME_FAILED, WRONG_USAGE, COMPONENT_MISSING = 0, 1, 2, 3


class CommandError(Exception):
    """Ends the command with a sentence on stderr and an exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def chosen_settings(arguments: Namespace) -> ConnectorSettings:
    """The environment's settings with the command line's on top."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from invoice_connector.commands.setting_names import problems_of
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


def reading_connector(arguments: Namespace) -> InvoiceOCRConnector:
    """The Python call with the settings of a command that reads. Raises CommandError."""
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
