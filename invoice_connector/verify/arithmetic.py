"""What sums and check digits say about a change that the verifier asks for."""

from __future__ import annotations

from collections.abc import Iterable

from invoice_connector.invoice import Invoice, Violation
from invoice_connector.rules.consistency import check

_SUMS = {
    "BR-CO-15": ("total_without_vat", "total_vat", "total_with_vat"),
    "BR-CO-16": ("total_with_vat", "amount_due"),
    "DATES-IN-ORDER": ("issue_date", "due_date"),
}
_CHECKED = (
    "payment_account_identifier", "remittance_information", "seller_vat_identifier", "buyer_vat_identifier",
    "seller_legal_registration_identifier",
)  # fmt: skip


def veto(before: Invoice, after: Invoice) -> str | None:
    """Why arithmetic refuses to go from one reading of the invoice to the other; None when it does not.

    A rule that held must hold still: with all its terms on the page, and unbroken.
    """
    broken_before, broken_after = _rules(check(before)), _rules(check(after))
    if worse := broken_after - broken_before:
        return f"refused: {', '.join(sorted(worse))} would be broken"
    lost = sorted(_holding(before, broken_before) - _holding(after, broken_after))
    return f"refused: {', '.join(lost)} would no longer hold" if lost else None


def misread(violations: Iterable[Violation]) -> dict[str, str]:
    """Field name to rule where the field's own check digits do not fit: the picture cannot make that right."""
    return {name: broken.rule for broken in violations if broken.rule.startswith("CHECK-") for name in broken.fields}


def _rules(violations: Iterable[Violation]) -> set[str]:
    return {broken.rule for broken in violations}


def _holding(invoice: Invoice, broken: set[str]) -> set[str]:
    """The sums whose terms are all there and fit, and the fields that have check digits and fit."""
    present = set(invoice.fields)
    sums = {rule for rule, terms in _SUMS.items() if rule not in broken and present.issuperset(terms)}
    wrong = {name for violation in check(invoice) for name in violation.fields}
    return sums | {name for name in _CHECKED if name in present and name not in wrong}
