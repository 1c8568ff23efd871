"""The VAT breakdown: rates with their bases and taxes whose arithmetic holds, each by itself and in sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, combinations, pairwise, permutations

from invoice_connector.evidence.vat_rates import highest_rate
from invoice_connector.fields.amounts import find_percents
from invoice_connector.fields.rows import Row
from invoice_connector.fields.side_by_side import joined_taxes
from invoice_connector.invoice import InvoiceField, InvoiceLine, VatBreakdown, rounded_by

_SLACK = 5  # times what one amount is rounded by: of a sum of several
_MOST_RATES = 5
_MOST_PAIRS = 24  # of a base and its tax; with more, sums come out by chance
_PROVEN, _LIKELY = 3, 2  # of ``_grade``


@dataclass(frozen=True, slots=True)
class _Totals:
    """The document's totals; ``vat`` also as the total with VAT less the one without."""

    net: Decimal | None
    vat: Decimal | None
    whole: Decimal | None

    @property
    def unit(self) -> Decimal:
        """What each printed amount may be rounded by."""
        return rounded_by(self.net, self.vat, self.whole)


def vat_breakdown(
    rows: Sequence[Row], totals: Mapping[str, InvoiceField], lines: Sequence[InvoiceLine] = ()
) -> tuple[VatBreakdown, ...]:
    """The rates whose taxes make up the document's VAT and, where they are printed, whose bases make up its net total.

    Sums decide, rows only propose: where no rows fit, any printed base and tax of each printed rate that close both
    sums do. A rate printed with its tax but without its base has ``taxable_amount`` None; for a lone rate the
    document's net total is the base when it fits. Where no row names a rate with its tax, the lone rate that is printed
    elsewhere, such as beside the lines, stands with the printed totals when it leads from one to the other. Where no
    VAT is printed, the rows count that explain the total with VAT, else all with a base. What closes only one of the
    sums is given last, for the rules to stop.
    """
    found, known = _entries(rows), _totals(totals)
    if known.vat is None:
        return _explaining(found, known.whole) or tuple(e for e in found if e.taxable_amount is not None)
    beside = _side_by_side(rows, known)
    if beside:
        return beside
    grade, best = _best(found, known)
    if grade >= _PROVEN:
        return _based(best, known)
    exact = _by_arithmetic(rows, known)
    if exact or grade >= _LIKELY:
        return exact or _based(best, known)
    return _lone_rate(rows, totals, lines) or _based(best, known) or _bases_alone(rows, found, known)


def explained(rows: Sequence[Row], whole: Decimal | None) -> tuple[Decimal, Decimal] | None:
    """(net, VAT) of a printed breakdown of several rates that together makes the total with VAT; None without one."""
    chosen = _explaining(_entries(rows), whole)
    vat = _taxes(chosen)
    return (whole - vat, vat) if chosen and whole is not None else None


def rate_shares(rows: Sequence[Row], wholes: Iterable[Decimal]) -> frozenset[tuple[Decimal, Decimal]]:
    """(base, tax) of each rate where a printed breakdown of several rates makes up one of the totals ``wholes``."""
    found = _entries(rows)
    chosen = (entry for whole in wholes for entry in _explaining(found, whole))
    return frozenset((entry.taxable_amount, entry.tax_amount) for entry in chosen if entry.taxable_amount is not None)


def _side_by_side(rows: Sequence[Row], known: _Totals) -> tuple[VatBreakdown, ...]:
    """Taxes on one base, each with its rate, that make up the VAT."""
    for taxes in joined_taxes(rows):
        base = known.net
        entries = [VatBreakdown(t.rate, base, t.amount.amount, t.amount.page, t.amount.box) for t in taxes if t.rate]
        fits = all(base is None or abs(base * e.rate / 100 - e.tax_amount) <= 2 * known.unit for e in entries)
        if len(entries) == len(taxes) and fits and _taxes(entries) == known.vat:
            return tuple(sorted(entries, key=lambda entry: (entry.page, entry.box.top)))
    return ()


def _best(found: Sequence[VatBreakdown], known: _Totals) -> tuple[int, tuple[VatBreakdown, ...]]:
    """The entries whose taxes make up the VAT with the best grade, fewest first, and that grade; (-1, ()) for none."""
    best: tuple[int, tuple[VatBreakdown, ...]] = (-1, ())
    if known.vat is None:
        return best
    for size in range(1, min(len(found), _MOST_RATES) + 1):
        sums = map(sum, combinations([entry.tax_amount for entry in found], size))
        for chosen, taxes in zip(combinations(found, size), sums, strict=True):
            if abs(taxes - known.vat) > _SLACK * known.unit:
                continue
            for tried in _swapped(chosen):
                grade = _grade(tried, known)
                if grade > best[0]:
                    best = grade, tried
    return best


def _swapped(chosen: tuple[VatBreakdown, ...]) -> Iterator[tuple[VatBreakdown, ...]]:
    """As printed and, where no base says which tax belongs to which rate, every other way."""
    yield chosen
    if len({entry.rate for entry in chosen}) == len(chosen) > 1 and all(e.taxable_amount is None for e in chosen):
        for others in permutations(chosen):
            yield tuple(replace(other, rate=entry.rate) for entry, other in zip(chosen, others, strict=True))


def _grade(chosen: Sequence[VatBreakdown], known: _Totals) -> int:
    """3: all bases are printed and make up the net total; 2: so do the bases that taxes and rates imply, or a part is
    left without VAT beside printed bases; 1: a part is left; 0: the bases are more than there is."""
    printed = all(entry.taxable_amount is not None for entry in chosen)
    if known.net is None:
        return _PROVEN if printed else _LIKELY
    made, slack = _implied(chosen)
    gap = abs(known.net) - abs(made)
    if abs(gap) <= slack + known.unit * (_SLACK if printed else 1):
        return _PROVEN if printed else _LIKELY
    if gap < 0:
        return 0
    return _LIKELY if printed else 1


def _implied(chosen: Sequence[VatBreakdown]) -> tuple[Decimal, Decimal]:
    """(sum of the bases, what it may be off by): one not printed is as large as its tax and rate say, within what the
    tax was rounded by."""
    made = slack = Decimal(0)
    for entry in chosen:
        if entry.taxable_amount is not None or not entry.rate:
            made += entry.taxable_amount or Decimal(0)
        else:
            made += entry.tax_amount * 100 / entry.rate
            slack += rounded_by(entry.tax_amount) * 50 / entry.rate
    return made, slack


def _by_arithmetic(rows: Sequence[Row], known: _Totals) -> tuple[VatBreakdown, ...]:
    """Several printed rates, each with a printed base and tax wherever these stand, that close both sums in one way."""
    if known.net is None or known.vat is None:
        return ()
    money = {c.amount: c for row in rows for c in row.money if 0 < abs(c.amount) <= abs(known.net)}
    rates = sorted({rate for row in rows for rate in row.percents if 0 < rate <= highest_rate()})
    pairs = []
    for rate in rates:
        for base, place in money.items():
            expected = (base * rate / 100).quantize(known.unit)
            tried = (expected, expected - known.unit, expected + known.unit)
            tax = next((money[t] for t in tried if t in money), None)
            if tax is not None and tax is not place:
                pairs.append(VatBreakdown(rate, base, tax.amount, tax.page, tax.box))
    if len(pairs) > _MOST_PAIRS:
        return ()
    for size in range(2, min(len(rates), _MOST_RATES) + 1):
        closing = [
            chosen
            for chosen in combinations(pairs, size)
            if len({entry.rate for entry in chosen}) == size
            and abs(_taxes(chosen) - known.vat) <= known.unit * size
            and abs(_implied(chosen)[0] - known.net) <= known.unit * size
        ]
        if closing:
            return closing[0] if len(closing) == 1 else ()
    return ()


def _entries(rows: Sequence[Row]) -> list[VatBreakdown]:
    in_rows = (entry for row in rows for entry in (*_with_base(row), *_tax_only(row)))
    below = (entry for row, under in pairwise(rows) if row.page == under.page for entry in _in_columns(row, under))
    return _unique(chain(in_rows, below))


def _in_columns(heads: Row, under: Row) -> Iterator[VatBreakdown]:
    """Rates in a row of headings, each with the amount below it: in order where there are as many, else the nearest."""
    if heads.money or len(heads.percents) < 2 or "total_vat" not in heads.terms or not under.money:
        return
    in_order = len(heads.segments) == len(under.money)
    for number, segment in enumerate(heads.segments):
        for start, end, rate in find_percents(segment.text):
            place = segment.box.left + segment.box.width * (start + end) / 2 / max(len(segment.text), 1)
            nearest = min(under.money, key=lambda c: abs(c.box.center[0] - place))
            tax = under.money[number] if in_order else nearest
            if 0 < rate <= highest_rate() and abs(tax.box.center[0] - place) <= 6 * heads.context.line_height:
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
    slack = rounded_by(net, tax)
    fitting = [rate for rate in printed if 0 <= rate <= highest_rate() and abs(net * rate / 100 - tax) <= slack]
    place = totals["total_vat"]
    return (VatBreakdown(fitting[0], net, tax, place.page, place.box),) if len(fitting) == 1 else ()


def _bases_alone(rows: Sequence[Row], found: Sequence[VatBreakdown], known: _Totals) -> tuple[VatBreakdown, ...]:
    """A table of several rates whose bases make up the net total, whatever the taxes make: BR-CO-14 says so."""
    printed = {rate for row in rows for rate in row.percents}
    based = [entry for entry in found if entry.taxable_amount is not None and entry.rate in printed]
    table = len({entry.rate for entry in based}) == len(based) >= 2
    return tuple(based) if table and _implied(based)[0] == known.net else ()


def _totals(totals: Mapping[str, InvoiceField]) -> _Totals:
    net, vat, whole = (_amount(totals, name) for name in ("total_without_vat", "total_vat", "total_with_vat"))
    if vat is None and net is not None and whole is not None:
        vat = whole - net
    return _Totals(net, vat, whole)


def _amount(totals: Mapping[str, InvoiceField], name: str) -> Decimal | None:
    found = totals.get(name)
    return found.value if found is not None and isinstance(found.value, Decimal) else None


def _with_base(row: Row) -> Iterator[VatBreakdown]:
    """Every base and tax of the row that one of its rates leads from and to."""
    bare = [c for c in row.amounts if 0 < c.amount <= highest_rate() and _may_be_rate(c.amount)]
    for rate, place in (*((percent, None) for percent in row.percents), *((c.amount, c) for c in bare)):
        if not 0 < rate <= highest_rate():
            continue
        for base, tax in permutations([c for c in row.money if c is not place], 2):
            off = abs(base.amount * rate / 100 - tax.amount)
            if tax.amount != 0 and abs(base.amount) > abs(tax.amount) and off <= rounded_by(base.amount, tax.amount):
                yield VatBreakdown(rate, base.amount, tax.amount, row.page, row.box)


def _may_be_rate(amount: Decimal) -> bool:
    """Rates are whole or have one decimal that is not 0: 25, 5.5, 8.1; "21,00" is whole."""
    return amount * 10 % 1 == 0


def _explaining(found: Sequence[VatBreakdown], whole: Decimal | None) -> tuple[VatBreakdown, ...]:
    """Several rates whose bases and taxes make up the total with VAT."""
    if whole is None:
        return ()
    known = [entry for entry in found if entry.taxable_amount is not None or entry.rate]  # no tax tells no base
    for size in range(2, min(len(known), _MOST_RATES) + 1):
        for chosen in combinations(known, size):
            if len({entry.rate for entry in chosen}) < size:
                continue
            made, slack = _implied(chosen)
            if abs(made + _taxes(chosen) - whole) <= slack + rounded_by(whole, _taxes(chosen)):
                return chosen
    return ()


def _tax_only(row: Row) -> Iterator[VatBreakdown]:
    """The rate of a row that names VAT, with each amount that may be its tax; the last one first."""
    if "total_vat" not in row.terms or len(row.percents) != 1 or row.percents[0] > highest_rate():
        return
    for tax in reversed(row.money):
        yield VatBreakdown(row.percents[0], None, tax.amount, row.page, row.box)


def _unique(entries: Iterable[VatBreakdown]) -> list[VatBreakdown]:
    """One entry per rate, base and tax; without a base only where no print has one."""
    best = {(entry.rate, entry.tax_amount, entry.taxable_amount): entry for entry in reversed(tuple(entries))}
    based = {(rate, tax) for rate, tax, base in best if base is not None}
    return [e for (rate, tax, base), e in reversed(best.items()) if base is not None or (rate, tax) not in based]


def _based(chosen: Sequence[VatBreakdown], known: _Totals) -> tuple[VatBreakdown, ...]:
    if len(chosen) == 1 and chosen[0].taxable_amount is None and known.net is not None:
        only = chosen[0]
        if abs(known.net * only.rate / 100 - only.tax_amount) <= 2 * known.unit:
            return (replace(only, taxable_amount=known.net),)
    return tuple(chosen)


def _taxes(entries: Iterable[VatBreakdown]) -> Decimal:
    return sum((entry.tax_amount for entry in entries), Decimal(0))
