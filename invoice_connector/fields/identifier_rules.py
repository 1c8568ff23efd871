"""Rules an identifier must keep: the length of its country, check digits, one owner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from invoice_connector.fields.identifiers import (
    bankgiro_valid,
    iban_length,
    iban_valid,
    luhn_valid,
    nrb_valid,
    orgnr_valid,
    plusgiro_valid,
    rf_valid,
    vat_valid,
)
from invoice_connector.invoice import Evidence, Invoice, InvoiceField, Violation

_SUREST = 0.9997  # that anything was read and named rightly
_HOLDING = 0.995  # of an IBAN alone whose check digits hold: one misread in a hundred does by chance
# How often a print itself breaks its rule, not the reading: an invented or mistyped number, and one of a wrong length.
_MISPRINTED, _CUT = 0.02, 0.0005


def check_identifiers(invoice: Invoice) -> Iterator[Violation]:
    """CHECK-... for each identifier whose form or check digits do not fit, SAME-VAT-ID for two parties with one."""
    yield from _account(invoice)
    yield from _identities(invoice)
    yield from _reference(invoice)
    yield from _one_owner(invoice)


def with_checked_identifiers(invoice: Invoice) -> Invoice:
    """The invoice with the probabilities of its identifiers after their rules: less, by Bayes, for one that breaks its
    own, since a misreading nearly always does and a print seldom; more for an IBAN whose check digits hold and that
    nothing on the pages competes with."""
    broken = {name for violation in check_identifiers(invoice) for name in violation.fields}
    fields = {name: _lowered(field) if name in broken else _raised(field) for name, field in invoice.fields.items()}
    return replace(invoice, fields=fields)


def iban_problem(value: str) -> str | None:
    """What is wrong with the form of an IBAN, in words that follow "The IBAN ..."; None when nothing is."""
    length = iban_length(value[:2])
    if length is None:
        return f"begins with {value[:2]}, which no country that has IBANs does"
    return None if len(value) == length else f"has {len(value)} characters, but those of {value[:2]} have {length}"


def _raised(field: InvoiceField) -> InvoiceField:
    alone = any(witness.kind is Evidence.ONLY for witness in field.witnesses)
    if field.name != "payment_account_identifier" or not alone or not iban_valid(str(field.value)):
        return field
    return replace(field, confidence=max(_HOLDING, field.confidence or 0.0))


def _lowered(field: InvoiceField) -> InvoiceField:
    value, right = str(field.value), 1.0 if field.confidence is None else min(field.confidence, _SUREST)
    cut = field.name == "payment_account_identifier" and value[:2].isalpha() and iban_problem(value)
    printed = right * (_CUT if cut else _MISPRINTED)
    return replace(field, confidence=printed / (printed + 1.0 - right))


def _account(invoice: Invoice) -> Iterator[Violation]:
    name = "payment_account_identifier"
    value = invoice.text(name)
    if value is None:
        return
    if re.match(r"[A-Z]{2}\d{2}", value):
        if problem := iban_problem(value):
            yield Violation("CHECK-IBAN", f"The IBAN {value} {problem}.", (name,))
        else:
            yield from _digits(name, "CHECK-IBAN", "IBAN", value, iban_valid)
    elif re.fullmatch(r"\d{26}", value):
        yield from _digits(name, "CHECK-IBAN", "Polish account", value, nrb_valid)
    elif re.fullmatch(r"\d{3,4}-\d{4}", value):
        yield from _digits(name, "CHECK-BANKGIRO", "bankgiro", value, bankgiro_valid)
    elif re.fullmatch(r"\d{1,7}-\d", value):
        yield from _digits(name, "CHECK-PLUSGIRO", "plusgiro", value, plusgiro_valid)


def _identities(invoice: Invoice) -> Iterator[Violation]:
    for name in ("seller_vat_identifier", "buyer_vat_identifier"):
        value = invoice.text(name)
        if value is not None and re.match(r"[A-Z]{2}[A-Z0-9]*\d", value):
            yield from _digits(name, "CHECK-VAT-ID", "VAT identifier", value, lambda v: vat_valid(v) is not False)
    name = "seller_legal_registration_identifier"
    value = invoice.text(name)
    if value is not None and re.fullmatch(r"\d{6}-\d{4}", value):
        yield from _digits(name, "CHECK-ORGNR", "organisationsnummer", value, orgnr_valid)


def _one_owner(invoice: Invoice) -> Iterator[Violation]:
    """The two parties of an invoice are not one."""
    names = ("seller_vat_identifier", "buyer_vat_identifier")
    seller, buyer = map(invoice.text, names)
    if seller is not None and seller == buyer:
        yield Violation("SAME-VAT-ID", f"Seller and buyer have one VAT identifier, {seller}; look whose it is.", names)


def _reference(invoice: Invoice) -> Iterator[Violation]:
    """RF references always have check digits; a Swedish OCR number surely only when the page calls it one."""
    name = "remittance_information"
    value = invoice.text(name)
    if value is None:
        return
    if re.match(r"RF\d{2}", value):
        yield from _digits(name, "CHECK-RF", "RF reference", value, rf_valid)
    elif invoice.language == "sv" and value.isdigit() and len(value) >= 5 and invoice.text("invoice_number") != value:
        yield from _digits(name, "CHECK-OCR", "OCR number", value, luhn_valid)


def _digits(name: str, rule: str, what: str, value: str, valid: Callable[[str], bool]) -> Iterator[Violation]:
    if not valid(value):
        message = f"The {what} is printed as {value}, but its check digits do not fit the other characters."
        yield Violation(rule, message, (name,))
