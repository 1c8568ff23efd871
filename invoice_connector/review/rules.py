"""Rules that the values of a reviewed document break: a person may overrule them, but knowingly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from db.records import StoredJob
from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS, FieldValue, Invoice, InvoiceField, Violation
from invoice_connector.rules.consistency import check
from invoice_connector.rules.decision import WANTED, implausible_date
from ocr_ensemble.layout import BoundingBox

_NOWHERE = BoundingBox(0, 0, 1, 1)

Values = Mapping[str, str | None]


def broken_rules(job: StoredJob, values: Values) -> tuple[Violation, ...]:
    """The rules that a job's fields break with ``values`` in their place, as the contract writes them.

    What was read may break a rule here that it kept on the page, whose other sums (a tip, an earlier balance) are not
    stored: such a rule is not asked again.
    """
    read = {name: str(field["value"]) for name, field in job.record.fields.items() if field.get("value") is not None}
    today = job.record.started_at.date()
    known = {str(broken.get("rule")) for broken in job.record.violations}
    kept = {violation.rule for violation in _broken(read, today)} - known
    right = {name: value for name, value in {**read, **job.corrections, **values}.items() if value is not None}
    return tuple(violation for violation in _broken(right, today) if violation.rule not in kept)


def _broken(values: Mapping[str, str], today: date) -> tuple[Violation, ...]:
    invoice = Invoice(fields={field.name: field for field in _fields(values)})
    return (*check(invoice), *implausible_date(invoice, today, WANTED))


def _fields(values: Mapping[str, str]) -> Iterator[InvoiceField]:
    for name, text in values.items():
        try:
            yield InvoiceField(name, _typed(name, text), text, None, 1, _NOWHERE)
        except (ValueError, InvalidOperation):  # a field of another version
            continue


def _typed(name: str, text: str) -> FieldValue:
    if name in AMOUNT_FIELDS:
        return Decimal(text)
    return date.fromisoformat(text) if name in DATE_FIELDS else text
