"""Single jobs: lists, search, and everything about one."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from analytics.filters import scope
from analytics.models.job import JobDetail
from analytics.models.lists import (
    BatchItem,
    Hit,
    JobItem,
    JobPage,
    Progress,
    QueueItem,
    QueuePage,
    SearchPage,
    UploadItem,
)
from db import figures
from db.contract import document_json
from db.periods import Level
from db.queries import Found, JobFilter, count_jobs, found_in, get_job, list_jobs
from db.records import StoredJob, utc_now
from db.search import CLOSE, OPEN, search
from db.submissions import open_submissions, running_batches

SILENT = timedelta(hours=1)
"""A batch that was not heard of for so long was killed."""


def job_page(engine: Engine, where: JobFilter, limit: int, offset: int) -> JobPage:
    items = [JobItem.model_validate(job) for job in list_jobs(engine, limit, offset, where)]
    return JobPage(items=items, total=total_jobs(engine, where), limit=limit, offset=offset)


def queue_page(engine: Engine, where: JobFilter, limit: int, offset: int) -> QueuePage:
    """Jobs as ``job_page`` gives them, with what a person wants to know before opening one."""
    listed = job_page(engine, where, limit, offset)
    found = found_in(engine, [job.id for job in listed.items])
    items = [_queued(job, found[job.id]) for job in listed.items if job.id in found]
    return QueuePage(items=items, total=listed.total, limit=limit, offset=offset)


def _queued(job: JobItem, found: Found) -> QueueItem:
    values = {name: str(field["value"]) for name, field in found.fields.items() if field.get("value") is not None}
    return QueueItem(
        job=job,
        seller=values.get("seller_name"),
        amount=values.get("amount_due", values.get("total_with_vat")),
        currency=values.get("currency_code"),
        reasons=[str(broken["message"]) for broken in found.violations if broken.get("message")],
    )


def total_jobs(engine: Engine, where: JobFilter) -> int:
    """How many jobs there are, as exact as counting them all: whole periods come from the roll-ups, and only what lies
    between a given moment and the next whole period is counted one by one."""
    if where.text or where.sha256:
        return count_jobs(engine, where)
    finest = scope(where).finest
    start, end = _up(where.since, finest), _down(where.until, finest)
    if start is not None and end is not None and start >= end:
        return count_jobs(engine, where)
    count = _rolled_up(engine, replace(where, since=start, until=end))
    if where.since is not None and start != where.since:
        count += count_jobs(engine, replace(where, until=start))
    if where.until is not None and end != where.until:
        count += count_jobs(engine, replace(where, since=end))
    return count


def search_page(
    engine: Engine,
    query: str,
    where: JobFilter,
    place: tuple[int, int],
    markers: tuple[str, str] = (OPEN, CLOSE),
) -> SearchPage:
    """``place`` is the limit and the offset. Raises SearchUnavailableError."""
    limit, offset = place
    found = search(engine, query, limit + 1, offset, where, markers)
    hits = [Hit.model_validate(hit) for hit in found[:limit]]
    return SearchPage(items=hits, more=len(found) > limit, limit=limit, offset=offset)


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
    rest = {
        name: getattr(record, name)
        for name in JobDetail.model_fields
        if name not in known and name not in more and hasattr(record, name)
    }
    return JobDetail.model_validate({**known, **rest, **more})


def progress(engine: Engine) -> Progress:
    """What is being read now."""
    batches = running_batches(engine, utc_now() - SILENT)
    return Progress(
        uploads=[
            UploadItem.model_validate({**asdict(found), "name": str(found.request.get("source_name") or found.job_id)})
            for found in open_submissions(engine)
        ],
        batches=[BatchItem.model_validate(batch) for batch in batches],
    )


def _rolled_up(engine: Engine, where: JobFilter) -> int:
    found = figures.overview(engine, scope(where))
    if where.waiting:
        return found.waiting if where.status in (None, "needs_review") else 0
    return int(getattr(found, where.status or "jobs"))


def _up(moment: datetime | None, finest: Level) -> datetime | None:
    down = _down(moment, finest)
    if down is None or down == moment:
        return down
    return down + (timedelta(hours=1) if finest is Level.HOUR else timedelta(days=1))


def _down(moment: datetime | None, finest: Level) -> datetime | None:
    if moment is None:
        return None
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour if finest is Level.HOUR else hour.replace(hour=0)
