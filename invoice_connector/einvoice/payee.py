"""Whether an e-invoice is to be paid to somebody else than its seller (BT-59 beside BT-27, BT-3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from invoice_connector.fields.payees import are_alike
from invoice_connector.fields.statements import STOPS, Topic, shortened
from invoice_connector.invoice import Violation

# UNTDID 1001: factored invoice, factored corrective invoice, and both written by the buyer
_FACTORED = frozenset({"393", "472", "473", "501"})


def other_payee(payee: str | None, fields: Mapping[str, str]) -> Iterator[Violation]:
    """One sentence where the data name a payee that is not the seller: a factor, a parent, whoever bought the claim; or
    where their type says that the claim was sold."""
    seller, code = fields.get("seller_name"), fields.get("invoice_type_code")
    if payee is not None and seller is not None and not are_alike(payee, seller):
        told = f"names {shortened(payee)!r} as the payee and {shortened(seller)!r} as the seller"
    elif code in _FACTORED:
        told = f"is a factored invoice (code {code})"
    else:
        return
    stop = STOPS[Topic.ASSIGNED]
    message = f"The e-invoice {told}, so it {stop.means}; {stop.todo}."
    yield Violation(stop.rule, message, (stop.field,))
