"""A total that is only the amount of an invoice line, as where the page with the totals is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from invoice_connector.fields.rows import Row
from invoice_connector.invoice import PAYABLE, InvoiceField, InvoiceLine, Violation
from ocr_ensemble.layout import BoundingBox

RULE = "TOTAL-IN-A-LINE"
Place = tuple[int, BoundingBox]  # the number of a page and where on it
_WITHIN = 0.5  # of its box


def totals_in_lines(
    rows: Sequence[Row], fields: Mapping[str, InvoiceField], lines: Sequence[InvoiceLine]
) -> Iterator[Violation]:
    """TOTAL-IN-A-LINE: what was taken for the total is printed as the amount of a line and nowhere else."""
    totals = [fields[name] for name in PAYABLE if name in fields]
    found = [total for total in totals if are_in_lines(_places(rows, total), lines)]
    if found:
        message = (
            f"{found[0].text} was taken for the total, but it is the amount of an invoice line; look whether the page "
            "with the total is missing."
        )
        yield Violation(RULE, message, tuple(field.name for field in found), found[0].page, found[0].box)


def are_in_lines(places: Iterable[Place], lines: Sequence[InvoiceLine]) -> bool:
    """Whether all the places where an amount is printed are rows of invoice lines."""
    return all(any(_is_within(place, line) for line in lines) for place in places)


def _places(rows: Sequence[Row], total: InvoiceField) -> Iterator[Place]:
    yield total.page, total.box
    for row in rows:
        yield from ((row.page, amount.box) for amount in row.money if amount.value == total.value)


def _is_within(place: Place, line: InvoiceLine) -> bool:
    page, box = place
    return line.page == page and line.box.intersection_area(box) > _WITHIN * box.area
