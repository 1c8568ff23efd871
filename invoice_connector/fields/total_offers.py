"""Totals that rows propose where labels do not: taxes beside each other, three amounts that add up one below the other,
and this invoice's own total where the amount due holds an earlier balance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from invoice_connector.evidence.vat_rates import rates_by_country
from invoice_connector.fields.candidates import Candidate
from invoice_connector.fields.rows import Row
from invoice_connector.fields.side_by_side import joined, joined_taxes
from invoice_connector.fields.total_scores import Option
from invoice_connector.invoice import CENT

_JOINED = 2.0  # two taxes whose names say that they stand beside each other
_STACKED, _STACKED_WITH_RATE = 0.0, 1.5  # net, VAT and total below each other, whatever labels are left of them
_WITHOUT_BALANCE = 3.0  # the amount that an earlier balance leads on from to the amount due
_WITH_BALANCE = 6.0  # what speaks against the amount due as this invoice's total then
_NEXT_ROW = 3.5  # line heights
_LABELLED = frozenset({"_charge", "_allowance", "_untaxed", "_tender", "_balance", "_withheld", "paid_amount"})

Options = dict[str, list[Option]]


@dataclass(frozen=True, slots=True)
class Balances:
    """Earlier balances named on the pages, as the amounts that may be added to the amount due: each balance, and less
    each payment that was received for it. ``payments``: those received."""

    carried: frozenset[Decimal] = frozenset()
    payments: frozenset[Decimal] = frozenset()

    @classmethod
    def of(cls, balances: Sequence[Decimal], payments: Sequence[Decimal]) -> Balances:
        paid = {abs(amount) for amount in payments} if balances else set()
        carried = {balance - payment for balance in balances for payment in (*paid, Decimal(0))}
        return cls(frozenset(carried - {Decimal(0)}), frozenset(paid))


def offer_joined(options: Options, rows: Sequence[Row]) -> None:
    """Adds the sums of taxes beside each other that lead from a net total to one with VAT; then none of them alone is
    the VAT."""
    wholes, nets = (
        [o.amount for o in options[term] if o.amount is not None] for term in ("total_with_vat", "total_without_vat")
    )
    gaps = {whole - net for whole, net in product(wholes, nets)}
    for taxes in joined_taxes(rows):
        whole = joined(taxes)
        if whole.amount in gaps:
            parts = {tax.amount.amount for tax in taxes} | {whole.amount}
            others = [option for option in options["total_vat"] if option.amount not in parts]
            options["total_vat"] = [Option(whole, _JOINED, taxes[0].amount), *others]
            return


def offer_stacked(options: Options, rows: Sequence[Row]) -> None:
    """Adds net, VAT and total that stand below each other and add up at a rate, where no label tells them."""
    for three, score in _stacks(rows):
        for term, candidate in zip(("total_without_vat", "total_vat", "total_with_vat"), three, strict=True):
            known = [option for option in options[term] if option.amount == candidate.amount]
            if all(option.score < score for option in known):
                others = [option for option in options[term] if option.amount != candidate.amount]
                options[term] = [Option(candidate, score), *others]


def offer_without_balance(
    options: Options, amounts: Sequence[Candidate], payable: frozenset[Decimal], balances: Balances
) -> None:
    """Adds this invoice's own total where the amount due is that and an earlier balance."""
    printed = {c.amount: c for c in amounts if c.has_mark}
    for due, balance in product(payable, balances.carried):
        own = printed.get(due - balance)
        if own is None or own.amount in (0, due):
            continue
        options["total_with_vat"] = [
            Option(o.candidate, o.score - _WITH_BALANCE, o.voted, o.odds) if o.amount == due else o
            for o in options["total_with_vat"]
            if o.amount != own.amount
        ]
        options["total_with_vat"].insert(0, Option(own, _WITHOUT_BALANCE))
        options["paid_amount"] = [o for o in options["paid_amount"] if o.amount not in balances.payments]


def _stacks(rows: Sequence[Row]) -> Iterator[tuple[tuple[Candidate, Candidate, Candidate], float]]:
    paying = [row for row in rows if row.money]
    for first, second, third in zip(paying, paying[1:], paying[2:], strict=False):
        net, vat, whole = (row.money[-1] for row in (first, second, third))
        if not _below(first, second) or not _below(second, third) or second.terms & _LABELLED:
            continue
        if net.amount + vat.amount != whole.amount or vat.amount * net.amount <= 0 or not _aligned(net, vat, whole):
            continue
        bare = {Decimal(number.replace(",", ".")) for s in second.segments for number in _NUMBER.findall(s.text)}
        if _at_rate(net.amount, vat.amount, {*second.percents, *bare}):
            yield (net, vat, whole), _STACKED_WITH_RATE
        elif not second.terms and _at_rate(net.amount, vat.amount, _main_rates()):
            yield (net, vat, whole), _STACKED


_NUMBER = re.compile(r"(?<![\d.,])\d{1,2}(?:[.,]\d{1,3})?(?![\d.,])")


def _at_rate(net: Decimal, vat: Decimal, rates: set[Decimal]) -> bool:
    return any(rate > 0 and abs(net * rate / 100 - vat) <= CENT for rate in rates)


def _main_rates() -> set[Decimal]:
    """The highest rate of today of every country."""
    return {max(rates.periods) for rates in rates_by_country().values() if rates.periods}


def _below(upper: Row, lower: Row) -> bool:
    gap = lower.box.center[1] - upper.box.center[1]
    return upper.page == lower.page and 0 < gap <= _NEXT_ROW * upper.context.line_height


def _aligned(*amounts: Candidate) -> bool:
    rights = [c.box.right for c in amounts]
    return max(rights) - min(rights) <= 1.5 * amounts[0].box.height
