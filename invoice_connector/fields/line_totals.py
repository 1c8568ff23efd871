"""A total that is only the amount of an invoice line, as where the page with the totals is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from invoice_connector.invoice import InvoiceField, InvoiceLine, Violation

RULE = "TOTAL-IN-A-LINE"
_TOTALS = ("total_with_vat", "amount_due")
_WITHIN = 0.5  # of its box


def totals_in_lines(fields: Mapping[str, InvoiceField], lines: Sequence[InvoiceLine]) -> Iterator[Violation]:
    """TOTAL-IN-A-LINE: what was taken for the total is printed as the amount of a line and nowhere else."""
    found = [fields[name] for name in _TOTALS if name in fields and is_in_line(fields[name], lines)]
    if found:
        message = (
            f"{found[0].text} was taken for the total, but it is the amount of an invoice line; look whether the page "
            "with the total is missing."
        )
        yield Violation(RULE, message, tuple(field.name for field in found), found[0].page, found[0].box)


def is_in_line(field: InvoiceField, lines: Sequence[InvoiceLine]) -> bool:
    """Whether a field is printed within the row of an invoice line."""
    return any(
        line.page == field.page and line.box.intersection_area(field.box) > _WITHIN * field.box.area for line in lines
    )
