"""Is it alive, can it read, and what do its counters say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fastapi import APIRouter, Response
from sqlalchemy import Connection, func, select

from analytics.filters import Database
from analytics.models import Health
from db.errors import StorageError
from db.tables import EVENTS, JOBS, RUNS
from db.transactions import reading

router = APIRouter(tags=["health"])


@router.get("/livez")
def livez() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Health, "description": "the log cannot be read"}})
def readyz(database: Database, response: Response) -> Health:
    """The log can be read."""
    try:
        with reading(database) as connection:
            connection.execute(select(EVENTS.c.sequence).limit(1)).first()
    except StorageError as error:
        response.status_code = 503
        return Health(status="unavailable", detail=str(error))
    return Health(status="ok")


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(database: Database) -> Response:
    """Counters in Prometheus' text format."""
    with reading(database) as connection:
        text = "".join(_families(connection))
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def _families(connection: Connection) -> Iterator[str]:
    jobs = connection.execute(select(JOBS.c.status, func.count()).group_by(JOBS.c.status)).all()
    yield _head("invoice_jobs_total", "counter", "Documents processed, by how they ended.")
    for status, count in jobs:
        yield _sample("invoice_jobs_total", {"status": status}, count)
    query = select(RUNS.c.engine, RUNS.c.status, func.count(), func.sum(RUNS.c.milliseconds))
    runs = connection.execute(query.group_by(RUNS.c.engine, RUNS.c.status)).all()
    yield _head("invoice_engine_runs_total", "counter", "Pages given to an engine, by how that ended.")
    for engine, status, count, _ in runs:
        yield _sample("invoice_engine_runs_total", {"engine": engine, "status": status}, count)
    yield _head("invoice_engine_seconds_total", "counter", "Seconds spent in an engine.")
    for engine, status, _, milliseconds in runs:
        yield _sample("invoice_engine_seconds_total", {"engine": engine, "status": status}, milliseconds / 1000)
    last = connection.execute(select(func.coalesce(func.max(EVENTS.c.sequence), 0))).scalar_one()
    yield _head("invoice_audit_events_total", "counter", "Events in the audit log.")
    yield _sample("invoice_audit_events_total", {}, last)


def _head(name: str, kind: str, help_text: str) -> str:
    return f"# HELP {name} {help_text}\n# TYPE {name} {kind}\n"


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{inside}}} {value}\n" if inside else f"{name} {value}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
