"""What Alembic runs. The program hands over its connection; the `alembic` command opens one from its settings."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from db.tables import Base


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with create_engine(context.config.get_main_option("sqlalchemy.url") or "").begin() as opened:
        migrate(opened)
