"""Text of a page that remembers which of it shows a field.

A field's text is wrapped in a link; the browser writes the links' rectangles into the PDF, which is where the truth
gets its places from. The links are taken out of the PDF afterwards.
"""

from __future__ import annotations

from html import escape

from scripts.synthetic.sheet import Run

ADDRESS = "https://mark.invalid/"  # of a mark's link, before the mark's number
_WRAPPING = ("seller_name", "seller_brand", "buyer_name", "seller_address", "buyer_address", "payment_terms",
             "invoice_lines")  # fmt: skip


class Ink:
    """Collects the marks of one document: field and text, in the order of their numbers."""

    def __init__(self) -> None:
        self.marks: list[tuple[str, str]] = []

    def show(self, field: str, text: str) -> str:
        """HTML of a text that shows the field ("" for none)."""
        if not field or not text:
            return escape(text)
        self.marks.append((field, text))
        wraps = field.startswith(_WRAPPING) and not field.endswith(("amount", "price", "quantity"))
        kept = "" if wraps else ' class="k"'
        return f'<a href="{ADDRESS}{len(self.marks) - 1}"{kept}>{escape(text)}</a>'

    def shown(self, field: str) -> bool:
        """Whether a text shows the field so far."""
        return any(known == field for known, _ in self.marks)

    def runs(self, *runs: Run | str) -> str:
        """HTML of texts one after the other."""
        return "".join(escape(each) if isinstance(each, str) else self.show(each.field, each.text) for each in runs)
