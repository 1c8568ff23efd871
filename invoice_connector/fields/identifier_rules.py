"""Rules an identifier must keep: the length of its country, check digits, one owner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from invoice_connector.fields.domestic_accounts import account_valid, form_of_account, surer
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


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """A form that has check digits: how its print ``begins``, what it is called, the ``rule`` that one breaks whose
    check digits are not ``valid`` (None where that cannot be told)."""

    rule: str
    what: str
    begins: re.Pattern[str]
    valid: Callable[[str], bool | None]


_VAT = (CheckedForm("CHECK-VAT-ID", "VAT identifier", re.compile(r"[A-Z]{2}[A-Z0-9]*\d"), vat_valid),)
FORMS: Mapping[str, tuple[CheckedForm, ...]] = MappingProxyType(
    {
        "payment_account_identifier": (
            CheckedForm("CHECK-IBAN", "IBAN", re.compile(r"[A-Z]{2}\d{2}"), iban_valid),
            CheckedForm("CHECK-IBAN", "Polish account", re.compile(r"\d{26}\Z"), nrb_valid),
            CheckedForm("CHECK-ACCOUNT", "account", re.compile(r"\d{8}-\d{8}(?:-\d{8})?\Z"), account_valid),  # HU
            CheckedForm("CHECK-ACCOUNT", "account", re.compile(r"[\d-]+/\d{4}\Z"), account_valid),  # CZ and SK
            CheckedForm("CHECK-ACCOUNT", "account", re.compile(r"\d{2}-\d{4}-\d{7}-\d{2,3}\Z"), account_valid),  # NZ
            CheckedForm("CHECK-BANKGIRO", "bankgiro", re.compile(r"\d{3,4}-\d{4}\Z"), bankgiro_valid),
            CheckedForm("CHECK-PLUSGIRO", "plusgiro", re.compile(r"\d{1,7}-\d\Z"), plusgiro_valid),
        ),
        "seller_vat_identifier": _VAT,
        "buyer_vat_identifier": _VAT,
        "seller_legal_registration_identifier": (
            CheckedForm("CHECK-ORGNR", "organisationsnummer", re.compile(r"\d{6}-\d{4}\Z"), orgnr_valid),
        ),
        "remittance_information": (CheckedForm("CHECK-RF", "RF reference", re.compile(r"RF\d{2}"), rf_valid),),
    }
)


def form_of(name: str, value: str) -> CheckedForm | None:
    """The form with check digits that the value of a field has; None for one without."""
    return next((form for form in FORMS.get(name, ()) if form.begins.match(value)), None)


_SUREST = 0.9997  # that anything was read and named rightly
_HOLDING = 0.995  # of an IBAN alone whose check digits hold: one misread in a hundred does by chance
# How often a print itself breaks its rule, not the reading: an invented or mistyped number, and one of a wrong length.
_MISPRINTED, _CUT = 0.02, 0.0005


def check_identifiers(invoice: Invoice) -> Iterator[Violation]:
    """CHECK-... for each identifier whose form or check digits do not fit, SAME-VAT-ID for two parties with one."""
    yield from _check_digits(invoice)
    yield from _ocr_number(invoice)
    yield from _one_owner(invoice)


def with_checked_identifiers(invoice: Invoice) -> Invoice:
    """The invoice with the probabilities of its identifiers after their rules: less, by Bayes, for one that breaks its
    own, since a misreading nearly always does and a print seldom; more for a domestic account whose check digits hold,
    and for such an IBAN that nothing on the pages competes with."""
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
    """More for an account whose check digits hold, as seldom as a wrong one's do."""
    if field.name != "payment_account_identifier":
        return field
    sure, form = field.confidence or 0.0, form_of_account(field.text)
    if form is not None and form.valid is not None and form.valid(field.text):
        return replace(field, confidence=min(_SUREST, surer(sure, form.chance)))
    alone = any(witness.kind is Evidence.ONLY for witness in field.witnesses)
    return replace(field, confidence=max(_HOLDING, sure)) if alone and iban_valid(str(field.value)) else field


def _lowered(field: InvoiceField) -> InvoiceField:
    value, right = str(field.value), 1.0 if field.confidence is None else min(field.confidence, _SUREST)
    cut = field.name == "payment_account_identifier" and value[:2].isalpha() and iban_problem(value)
    printed = right * (_CUT if cut else _MISPRINTED)
    return replace(field, confidence=printed / (printed + 1.0 - right))


def _check_digits(invoice: Invoice) -> Iterator[Violation]:
    """CHECK-...: the length of an IBAN, and the check digits of every form that has them."""
    for name in FORMS:
        value = invoice.text(name)
        found = None if value is None else form_of(name, value)
        if value is None or found is None:
            continue
        if found.what == "IBAN" and (problem := iban_problem(value)):
            yield Violation(found.rule, f"The IBAN {value} {problem}.", (name,))
        elif found.valid(value) is False:
            yield _misprinted(found.rule, found.what, value, name)


def _one_owner(invoice: Invoice) -> Iterator[Violation]:
    """The two parties of an invoice are not one."""
    names = ("seller_vat_identifier", "buyer_vat_identifier")
    seller, buyer = map(invoice.text, names)
    if seller is not None and seller == buyer:
        yield Violation("SAME-VAT-ID", f"Seller and buyer have one VAT identifier, {seller}; look whose it is.", names)


def _ocr_number(invoice: Invoice) -> Iterator[Violation]:
    """A Swedish OCR number has check digits surely only when the page calls it one."""
    name = "remittance_information"
    value = invoice.text(name)
    if value is None or form_of(name, value) is not None:
        return
    called_so = invoice.language == "sv" and invoice.text("invoice_number") != value
    if called_so and value.isdigit() and len(value) >= 5 and not luhn_valid(value):
        yield _misprinted("CHECK-OCR", "OCR number", value, name)


def _misprinted(rule: str, what: str, value: str, name: str) -> Violation:
    message = f"The {what} is printed as {value}, but its check digits do not fit the other characters."
    return Violation(rule, message, (name,))
