"""Reviews are stored: with what places say, what rules they break, and what they teach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Engine

from db.queries import get_job
from db.records import AuditPosition, Review, ReviewStatus, StoredJob
from db.reviews import ReviewRequest, add_review
from invoice_connector.invoice import Violation
from invoice_connector.review.corrections import CorrectionError
from invoice_connector.review.pointing import placed, printed_value
from invoice_connector.review.rules import broken_rules
from invoice_connector.rules.earlier_documents import Compared
from invoice_connector.suppliers.teaching import lesson_of


class UnconfirmedError(CorrectionError):
    """An approval of values that break rules, without the word that they are right all the same."""


def store_review(database: Engine, request: ReviewRequest, confirmed: bool = False) -> tuple[Review, AuditPosition]:
    """Stores a review, so that later documents are compared with the corrected values.

    ``confirmed``: the values are right although rules do not hold; the note says why, and the rules are added to it.
    A field that was pointed at without a value gets what its place says. Raises UnconfirmedError where the word is
    missing, CorrectionError for a place that is on no page or says nothing, else like ``add_review``.
    """
    job = get_job(database, request.job_id)
    request = _pointed(job, request)
    if request.status == ReviewStatus.APPROVED and (broken := broken_rules(job, request.values)):
        if not confirmed or not request.note:
            raise UnconfirmedError(_unconfirmed(broken, confirmed))
        names = ", ".join(dict.fromkeys(violation.rule for violation in broken))
        request = replace(request, note=f"{request.note} (confirmed although not kept: {names})")
    read = {name: str(found["value"]) for name, found in job.record.fields.items()}
    values: dict[str, str | None] = {**read, **job.corrections, **request.values}
    right = {name: value for name, value in values.items() if value is not None}
    return add_review(database, replace(request, keys=Compared("", right).keys(), teach=lesson_of))


def _pointed(job: StoredJob, request: ReviewRequest) -> ReviewRequest:
    """The request with what stands in the places that it names."""
    places = {name: placed(job, place.page, place.box) for name, place in request.places.items()}
    said = {name: printed_value(job, name, places[name]).value for name in places.keys() - request.values.keys()}
    if absent := sorted(name for name in places if name in request.values and request.values[name] is None):
        raise CorrectionError(f"{absent[0]} has a place but no value; give the value, or leave out the place")
    return replace(request, values={**request.values, **said}, places=places)


def _unconfirmed(broken: Sequence[Violation], confirmed: bool) -> str:
    what = " ".join(violation.message for violation in broken)
    todo = "say why in the note" if confirmed else "confirm them and say why in the note"
    return f"{what} Correct the values; if the document does say so, {todo}."
