"""Whether an e-invoice is to be paid to somebody else than its seller (BT-59 beside BT-27)."""

from __future__ import annotations

from collections.abc import Iterator

from invoice_connector.fields.payees import are_alike
from invoice_connector.fields.statements import STOPS, Topic, shortened
from invoice_connector.invoice import Violation


def other_payee(payee: str | None, seller: str | None) -> Iterator[Violation]:
    """One sentence where the data name a payee that is not the seller: a factor, a parent, whoever bought the claim."""
    if payee is None or seller is None or are_alike(payee, seller):
        return
    stop = STOPS[Topic.ASSIGNED]
    message = (
        f"The e-invoice names {shortened(payee)!r} as the payee and {shortened(seller)!r} as the seller, so it "
        f"{stop.means}; {stop.todo}."
    )
    yield Violation(stop.rule, message, (stop.field,))
