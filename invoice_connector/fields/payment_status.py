"""Stamps and sentences that say a paper is paid, void or a refund: what it asks for is no debt, or none any more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from invoice_connector.fields.context import PageContext
from invoice_connector.fields.dates import find_dates
from invoice_connector.fields.geometry import Segment
from invoice_connector.invoice import Violation
from invoice_connector.locales import phrase_pattern
from ocr_ensemble.page_layout import same_row

PAID, VOID, REFUND = "ALREADY-PAID", "VOID", "REFUND"
_SAYS = {
    PAID: "it is paid or need not be paid",
    VOID: "it is void",
    REFUND: "the money goes to the customer",
}
_LISTS = {PAID: "paid", VOID: "void", REFUND: "refund"}
_FRAME = " *-–!.[]()"  # around a stamp
_LARGE = 1.6  # line heights from which a word alone is a stamp wherever it stands
_AMOUNT = re.compile(r"(?<![\d.,])\d{1,3}(?:[., ]?\d{3})*[.,]\d{2}(?![\d.,])")


def settled_conflicts(contexts: tuple[PageContext, ...], credit_note: bool = False) -> Iterator[Violation]:
    """One sentence per rule. A word such as "PAID" counts as a stamp: alone on its line or before a day, without an
    amount on the row, which would be what was paid of the total. A credit note may say that it is refunded."""
    for rule in _rules(credit_note):
        found = next((text for context in contexts for text in _told(context, rule)), None)
        if found is not None:
            yield _violation(rule, found)


def stamp_conflicts(
    stamps: Sequence[str], known: Iterable[Violation], credit_note: bool = False
) -> Iterator[Violation]:
    """The same of texts that stand apart from the page's lines, at an angle or drawn; each is a stamp if it says so.

    ``known``: what was found already.
    """
    rules = {violation.rule for violation in known}
    for rule in _rules(credit_note):
        found = next((text for text in stamps if _stamps(text, rule)), None)
        if found is not None and rule not in rules:
            yield _violation(rule, " ".join(found.split())[:80])


def _rules(credit_note: bool) -> tuple[str, ...]:
    return (PAID, VOID) if credit_note else (PAID, VOID, REFUND)


def _stamps(text: str, rule: str) -> bool:
    bare = text.strip(_FRAME)
    stamp = _pattern(rule, "stamp").match(bare)
    rest = find_dates(bare[stamp.end() :]) if stamp else []
    alone = stamp and (bool(rest) or not any(map(str.isalnum, bare[stamp.end() :])))
    return bool(alone or _states(text, rule))


def _states(text: str, rule: str) -> bool:
    """Whether a sentence says so; of refunds, terms speak with conditions: "If you cancel, the deposit is refunded"."""
    found = _pattern(rule, "sentence").search(text)
    if found is None or rule != REFUND:
        return found is not None
    start = max(text.rfind(mark, 0, found.start()) for mark in ".;!") + 1
    return not phrase_pattern("conditions").search(text[start:].split(". ", maxsplit=1)[0])


def _pattern(rule: str, form: str) -> re.Pattern[str]:
    return phrase_pattern(f"{_LISTS[rule]}_{form}")


def _violation(rule: str, found: str) -> Violation:
    message = (
        f"The page says {found!r}: {_SAYS[rule]}, so it must not be booked as a debt unseen; check whether anything is "
        "owed."
    )
    return Violation(rule, message, ("amount_due",))


def _told(context: PageContext, rule: str) -> Iterator[str]:
    for segment in context.segments:
        said = _states(segment.text, rule)
        stamp = _pattern(rule, "stamp").match(segment.text.strip(_FRAME))
        if said or (stamp and _is_stamp(context, segment, stamp.end())):
            yield " ".join(segment.text.split())[:80]


def _is_stamp(context: PageContext, segment: Segment, end: int) -> bool:
    rest = segment.text.strip(_FRAME)[end:]
    if segment.height >= _LARGE * context.line_height and not any(map(str.isalnum, rest)):
        return True  # reaches over several rows, which say nothing of it
    row = [each for each in context.segments if same_row(each.box, segment.box)]
    heads = sum(each is not segment and bool(context.labels_of(each)) for each in row) > 1  # of a table's columns
    if heads or any(_AMOUNT.search(each.text) for each in row):
        return False
    day = any(find_dates(each.text) for each in row)
    return not any(character.isalnum() for character in rest) or (":" not in rest[:2] and day)
