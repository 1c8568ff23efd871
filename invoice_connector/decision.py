"""Whether a document may be booked without looking, and if not, why, in words."""

from __future__ import annotations

from collections.abc import Sequence

from db.records import JobStatus
from invoice_connector.invoice import Invoice, Violation

# What a booking needs; any one of a group is enough.
NEEDED = (("total_with_vat", "amount_due"), ("issue_date",), ("seller_name",))
TRUSTED = 0.5  # below this a needed field is more likely wrong than right


def missing_or_doubtful(invoice: Invoice) -> tuple[Violation, ...]:
    """One sentence per field that a booking needs and that was not found or is probably wrong."""
    found: list[Violation] = []
    for group in NEEDED:
        fields = [invoice.fields[name] for name in group if name in invoice.fields]
        named = " or ".join(name.replace("_", " ") for name in group)
        if not fields:
            found.append(Violation("field-missing", f"no {named} was found on the page; enter it by hand", group))
        elif all(f.confidence is not None and f.confidence < TRUSTED for f in fields):
            text = f"the {named} {fields[0].text!r} is probably wrong; compare it with the page"
            found.append(Violation("field-doubtful", text, group))
    return tuple(found)


def decide(violations: Sequence[Violation]) -> JobStatus:
    """Completed when nothing is broken, missing or doubtful."""
    return JobStatus.NEEDS_REVIEW if violations else JobStatus.COMPLETED
