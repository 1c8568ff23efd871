"""Signs: whether what the pages call a credit could be booked as a debt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

from invoice_connector.fields.context import PageContext
from invoice_connector.invoice import InvoiceField, Violation
from invoice_connector.locales import words
from ocr_ensemble.page_layout import same_row

RULE = "CREDIT-SIGN"
_CREDIT_NOTE = "381"  # UNTDID 1001
_TOTALS = ("total_without_vat", "total_with_vat", "amount_due")


def credit_conflicts(
    contexts: tuple[PageContext, ...], amounts: Mapping[str, InvoiceField], code: str | None
) -> Iterator[Violation]:
    """A negative total on what is no credit note, totals of both signs, and a balance in words of credit without one.

    ``code``: the document's type code (BT-3), None when unknown.
    """
    totals = {name: amounts[name] for name in _TOTALS if name in amounts and amounts[name].value}
    negative = [field for field in totals.values() if _amount(field) < 0]
    if negative and code != _CREDIT_NOTE:
        yield _violation(negative[0], "is negative, but the document does not call itself a credit note")
    elif negative and len(negative) < len(totals):
        yield _violation(negative[0], "is negative, but other totals are not")
    elif not negative and code != _CREDIT_NOTE:
        for field in totals.values():
            called = _called_credit(contexts, field)
            if called:
                yield _violation(field, f"is printed without a minus, but the page calls it {called!r}")
                return


def _violation(field: InvoiceField, why: str) -> Violation:
    message = (
        f"The {field.name.replace('_', ' ')} {field.text!r} {why}; a credit must not be booked as a debt, so check "
        "who owes whom and enter it."
    )
    return Violation(RULE, message, (field.name,))


def _amount(field: InvoiceField) -> Decimal:
    assert isinstance(field.value, Decimal)
    return field.value


def _called_credit(contexts: tuple[PageContext, ...], field: InvoiceField) -> str | None:
    """The words of credit on the row of a total; None without any."""
    for context in contexts:
        for segment in context.segments if context.page.number == field.page else ():
            found = _pattern().search(segment.text) if same_row(segment.box, field.box) else None
            if found:
                return found[0]
    return None


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    phrases = sorted(words("credit_balance"), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)", re.IGNORECASE)
