"""Two taxes beside each other on one base: GST and QST, CGST and SGST. Each has a row; together they are the VAT."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import combinations, islice, product

from invoice_connector.evidence.vat_rates import side_by_side
from invoice_connector.fields.candidates import Candidate
from invoice_connector.fields.rows import Row
from ocr_ensemble.layout import BoundingBox

_MOST = 40  # combinations that are tried


@dataclass(frozen=True, slots=True, eq=False)
class TaxRow:
    """A row that names one such tax: ``name`` as in ``vat_rates.side_by_side``, its amount, ``rate`` in per cent."""

    name: str
    amount: Candidate
    rate: Decimal | None


def joined_taxes(rows: Sequence[Row]) -> Iterator[tuple[TaxRow, ...]]:
    """Every choice of one row per tax, of two taxes or more, nearest to the end of the document first."""
    found: dict[str, list[TaxRow]] = {}
    for row in reversed(rows):
        tax = _tax_row(row)
        if tax is not None:
            found.setdefault(tax.name, []).append(tax)
    for size in range(len(found), 1, -1):
        for names in combinations(found, size):
            yield from islice(product(*(found[name][:3] for name in names)), _MOST)


def joined(taxes: Sequence[TaxRow]) -> Candidate:
    """Their sum as one candidate, printed "5.00 + 9.98", in the place of all of them."""
    amounts = sorted((tax.amount for tax in taxes), key=lambda c: (c.page, c.box.top, c.box.left))
    first, known = amounts[0], [c.confidence for c in amounts if c.confidence is not None]
    return replace(
        first,
        value=sum((c.amount for c in amounts), Decimal(0)),
        text=" + ".join(c.text for c in amounts),
        box=BoundingBox.union(c.box for c in amounts if c.page == first.page),
        confidence=min(known) if known else None,
        alternatives=(),
    )


def _tax_row(row: Row) -> TaxRow | None:
    names = {side_by_side()[match] for s in row.segments for match in _names().findall(s.text)}
    if len(names) != 1 or not row.money:
        return None
    return TaxRow(names.pop(), row.money[-1], row.percents[0] if len(row.percents) == 1 else None)


@cache
def _names() -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(sorted(side_by_side(), key=len, reverse=True)) + r")\b")
