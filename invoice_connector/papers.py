"""Whether the pages are one paper that may be booked: an invoice, a credit note or a till receipt, and only one."""

from __future__ import annotations

from invoice_connector.invoice import Invoice, Violation

NOT_AN_INVOICE = "NOT-AN-INVOICE"
_LIKELY_NONE = 0.2  # probability of being a paper that is never booked, from which a person looks
_NAMES = {
    "payment_receipt": "a receipt for the payment of an invoice",
    "proforma": "a proforma invoice",
    "delivery_note": "a delivery note",
    "reminder": "a payment reminder",
    "statement": "a statement of account",
    "quotation": "a quotation",
    "order_confirmation": "an order confirmation",
    "order": "an order",
    "other": "a paper that says it is no invoice",
}


def check_paper(invoice: Invoice) -> tuple[Violation, ...]:
    """One sentence where the paper is likely none that is booked, whatever its amounts say."""
    kind = invoice.document_kind
    if kind is None or kind.not_booked < _LIKELY_NONE:
        return ()
    name = _NAMES.get(kind.value)
    what = f"is {name}" if name else "may be no invoice"
    seen = f" ({kind.seen!r})" if kind.seen else ""
    return (
        Violation(
            NOT_AN_INVOICE,
            f"This {what}{seen}, with probability {kind.not_booked:.2f}; only invoices, credit notes and till receipts "
            "are booked. Approve it if it is one.",
            ("invoice_type_code",),
        ),
    )
