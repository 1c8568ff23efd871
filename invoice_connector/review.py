"""Corrections as people write them, checked before they are stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Engine

from db import inputs
from db.queries import get_job
from db.records import AuditPosition, Review, ReviewStatus, StoredJob
from db.reviews import ReviewRequest, add_review
from invoice_connector.fields.identifier_rules import iban_problem
from invoice_connector.fields.identifiers import iban_valid
from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS, STATED_NAMES, Violation, plain

VALUE_CHARACTERS = 1000
"""Of one corrected value; the longest are addresses and terms of payment."""


class CorrectionError(ValueError):
    """A correction that no field can have."""


def corrections(assignments: Iterable[str]) -> dict[str, str | None]:
    """``NAME=VALUE`` texts as values of the contract; an empty value means that the document has no such field.

    Raises CorrectionError.
    """
    values: dict[str, str | None] = {}
    for assignment in assignments:
        name, sign, value = assignment.partition("=")
        if not sign:
            raise CorrectionError(f"{assignment!r} is no correction; write NAME=VALUE, such as total_with_vat=1250.00")
        values[name.strip()] = corrected(name.strip(), value.strip())
    return values


def corrected(name: str, value: str) -> str | None:
    """One value as the contract writes it, None for an empty one. Raises CorrectionError."""
    if name not in STATED_NAMES:
        raise CorrectionError(f"{inputs.shown(name)} is no field; the fields are {', '.join(sorted(STATED_NAMES))}")
    if not value:
        return None
    try:
        if name in AMOUNT_FIELDS:
            return plain(inputs.amount(value, name))
        if name in DATE_FIELDS:
            return plain(inputs.day(value, name))
        if name == "currency_code":
            return inputs.currency(value, name)
        if name == "payment_account_identifier":
            return _account(inputs.text(value, name))
        return inputs.text(value, name, VALUE_CHARACTERS, lines=True)
    except inputs.InputError as error:
        raise CorrectionError(str(error)) from error


def _account(value: str) -> str:
    """An account as the contract writes it; what begins like an IBAN is one whose length and check digits hold."""
    bare = "".join(value.split())
    begun = re.match(r"[A-Za-z]{2}\d{2}[A-Za-z0-9]", bare)
    if begun is None:
        return value
    iban = bare.upper()
    problem = iban_problem(iban)
    if problem is None and not iban_valid(iban):
        problem = "has check digits that do not fit its other characters"
    if problem is not None:
        raise CorrectionError(f"the IBAN {inputs.shown(value)} {problem}; compare it with the page")
    return iban


class UnconfirmedError(CorrectionError):
    """An approval of values that break rules, without the word that they are right all the same."""


def store_review(database: Engine, request: ReviewRequest, confirmed: bool = False) -> tuple[Review, AuditPosition]:
    """Stores a review, so that later documents are compared with the corrected values.

    ``confirmed``: the values are right although rules do not hold; the note says why, and the rules are added to it.
    A field that was pointed at without a value gets what its place says. Raises UnconfirmedError where the word is
    missing, CorrectionError for a place that is on no page or says nothing, else like ``add_review``.
    """
    from invoice_connector.known import Compared
    from invoice_connector.review_rules import broken_rules
    from invoice_connector.suppliers.teaching import lesson_of

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
    from invoice_connector.pointing import placed, printed_value

    places = {name: placed(job, place.page, place.box) for name, place in request.places.items()}
    said = {name: printed_value(job, name, places[name]).value for name in places.keys() - request.values.keys()}
    if absent := sorted(name for name in places if name in request.values and request.values[name] is None):
        raise CorrectionError(f"{absent[0]} has a place but no value; give the value, or leave out the place")
    return replace(request, values={**request.values, **said}, places=places)


def _unconfirmed(broken: Sequence[Violation], confirmed: bool) -> str:
    what = " ".join(violation.message for violation in broken)
    todo = "say why in the note" if confirmed else "confirm them and say why in the note"
    return f"{what} Correct the values; if the document does say so, {todo}."
