"""What speaks against an export: sums of EN 16931 that do not hold, and terms that others ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from invoice_connector.exports.places import vat_country
from invoice_connector.exports.terms import AdjustmentTerms, InvoiceTerms, LineTerms, VatTerms
from invoice_connector.invoice import CENT


def contradictions(terms: InvoiceTerms) -> Iterator[str]:
    """The sums of EN 16931 that do not hold."""
    adjusted = terms.line_total - terms.adjusted(charge=False) + terms.adjusted(charge=True)
    if terms.lines and adjusted != terms.total_without_vat:
        what = "lines with charges and allowances" if terms.adjustments else "lines"
        yield (
            f"{'BR-CO-13' if terms.adjustments else 'BR-CO-10'} the {what} add up to {adjusted}, the total without VAT "
            f"is {terms.total_without_vat}; a line, a charge or an allowance is missing"
        )
    elif terms.lines and len(terms.vat) > 1:
        for entry, base in base_differences(terms.lines, terms.adjustments, terms.vat):
            yield f"BR-S-08 what is taxed at {entry.rate} % adds up to {base}, its base is {entry.taxable_amount}"
    tax = sum((entry.tax_amount for entry in terms.vat), Decimal(0))
    if tax != terms.total_vat:
        yield f"BR-CO-14 VAT per rate adds up to {tax}, the total VAT is {terms.total_vat}"
    for entry in terms.vat:
        expected = (entry.taxable_amount * entry.rate / 100).quantize(CENT, ROUND_HALF_UP)
        if abs(expected - entry.tax_amount) >= 1:  # the official rule tolerates less than one unit
            yield f"BR-CO-17 {entry.rate} % of {entry.taxable_amount} is {expected}, its VAT is {entry.tax_amount}"
    if terms.total_without_vat + terms.total_vat != terms.total_with_vat:
        yield (
            f"BR-CO-15 {terms.total_without_vat} and VAT {terms.total_vat} make "
            f"{terms.total_without_vat + terms.total_vat}, the total with VAT is {terms.total_with_vat}"
        )
    left = terms.total_with_vat - terms.paid + terms.rounding
    if left != terms.amount_due:
        yield f"BR-CO-16 {left} is left to pay, the amount due is {terms.amount_due}"
    yield from _missing(terms)


def _missing(terms: InvoiceTerms) -> Iterator[str]:
    """The terms that EN 16931 asks for because of others."""
    if terms.amount_due > 0 and terms.due is None and "payment_terms" not in terms.texts:
        yield "BT-9 due date or BT-20 payment terms: not found (BR-CO-25)"
    if any(entry.category == "S" for entry in terms.vat) and terms.seller.vat_identifier is None:
        yield "BT-31 seller VAT identifier: not found (BR-S-02)"
    for term, party in (("BT-31 seller", terms.seller), ("BT-48 buyer", terms.buyer)):
        if party.vat_identifier is not None and vat_country(party.vat_identifier) is None:
            yield f"{term} VAT identifier: {party.vat_identifier} begins with no country (BR-CO-09)"
    if any(entry.category == "AE" for entry in terms.vat) and terms.buyer.vat_identifier is None:
        yield "BT-48 buyer VAT identifier: not found (BR-AE-02)"


def base_differences(
    lines: Sequence[LineTerms], adjustments: Sequence[AdjustmentTerms], vat: Sequence[VatTerms]
) -> Iterator[tuple[VatTerms, Decimal]]:
    """The rates whose base is not what their lines, charges and allowances add up to, with that sum."""
    for entry in vat:
        kind = (entry.category, entry.rate)
        base = sum((line.net_amount for line in lines if (line.category, line.rate) == kind), Decimal(0))
        base += sum((found.signed for found in adjustments if (found.category, found.rate) == kind), Decimal(0))
        if base != entry.taxable_amount:
            yield entry, base
