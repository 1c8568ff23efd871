"""How likely an assignment of the totals is: what each term brings by itself, and whether the sums come out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from invoice_connector.evidence.vat_rates import highest_rate
from invoice_connector.fields.candidates import Candidate
from invoice_connector.invoice import CENT

# Of sums: found by a coordinate search over 461 documents, as is what a total inherits in totals.py.
_SUM_HOLDS, _SUM_FAILS = 5.0, -2.5
_RATE_PRINTED = 1.2
_BEFORE_ADJUSTMENT = 6.0  # what speaks against a net amount that charges and discounts lead on from
_ROUNDED = 3.5
_VAT_OF_NOTHING = 3.0
_DUE_HOLDS, _DUE_FAILS = 2.0, -2.5


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """A value for one term; candidate None says that the term is not printed. Where the candidate is what came second
    in the vote, ``voted`` is what won there, and ``odds``, at most 0, is the part of the score that it lost by."""

    candidate: Candidate | None
    score: float
    voted: Candidate | None = None
    odds: float = 0.0

    @property
    def amount(self) -> Decimal | None:
        return None if self.candidate is None else self.candidate.amount


@dataclass(frozen=True, slots=True)
class Printed:
    """What the pages print: rates in per cent, amounts, whether they are a receipt's, what was paid on the spot, and
    what is labelled as rounding; ``lines_alone`` has the pairs of a total and a sum that is not yet the net total;
    ``beside``: what is withheld, and the balance brought forward, which no invoice's own total explains; ``untaxed``:
    what is added to the total without VAT on it, such as a tip; ``taxes``: the sum of the VAT amounts of several rates,
    None where fewer than two are named; ``shares``: base and tax of each of several rates that together make up a
    labelled total."""

    rates: frozenset[Decimal]
    amounts: frozenset[Decimal]
    receipt: bool
    settled: frozenset[Decimal]
    roundings: frozenset[Decimal]
    lines_alone: frozenset[tuple[Decimal, Decimal]]
    beside: frozenset[Decimal]
    untaxed: frozenset[Decimal] = frozenset()
    taxes: Decimal | None = None
    shares: frozenset[tuple[Decimal, Decimal]] = frozenset()

    def is_rounded(self, whole: Decimal, rounding: Decimal) -> bool:
        """Whether a total is the one after rounding, since the one before is not printed."""
        others = {whole - rounding, whole + rounding}
        return rounding in self.roundings and not others & self.amounts


def sum_score(whole: Option, net: Option, vat: Option, page: Printed) -> float:
    """Log-odds of the upper totals together; minus infinity for what cannot be."""
    score = net.score + vat.score
    same_print = net.candidate is not None and net.candidate is vat.candidate
    if same_print or _is_too_much(whole.amount, net.amount, vat.amount):
        return -math.inf
    if vat.amount is not None and any(other.amount and other.amount * vat.amount < 0 for other in (whole, net)):
        return -math.inf
    if (whole.amount, net.amount) in page.lines_alone:
        score -= _BEFORE_ADJUSTMENT
    if whole.amount is None or net.amount is None or vat.amount is None:
        if whole.amount is not None and net.amount is not None and page.taxes is not None:
            score += _SUM_HOLDS if abs(net.amount + page.taxes - whole.amount) <= 2 * CENT else 0.0
        if whole.amount is None and net.amount is None and vat.amount is not None:
            score -= _VAT_OF_NOTHING
        if whole.amount is not None and net.amount is not None and abs(net.amount) > abs(whole.amount):
            score -= 2.0
        if whole.amount is not None and vat.amount is not None and abs(vat.amount) >= abs(whole.amount):
            score -= 2.0
        return score
    return score + _sum_evidence(whole.amount, net.amount, vat.amount, page)


def _sum_evidence(whole: Decimal, net: Decimal, vat: Decimal, page: Printed) -> float:
    if (net, vat) in page.shares or vat in page.roundings:
        return _SUM_FAILS
    before = [
        whole,
        *(whole - r for r in page.roundings if page.is_rounded(whole, r)),
        *(whole - u for u in page.untaxed if whole - u not in page.amounts),
    ]
    tolerance = 5 * CENT if page.receipt else 2 * CENT
    if all(abs(net + vat - amount) > tolerance for amount in before):
        taxed = {net * rate / 100 for rate in page.rates}
        return 0.0 if any(abs(vat - tax) <= CENT for tax in taxed) and vat else _SUM_FAILS
    if vat == 0 or net == 0:
        return 1.0
    rate = abs(vat / net * 100)
    printed = any(abs(rate - known) <= Decimal("0.15") for known in page.rates)
    return _SUM_HOLDS + (_RATE_PRINTED if printed else 0.0)


def _is_too_much(whole: Decimal | None, net: Decimal | None, vat: Decimal | None) -> bool:
    """Whether the VAT is a larger share of what it is on than any country has ever taken."""
    if vat is None or (net is None and whole is None):
        return False
    base = abs(net) if net is not None else abs(whole or Decimal(0)) - abs(vat)
    return abs(vat) > base * highest_rate() / 100 + CENT


def rounding_score(whole: Option, page: Printed) -> float:
    """Log-odds of a total by itself where the amounts before and after a labelled rounding are both printed.

    A receipt's total is the rounded one, an invoice's is not (EN 16931's BT-112 and BT-114).
    """
    if whole.amount is None:
        return 0.0
    after = sum(whole.amount - rounding in page.amounts for rounding in page.roundings)
    before = sum(whole.amount + rounding in page.amounts for rounding in page.roundings)
    return (_ROUNDED if page.receipt else -_ROUNDED) * (after - before)


def due_score(whole: Option, due: Option, paid: Option, rounding: Option, page: Printed) -> float:
    """Log-odds of the lower totals together, given the total."""
    score = due.score + paid.score + rounding.score
    if due.voted is not None and (due.voted, due.amount) == (whole.voted, whole.amount):
        score -= due.odds  # the same print, and one doubt
    if due.amount is None:
        return score - (2.0 if paid.amount else 0.0)
    if whole.amount is None:
        return score - 1.0
    expected = whole.amount - abs(paid.amount or Decimal(0))
    payable = {expected + (rounding.amount or Decimal(0))}
    if page.receipt or page.is_rounded(whole.amount, rounding.amount or Decimal(0)):
        payable.add(expected)
    if any(abs(due.amount - amount) <= CENT for amount in payable):
        return score + _DUE_HOLDS
    gaps = {abs(due.amount - amount) for amount in (*payable, expected)}
    if any(abs(gap - other) <= CENT for gap in gaps for other in page.beside):
        return score + _DUE_HOLDS
    return score + _DUE_FAILS
