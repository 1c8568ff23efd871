"""Amounts that a sentence says were received, paid, deposited, deducted or retained, and that no sum of the paper has:
they contradict what is to be paid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from invoice_connector.evidence.folding import unaccented
from invoice_connector.fields.amounts import find_percents
from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.early_payment import early_amounts
from invoice_connector.fields.features import Scene
from invoice_connector.fields.rows import Row
from invoice_connector.fields.sentences import Sentence, sentences_of
from invoice_connector.fields.statements import languages_of, shortened
from invoice_connector.fields.totals import earlier_balances, named_amounts
from invoice_connector.invoice import CENT, Invoice, Violation
from invoice_connector.locales import phrase_pattern, sentence_pattern

RULE = "AMOUNT-IN-SENTENCE"
_PAGES = 2  # that are looked at besides the last
_CLAUSE = re.compile(r"[,:;–](?=\s)")
_NUMBERED = re.compile(r"\d{5,}|[^\d\s]\d|\d[/-]")  # a print that rather numbers something
_EXPLAINED = ("paid_amount", "rounding_amount", "total_vat")


def contradicting_amounts(
    scene: Scene, rows: Sequence[Row], values: Mapping[str, Decimal], rest: Invoice
) -> Iterator[Violation]:
    """AMOUNT-IN-SENTENCE: a running sentence settles an amount, or a share in per cent, that is part of no sum.

    ``values``: the chosen totals. Nothing is said of a receipt, whose money is handed over, nor where nothing is due.
    """
    due = values.get("amount_due", values.get("total_with_vat"))
    if not due or rest.is_receipt:
        return
    known = settled_amounts(scene, values, rest)
    early = early_amounts(rows)
    amounts = [c for c in scene.of_kind(Kind.AMOUNT) if c not in early and not _is_of_lines(c, rest)]
    for sentence in _settling(scene):
        own = [c for c in amounts if sentence.has(c) and _is_money(c, due)]
        open_ones = [c.text for c in own if abs(c.amount) not in known]
        shares = [] if own else _shares(sentence, values, known)
        if open_ones or shares:
            what = (open_ones or shares)[0]
            yield Violation(
                RULE,
                f"The page says {shortened(sentence.text)!r}, but {what} is part of none of its sums, so less than "
                f"{due} may be owed; find out what is to be paid and enter it.",
                ("amount_due",),
            )
            return


def settled_amounts(scene: Scene, values: Mapping[str, Decimal], rest: Invoice) -> frozenset[Decimal]:
    """What the sums have already, without sign."""
    named = named_amounts(scene, "_balance") | earlier_balances(scene).payments
    own = [values[name] for name in _EXPLAINED if name in values]
    beside = [*rest.printed_sums.values(), *(each.amount for each in rest.adjustments)]
    return frozenset(abs(amount) for amount in (*own, *beside, *named)) | {Decimal(0)}


def _is_of_lines(candidate: Candidate, rest: Invoice) -> bool:
    """Whether an amount stands between the first and the last invoice line of its page."""
    heights = [line.box for line in rest.lines if line.page == candidate.page]
    middle = candidate.box.center[1]
    return bool(heights) and min(b.top for b in heights) <= middle <= max(b.bottom for b in heights)


def _settling(scene: Scene) -> Iterator[Sentence]:
    for context in dict.fromkeys((*scene.contexts[:_PAGES], scene.contexts[-1])):
        for sentence in sentences_of(context):
            if any(map(str.isdigit, sentence.text)) and _settles(unaccented(sentence.text), context.language):
                yield sentence


def _settles(text: str, page_language: str | None) -> bool:
    """Whether a clause of a folded sentence without a condition says that money has come or is kept back.

    The words are short, and mean other things in other languages than that of the page.
    """
    return any(
        not sentence_pattern("in_case", language).search(text)
        and any(_is_done(clause, language) for clause in _clauses(text))
        for language in _languages(text)
        if page_language in (None, language)
    )


def _languages(text: str) -> Iterator[str]:
    for name in ("settled", "retained"):
        yield from languages_of(text, name)


def _is_done(clause: str, language: str) -> bool:
    said = any(sentence_pattern(name, language).search(clause) for name in ("settled", "retained"))
    return said and not sentence_pattern("pending", language).search(clause)


def _clauses(text: str) -> Iterator[str]:
    ends = [0, *(match.end() for match in _CLAUSE.finditer(text)), len(text)]
    yield from (text[start:end] for start, end in pairwise(ends))


def _is_money(candidate: Candidate, due: Decimal) -> bool:
    """Whether a print is an amount rather than a number of something, a year or days to pay."""
    if candidate.has_mark or candidate.currency is not None:
        return candidate.amount != 0
    text, start, end = candidate.segment.text, candidate.start, candidate.end
    around, behind = text[max(0, start - 1) : end + 1], text[end:].lstrip()
    counts = _NUMBERED.search(around) or behind.startswith(":") or phrase_pattern("days").match(behind)
    return 0 < candidate.amount < abs(due) and not counts


def _shares(sentence: Sentence, values: Mapping[str, Decimal], known: Iterable[Decimal]) -> list[str]:
    """The shares in per cent that are kept back and whose amount no sum has."""
    if not any(languages_of(unaccented(sentence.text), "retained")):
        return []
    totals = [values[name] for name in ("total_with_vat", "total_without_vat", "amount_due") if name in values]
    return [
        f"a share of {rate:f} %"
        for _, _, rate in find_percents(sentence.text)
        if not any(abs(abs(whole) * rate / 100 - amount) <= CENT for whole in totals for amount in known)
    ]
