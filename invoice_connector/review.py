"""Corrections as people write them, checked before they are stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import Engine

from db.queries import get_job
from db.records import AuditPosition, Review
from db.reviews import ReviewRequest, add_review
from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS, FIELD_NAMES, plain


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
    if name not in FIELD_NAMES:
        raise CorrectionError(f"{name!r} is no field; the fields are {', '.join(sorted(FIELD_NAMES))}")
    if not value:
        return None
    if name in AMOUNT_FIELDS:
        return _amount(name, value)
    if name in DATE_FIELDS:
        return _day(name, value)
    return value


def _amount(name: str, value: str) -> str:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise CorrectionError(f"{name} is an amount with a decimal point, such as 1250.00; got {value!r}")
    return plain(amount)


def _day(name: str, value: str) -> str:
    try:
        return plain(date.fromisoformat(value))
    except ValueError:
        raise CorrectionError(f"{name} is a day such as 2026-11-30; got {value!r}") from None


def store_review(database: Engine, request: ReviewRequest) -> tuple[Review, AuditPosition]:
    """Stores a review, so that later documents are compared with the corrected values. Raises like ``add_review``."""
    from invoice_connector.known import Compared

    job = get_job(database, request.job_id)
    read = {name: str(found["value"]) for name, found in job.record.fields.items()}
    values: dict[str, str | None] = {**read, **job.corrections, **request.values}
    right = {name: value for name, value in values.items() if value is not None}
    return add_review(database, replace(request, keys=Compared("", right).keys()))
