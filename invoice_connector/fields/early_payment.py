"""Amounts that only who pays early would pay, as in "2 % Skonto, then 3,023.96": none is a total or the amount due."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache

from invoice_connector.fields.candidates import Candidate
from invoice_connector.fields.rows import Row
from invoice_connector.fields.sentences import sentence_spans
from invoice_connector.invoice import CENT
from invoice_connector.locales import alternatives

_HIGHEST = Decimal(10)  # per cent of such a discount
_NEAR = 2.2  # line heights between the lines of one note


def early_amounts(rows: Sequence[Row]) -> frozenset[Candidate]:
    """The amounts of sentences that offer a discount for early payment, and those that such a discount leaves of an
    amount printed elsewhere."""
    notes = [row for row in rows if _offers(row)]
    told = {c for row in notes for c in _in_sentence(row)}
    rates = {rate for row in notes for rate in row.percents if 0 < rate <= _HIGHEST}
    near = [row for row in rows if any(_is_near(row, note) for note in notes)]
    amounts = {c.amount for row in rows for c in row.money if c not in told}
    told |= {c for row in near for c in row.money if _left_by(c.amount, rates, amounts)}
    return frozenset(told)


def _left_by(amount: Decimal, rates: set[Decimal], amounts: set[Decimal]) -> bool:
    """Whether a discount of one of the rates makes ``amount``, or leaves it, of another one printed."""
    return any(
        abs(whole * share / 100 - amount) <= CENT
        for whole in amounts
        for rate in rates
        for share in (rate, 100 - rate)
        if whole != amount
    )


def _offers(row: Row) -> bool:
    return any(_phrases().search(segment.text) for segment in row.segments)


def _in_sentence(row: Row) -> Iterator[Candidate]:
    """The amounts of each sentence that offers the discount; a row that names a total is one of the totals."""
    for segment in row.segments:
        for start, end in sentence_spans(segment.text):
            if _phrases().search(segment.text, start, end):
                yield from (c for c in row.amounts if c.segment is segment and start <= c.start < end)


def _is_near(row: Row, note: Row) -> bool:
    gap = abs(row.box.center[1] - note.box.center[1])
    return row.page == note.page and gap <= _NEAR * note.context.line_height


@cache
def _phrases() -> re.Pattern[str]:
    return re.compile(rf"\b{alternatives('early_payment')}", re.IGNORECASE)
