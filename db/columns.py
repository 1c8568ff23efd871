"""Column types whose stored form is text with one spelling, so that a hash can cover what lies in the row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Dialect, Float, String, Table, Text
from sqlalchemy.types import TypeDecorator

from db.canonical import canonical_json, plain_json, storable_text

TIME_LENGTH = len("2026-01-01T00:00:00.000000Z")


def time_text(moment: datetime) -> str:
    """UTC with microseconds: sorts as text, reads the same from every database. ``moment`` has a time zone."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes as ``2026-01-01T00:00:00.000000Z``; SQLite knows no time zones, PostgreSQL none in this form."""

    impl = String(TIME_LENGTH)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else time_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class JsonText(TypeDecorator[Any]):
    """Structured values as canonical JSON text. ``jsonb`` would store another spelling than the one hashed."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else canonical_json(plain_json(value))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:
        return None if value is None else json.loads(value)


def stored_form(column: Column[Any], value: Any) -> Any:
    """What lies in the row for ``value``: text, int, float, bool or None. Raises InvalidRecordError, TypeError."""
    if value is None:
        return None
    if isinstance(column.type, JsonText):
        return canonical_json(plain_json(value, column.name))
    if isinstance(column.type, UtcDateTime):
        return time_text(value)
    if isinstance(column.type, Float):
        return float(value)
    return storable_text(str(value)) if isinstance(value, str) else value  # str(): a StrEnum goes in as plain text


def hashed_form(column: Column[Any], stored: Any) -> Any:
    """What the hash covers for a value as the driver gives it; the same for every database.

    A value of a kind the column never holds is returned as it is, so that the hash will not match.
    """
    if isinstance(column.type, Boolean) and stored in (0, 1):
        return bool(stored)
    return stored


def hashed_row(source: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a row that a hash covers. Columns without a value are left out: columns added later are empty in
    older rows and leave their hashes as they were."""
    return {name: hashed_form(source.c[name], value) for name, value in row.items() if value is not None}
