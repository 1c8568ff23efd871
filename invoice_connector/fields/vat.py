"""The VAT breakdown: printed rows of rate, base and tax whose own arithmetic holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, permutations

from invoice_connector.fields.rows import Row
from invoice_connector.invoice import InvoiceField, VatBreakdown

CENT = Decimal("0.01")
_SLACK = Decimal("0.05")  # of a sum of rounded amounts
_HIGHEST_RATE = Decimal(30)
_MOST_RATES = 5


def vat_breakdown(rows: Sequence[Row], totals: Mapping[str, InvoiceField]) -> tuple[VatBreakdown, ...]:
    """The rows whose taxes add up to the document's VAT; all rows found when the document shows no such sum.

    A rate printed with its tax but without its base has ``taxable_amount`` None; for a lone rate the document's
    own net total is the base when it fits.
    """
    found = _unique(entry for row in rows for entry in (_with_base(row), _tax_only(row)) if entry is not None)
    vat = _printed_vat(totals)
    if vat is None:
        return tuple(entry for entry in found if entry.taxable_amount is not None)
    for size in range(1, min(len(found), _MOST_RATES) + 1):
        for chosen in combinations(found, size):
            if abs(sum((entry.tax_amount for entry in chosen), Decimal(0)) - vat) <= _SLACK:
                return _based(chosen, totals)
    return ()


def _printed_vat(totals: Mapping[str, InvoiceField]) -> Decimal | None:
    """What the whole VAT must be: total less net, or the printed VAT."""
    net, vat, whole = (totals.get(name) for name in ("total_without_vat", "total_vat", "total_with_vat"))
    if net and whole and isinstance(net.value, Decimal) and isinstance(whole.value, Decimal) and not vat:
        return whole.value - net.value
    return vat.value if vat and isinstance(vat.value, Decimal) else None


def _with_base(row: Row) -> VatBreakdown | None:
    bare = [c for c in row.amounts if 0 < c.amount <= _HIGHEST_RATE and _may_be_rate(c.amount)]
    for rate, place in (*((percent, None) for percent in row.percents), *((c.amount, c) for c in bare)):
        if not 0 < rate <= _HIGHEST_RATE:
            continue
        for base, tax in permutations([c for c in row.money if c is not place], 2):
            expected = base.amount * rate / 100
            if tax.amount != 0 and abs(base.amount) > abs(tax.amount) and abs(expected - tax.amount) <= CENT:
                return VatBreakdown(rate, base.amount, tax.amount, row.page, row.box)
    return None


def _may_be_rate(amount: Decimal) -> bool:
    """Rates are whole or have one decimal that is not 0: 25, 5.5, 8.1; "21,00" is whole."""
    return amount * 10 % 1 == 0


def explained(rows: Sequence[Row], whole: Decimal | None) -> tuple[Decimal, Decimal] | None:
    """(net, VAT) of a printed breakdown of several rates that together makes the total with VAT; None without one."""
    found = _unique(entry for row in rows if (entry := _with_base(row)) is not None)
    for size in range(2, min(len(found), _MOST_RATES) + 1):
        for chosen in combinations(found, size):
            net = sum((entry.taxable_amount or Decimal(0) for entry in chosen), Decimal(0))
            vat = sum((entry.tax_amount for entry in chosen), Decimal(0))
            rates = {entry.rate for entry in chosen}
            if len(rates) == size and whole is not None and abs(net + vat - whole) <= CENT:
                return net, vat
    return None


def _tax_only(row: Row) -> VatBreakdown | None:
    if "total_vat" not in row.terms or len(row.percents) != 1 or not row.money or row.percents[0] > _HIGHEST_RATE:
        return None
    return VatBreakdown(row.percents[0], None, row.money[-1].amount, row.page, row.box)


def _unique(entries: Iterable[VatBreakdown]) -> list[VatBreakdown]:
    """One entry per rate and tax, with its base where any print of it has one."""
    best: dict[tuple[Decimal, Decimal], VatBreakdown] = {}
    for entry in entries:
        key = entry.rate, entry.tax_amount
        if key not in best or best[key].taxable_amount is None:
            best[key] = entry
    return list(best.values())


def _based(chosen: Sequence[VatBreakdown], totals: Mapping[str, InvoiceField]) -> tuple[VatBreakdown, ...]:
    net = totals.get("total_without_vat")
    if len(chosen) == 1 and chosen[0].taxable_amount is None and net and isinstance(net.value, Decimal):
        only = chosen[0]
        if abs(net.value * only.rate / 100 - only.tax_amount) <= 2 * CENT:
            return (VatBreakdown(only.rate, net.value, only.tax_amount, only.page, only.box),)
    return tuple(chosen)
