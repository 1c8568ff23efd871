"""Tables of what is known before a document comes: own companies, suppliers, and what reviews taught about layouts."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from sqlalchemy import BigInteger, Index, Integer, TableClause, Text
from sqlmodel import Field

from db.columns import JsonText
from db.tables import Base, untyped

_Count = BigInteger().with_variant(Integer(), "sqlite")


class MasterRecordVersion(Base, table=True):
    """One version of a record. ``sequence`` is that of the event which vouches for it through ``hash``; a version
    without ``data`` but with a ``salt`` says that the record was removed, one without both was emptied by that."""

    __tablename__ = "master_records"
    __table_args__ = (Index(None, "sequence"),)

    kind: str = Field(primary_key=True, max_length=16)
    customer_id: str = Field(primary_key=True, sa_type=Text)
    record_id: str = Field(primary_key=True, sa_type=Text)
    sequence: int = Field(primary_key=True, sa_type=cast(Any, _Count), sa_column_kwargs={"autoincrement": False})
    salt: str = Field(max_length=32)
    data: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    hash: str = Field(max_length=71)


class MasterKey(Base, table=True):
    """A text under which the present version of a record, or what a job taught, is found."""

    __tablename__ = "master_keys"
    __table_args__ = (Index(None, "kind", "customer_id", "record_id"), {"sqlite_with_rowid": False})

    kind: str = Field(primary_key=True, max_length=16)
    key: str = Field(primary_key=True, sa_type=Text)
    customer_id: str = Field(primary_key=True, sa_type=Text)
    record_id: str = Field(primary_key=True, sa_type=Text)


class LayoutLesson(Base, table=True):
    """What an approved job teaches about its supplier's layout; it follows from the job and its reviews, and
    ``sequence`` is that of the last of them."""

    __tablename__ = "layout_lessons"

    job_id: str = Field(primary_key=True, foreign_key="ocr_jobs.id", max_length=64)
    customer_id: str = Field(sa_type=Text)
    sequence: int = Field(sa_type=cast(Any, _Count))
    data: dict[str, Any] = Field(sa_type=JsonText)


MASTER = Base.metadata.tables["master_records"]
MASTER_KEYS = Base.metadata.tables["master_keys"]
LESSONS = Base.metadata.tables["layout_lessons"]


class RawMaster:
    """The table as it is stored."""

    records: ClassVar[TableClause] = untyped(MASTER)
