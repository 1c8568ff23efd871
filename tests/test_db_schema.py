"""The migrations make the tables, whoever opens the database first."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from audit_samples import sample_job
from sqlalchemy import exc

from db import database, migrations
from db.audit import append_job, head
from db.database import journal_mode, open_database
from db.errors import (
    DamagedDatabaseError,
    DatabaseLockedError,
    DatabaseUnavailableError,
    DiskFullError,
    DuplicateJobError,
    ReadOnlyDatabaseError,
    SchemaTooNewError,
)
from db.queries import list_jobs
from db.tables import Base
from db.transactions import reading, translated_errors, writing

MIGRATIONS = Path(migrations.__file__).parent


def test_the_migrations_make_what_the_table_classes_say() -> None:
    engine = open_database("sqlite://")
    with reading(engine) as connection:
        # The full-text index is SQLite's own table over ``search_pages``.
        options = {"compare_type": True, "include_name": lambda name, *_: not str(name).startswith("search_index")}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_the_known_revisions_are_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    assert tuple(r.revision for r in reversed(list(script.walk_revisions()))) == migrations.REVISIONS


def test_an_up_to_date_database_is_opened_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    open_database(url)
    code = f"import sys, db.database as d; d.open_database({url!r}); assert 'alembic' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=MIGRATIONS.parent.parent)


def test_records_cost_no_database_library() -> None:
    code = "import sys, db.records, db.errors, db.ids; assert 'sqlalchemy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=MIGRATIONS.parent.parent)


def test_several_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'folder' / 'audit.db'}"
    failures: list[Exception] = []

    def open_it() -> None:
        try:
            open_database(url)
        except Exception as error:
            failures.append(error)

    threads = [Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert head(open_database(url)).sequence == 0


def test_sqlite_is_set_up_for_an_audit_log(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'audit.db'}")
    with reading(engine) as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                   for name in ("synchronous", "foreign_keys", "journal_mode", "secure_delete")}  # fmt: skip
    assert pragmas == {
        "synchronous": 2,
        "foreign_keys": 1,
        "journal_mode": journal_mode(sqlite3.sqlite_version_info),
        "secure_delete": 1,
    }


def test_wal_only_where_sqlite_is_free_of_its_bug() -> None:
    assert journal_mode((3, 40, 1)) == "truncate"
    assert journal_mode((3, 51, 2)) == "truncate"
    assert journal_mode((3, 51, 3)) == "wal"
    assert journal_mode((4, 0, 0)) == "wal"


def test_a_wal_database_of_another_program_goes_back_to_a_rollback_journal(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE other (x)")
    connection.close()
    with reading(open_database(f"sqlite:///{path}")) as opened:
        mode = opened.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    assert mode == journal_mode(sqlite3.sqlite_version_info)


@pytest.mark.parametrize(
    ("url", "error", "word"),
    [
        ("audit.db", DatabaseUnavailableError, "not a database address"),
        ("nosuch://host/name", DatabaseUnavailableError, "no driver"),
        ("sqlite:////proc/nosuch/audit.db", DatabaseUnavailableError, "cannot be made"),
        ("sqlite:////proc", DatabaseUnavailableError, "cannot be opened"),
    ],
)
def test_what_cannot_be_opened_says_why(url: str, error: type[Exception], word: str) -> None:
    with pytest.raises(error, match=word):
        open_database(url)


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def create(*_: Any, **__: Any) -> None:
        raise ModuleNotFoundError("No module named 'psycopg'")

    monkeypatch.setattr(database, "create_engine", create)
    with pytest.raises(DatabaseUnavailableError, match="psycopg"):
        open_database("postgresql://host/name")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    open_database(f"sqlite:///{path}").dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SchemaTooNewError, match="newer version of this program"):
        open_database(f"sqlite:///{path}")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    path.write_bytes(b"this is no database, it is a letter" * 100)
    with pytest.raises(DamagedDatabaseError, match="restore it"):
        open_database(f"sqlite:///{path}")


def test_a_locked_database_is_reported_after_bounded_tries(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    engine = open_database(f"sqlite:///{path}", busy_timeout_seconds=0.01)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseLockedError, match="try again"):
        append_job(engine, sample_job())
    blocker.execute("ROLLBACK")
    blocker.close()
    assert append_job(engine, sample_job()).sequence == 1


def test_a_read_only_database_can_be_read_but_not_written(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    append_job(open_database(f"sqlite:///{path}"), sample_job())
    engine = open_database(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert len(list_jobs(engine)) == 1
    with pytest.raises(ReadOnlyDatabaseError, match="may only be read"):
        append_job(engine, sample_job(2))


def test_a_full_disk_is_reported_and_loses_nothing_stored(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'audit.db'}")
    append_job(engine, sample_job())
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFullError, match="make room"):
        append_job(engine, sample_job(2, text="x" * 100_000))
    assert head(engine).sequence == 1


@pytest.mark.parametrize(
    ("state", "error"),
    [("53100", DiskFullError), ("55P03", DatabaseLockedError), ("25006", ReadOnlyDatabaseError),
     ("23505", DuplicateJobError), ("08006", DatabaseUnavailableError), ("", DatabaseUnavailableError)],
)  # fmt: skip
def test_a_servers_errors_have_the_same_names(state: str, error: type[Exception]) -> None:
    engine = open_database("sqlite://")
    original = Exception("connection lost")
    original.sqlstate = state  # type: ignore[attr-defined]
    with pytest.raises(error), translated_errors(engine):
        raise exc.DBAPIError("SELECT 1", {}, original)


def test_a_transaction_that_fails_leaves_nothing() -> None:
    engine = open_database("sqlite://")
    with pytest.raises(RuntimeError), writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE half (x)")
        raise RuntimeError
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE name = 'half'").scalar_one() == 0


def test_a_server_makes_writers_wait_for_one_another() -> None:
    sent: list[tuple[str, Any]] = []
    connection = SimpleNamespace(
        dialect=SimpleNamespace(name="postgresql"),
        get_execution_options=lambda: {"audit_writer": True},
        execute=lambda statement, values=None: sent.append((str(statement), values)),
    )
    from db.transactions import lock_server

    lock_server(2.5)(connection)  # type: ignore[arg-type]
    assert "lock_timeout = 2500" in sent[0][0]
    assert "pg_advisory_xact_lock" in sent[1][0]
