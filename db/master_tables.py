"""Tables of what is known before a document comes: own companies, suppliers, and what reviews taught about layouts."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Column, ForeignKey, Index, String, Table, TableClause, Text

from db.columns import JsonText
from db.tables import COUNT, METADATA, untyped

MASTER = Table(
    "master_records",
    METADATA,
    Column("kind", String(16), primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("sequence", COUNT, primary_key=True, autoincrement=False),
    Column("salt", String(32), nullable=False),
    Column("data", JsonText),
    Column("hash", String(71), nullable=False),
    Index(None, "sequence"),
)
"""One version of a record. ``sequence`` is that of the event which vouches for it through ``hash``; a version
without ``data`` but with a ``salt`` says that the record was removed, one without both was emptied by that."""

MASTER_KEYS = Table(
    "master_keys",
    METADATA,
    Column("kind", String(16), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Index(None, "kind", "customer_id", "record_id"),
    sqlite_with_rowid=False,
)
"""A text under which the present version of a record, or what a job taught, is found."""

LESSONS = Table(
    "layout_lessons",
    METADATA,
    Column("job_id", String(64), ForeignKey("ocr_jobs.id"), primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("sequence", COUNT, nullable=False),
    Column("data", JsonText, nullable=False),
)
"""What an approved job teaches about its supplier's layout; it follows from the job and its reviews, and
``sequence`` is that of the last of them."""


class RawMaster:
    """The table as it is stored."""

    records: ClassVar[TableClause] = untyped(MASTER)
