"""Whether a document may be booked without looking, and if not, why, in words."""

from __future__ import annotations

from collections.abc import Sequence

from db.records import JobStatus
from invoice_connector.fields.model import Ranker, bundled_ranker
from invoice_connector.invoice import Invoice, InvoiceField, Violation
from ocr_ensemble.document.page import Document
from ocr_ensemble.reading import DocumentReading, PageReading

# What a booking needs; any one of a group is enough.
NEEDED = (("total_with_vat", "amount_due"), ("issue_date",), ("seller_name",))
RISK = 0.01  # wrong values wanted at most among those that are booked without looking
UNFITTED = 0.5  # the probability needed where no model was fitted: more likely right than wrong


def missing_or_doubtful(invoice: Invoice, risk: float = RISK, ranker: Ranker | None = None) -> tuple[Violation, ...]:
    """One sentence per field that a booking needs and that was not found or is not sure enough.

    ``risk`` (0..1) is the share of wrong values that is accepted among key fields booked unseen.
    """
    needed = threshold(risk, ranker or bundled_ranker())
    found: list[Violation] = []
    for group in NEEDED:
        fields = [invoice.fields[name] for name in group if name in invoice.fields]
        named = " or ".join(name.replace("_", " ") for name in group)
        if not fields:
            found.append(Violation("field-missing", f"no {named} was found on the page; enter it by hand", group))
        elif all(field.confidence is not None and field.confidence < needed for field in fields):
            found.append(Violation("field-doubtful", _doubt(fields, named, needed, risk), group))
    return tuple(found)


def threshold(risk: float, ranker: Ranker) -> float:
    """The probability a key field needs so that at most ``risk`` of those booked unseen are wrong.

    It comes from the fit's risk curve, of which the strictest point that is not above ``risk`` counts; a risk lower
    than any that was reached when fitting asks for certainty.
    """
    if not ranker.risks:
        return UNFITTED
    return min((probability for reached, probability in ranker.risks if reached <= risk), default=1.0)


def unread_pages(document: Document, reading: DocumentReading) -> tuple[Violation, ...]:
    """One sentence per printed page that no engine read: what it says is not in the invoice."""
    count = len(document.pages)
    return tuple(
        Violation(
            "page-unread",
            f"page {read.number} of {count} was not read ({_why_unread(read)}); enter what it says by hand, or process "
            "the document again",
        )
        for page, read in zip(document.pages, reading.pages, strict=True)
        if not page.blank and not read.was_read
    )


def decide(violations: Sequence[Violation]) -> JobStatus:
    """Completed when nothing is broken, missing or doubtful."""
    return JobStatus.NEEDS_REVIEW if violations else JobStatus.COMPLETED


def _why_unread(page: PageReading) -> str:
    reasons = [run.error for run in page.runs if run.error] or [decision.reason for decision in page.decisions]
    return "; ".join(dict.fromkeys(reasons)) or "no engine was chosen"


def _doubt(fields: Sequence[InvoiceField], named: str, needed: float, risk: float) -> str:
    best = max(fields, key=lambda field: field.confidence or 0.0)
    sure = best.confidence or 0.0
    return (
        f"the {named} {best.text!r} is right with probability {sure:.3f}, but {needed:.3f} is needed for at most "
        f"{100 * risk:g} % wrong bookings; compare it with the page"
    )
