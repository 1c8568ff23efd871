"""A log as an earlier version of the program left it."""

from __future__ import annotations

import sqlite3
from pathlib import Path


def make_old(path: Path) -> None:
    """Takes a closed log in SQLite back to revision 0060: without what later versions keep of a job."""
    with sqlite3.connect(path) as old:
        for table in ("layout_lessons", "master_keys", "master_records"):
            old.execute(f"DROP TABLE {table}")
        for column in ("supplier", "resources", "container", "codes", "provenance"):
            old.execute(f"DROP TRIGGER ocr_jobs_{column}_no_update")
            old.execute(f"ALTER TABLE ocr_jobs DROP COLUMN {column}")
        old.execute("UPDATE alembic_version SET version_num = '0060'")
    old.close()
