"""Tables up to date when a database is opened; the migrations in ``db/migrations`` are the only way they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Connection, Engine, column, insert, inspect, select, table

from db.canonical import GENESIS
from db.errors import DamagedDatabaseError, SchemaTooNewError
from db.links import current_head
from db.migrations import REVISIONS
from db.records import AuditPosition
from db.recount import rebuild_in
from db.seal import Head, SealKey
from db.search_index import rebuild_index
from db.tables import EVENTS, HEAD
from db.transactions import reading, writing

_VERSION = table("alembic_version", column("version_num"))


def ensure_schema(engine: Engine, new_key: Callable[[], SealKey]) -> None:
    """Runs what migrations are missing, in one transaction. Costs two queries where none are.

    ``new_key`` gives the key for a log that has no sealed head yet. Raises SchemaTooNewError when the tables were made
    by a newer program.
    """
    with reading(engine) as connection:
        if _is_current(connection, engine):
            return
    with writing(engine) as connection:
        # Another process may have been first; only now, as the one writer, is the answer sure.
        if not _is_current(connection, engine):
            upgrade(connection)
            _adopt(connection, new_key)


def _adopt(connection: Connection, new_key: Callable[[], SealKey]) -> None:
    """Seals a log that has no head yet, and makes statistics and search index of the jobs it holds already."""
    if current_head(connection) is not None:
        return
    query = select(EVENTS.c.sequence, EVENTS.c.hash).order_by(EVENTS.c.sequence.desc()).limit(1)
    last = connection.execute(query).first()
    position = AuditPosition(last.sequence, last.hash) if last else AuditPosition(0, GENESIS)
    sealed = Head.sealed(new_key(), position, position.sequence + 1)
    connection.execute(insert(HEAD), {"id": 1, **asdict(sealed)})
    if last:
        rebuild_in(connection)
        rebuild_index(connection)


def upgrade(connection: Connection) -> None:
    """Migrates to the newest revision inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")


def _is_current(connection: Connection, engine: Engine) -> bool:
    where = engine.url.render_as_string(hide_password=True)
    if not inspect(connection).has_table("alembic_version"):
        return False
    revision = connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none()
    if revision is None:
        raise DamagedDatabaseError(f"{where} does not say which version its tables have; restore it from a copy")
    if revision not in REVISIONS:
        raise SchemaTooNewError(
            f"{where} was written by a newer version of this program (tables {revision}, known up to {REVISIONS[-1]}); "
            "update the program, or choose another --db"
        )
    return bool(revision == REVISIONS[-1])
