"""Stamps and sentences that say a paper is paid or void: what it asks for is no debt any more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from invoice_connector.fields.context import PageContext
from invoice_connector.fields.dates import find_dates
from invoice_connector.fields.geometry import Segment
from invoice_connector.invoice import Violation
from invoice_connector.locales import phrase_pattern
from ocr_ensemble.page_layout import same_row

PAID, VOID = "ALREADY-PAID", "VOID"
_SAYS = {PAID: "it is paid or need not be paid", VOID: "it is void"}
_LISTS = {PAID: "paid", VOID: "void"}
_LARGE = 1.6  # line heights from which a word alone is a stamp wherever it stands
_AMOUNT = re.compile(r"(?<![\d.,])\d{1,3}(?:[., ]?\d{3})*[.,]\d{2}(?![\d.,])")


def settled_conflicts(contexts: tuple[PageContext, ...]) -> Iterator[Violation]:
    """One sentence per rule. A word such as "PAID" counts as a stamp: alone on its line or before a day, without an
    amount on the row, which would be what was paid of the total."""
    for rule in (PAID, VOID):
        found = next((text for context in contexts for text in _told(context, rule)), None)
        if found is not None:
            message = (
                f"The page says {found!r}: {_SAYS[rule]}, so it must not be booked as a debt unseen; check whether "
                "anything is owed."
            )
            yield Violation(rule, message, ("amount_due",))


def _told(context: PageContext, rule: str) -> Iterator[str]:
    for segment in context.segments:
        said = phrase_pattern(f"{_LISTS[rule]}_sentence").search(segment.text)
        stamp = phrase_pattern(f"{_LISTS[rule]}_stamp").match(segment.text.strip(" *-–!.[]()"))
        if said or (stamp and _is_stamp(context, segment, stamp.end())):
            yield " ".join(segment.text.split())[:80]


def _is_stamp(context: PageContext, segment: Segment, end: int) -> bool:
    rest = segment.text.strip(" *-–!.[]()")[end:]
    if segment.height >= _LARGE * context.line_height and not any(map(str.isalnum, rest)):
        return True  # reaches over several rows, which say nothing of it
    row = [each for each in context.segments if same_row(each.box, segment.box)]
    heads = sum(each is not segment and bool(context.labels_of(each)) for each in row) > 1  # of a table's columns
    if heads or any(_AMOUNT.search(each.text) for each in row):
        return False
    day = any(find_dates(each.text) for each in row)
    return not any(character.isalnum() for character in rest) or (":" not in rest[:2] and day)
