"""Pages that the printed page numbers, or an amount that is carried forward, tell of and the file lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from invoice_connector.fields.features import Scene
from invoice_connector.fields.kind_phrases import says
from invoice_connector.fields.page_numbers import page_number
from invoice_connector.fields.rows import Row
from invoice_connector.invoice import PAYABLE, InvoiceField, Violation

RULE = "PAGES-MISSING"


def missing_pages(scene: Scene) -> Iterator[Violation]:
    """PAGES-MISSING: a page says that it is one of more than the document has."""
    pages = len(scene.contexts)
    for context in scene.contexts:
        printed = page_number(context.segments, context.page.height)
        if printed is not None and printed.count is not None and printed.count > pages:
            has = "1 page" if pages == 1 else f"{pages} pages"
            yield Violation(
                RULE,
                f"Page {context.page.number} says that it is {printed.number} of {printed.count}, but the document "
                f"has {has}; ask the seller for the others, and look what is to be paid there.",
                (),
            )
            return


def carried_totals(rows: Sequence[Row], fields: Mapping[str, InvoiceField]) -> Iterator[Violation]:
    """PAGES-MISSING: what was taken for the total is called an amount that is carried forward, and no total."""
    for name in PAYABLE:
        row = next((row for row in rows if name in fields and _prints(row, fields[name])), None)
        if (
            row is not None
            and not row.terms & {*PAYABLE}
            and any(says(s.text, "carried_forward") for s in row.segments)
        ):
            message = (
                f"{fields[name].text} is carried forward to a page that the document does not have; ask the seller for "
                "it, and look what is to be paid there."
            )
            yield Violation(RULE, message, (name,))
            return


def _prints(row: Row, field: InvoiceField) -> bool:
    return row.page == field.page and any(amount.box.intersection_area(field.box) > 0 for amount in row.money)
