"""What earlier invoices tell about a new one: the same one again, or a known seller with another account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol

from invoice_connector.invoice import Invoice, Violation


class KnownInvoices(Protocol):
    """What was processed before. ``seller`` is the key that ``seller_key`` gives."""

    def same_invoice(self, seller: str, number: str, amount: Decimal) -> str | None:
        """The job of an earlier document of this seller with this number and amount; None when there is none."""
        ...

    def accounts(self, seller: str) -> frozenset[str]:
        """The accounts that earlier invoices of this seller asked to pay to; empty for a seller not seen before."""
        ...


def seller_key(invoice: Invoice) -> str | None:
    """The seller's VAT identifier or registration, or else its name, in a form that does not vary with print."""
    for name in ("seller_vat_identifier", "seller_legal_registration_identifier", "seller_name"):
        value = invoice.text(name)
        if value is not None and (key := plain_key(value)):
            return key
    return None


def plain_key(text: str) -> str:
    """Letters and digits only, upper-cased: "DE 136 695 976" and "de136695976" are the same."""
    return re.sub(r"[\W_]", "", text).upper()


def check_known(invoice: Invoice, known: KnownInvoices) -> tuple[Violation, ...]:
    """A duplicate, and an account that a known seller did not use before."""
    seller = seller_key(invoice)
    return () if seller is None else (*_duplicate(invoice, seller, known), *_account(invoice, seller, known))


def _duplicate(invoice: Invoice, seller: str, known: KnownInvoices) -> Iterator[Violation]:
    number = invoice.text("invoice_number")
    amount = invoice.amount("total_with_vat") or invoice.amount("amount_due")
    if number is None or amount is None:
        return
    before = known.same_invoice(seller, plain_key(number), amount)
    if before is not None:
        yield Violation(
            "DUPLICATE",
            f"Invoice {number} of this seller over {amount} was already processed as job {before}.",
            ("invoice_number", "total_with_vat"),
        )


def _account(invoice: Invoice, seller: str, known: KnownInvoices) -> Iterator[Violation]:
    name = "payment_account_identifier"
    value = invoice.text(name)
    if value is None:
        return
    before = sorted(known.accounts(seller))
    if before and plain_key(value) not in map(plain_key, before):
        yield Violation(
            "ACCOUNT-CHANGED",
            f"The invoice asks to pay to {value}, but this seller's earlier invoices named {', '.join(before)}.",
            (name,),
        )
