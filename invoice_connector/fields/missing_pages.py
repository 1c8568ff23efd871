"""Pages that the printed page numbers tell of and the file lacks."""

from __future__ import annotations

from collections.abc import Iterator

from invoice_connector.fields.features import Scene
from invoice_connector.fields.page_numbers import page_number
from invoice_connector.invoice import Violation

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
