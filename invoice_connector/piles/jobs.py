"""The outcome of a file whose pages were read, gone on as one outcome for each document that the file holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter

from db.ids import derived_job_id
from invoice_connector.fields.several import RULE
from invoice_connector.piles.dividing import (
    Part,
    Pile,
    loose_reasons,
    page_digest,
    part_container,
    part_document,
    part_reading,
    pile_of,
    told_pile,
)
from invoice_connector.pipeline.outcome import Outcome
from invoice_connector.pipeline.request import Request
from invoice_connector.pipeline.resources import Meter, Resources
from ocr_ensemble.document.isolation import Isolation


def documents_of(outcome: Outcome, risk: float, isolation: Isolation) -> tuple[Outcome, ...]:
    """One outcome for each document of the file, the first under the job id of the file, the others under ids that
    follow from it; the outcome itself, without a second look, where the file has one page.

    ``risk`` as in ``pile_of``, ``isolation`` as the file was decoded. The first document stands for the bytes of the
    file, so that a file that was read is known again; the others have digests of their own. The time of reading is
    shared out by pages; its processor time and memory are the first document's.
    """
    document, reading, told = outcome.document, outcome.reading, outcome.request.division
    if document is None or reading is None or (len(document.pages) < 2 and told is None):
        return (outcome,)
    started, meter = perf_counter(), Meter(isolation)
    pile = pile_of(document, reading, risk) if told is None else told_pile(reading, told)
    timings = {**outcome.timings_ms, "divide": (perf_counter() - started) * 1000}
    outcome = replace(outcome, timings_ms=timings, resources=outcome.resources.beside(meter.read("divide")))
    if not pile.parts:  # nothing but empty sheets
        return (outcome,)
    if told is None and len(pile.parts) == 1 and not pile.loose and pile.parts[0].is_in_order:
        return (_with_doubt(outcome, pile.parts[0]),)
    first = outcome.request.job_id
    ids = [first, *(derived_job_id(first, f"document {number}") for number in range(2, len(pile.parts) + 1))]
    return tuple(_part_outcome(outcome, pile, number, ids) for number in range(len(pile.parts)))


def may_be_divided_otherwise(outcome: Outcome) -> bool:
    """Whether it is the first document of a file that was divided, or one that may be several."""
    jobs = (outcome.request.container or {}).get("jobs")
    return jobs[0] == outcome.request.job_id if jobs else any(each.rule == RULE for each in outcome.violations)


def _with_doubt(outcome: Outcome, part: Part) -> Outcome:
    return replace(outcome, violations=(*outcome.violations, part.doubt)) if part.doubt else outcome


def _part_outcome(outcome: Outcome, pile: Pile, number: int, ids: list[str]) -> Outcome:
    document, reading, part = outcome.document, outcome.reading, pile.parts[number]
    assert document is not None and reading is not None and outcome.sha256 is not None
    stands_for_file = number == 0 and pile.told is None
    digest = outcome.sha256 if stands_for_file else page_digest(outcome.sha256, part.pages)
    request = _part_request(outcome.request, pile, number, outcome.sha256, ids)
    made = replace(
        outcome,
        request=request,
        document=part_document(document, part, request.source_name, digest),
        reading=part_reading(reading, part),
        sha256=digest,
        timings_ms=_shared(outcome.timings_ms, len(part.places) / len(document.pages)),
        resources=outcome.resources if number == 0 else Resources(),
    )
    return _with_doubt(made, part)


def _part_request(request: Request, pile: Pile, number: int, sha256: str, ids: list[str]) -> Request:
    part = pile.parts[number]
    container = part_container(pile, part, request.container, request.source_name, sha256)
    made = replace(
        request,
        job_id=ids[number],
        container={**container, "jobs": ids},
        not_read=(*request.not_read, *loose_reasons(pile, request.source_name)),
    )
    if len(pile.parts) == 1 and pile.told is None:
        return made
    made = replace(made, source_name=f"{request.source_name} ({part.name})")
    # What the sender expects is only known to be of a document that is alone.
    return made if len(pile.parts) == 1 else replace(made, invoice_number=None, expected_amount=None)


def _shared(timings: Mapping[str, float], share: float) -> dict[str, float]:
    return {name: milliseconds * share for name, milliseconds in timings.items()}
