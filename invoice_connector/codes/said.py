"""What the codes of a document say of values and names that its pages print: evidence for choosing among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from invoice_connector.codes.families import Code
from invoice_connector.codes.same import PARTIES, same_name, same_value
from invoice_connector.invoice import FieldValue

# Log-odds that a printed value is a term that a code has it for. No chance gives an account or a reference, but an
# amount or a day may be printed as something else, too.
_AGREES, _MAY_BE = 8.0, 4.0
_NAME = 8.0  # that a party is the creditor or the debtor of a code
_CALLED: Mapping[str, Mapping[str, float]] = {  # terms of the pages, and what codes call them
    "amount_due": {"amount_due": _MAY_BE},
    "total_with_vat": {"total_with_vat": _MAY_BE},
    "total_vat": {"total_vat": _MAY_BE},
    "issue_date": {"issue_date": _MAY_BE},
    "due_date": {"due_date": _MAY_BE},
    "invoice_number": {"invoice_number": _AGREES},
    "remittance_information": {"remittance_information": _AGREES},
    "payment_account_identifier": {"payment_account_identifier": _AGREES},
    "payment_service_provider_identifier": {"payment_service_provider_identifier": _MAY_BE},
    "vat_identifier": {"seller_vat_identifier": _AGREES},
}


@dataclass(frozen=True, slots=True)
class Said:
    """The codes of a document."""

    codes: tuple[Code, ...] = ()

    def odds(self, term: str, value: FieldValue) -> float:
        """Log-odds more that a printed value is the term; 0 where no code has it for that."""
        called = _CALLED.get(term, {})
        found = (
            weight
            for code in self.codes
            for name, weight in called.items()
            if name in code.values and same_value(name, code.values[name], value)
        )
        return max(found, default=0.0)

    def role_odds(self, name: str) -> tuple[float, float]:
        """Log-odds more that a party of that name is the seller, and the buyer."""
        seller, buyer = (any(same_name(said, name) for said in self.names(role)) for role in PARTIES)
        return (0.0, 0.0) if seller == buyer else (_NAME, -_NAME) if seller else (-_NAME, _NAME)

    def names(self, role: str) -> Sequence[str]:
        """What the codes call the seller or the buyer (``same.PARTIES``)."""
        return [str(code.values[role]) for code in self.codes if role in code.values]


NOTHING_SAID = Said()
