"""Signs: whether what the pages call a credit could be booked as a debt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice

from invoice_connector.fields.rows import Row
from invoice_connector.invoice import InvoiceField, Violation
from invoice_connector.locales import phrase_pattern
from ocr_ensemble.page_layout import same_row

RULE = "CREDIT-SIGN"
_CREDIT = "credit_balance"  # the list of words
_CREDIT_NOTE = "381"  # UNTDID 1001
_MOSTLY = 0.5  # of a row's letters, the share that a balance's words make
_TOTALS = ("total_without_vat", "total_with_vat", "amount_due")


def credit_conflicts(
    rows: Sequence[Row], amounts: Mapping[str, InvoiceField], code: str | None, receipt: bool
) -> Iterator[Violation]:
    """A negative total on what is no credit note, totals of both signs, and a balance in words of credit without one:
    on the row of a total, or among the totals beside another amount that is to be paid.

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
            called = _called_credit(rows, field)
            if called:
                yield _violation(field, f"is printed without a minus, but the page calls it {called!r}")
                return
        if not receipt:  # which gives change, and may print the balance of a card
            yield from islice(_in_favour(rows, totals, abs(_value(amounts, "paid_amount"))), 1)


def _violation(field: InvoiceField, why: str) -> Violation:
    message = (
        f"The {field.name.replace('_', ' ')} {field.text!r} {why}; a credit must not be booked as a debt, so check "
        "who owes whom and enter it."
    )
    return Violation(RULE, message, (field.name,))


def _amount(field: InvoiceField) -> Decimal:
    assert isinstance(field.value, Decimal)
    return field.value


def _in_favour(rows: Sequence[Row], totals: Mapping[str, InvoiceField], paid: Decimal) -> Iterator[Violation]:
    """Rows from the first total down that leave the customer a balance, where another amount is to be paid, or the
    whole of it comes back."""
    whole = totals.get("total_with_vat", totals.get("amount_due"))
    if whole is None:
        return
    due = totals.get("amount_due", whole)
    below = [row for row in rows if (row.page, row.box.bottom) >= (whole.page, whole.box.top) and len(row.money) == 1]
    for before, row in zip((None, *below), below, strict=False):
        balance = abs(row.money[0].amount)
        called = _named_credit(row)
        applied = {_amount(whole) - balance, _amount(whole) - paid - balance}
        if called and balance and (_amount(due) not in applied | {balance} or _amount(whole) == balance):
            yield _violation(due, f"is read as to be paid, but the page has {row.money[0].text} as {called!r}")
        elif before is not None and _overpays(before, _amount(whole), balance) and _amount(due) == _amount(whole):
            yield _violation(
                due,
                f"is read as to be paid, but {before.money[0].text} stands under it, which leaves the customer "
                f"{row.money[0].text}",
            )


def _overpays(row: Row, whole: Decimal, balance: Decimal) -> bool:
    """Whether the row says that more than the total was paid, by this balance; what is tendered gives change."""
    paid = row.money[0].amount
    said = "_tender" not in row.terms and ("paid_amount" in row.terms or paid < 0)
    return said and balance > 0 and whole > 0 and abs(paid) == whole + balance


def _named_credit(row: Row) -> str | None:
    """The words of credit that are most of what the row says; None without any."""
    text = " ".join(segment.text for segment in row.segments)
    found = phrase_pattern(_CREDIT).search(text)
    letters = sum(char.isalpha() for char in text)
    return found[0] if found and sum(char.isalpha() for char in found[0]) >= _MOSTLY * letters else None


def _called_credit(rows: Sequence[Row], field: InvoiceField) -> str | None:
    """The words of credit on the row of a total; None without any."""
    for row in rows:
        for segment in row.segments if row.page == field.page else ():
            found = phrase_pattern(_CREDIT).search(segment.text) if same_row(segment.box, field.box) else None
            if found:
                return found[0]
    return None


def _value(amounts: Mapping[str, InvoiceField], name: str) -> Decimal:
    return _amount(amounts[name]) if name in amounts else Decimal(0)
