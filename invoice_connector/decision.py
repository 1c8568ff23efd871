"""Whether a document may be booked without looking, and if not, why, in words."""

from __future__ import annotations

from collections.abc import Sequence

from db.records import JobStatus
from invoice_connector.invoice import Invoice, InvoiceField, Violation
from ocr_ensemble.document.page import Document
from ocr_ensemble.reading import DocumentReading, PageReading

# What a booking needs; any one of a group is enough, if none of it is likely wrong.
NEEDED = (("total_with_vat", "amount_due"), ("issue_date",), ("seller_name",))
LIKELY_WRONG = 0.5
RISK = 0.01  # the chance of being wrong that a key field may have to be booked without looking


def missing_or_doubtful(invoice: Invoice, risk: float = RISK) -> tuple[Violation, ...]:
    """One sentence per field that a booking needs and that was not found or is not sure enough.

    ``risk`` (0..1) is the chance of being wrong that is accepted for each key field that is booked unseen. It is asked
    of every field, not of the mean of all: the mean of a pile of clean invoices would let doubtful ones through.
    """
    needed = 1.0 - risk
    found: list[Violation] = []
    for group in NEEDED:
        fields = [invoice.fields[name] for name in group if name in invoice.fields]
        named = " or ".join(name.replace("_", " ") for name in group)
        if not fields:
            found.append(Violation("field-missing", f"no {named} was found on the page; enter it by hand", group))
        elif all(_is_below(field, needed) for field in fields):
            found.append(Violation("field-doubtful", _doubt(fields, named, needed, risk), group))
        else:
            doubtful = [field for field in fields if _is_below(field, LIKELY_WRONG)]
            found += [
                Violation("field-doubtful", _doubt([field], field.name.replace("_", " "), LIKELY_WRONG, risk), group)
                for field in doubtful
            ]
    return tuple(found)


def unread_pages(document: Document, reading: DocumentReading) -> tuple[Violation, ...]:
    """One sentence per printed page that no engine read: what it says is not in the invoice."""
    count = len(document.pages)
    return tuple(
        Violation(
            "page-unread",
            f"page {read.number} of {count} was not read ({_why_unread(read)}); enter what it says by hand, or process "
            "the document again",
        )
        for read in document.unread(reading)
    )


def unread_parts(document: Document) -> tuple[Violation, ...]:
    """One sentence per part of the file that is no page and may be the document itself."""
    parts = [part for part in document.not_read if part.may_matter]
    return tuple(Violation("PART-NOT-READ", f"{part.part} was not read: {part.reason}.") for part in parts)


def decide(violations: Sequence[Violation]) -> JobStatus:
    """Completed when nothing is broken, missing or doubtful."""
    return JobStatus.NEEDS_REVIEW if violations else JobStatus.COMPLETED


def _why_unread(page: PageReading) -> str:
    reasons = [run.error for run in page.runs if run.error] or [decision.reason for decision in page.decisions]
    return "; ".join(dict.fromkeys(reasons)) or "no engine was chosen"


def _is_below(field: InvoiceField, needed: float) -> bool:
    return field.confidence is not None and field.confidence < needed


def _doubt(fields: Sequence[InvoiceField], named: str, needed: float, risk: float) -> str:
    best = max(fields, key=lambda field: field.confidence or 0.0)
    sure = best.confidence or 0.0
    return (
        f"the {named} {best.text!r} is right with probability {sure:.3f}, but {needed:.3f} is needed for at most "
        f"{100 * risk:g} % wrong bookings; compare it with the page"
    )
