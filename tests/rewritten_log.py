"""What somebody does who has the database in hands: rows read and put past all triggers, the whole chain made anew."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from db.chain import Content, EventKind, ReviewContent, event_hash
from db.records import AuditPosition
from db.seal import Head, SealKey

KEYS = {"ocr_jobs": "id", "engine_runs": "job_id, position", "reviews": "job_id, number", "audit_events": "sequence"}


def rows(connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    cursor = connection.execute(f"SELECT * FROM {table} ORDER BY {KEYS[table]}")
    names = [name for name, *_ in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def put(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def rewrite(
    connection: sqlite3.Connection, events: list[dict[str, Any]], rehash: bool = True, key: SealKey | None = None
) -> None:
    """The log holds these events and no others. ``rehash``: all hashes are made anew; ``key``: all seals, too."""
    jobs = {row["id"]: row for row in rows(connection, "ocr_jobs")}
    runs, reviews = rows(connection, "engine_runs"), rows(connection, "reviews")
    connection.execute("DELETE FROM audit_events")
    previous = "sha256:" + "0" * 64
    for sequence, event in enumerate(events, 1):
        event["sequence"] = sequence
        of_job = [review for review in reviews if review["job_id"] == event["job_id"]]
        if rehash:
            content: Content | ReviewContent = Content(
                jobs[event["job_id"]],
                [run for run in runs if run["job_id"] == event["job_id"]],
                of_job if event["kind"] == EventKind.ERASED else [],
            )
            if event["kind"] == EventKind.REVIEW:
                content = ReviewContent(of_job[json.loads(event["details"])["number"] - 1])
            event |= {"previous_hash": previous, "content_hash": content.hash()}
            event["hash"] = event_hash(event)
        if key is not None:
            event["seal"] = key.event_seal(sequence, event["hash"])
        put(connection, "audit_events", event)
        previous = event["hash"]
    if key is not None:
        sealed = Head.sealed(key, AuditPosition(sequence, previous), 1)
        values = [sealed.sequence, sealed.hash, sealed.seal, sealed.key_id]
        connection.execute("UPDATE audit_head SET sequence = ?, hash = ?, seal = ?, key_id = ?", values)
