"""Is it alive, can it read, and what do its counters say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, Engine, func, select

from analytics.filters import Database
from analytics.models.base import Health
from db.errors import StorageError
from db.rollups import Scope, total
from db.stages import counts
from db.submissions import is_open
from db.tables import EVENTS, SUBMISSIONS
from db.tally import MILLION, Tally
from db.transactions import reading

router = APIRouter(tags=["health"])


@router.get("/livez")
async def livez() -> Health:  # waits for no thread
    """The process answers."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Health, "description": "the log cannot be read"}})
async def readyz(request: Request, response: Response) -> Health:
    """The log can be read."""
    state = request.app.state
    try:
        await to_thread.run_sync(_look, state.database, limiter=state.probes)
    except StorageError as error:
        response.status_code = 503
        return Health(status="unavailable", detail=str(error))
    return Health(status="ok")


def _look(database: Engine) -> None:
    with reading(database) as connection:
        connection.execute(select(EVENTS.c.sequence).limit(1)).first()


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(database: Database) -> Response:
    """Counters in Prometheus' text format."""
    tally = total(database, Scope())
    with reading(database) as connection:
        uploads = select(func.count()).select_from(SUBMISSIONS).where(is_open())
        text = "".join((*_of_jobs(tally), *_of_engines(tally), *_of_verifier(tally), *_of_log(connection)))
        text += _gauge("invoice_uploads_open", "Uploads that wait or are being read.",
                       connection.execute(uploads).scalar_one())  # fmt: skip
    text += "".join(_of_stages(counts(database)))
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def _of_stages(waiting: dict[str, int]) -> Iterator[str]:
    yield _head("invoice_stage_documents", "gauge", "Documents that wait or are worked on, by stage of the queues.")
    for stage, count in waiting.items():
        yield _sample("invoice_stage_documents", {"stage": stage}, count)


def _of_jobs(tally: Tally) -> Iterator[str]:
    yield _head("invoice_jobs_total", "counter", "Documents processed, by how they ended.")
    for status, count in tally.get("jobs", {}).items():
        yield _sample("invoice_jobs_total", {"status": status}, count)
    yield _head("invoice_pages_total", "counter", "Pages of these documents.")
    yield _sample("invoice_pages_total", {}, tally.get("sums", {}).get("pages", 0))
    yield _head("invoice_errors_total", "counter", "Documents that could not be read, by error.")
    for name, count in tally.get("errors", {}).items():
        yield _sample("invoice_errors_total", {"error": name}, count)
    yield _gauge("invoice_reviews_waiting", "Documents that need a review and have none.",
                 tally.get("queue", {}).get("waiting", 0))  # fmt: skip
    yield from _confidences(tally)


def _confidences(tally: Tally) -> Iterator[str]:
    """A histogram of tenths."""
    hundredths = {int(key): count for key, count in tally.get("confidence", {}).items()}
    yield _head("invoice_confidence", "histogram", "Documents by their confidence.")
    for tenth in range(1, 10):
        below = sum(count for key, count in hundredths.items() if key < tenth * 10)
        yield _sample("invoice_confidence_bucket", {"le": f"0.{tenth}"}, below)
    count = sum(hundredths.values())
    yield _sample("invoice_confidence_bucket", {"le": "+Inf"}, count)
    yield _sample("invoice_confidence_sum", {}, tally.get("sums", {}).get("confidence", 0) / MILLION)
    yield _sample("invoice_confidence_count", {}, count)


def _of_engines(tally: Tally) -> Iterator[str]:
    yield _head("invoice_engine_runs_total", "counter", "Pages given to an engine, by how that ended.")
    for key, count in tally.get("runs", {}).items():
        engine, _, status = key.rpartition("\t")
        if status != "cached":  # those are among the ones that went well
            yield _sample("invoice_engine_runs_total", {"engine": engine, "status": status}, count)
    yield _head("invoice_engine_seconds_total", "counter", "Seconds spent in an engine.")
    for engine, microseconds in tally.get("run_microseconds", {}).items():
        yield _sample("invoice_engine_seconds_total", {"engine": engine}, microseconds / MILLION)
    yield _head("invoice_stage_seconds_total", "counter", "Seconds spent in a stage.")
    for stage, microseconds in tally.get("stage_microseconds", {}).items():
        yield _sample("invoice_stage_seconds_total", {"stage": stage}, microseconds / MILLION)


def _of_verifier(tally: Tally) -> Iterator[str]:
    yield _head("invoice_verified_total", "counter", "Documents by what the verifier said.")
    for verdict, count in tally.get("verifier", {}).items():
        yield _sample("invoice_verified_total", {"verdict": verdict}, count)


def _of_log(connection: Connection) -> Iterator[str]:
    last = connection.execute(select(func.coalesce(func.max(EVENTS.c.sequence), 0))).scalar_one()
    yield _head("invoice_audit_events_total", "counter", "Events in the audit log.")
    yield _sample("invoice_audit_events_total", {}, last)


def _gauge(name: str, help_text: str, value: float) -> str:
    return _head(name, "gauge", help_text) + _sample(name, {}, value)


def _head(name: str, kind: str, help_text: str) -> str:
    return f"# HELP {name} {help_text}\n# TYPE {name} {kind}\n"


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    number = value if isinstance(value, int) else f"{value:.6f}"
    return f"{name}{{{inside}}} {number}\n" if inside else f"{name} {number}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
