"""Single jobs: lists, search, and everything about one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine, select

from analytics.models import Hit, JobDetail, JobItem, JobPage, SearchPage
from db.contract import document_json
from db.queries import JobFilter, count_jobs, get_job, list_jobs
from db.records import StoredJob
from db.tables import JOBS
from db.transactions import reading

_AROUND = 60  # characters of text shown on each side of a match


def job_page(engine: Engine, where: JobFilter, limit: int, offset: int) -> JobPage:
    items = [JobItem.model_validate(job) for job in list_jobs(engine, limit, offset, where)]
    return JobPage(items=items, total=count_jobs(engine, where), limit=limit, offset=offset)


def search_page(engine: Engine, where: JobFilter, limit: int, offset: int) -> SearchPage:
    """``where.text`` is what is looked for."""
    found = list_jobs(engine, limit, offset, where)
    query = select(JOBS.c.id, JOBS.c.text).where(JOBS.c.id.in_([job.id for job in found]))
    with reading(engine) as connection:
        texts = {row.id: row.text or "" for row in connection.execute(query)}
    items = [Hit(**asdict(job), snippet=snippet(texts[job.id], where.text or "")) for job in found]
    return SearchPage(items=items, total=count_jobs(engine, where), limit=limit, offset=offset)


def job_detail(engine: Engine, job_id: str) -> JobDetail:
    """Raises JobNotFoundError."""
    return detail_of(get_job(engine, job_id))


def detail_of(job: StoredJob) -> JobDetail:
    record = job.record
    more: dict[str, Any] = {
        "lines": record.lines,
        "engine_runs": record.runs,
        "recorded_at": job.recorded_at,
        "erased_at": job.erased_at,
    }
    known = document_json(job)
    rest = {name: getattr(record, name) for name in JobDetail.model_fields if name not in known and name not in more}
    return JobDetail.model_validate({**known, **rest, **more})


def snippet(text: str, wanted: str) -> str:
    """The text around the first match, on one line; empty when there is none."""
    at = text.lower().find(wanted.lower())
    if at < 0 or not wanted:
        return ""
    start, end = max(0, at - _AROUND), at + len(wanted) + _AROUND
    shown = " ".join(text[start:end].split())
    return ("…" if start else "") + shown + ("…" if end < len(text) else "")
