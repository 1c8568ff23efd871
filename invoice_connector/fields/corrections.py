"""Corrective invoices (UNTDID 1001, code 384): whether their totals are a new debt, a difference or a credit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.kind_phrases import corrections_in, opens, share_named, titles_in
from invoice_connector.invoice import Violation
from invoice_connector.locales import phrase_pattern
from ocr_ensemble.page_layout import same_row

RULE = "CORRECTED-INVOICE"
_TOTALS = ("total_without_vat", "total_with_vat", "amount_due")
_LOWEST = 0.5  # of the page's height, where a title may stand
_LONGEST, _MOSTLY = 60, 0.55  # characters of a title, and the share of its letters that name it
_SUM = re.compile(r"(?<![\d.,])\d{1,3}(?:[., ]?\d{3})*[.,]\d{2}(?![\d.,])")


def corrections(contexts: Sequence[PageContext], values: Mapping[str, Decimal]) -> Iterator[Violation]:
    """One sentence where the first page is titled a correction, its totals (``values``) are positive, and nothing says
    that they are a credit: they may replace those of the corrected invoice, be the difference, or be given back."""
    totals = [values[name] for name in _TOTALS if name in values]
    title = next((s for s in contexts[0].segments if _is_title(contexts[0], s)), None)
    if title is None or not totals or min(totals) < 0 or any(_says_credit(context) for context in contexts):
        return
    yield Violation(
        RULE,
        f"The page calls itself {title.text.strip()!r} and its totals are positive, which may be the whole of the "
        "corrected invoice, what is owed besides, or a credit; look up the invoice that it corrects and enter the "
        "difference, with the code of its kind (380 or 381).",
        ("invoice_type_code", "amount_due"),
    )


def _is_title(context: PageContext, segment: Segment) -> bool:
    text = segment.text
    if len(text) > _LONGEST or segment.box.center[1] > _LOWEST * context.page.height:
        return False
    found = corrections_in(text)
    if not found or not opens(text, found) or share_named(text, found) < _MOSTLY:
        return False
    row = (each for each in context.segments if same_row(each.box, segment.box))
    return not any(_SUM.search(each.text) for each in row)  # "Correction  -50.00" is a line


def _says_credit(context: PageContext) -> bool:
    """Whether a text has words of credit other than the names of corrections, which are among those of credits."""
    return any(_names_credit(segment.text) for segment in context.segments)


def _names_credit(text: str) -> bool:
    if phrase_pattern("credit_balance").search(text):
        return True
    for found in reversed(corrections_in(text)):
        text = f"{text[: found.start]} {text[found.end :]}"
    return len(text) <= _LONGEST and any("credit_note" in found.kinds for found in titles_in(text))
