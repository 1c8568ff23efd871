"""Writing the search index: one row per page, in the transaction of the job or the correction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, insert, inspect, select, text, update

from db.tables import SEARCH, SEARCH_DAYS, Raw
from db.terms import terms

INDEX = "search_index"
_SECURE_DELETE_SINCE = (3, 42)


def index_job(connection: Connection, job: Mapping[str, Any]) -> None:
    """Makes the pages of a stored job's row searchable: what was read, the fields' values, the names it came with."""
    connection.execute(insert(SEARCH), list(_pages(job)))
    _note_place(connection, job)


def index_values(connection: Connection, job: Mapping[str, Any], page: int, values: list[str]) -> None:
    """Makes corrected values findable too."""
    row = {"job_id": job["id"], "page": page, "text": "\n".join(values), "terms": " ".join(terms(values))}
    connection.execute(insert(SEARCH), row)
    _note_place(connection, job)


def note_days(connection: Connection, places: Mapping[str, tuple[int, int]]) -> None:
    """Widens the ids between which the pages of some days (``2026-11-20``) lie."""
    for day, (first, last) in places.items():
        same = SEARCH_DAYS.c.day == day
        known = connection.execute(select(SEARCH_DAYS.c.first_id, SEARCH_DAYS.c.last_id).where(same)).first()
        if known is None:
            connection.execute(insert(SEARCH_DAYS), {"day": day, "first_id": first, "last_id": last})
        elif first < known.first_id or last > known.last_id:
            wider = {"first_id": min(first, known.first_id), "last_id": max(last, known.last_id)}
            connection.execute(update(SEARCH_DAYS).where(same).values(wider))


def _note_place(connection: Connection, job: Mapping[str, Any]) -> None:
    ids = select(func.min(SEARCH.c.id), func.max(SEARCH.c.id)).where(SEARCH.c.job_id == job["id"])
    first, last = connection.execute(ids).one()
    note_days(connection, {str(job["started_at"])[:10]: (first, last)})


def remove_job(connection: Connection, job_id: str) -> None:
    """Takes a job out of the index, its words out of the file included."""
    if connection.dialect.name == "sqlite" and has_index(connection):
        if sqlite3.sqlite_version_info >= _SECURE_DELETE_SINCE:
            connection.execute(text(f"INSERT INTO {INDEX}({INDEX}, rank) VALUES ('secure-delete', 1)"))  # noqa: S608
        removed = connection.execute(delete(SEARCH).where(SEARCH.c.job_id == job_id))
        if removed.rowcount and sqlite3.sqlite_version_info < _SECURE_DELETE_SINCE:
            # Only a merge of the whole index forgets the words of a removed page.
            connection.execute(text(f"INSERT INTO {INDEX}({INDEX}) VALUES ('optimize')"))  # noqa: S608
        return
    connection.execute(delete(SEARCH).where(SEARCH.c.job_id == job_id))


def rebuild_index(connection: Connection) -> None:
    """Indexes every stored job anew."""
    connection.execute(delete(SEARCH))
    connection.execute(delete(SEARCH_DAYS))
    names = ("id", "started_at", "erased_at", "source_name", "customer_id", "invoice_number", "text", "fields", "lines")
    for job in connection.execute(select(*(Raw.jobs.c[name] for name in names))).mappings():
        if job["erased_at"] is None:
            index_job(connection, dict(job))


def has_index(connection: Connection) -> bool:
    """Whether this SQLite database was made with full-text search."""
    return inspect(connection).has_table(INDEX)


def _pages(job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    texts: dict[int, list[str]] = {}
    for line in json.loads(job["lines"] or "[]"):
        if isinstance(line.get("text"), str):
            texts.setdefault(_page(line), []).append(line["text"])
    if not texts and job["text"]:
        texts[1] = job["text"].splitlines()
    values: dict[int, list[str]] = {}
    for found in json.loads(job["fields"] or "{}").values():
        if isinstance(found, dict):
            said = (found.get("value"), found.get("text"))
            values.setdefault(_page(found), []).extend(value for value in said if isinstance(value, str))
    names = [job[name] for name in ("source_name", "customer_id", "invoice_number") if job[name]]
    pages = sorted({*texts, *values} or {0})
    for page in pages:
        lines = texts.get(page, [])
        more = [*values.get(page, []), *(names if page == pages[0] else [])]
        found_terms = " ".join(terms([*lines, *more]))
        yield {"job_id": job["id"], "page": page, "text": "\n".join(lines), "terms": found_terms}


def _page(found: Mapping[str, Any]) -> int:
    page = found.get("page")
    return page if isinstance(page, int) and not isinstance(page, bool) and 0 <= page < 2**31 else 0
