"""Opening a database."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, QueuePool, create_engine, event, exc, make_url

from db.errors import DatabaseUnavailableError
from db.schema import ensure_schema
from db.seal import SealKey, create_key, default_key_file, read_key
from db.transactions import begin_sqlite, lock_server

BUSY_TIMEOUT_SECONDS = 10.0
THREADS = 60
"""More connections than a server has threads that want one, so that nobody waits for a connection."""
_WAL_FIXED_IN = (3, 51, 3)


def open_database(
    url: str | URL,
    *,
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
    key: SealKey | None = None,
    key_file: Path | None = None,
) -> Engine:
    """An engine for ``url`` (any SQLAlchemy URL) whose tables are there and up to date.

    A writer waits ``busy_timeout_seconds`` for another one. The log is sealed with ``key``, or with the key in
    ``key_file`` (left out: ``audit.db.key`` beside ``audit.db``), which is made with a new log. A log whose key is
    not there can be read but not written. Raises DatabaseUnavailableError or one of its children, SealKeyError.
    """
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise DatabaseUnavailableError(
            f"{url!r} is not a database address; give one such as sqlite:///audit.db or postgresql://host/name"
        ) from None
    try:
        engine = _create(parsed, busy_timeout_seconds)
    except (ModuleNotFoundError, exc.NoSuchModuleError) as error:
        raise DatabaseUnavailableError(
            f"no driver for {parsed.drivername} is installed ({error}); install it, or use sqlite:///audit.db"
        ) from error
    path = key_file or default_key_file(parsed)
    made: list[SealKey] = []

    def new_key() -> SealKey:
        made.append(key or read_key(path) or create_key(path))
        return made[-1]

    ensure_schema(engine, new_key)
    found = made[-1] if made else key or read_key(path)
    engine.update_execution_options(audit_key=found)
    return engine


def journal_mode(version: tuple[int, ...]) -> str:
    """WAL where SQLite is free of the WAL-reset bug (corruption with several connections), else a rollback journal.

    TRUNCATE and not DELETE: with ``synchronous=FULL`` its end of a commit reaches the disk, a file's removal may not.
    """
    return "wal" if version >= _WAL_FIXED_IN else "truncate"


def _create(url: URL, busy_timeout: float) -> Engine:
    if url.get_backend_name() != "sqlite":
        if url.drivername == "postgresql":  # SQLAlchemy's own choice would be a driver under the LGPL
            url = url.set(drivername="postgresql+pg8000")
        engine = create_engine(url, pool_pre_ping=True)
        event.listen(engine, "begin", lock_server(busy_timeout))
        return engine
    options: dict[str, Any] = {"max_overflow": THREADS}
    if url.database in (None, "", ":memory:"):
        # One connection, lent to one thread at a time: a second one would be another, empty database.
        options = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
    elif not str(url.database).startswith("file:"):
        _make_folder(Path(str(url.database)))
    # isolation_level None: the driver starts no transactions of its own, `begin_sqlite` does.
    arguments = {"isolation_level": None, "timeout": busy_timeout, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, **options)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", begin_sqlite)
    return engine


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailableError(
            f"the folder {path.parent} for the database cannot be made: {error.strerror}; choose another place"
        ) from error


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # what an erasure removes is overwritten, not just unlinked
    connection.execute("PRAGMA recursive_triggers = ON")  # a REPLACE then meets the delete triggers too
    try:
        connection.execute(f"PRAGMA journal_mode = {journal_mode(sqlite3.sqlite_version_info)}")
    except sqlite3.OperationalError as error:
        # A file that may only be read keeps the mode it has.
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
            raise
