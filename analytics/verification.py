"""What the verifier said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine, Select, select

from analytics.models.figures import Answers, Feedback, Overturned, VerifierModel, VerifierReport
from db import figures
from db.queries import JobFilter
from db.rollups import Scope
from db.tables import JOBS
from db.transactions import reading

NEWEST = 200
"""Among so many jobs words and overturned readings are looked for: no index knows which job has some."""
SHOWN = 20
_WORDS = (JOBS.c.id, JOBS.c.source_name, JOBS.c.started_at, JOBS.c.verified, JOBS.c.verifier_confidence,
          JOBS.c.verifier_feedback, JOBS.c.verdicts)  # fmt: skip


def report(engine: Engine, where: JobFilter, scope: Scope) -> VerifierReport:
    """Counts from the roll-ups, words and overturned readings from the newest jobs."""
    found = figures.verifier(engine, scope)
    with reading(engine) as connection:
        rows = [dict(row) for row in connection.execute(_newest(where)).mappings()]
    counts = {name: value for name, value in asdict(found).items() if name not in ("models", "answers")}
    models = sorted(found.models.items(), key=lambda item: (-item[1], item[0]))
    return VerifierReport(
        **counts,
        models=[VerifierModel(backend=backend or None, model=model or None, jobs=n) for (backend, model), n in models],
        answers=Answers(**{name: found.answers.get(name, 0) for name in Answers.model_fields}),
        overturned=[one for row in rows for one in _overturned(row)][:SHOWN],
        feedback=[_words(row) for row in rows if row["verifier_feedback"] is not None][:SHOWN],
    )


def _newest(where: JobFilter) -> Select[Any]:
    ordered = select(JOBS.c.id).where(*where.conditions()).order_by(JOBS.c.started_at.desc(), JOBS.c.id.desc())
    newest = ordered.limit(NEWEST).subquery()
    query = select(*_WORDS).join(newest, newest.c.id == JOBS.c.id).where(JOBS.c.verifier_used.is_(True))
    return query.order_by(JOBS.c.started_at.desc(), JOBS.c.id.desc())


def _words(row: Mapping[str, Any]) -> Feedback:
    return Feedback(
        **_place(row),
        verified=row["verified"],
        confidence=row["verifier_confidence"],
        feedback=row["verifier_feedback"],
    )


def _overturned(row: Mapping[str, Any]) -> Iterator[Overturned]:
    for verdict in row["verdicts"] or ():
        answer = preferred(verdict)
        if answer is not None:
            text, probability = answer
            subject, read = str(verdict.get("subject") or ""), str(verdict["options"][0][0])
            yield Overturned(**_place(row), subject=subject, read=read, preferred=text, probability=probability)


def preferred(verdict: Mapping[str, Any]) -> tuple[str | None, float] | None:
    """What the verifier put before the first reading, with its probability; the text is None where it saw none of
    them. None when the first reading stood, or the verdict does not say."""
    options = verdict.get("options")
    if not isinstance(options, list) or not all(isinstance(o, list) and len(o) == 2 for o in options):
        return None
    known = [(share, text) for text, share in options if isinstance(share, int | float)]
    if not known or not isinstance(options[0][1], int | float):
        return None
    best, text = max(known, key=lambda option: option[0])
    nothing = verdict.get("none")
    if isinstance(nothing, int | float) and nothing > best:
        return None, float(nothing)
    return (str(text), float(best)) if best > options[0][1] else None


def _place(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"job_id": row["id"], "source_name": row["source_name"] or "", "started_at": row["started_at"]}
