"""What the master data say of a document: its seller's name, and what stops it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.invoice import Evidence, Invoice, InvoiceField, Violation, Witness
from invoice_connector.suppliers.known import Known, same_account
from invoice_connector.suppliers.matching import SURE, SupplierMatch
from invoice_connector.suppliers.names import is_same

UNKNOWN_SUPPLIER, NOT_ADDRESSED, ACCOUNT_CHANGED = "UNKNOWN-SUPPLIER", "NOT-ADDRESSED-TO-US", "ACCOUNT-CHANGED"
LISTED = 0.5
"""Probability from which a match is told at all."""
_NUMBERS = ("identifier", "account")
_NAMED = 0.5  # probability of a buyer from which somebody else is meant
_NAMED_BESIDE = 0.9  # the same where the pages name an own company, too


def with_supplier(invoice: Invoice, match: SupplierMatch | None) -> Invoice:
    """The invoice with its seller named as the master data have it, and what they bear out as witnesses.

    The print stays the field's text, and nothing that is not printed is filled in.
    """
    if match is None or match.probability < SURE:
        return invoice
    supplier, fields = match.supplier, dict(invoice.fields)
    if (seller := fields.get("seller_name")) is not None:
        fields[seller.name] = _named(seller, match)
    numbers = {
        "seller_vat_identifier": supplier.vat_identifiers,
        "seller_legal_registration_identifier": supplier.registration_identifiers,
    }
    for name, own in numbers.items():
        if name in fields and alphanumeric(str(fields[name].value)) in map(alphanumeric, own):
            fields[name] = fields[name].witnessed(_witness(match))
    account = fields.get("payment_account_identifier")
    if account is not None and any(same_account(str(account.value), own) for own in supplier.accounts):
        fields[account.name] = account.witnessed(_witness(match))
    return replace(invoice, fields=fields)


def _named(seller: InvoiceField, match: SupplierMatch) -> InvoiceField:
    """The seller under its name in the master data, at least as sure as the match where its print bears that out, or
    a number does."""
    called = any(is_same(name, str(seller.value)) for name in (*match.supplier.names, *match.names))
    if not called and not set(_NUMBERS) & set(match.matched_by):
        return seller
    sure = max(match.probability, seller.confidence or 0.0) if called else match.probability
    return replace(seller, value=match.supplier.name, confidence=sure).witnessed(_witness(match))


def _witness(match: SupplierMatch) -> Witness:
    return Witness(Evidence.MASTER_DATA, f"so the master data have it for supplier {match.supplier.id}")


def check_parties(invoice: Invoice, known: Known, match: SupplierMatch | None) -> tuple[Violation, ...]:
    """An invoice to somebody else, of a supplier nobody knows, or to an account that is not the supplier's."""
    found = (_own_number, _addressed)
    of_parties = (violation for check in found for violation in check(invoice, known))
    return (*of_parties, *_unknown(invoice, known, match), *_account(invoice, match))


def _own_number(invoice: Invoice, known: Known) -> Iterator[Violation]:
    """An invoice of ourselves, or our own number taken for the seller's."""
    name = "seller_vat_identifier"
    seller = invoice.text(name)
    if seller is not None and known.is_own_number(seller):
        message = f"the seller's VAT identifier {seller} is one of our own; enter whose invoice this is"
        yield Violation("own-number", message, (name,))


def _addressed(invoice: Invoice, known: Known) -> Iterator[Violation]:
    buyer, own = invoice.fields.get("buyer_name"), [company for company in known.companies if company.names]
    needed = _NAMED_BESIDE if known.own_printed else _NAMED
    if buyer is None or not own or (buyer.confidence or 0.0) < needed or known.own_name(str(buyer.value)):
        return
    number = invoice.text("buyer_vat_identifier")
    if number is not None and known.is_own_number(number):
        return
    ours = ", ".join(sorted({company.name for company in own})[:3])
    message = f"the invoice is addressed to {buyer.text}, not to {ours}; send it back, or enter who the buyer is"
    yield Violation(NOT_ADDRESSED, message, ("buyer_name",))


def _unknown(invoice: Invoice, known: Known, match: SupplierMatch | None) -> Iterator[Violation]:
    if not known.listed or invoice.is_receipt or (match is not None and match.probability >= SURE):
        return
    seller = invoice.text("seller_name")
    named = f"the seller {seller}" if seller else "the seller"
    if match is None or match.probability < 1.0 - SURE:
        message = f"{named} is not among the suppliers; create it, or correct the seller"
    else:
        message = (
            f"{named} may be the supplier {match.supplier.id}, {match.supplier.name} (probability "
            f"{match.probability:.2f}); look who sent the document"
        )
    yield Violation(UNKNOWN_SUPPLIER, message, ("seller_name",))


def _account(invoice: Invoice, match: SupplierMatch | None) -> Iterator[Violation]:
    account = invoice.fields.get("payment_account_identifier")
    if account is None or match is None or match.probability < SURE or not match.supplier.accounts:
        return
    if not any(same_account(str(account.value), own) for own in match.supplier.accounts):
        message = (
            f"the document asks to pay to {account.text}, but the master data of supplier {match.supplier.id} have "
            f"{', '.join(match.supplier.accounts)}; ask the supplier, by a telephone number known from before, and "
            "change the master data if it is right"
        )
        yield Violation(ACCOUNT_CHANGED, message, (account.name,))
