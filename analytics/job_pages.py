"""The pages of single documents: lists, search, the review queue, the story of one, and its pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from sqlalchemy import Engine

from analytics import jobs, marks
from analytics.comparison import comparison
from analytics.filters import Database, WherePage
from analytics.fresh import matches
from analytics.models.job import JobDetail
from analytics.pages import STATUSES
from analytics.rendering import page
from analytics.texts import FIELD_ORDER
from db.errors import JobNotFoundError
from db.lessons import taught_by
from db.pictures import FILE, PictureStore
from db.piles import PileDocument, stored_pile
from db.queries import JobFilter, list_jobs
from db.submissions import submission

PER_PAGE = 50
HITS = 20
"""Fewer: each one's text is looked through for the place to show."""
MARKERS = ("\ue000", "\ue001")
"""Private use characters around the words that a search found; no font has them and no engine reads them."""
_SEVERAL = "SEVERAL-DOCUMENTS"
_LEARNED = ("layout", "approved")
"""Kinds of witnesses that come from approved documents of the supplier."""
PageNumber = Annotated[int, Path(ge=1, le=1_000_000)]
_Offset = Annotated[int, Query(ge=0, le=10_000_000)]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/jobs")
def job_list(
    request: Request,
    database: Database,
    where: WherePage,
    q: Annotated[str, Query(max_length=200)] = "",
    status: Annotated[str, Query(max_length=20)] = "",
    offset: _Offset = 0,
) -> Response:
    # An empty form field is no wish, so the form's status is a plain text here.
    where = replace(where, status=status if status in STATUSES else None)
    values: dict[str, Any] = {"where": where, "statuses": STATUSES, "kept": _kept(request), "q": q}
    if q.strip():
        hits = jobs.search_page(database, q, where, (HITS, offset), MARKERS)
        parts = [marks.marked(hit.snippet, MARKERS) for hit in hits.items]
        return page(request, "hits.html", found=hits, hits=list(zip(hits.items, parts, strict=True)), **values)
    return page(request, "jobs.html", found=jobs.job_page(database, where, PER_PAGE, offset), **values)


@router.get("/review")
def review_queue(request: Request, database: Database, where: WherePage, offset: _Offset = 0) -> Response:
    """What waits for a person."""
    where = replace(where, waiting=True)
    found = jobs.queue_page(database, where, PER_PAGE, offset)
    return page(request, "queue.html", found=found, where=where, kept=_kept(request))


@router.get("/jobs/{job_id}")
def job(request: Request, database: Database, job_id: Annotated[str, Path(max_length=64)]) -> Response:
    try:
        detail = jobs.job_detail(database, job_id)
    except JobNotFoundError:
        waiting = submission(database, job_id)
        values = {"name": waiting.request.get("source_name") or job_id, "waiting": waiting}
        return page(request, "waiting.html", 200 if waiting.state != "failed" else 410, **values)
    return page(
        request,
        "job.html",
        job=detail,
        fields=[(name, _field(detail, name)) for name in _names(detail)],
        said=_said(detail),
        missing=[name for name in FIELD_ORDER if name not in _names(detail)],
        timeline=marks.timeline(detail.engine_runs),
        steps=_steps(detail),
        seconds=(detail.finished_at - detail.started_at).total_seconds(),
        sheets=_sheets(detail, _pictures(request)),
        twins=_twins(database, detail),
        taught=taught_by(database, job_id),
        learned_from=_learned_from(detail),
        pile=_pile(database, detail, _pictures(request)),
    )


@router.get("/jobs/{job_id}/comparison/{other_id}")
def compared(
    request: Request,
    database: Database,
    job_id: Annotated[str, Path(max_length=64)],
    other_id: Annotated[str, Path(max_length=64)],
) -> Response:
    """Two runs side by side."""
    first, second = jobs.job_detail(database, job_id), jobs.job_detail(database, other_id)
    return page(request, "comparison.html", first=first, second=second, found=comparison(first, second))


@router.get("/jobs/{job_id}/pages/{number}")
def picture(request: Request, job_id: Annotated[str, Path(max_length=64)], number: PageNumber) -> Response:
    """The picture of a page."""
    store = _pictures(request)
    found = store.find(job_id, number) if store is not None else None
    if found is None:
        raise HTTPException(404, f"no picture of page {number} of job {job_id} was kept")
    stored, path = found
    headers = {"ETag": f'"{stored.sha256[:32]}"', "Cache-Control": "private, no-cache"}
    if matches(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=stored.media_type, headers=headers)


def _pictures(request: Request) -> PictureStore | None:
    store: PictureStore | None = request.app.state.pictures
    return store


def _kept(request: Request) -> dict[str, str]:
    return {key: value for key, value in request.query_params.items() if key not in ("offset", "lang") and value}


def _sheets(detail: JobDetail, store: PictureStore | None) -> list[dict[str, Any]]:
    """Each page with what stands on it; pages whose size was not stored cannot be drawn."""
    pictured = {kept.page for kept in store.of_job(detail.job_id)} if store is not None else set()
    sheets = []
    for sheet in detail.pages:
        if sheet.get("width") and sheet.get("height"):
            number = sheet.get("page")
            lines = [(n, line) for n, line in enumerate(detail.lines, 1) if line.get("page") == number]
            fields = [(name, field) for name, field in _placed(detail).items() if field.get("page") == number]
            broken = [(n, each) for n, each in enumerate(detail.violations, 1) if each.get("page") == number]
            drawn = {"lines": lines, "fields": fields, "violations": broken, "picture": number in pictured}
            sheets.append({**sheet, **drawn})
    return sheets


def _placed(detail: JobDetail) -> dict[str, dict[str, Any]]:
    """The fields where they were read or, where a person pointed at another place, there."""
    pointed = {
        name: {"value": change["value"], "page": change["page"], "box": change["box"]}
        for name, change in detail.corrections.items()
        if change.get("box")
    }
    read: dict[str, dict[str, Any]] = {name: {**field} for name, field in detail.fields.items()}
    return {**read, **{name: {**read.get(name, {}), **place} for name, place in pointed.items()}}


def _learned_from(detail: JobDetail) -> dict[str, list[str]]:
    """What earlier approved documents of the supplier say of the fields, each sentence with their names."""
    found: dict[str, list[str]] = {}
    for name in sorted(detail.fields, key=_place):
        witnesses = detail.fields[name].get("witnesses") or ()
        kinds = {witness.get("kind"): str(witness.get("detail")) for witness in witnesses}
        if said := [kinds[kind] for kind in _LEARNED if kind in kinds]:
            found.setdefault(", and ".join(said), []).append(name)
    return found


def _steps(detail: JobDetail) -> list[tuple[str, float, float | None]]:
    """Each step with its milliseconds and those of the processor, which older jobs do not tell; the sum comes last."""
    processor = detail.resources["processor_ms"] if detail.resources else {}
    named = sorted(detail.timings_ms.items(), key=lambda step: step[0] == "total")
    return [(name, milliseconds, processor.get(name)) for name, milliseconds in named]


def _names(detail: JobDetail) -> list[str]:
    """What was read or corrected, and fields that something is said of though they were not found."""
    said = [name for name in _said(detail) if name in FIELD_ORDER]
    return sorted({*detail.fields, *detail.corrections, *said}, key=_place)


def _said(detail: JobDetail) -> dict[str, list[str]]:
    """What speaks against each field, by its name; older jobs do not tell which fields a sentence is about."""
    found: dict[str, list[str]] = {}
    for broken in detail.violations:
        for name in broken.get("fields") or ():
            found.setdefault(str(name), []).append(str(broken.get("message")))
    return found


def _field(detail: JobDetail, name: str) -> dict[str, Any]:
    """What was read, with ``now``: what counts after the corrections."""
    found = detail.fields.get(name)
    read = _placed(detail).get(name, {}) | {"value": found["value"] if found else None}
    correction = detail.corrections.get(name)
    now = read.get("value") if correction is None else correction.get("value")
    return {**read, "now": now, "corrected": correction is not None and now != read.get("value")}


def _pile(database: Engine, detail: JobDetail, store: PictureStore | None) -> dict[str, Any] | None:
    """How the file is divided that the job came in, where a person may change that or has: the documents, each with
    its pages as (number in the file, address of its picture or None), and the pages that are in none."""
    of_pile = detail.container is not None and "jobs" in detail.container
    if store is None or not (of_pile or any(broken.get("rule") == _SEVERAL for broken in detail.violations)):
        return None
    pile = stored_pile(database, detail.job_id)
    kept = pile.can_be_divided and store.find(pile.documents[0].job_id, FILE) is not None
    if not kept and not pile.divided:
        return None
    documents = [(document, _thumbnails(document, store)) for document in pile.documents]
    return {"stored": pile, "documents": documents, "left_out": [(page, None) for page in pile.left_out]}


def _thumbnails(document: PileDocument, store: PictureStore) -> list[tuple[int, str | None]]:
    pictured = {kept.page for kept in store.of_job(document.job_id)}
    return [
        (page, f"/jobs/{document.job_id}/pages/{number}" if number in pictured else None)
        for number, page in enumerate(document.pages, 1)
    ]


def _twins(database: Engine, detail: JobDetail) -> list[Any]:
    """Other readings of the same file."""
    if detail.sha256 is None:
        return []
    same = list_jobs(database, 10, 0, JobFilter(sha256=detail.sha256))
    return [other for other in same if other.id != detail.job_id]


def _place(name: str) -> tuple[int, str]:
    return (FIELD_ORDER.index(name) if name in FIELD_ORDER else len(FIELD_ORDER), name)
