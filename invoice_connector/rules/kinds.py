"""Whether the pages are one paper that may be booked: an invoice, a credit note or a till receipt, and only one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from invoice_connector.fields.kind_phrases import letters, opens, titles_in
from invoice_connector.invoice import DocumentKind, Invoice, Violation

NOT_AN_INVOICE = "NOT-AN-INVOICE"
INVOICE_OR_CREDIT = "INVOICE-OR-CREDIT-NOTE"
_DOUBTFUL, _UNLIKE = 0.08, 0.2  # probability of the other of both from which a person looks: of invoices, of credits
_LIKELY_NONE = 0.2  # probability of being a paper that is never booked, from which a person looks
_NAMES = {
    "payment_receipt": "a receipt for the payment of an invoice",
    "proforma": "a proforma invoice or a draft",
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
    if kind is None:
        return ()
    if kind.not_booked < _LIKELY_NONE:
        return tuple(_either(kind))
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


def check_stamps(invoice: Invoice, stamps: Iterable[str]) -> tuple[Violation, ...]:
    """One sentence where a text that stands apart from the page's lines, as a stamp or a picture, names another kind of
    paper and nothing else: "STORNO" over an invoice."""
    own = {"invoice", "receipt", "till_receipt", invoice.document_kind.value if invoice.document_kind else ""}
    for text in dict.fromkeys(stamps):
        found = titles_in(text)
        alone = len(found) == 1 and opens(text, found) and letters(text[found[0].end :]) == 0
        if alone and own.isdisjoint(found[0].kinds):
            message = (
                f"A stamp or picture on the page says {text!r}, which no invoice is called; look what the paper is, "
                "and approve it if it is owed."
            )
            return (Violation(NOT_AN_INVOICE, message, ("invoice_type_code",)),)
    return ()


def _either(kind: DocumentKind) -> Iterator[Violation]:
    """One sentence where a debt may be booked for a credit, or the reverse."""
    credit = kind.value == "credit_note"
    if kind.opposite > (_UNLIKE if credit else _DOUBTFUL):
        what, other = ("a credit note", "an invoice") if credit else ("an invoice", "a credit note")
        seen = f"{kind.seen!r} speaks for it" if kind.seen else "no title or wording says which"
        yield Violation(
            INVOICE_OR_CREDIT,
            f"This is likely {what}, but {other} with probability {kind.opposite:.2f} ({seen}); a credit must not be "
            "booked as a debt, so check what the paper calls itself and enter the code of its kind (380 or 381).",
            ("invoice_type_code",),
        )
