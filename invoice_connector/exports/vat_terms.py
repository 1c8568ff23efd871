"""The VAT of a stored document by rate: as data state it, as a page prints it, or as its totals allow one rate only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from typing import Any

from db.records import JobRecord
from invoice_connector.exports.terms import AdjustmentTerms, VatTerms
from invoice_connector.invoice import CENT

MOST_ADJUSTMENTS = 4
"""Allowances and charges up to which all ways to tax them are tried."""


def stated_rates(stated: Sequence[Mapping[str, Any]]) -> list[VatTerms]:
    """Rates with their categories; those that are alike as one, since EN 16931 has each once."""
    found: dict[tuple[str, Decimal], VatTerms] = {}
    for entry in stated:
        rate, base, tax = (Decimal(entry[name] or 0) for name in ("rate", "taxable_amount", "tax_amount"))
        why = (entry.get("exemption_code", ""), entry.get("exemption_reason", ""))
        key = (entry["category"], rate)
        before = found.get(key, VatTerms(*key, Decimal(0), Decimal(0), why if any(why) else None))
        found[key] = replace(before, taxable_amount=before.taxable_amount + base, tax_amount=before.tax_amount + tax)
    return list(found.values())


def stated_adjustment(entry: Mapping[str, Any]) -> AdjustmentTerms:
    """An adjustment of a job whose data say its category; amounts are decimal strings."""
    rate = Decimal(entry.get("vat_rate") or 0)
    return AdjustmentTerms(entry["reason"], Decimal(entry["amount"]), entry["charge"], entry["vat_category"], rate)


def rate_of(rate: Decimal | None, category: str | None, breakdown: Sequence[VatTerms]) -> VatTerms | None:
    """The entry of the breakdown that a line belongs to; the only one for a line that names no rate."""
    if rate is None and category is None:
        return breakdown[0] if len(breakdown) == 1 else None
    fitting = [entry for entry in breakdown if category in (None, entry.category) and entry.rate == (rate or 0)]
    return fitting[-1] if fitting else None


def with_bases(
    record: JobRecord, printed: Sequence[tuple[Decimal, Decimal | None, Decimal]], net: Decimal
) -> list[tuple[Decimal, Decimal, Decimal]]:
    """The printed rates (rate in per cent, base, tax) with their bases. A base that is not printed is what the lines of
    its rate add up to, with charges and allowances where that makes the printed taxes and the total hold in one way
    only; else nothing."""
    known = [(rate, base, tax) for rate, base, tax in printed if base is not None]
    if len(known) == len(printed):
        return known
    if len(printed) == 1:
        return [(printed[0][0], net, printed[0][2])]
    sums = {rate: Decimal(0) for rate, _, _ in printed}
    for line in record.invoice_lines:
        rate = decimal_of(line.get("vat_rate"))
        if rate not in sums or line.get("net_amount") is None:
            return []
        sums[rate] += Decimal(line["net_amount"])
    signed = [Decimal(a["amount"]) * (1 if a["charge"] else -1) for a in record.adjustments]
    ways = list[list[tuple[Decimal, Decimal, Decimal]]]()
    for rates in product(sums, repeat=len(signed)) if len(signed) <= MOST_ADJUSTMENTS else ():
        bases = dict(sums)
        for rate, amount in zip(rates, signed, strict=True):
            bases[rate] += amount
        fits = all(abs(bases[rate] * rate / 100 - tax) <= CENT for rate, _, tax in printed)
        if fits and sum(bases.values()) == net:
            ways.append([(rate, bases[rate], tax) for rate, _, tax in printed])
    return ways[0] if len(ways) == 1 else []


def single_rate(net: Decimal, vat: Decimal) -> Decimal | None:
    """The rate, in steps of half a per cent, that gives exactly this VAT; None when there is none."""
    if net == 0:
        return None
    rate = (vat / net * 200).quantize(Decimal(1), ROUND_HALF_UP) / 2
    exact = (net * rate / 100).quantize(CENT, ROUND_HALF_UP) == vat
    return rate.normalize() if exact and 0 <= rate <= 30 else None


def with_sign(entry: VatTerms, sign: int) -> VatTerms:
    """The amounts times ``sign``, 1 or -1."""
    return VatTerms(entry.category, entry.rate, entry.taxable_amount * sign, entry.tax_amount * sign, entry.reason)


def decimal_of(value: str | None) -> Decimal | None:
    """A stored amount, a decimal string with a point."""
    return None if value is None else Decimal(value)
