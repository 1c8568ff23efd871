"""The VAT breakdown: printed rows of rate, base and tax whose own arithmetic holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, combinations, pairwise, permutations

from invoice_connector.fields.amounts import find_percents
from invoice_connector.fields.rows import Row
from invoice_connector.invoice import InvoiceField, InvoiceLine, VatBreakdown

CENT = Decimal("0.01")
_SLACK = Decimal("0.05")  # of a sum of rounded amounts
_HIGHEST_RATE = Decimal(30)
_MOST_RATES = 5


def vat_breakdown(
    rows: Sequence[Row], totals: Mapping[str, InvoiceField], lines: Sequence[InvoiceLine] = ()
) -> tuple[VatBreakdown, ...]:
    """The rows whose taxes add up to the document's VAT; where no such sum is printed, those that explain the total
    with VAT, else all with a base.

    A rate printed with its tax but without its base has ``taxable_amount`` None; for a lone rate the document's
    own net total is the base when it fits. Where no row names a rate with its tax, the lone rate that is printed
    elsewhere, such as beside the lines, stands with the printed totals when it leads from one to the other.
    """
    found = _entries(rows)
    vat = _printed_vat(totals)
    if vat is None:
        return _explaining(found, _amount(totals, "total_with_vat")) or tuple(
            entry for entry in found if entry.taxable_amount is not None
        )
    for size in range(1, min(len(found), _MOST_RATES) + 1):
        for chosen in combinations(found, size):
            if abs(sum((entry.tax_amount for entry in chosen), Decimal(0)) - vat) <= _SLACK:
                return _based(chosen, totals)
    return _lone_rate(rows, totals, lines)


def _entries(rows: Sequence[Row]) -> list[VatBreakdown]:
    in_rows = (entry for row in rows for entry in (_with_base(row), _tax_only(row)) if entry is not None)
    below = (entry for row, under in pairwise(rows) if row.page == under.page for entry in _in_columns(row, under))
    return _unique(chain(in_rows, below))


def _in_columns(heads: Row, under: Row) -> Iterator[VatBreakdown]:
    """Rates in a row of headings, each with the amount that stands nearest below it."""
    if heads.money or len(heads.percents) < 2 or "total_vat" not in heads.terms or not under.money:
        return
    for segment in heads.segments:
        for start, end, rate in find_percents(segment.text):
            place = segment.box.left + segment.box.width * (start + end) / 2 / max(len(segment.text), 1)
            tax = min(under.money, key=lambda c: abs(c.box.center[0] - place))
            if 0 < rate <= _HIGHEST_RATE and abs(tax.box.center[0] - place) <= 6 * heads.context.line_height:
                yield VatBreakdown(rate, None, tax.amount, under.page, tax.box)


def _lone_rate(
    rows: Sequence[Row], totals: Mapping[str, InvoiceField], lines: Sequence[InvoiceLine]
) -> tuple[VatBreakdown, ...]:
    """One printed rate between the printed net and the printed VAT; nothing where one of the three is not printed."""
    net, tax = _amount(totals, "total_without_vat"), _amount(totals, "total_vat")
    if net is None or tax is None or net == 0:
        return ()
    boxes = {(line.page, line.box) for line in lines}
    bare = {c.amount for row in rows if (row.page, row.box) in boxes for c in row.amounts if _may_be_rate(c.amount)}
    printed = {percent for row in rows for percent in row.percents} | (bare - {Decimal(0)})
    fitting = [rate for rate in printed if 0 <= rate <= _HIGHEST_RATE and abs(net * rate / 100 - tax) <= CENT]
    place = totals["total_vat"]
    return (VatBreakdown(fitting[0], net, tax, place.page, place.box),) if len(fitting) == 1 else ()


def _amount(totals: Mapping[str, InvoiceField], name: str) -> Decimal | None:
    found = totals.get(name)
    return found.value if found is not None and isinstance(found.value, Decimal) else None


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
    chosen = _explaining(_entries(rows), whole)
    vat = sum((entry.tax_amount for entry in chosen), Decimal(0))
    return (whole - vat, vat) if chosen and whole is not None else None


def _explaining(found: Sequence[VatBreakdown], whole: Decimal | None) -> tuple[VatBreakdown, ...]:
    """Several rates whose bases and taxes make up the total with VAT. A base that is not printed is as large as its tax
    and rate say, within what the tax was rounded by."""
    known = [entry for entry in found if entry.taxable_amount is not None or entry.rate]  # no tax tells no base
    for size in range(2, min(len(known), _MOST_RATES) + 1):
        for chosen in combinations(known, size):
            if whole is None or len({entry.rate for entry in chosen}) < size:
                continue
            slack, made = CENT, Decimal(0)
            for entry in chosen:
                base = entry.taxable_amount
                slack += Decimal(0) if base is not None else CENT * 50 / entry.rate
                made += entry.tax_amount + (entry.tax_amount * 100 / entry.rate if base is None else base)
            if abs(made - whole) <= slack:
                return chosen
    return ()


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
