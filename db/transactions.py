"""Transactions, and SQLAlchemy's errors in this package's words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, exc, text

from db.errors import (
    AppendOnlyError,
    DamagedDatabaseError,
    DatabaseLockedError,
    DatabaseUnavailableError,
    DiskFullError,
    DuplicateJobError,
    ReadOnlyDatabaseError,
    StorageError,
)

_ADVISORY_LOCK = 0x6F63725F6C6F67  # "ocr_log": every writer of this log asks PostgreSQL for the same lock


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database throughout."""
    with translated_errors(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction no other writer runs beside; commits at its end, rolls back on an exception."""
    with translated_errors(engine), engine.connect() as plain:
        connection = plain.execution_options(audit_writer=True)
        with connection.begin():
            yield connection


def begin_sqlite(connection: Connection) -> None:
    """Starts SQLite's transaction, for the driver starts none."""
    # A deferred transaction that turns to writing fails at once when another writes; an immediate one waits its turn.
    writes = connection.get_execution_options().get("audit_writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def lock_server(busy_timeout: float) -> Callable[[Connection], None]:
    """What makes writers of a database server wait for one another, ``busy_timeout`` seconds at most."""

    def lock(connection: Connection) -> None:
        if connection.dialect.name == "postgresql" and connection.get_execution_options().get("audit_writer", False):
            connection.execute(text(f"SET LOCAL lock_timeout = {int(busy_timeout * 1000)}"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})

    return lock


@contextmanager
def translated_errors(engine: Engine) -> Iterator[None]:
    """Turns a driver's error into this package's, with one sentence that says what to do."""
    try:
        yield
    except exc.DBAPIError as error:
        raise _translation(error, engine.url.render_as_string(hide_password=True)) from error
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _sqlite_translation(error, engine.url.render_as_string(hide_password=True)) from error


def _translation(error: exc.DBAPIError, where: str) -> StorageError:
    if isinstance(error.orig, sqlite3.Error):
        return _sqlite_translation(error.orig, where)
    state, said = _state_and_sentence(error.orig)
    sentences = {
        "23505": DuplicateJobError(f"the job is in {where} already"),
        "25006": ReadOnlyDatabaseError(f"{where} may only be read; ask for write permission or choose another --db"),
        "53100": DiskFullError(f"the disk of {where} is full; make room and run again"),
        "55P03": DatabaseLockedError(f"{where} was locked by another writer for too long; try again"),
        "P0001": AppendOnlyError(f"{where} refused the change: {said}"),
    }
    if not state:  # no server answered
        return DatabaseUnavailableError(f"{where} cannot be reached ({said}); check the address and that it runs")
    return sentences.get(state) or DatabaseUnavailableError(f"{where} did not answer as it should: {said}")


def _state_and_sentence(error: BaseException | None) -> tuple[str, str]:
    """The server's SQLSTATE, "" where no server answered, and the first line of what went wrong."""
    answer = error.args[0] if error is not None and error.args else None
    if isinstance(answer, dict):  # pg8000: the fields of the server's message by their letters
        state, said = str(answer.get("C", "")), str(answer.get("M", ""))
    else:
        state, said = getattr(error, "sqlstate", None) or "", str(error)
    return state, next(iter(said.splitlines()), "no reason given")


def _sqlite_translation(error: Exception, where: str) -> StorageError:
    code = getattr(error, "sqlite_errorcode", 0) or 0
    if code == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
        return AppendOnlyError(f"{where} refused the change: {error}")
    if code in (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE):
        return DuplicateJobError(f"the job is in {where} already")
    damaged = DamagedDatabaseError(f"{where} is not a readable database ({error}); restore it from a copy")
    sentences: dict[int, StorageError] = {
        sqlite3.SQLITE_BUSY: DatabaseLockedError(f"{where} was locked by another process for too long; try again"),
        sqlite3.SQLITE_LOCKED: DatabaseLockedError(f"{where} was locked by another connection for too long; try again"),
        sqlite3.SQLITE_READONLY: ReadOnlyDatabaseError(
            f"{where} may only be read; give write permission on the file and its folder, or choose another --db"
        ),
        sqlite3.SQLITE_FULL: DiskFullError(f"the disk of {where} is full; make room and run again"),
        sqlite3.SQLITE_CANTOPEN: DatabaseUnavailableError(
            f"{where} cannot be opened; check that the folder exists and may be written"
        ),
        sqlite3.SQLITE_CORRUPT: damaged,
        sqlite3.SQLITE_NOTADB: damaged,
    }
    if "decode" in str(error):  # bytes that are no UTF-8: the driver gives this one no code
        return damaged
    return sentences.get(code & 0xFF) or DatabaseUnavailableError(f"{where} did not answer as it should: {error}")
