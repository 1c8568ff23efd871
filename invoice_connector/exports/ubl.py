"""UBL 2.1 by EN 16931, plain or as Peppol BIS Billing 3; refused with the list of what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from lxml import etree

from db.records import JobRecord
from invoice_connector.exports.errors import InvoiceIncompleteError
from invoice_connector.exports.job_terms import invoice_terms
from invoice_connector.exports.terms import (
    CREDIT_NOTE,
    AdjustmentTerms,
    InvoiceTerms,
    LineTerms,
    PartyTerms,
    VatTerms,
)

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC, _CBC = f"{_UBL}CommonAggregateComponents-2", f"{_UBL}CommonBasicComponents-2"
_PEPPOL_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_GIRO = {"bankgiro": "SE:BANKGIRO", "plusgiro": "SE:PLUSGIRO"}


class Customization(StrEnum):
    """BT-24: which specification the invoice follows."""

    CORE = "urn:cen.eu:en16931:2017"
    PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"


def to_ubl(
    record: JobRecord, customization: Customization, addresses: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """An Invoice or CreditNote. ``addresses``: electronic addresses of buyers by customer id, ``*`` for all others.

    Raises InvoiceIncompleteError with every missing term and every sum that fails.
    """
    terms, problems = invoice_terms(record, addresses)
    if terms is not None and customization is Customization.PEPPOL:
        problems = (*problems, *_missing_for_peppol(terms))
    if terms is None or problems:
        raise InvoiceIncompleteError(
            f"job {record.id} cannot be stated in UBL; correct what was read, or book it by hand:",
            problems,
        )
    root = _Document(terms, customization).root()
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def _missing_for_peppol(terms: InvoiceTerms) -> Iterator[str]:
    """What Peppol BIS Billing 3 asks beyond EN 16931."""
    if not {"buyer_reference", "purchase_order_reference"} & terms.texts.keys():
        yield "BT-10 buyer reference or BT-13 purchase order reference: not found (PEPPOL-EN16931-R003)"
    if terms.seller.endpoint is None:
        yield "BT-34 seller electronic address: follows from no identifier on the page (PEPPOL-EN16931-R020)"
    if terms.buyer.endpoint is None:
        yield (
            "BT-49 buyer electronic address: follows from no identifier on the page; name it in "
            "INVOICE_CONNECTOR_BUYER_ADDRESSES (PEPPOL-EN16931-R010)"
        )


class _Document:
    """Builds the elements in the order of the schema."""

    def __init__(self, terms: InvoiceTerms, customization: Customization) -> None:
        self._terms = terms
        self._customization = customization
        self._credit = terms.type_code == CREDIT_NOTE
        self._kind = "CreditNote" if self._credit else "Invoice"

    def root(self) -> etree._Element:
        terms, texts = self._terms, self._terms.texts
        space = f"{_UBL}{self._kind}-2"
        root = etree.Element(f"{{{space}}}{self._kind}", nsmap={None: space, "cac": _CAC, "cbc": _CBC})
        _basic(root, "CustomizationID", self._customization)
        if self._customization is Customization.PEPPOL:
            _basic(root, "ProfileID", _PEPPOL_PROCESS)
        _basic(root, "ID", terms.number)
        _basic(root, "IssueDate", terms.issued.isoformat())
        if terms.due and not self._credit:
            _basic(root, "DueDate", terms.due.isoformat())
        _basic(root, f"{self._kind}TypeCode", terms.type_code)
        _basic(root, "DocumentCurrencyCode", terms.currency)
        _basic(root, "BuyerReference", texts.get("buyer_reference"))
        if order := texts.get("purchase_order_reference"):
            _basic(_aggregate(root, "OrderReference"), "ID", order)
        self._party(_aggregate(root, "AccountingSupplierParty"), terms.seller)
        self._party(_aggregate(root, "AccountingCustomerParty"), terms.buyer)
        self._payment(root)
        for found in terms.adjustments:
            self._adjustment(root, found)
        self._vat_total(root)
        self._totals(root)
        for number, line in enumerate(terms.lines, start=1):
            self._line(root, number, line)
        return root

    def _party(self, parent: etree._Element, party: PartyTerms) -> None:
        element = _aggregate(parent, "Party")
        if party.endpoint is not None:
            _basic(element, "EndpointID", party.endpoint[0], schemeID=party.endpoint[1])
        address = _aggregate(element, "PostalAddress")
        _basic(address, "StreetName", party.address.street)
        _basic(address, "AdditionalStreetName", party.address.additional)
        _basic(address, "CityName", party.address.town)
        _basic(address, "PostalZone", party.address.code)
        _basic(_aggregate(address, "Country"), "IdentificationCode", party.address.country)
        if party.vat_identifier:
            _tax_scheme(element, party.vat_identifier, "VAT")
        if party.f_tax:
            _tax_scheme(element, "Godkänd för F-skatt", "TAX")
        legal = _aggregate(element, "PartyLegalEntity")
        _basic(legal, "RegistrationName", party.name)
        if party.legal_identifier:
            scheme = {"schemeID": party.legal_scheme} if party.legal_scheme else {}
            _basic(legal, "CompanyID", party.legal_identifier, **scheme)

    def _payment(self, root: etree._Element) -> None:
        """BG-16: a credit transfer to the account; without one only the reference to be quoted."""
        terms, texts = self._terms, self._terms.texts
        account, reference = texts.get("payment_account_identifier"), texts.get("remittance_information")
        due = terms.due if self._credit else None
        if account or reference or due:
            means = _aggregate(root, "PaymentMeans")
            _basic(means, "PaymentMeansCode", texts.get("payment_means_type_code") or ("30" if account else "1"))
            _basic(means, "PaymentDueDate", due.isoformat() if due else None)
            _basic(means, "PaymentID", reference)
            if account:
                number, branch = _account(account, texts.get("payment_service_provider_identifier"))
                payee = _aggregate(means, "PayeeFinancialAccount")
                _basic(payee, "ID", number)
                if branch:
                    _basic(_aggregate(payee, "FinancialInstitutionBranch"), "ID", branch)
        if note := texts.get("payment_terms"):
            _basic(_aggregate(root, "PaymentTerms"), "Note", note)

    def _adjustment(self, root: etree._Element, found: AdjustmentTerms) -> None:
        element = _aggregate(root, "AllowanceCharge")
        _basic(element, "ChargeIndicator", "true" if found.charge else "false")
        _basic(element, "AllowanceChargeReason", found.reason or ("Charge" if found.charge else "Discount"))
        self._amount(element, "Amount", found.amount)
        _category(element, "TaxCategory", VatTerms(found.category, found.rate, Decimal(0), Decimal(0)))

    def _vat_total(self, root: etree._Element) -> None:
        total = _aggregate(root, "TaxTotal")
        self._amount(total, "TaxAmount", self._terms.total_vat)
        for entry in self._terms.vat:
            part = _aggregate(total, "TaxSubtotal")
            self._amount(part, "TaxableAmount", entry.taxable_amount)
            self._amount(part, "TaxAmount", entry.tax_amount)
            _category(part, "TaxCategory", entry)

    def _totals(self, root: etree._Element) -> None:
        terms = self._terms
        total = _aggregate(root, "LegalMonetaryTotal")
        self._amount(total, "LineExtensionAmount", terms.line_total)
        self._amount(total, "TaxExclusiveAmount", terms.total_without_vat)
        self._amount(total, "TaxInclusiveAmount", terms.total_with_vat)
        for name, charge in (("AllowanceTotalAmount", False), ("ChargeTotalAmount", True)):
            if any(found.charge is charge for found in terms.adjustments):
                self._amount(total, name, terms.adjusted(charge))
        if terms.paid:
            self._amount(total, "PrepaidAmount", terms.paid)
        if terms.rounding:
            self._amount(total, "PayableRoundingAmount", terms.rounding)
        self._amount(total, "PayableAmount", terms.amount_due)

    def _line(self, root: etree._Element, number: int, line: LineTerms) -> None:
        element = _aggregate(root, f"{self._kind}Line")
        _basic(element, "ID", str(number))
        name = "CreditedQuantity" if self._credit else "InvoicedQuantity"
        _basic(element, name, f"{line.quantity:f}", unitCode=line.unit)
        self._amount(element, "LineExtensionAmount", line.net_amount)
        if line.adjustment:
            adjustment = _aggregate(element, "AllowanceCharge")
            _basic(adjustment, "ChargeIndicator", "true" if line.adjustment > 0 else "false")
            _basic(adjustment, "AllowanceChargeReason", "Charge" if line.adjustment > 0 else "Discount")
            self._amount(adjustment, "Amount", abs(line.adjustment))
        item = _aggregate(element, "Item")
        _basic(item, "Name", line.description)
        _category(
            item, "ClassifiedTaxCategory", VatTerms(line.category, line.rate or Decimal(0), Decimal(0), Decimal(0))
        )
        price = _aggregate(element, "Price")
        _basic(price, "PriceAmount", f"{line.price:f}", currencyID=self._terms.currency)

    def _amount(self, parent: etree._Element, name: str, value: Decimal) -> None:
        _basic(parent, name, f"{value:.2f}", currencyID=self._terms.currency)


def _category(parent: etree._Element, name: str, entry: VatTerms) -> None:
    element = _aggregate(parent, name)
    _basic(element, "ID", entry.category)
    _basic(element, "Percent", f"{entry.rate:f}")
    if entry.reason is not None:
        _basic(element, "TaxExemptionReasonCode", entry.reason[0])
        _basic(element, "TaxExemptionReason", entry.reason[1])
    _basic(_aggregate(element, "TaxScheme"), "ID", "VAT")


def _tax_scheme(parent: etree._Element, identifier: str, scheme: str) -> None:
    element = _aggregate(parent, "PartyTaxScheme")
    _basic(element, "CompanyID", identifier)
    _basic(_aggregate(element, "TaxScheme"), "ID", scheme)


def _account(printed: str, bic: str | None) -> tuple[str, str | None]:
    """The account as UBL writes it, and its branch: a BIC, or the Swedish giro it belongs to."""
    number = "".join(printed.split())
    if number[:2].isalpha():
        return number, bic
    giro = "plusgiro" if len(number) >= 2 and number[-2] == "-" else "bankgiro"
    return re.sub("[-.]", "", number), bic or _GIRO[giro]


def _aggregate(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_CAC}}}{name}")


def _basic(parent: etree._Element, name: str, text: str | None, **attributes: str) -> None:
    """A leaf; nothing where there is no text."""
    if text:
        element = etree.SubElement(parent, f"{{{_CBC}}}{name}", attributes)
        element.text = "".join(c if c >= " " and c not in "\ufffe\uffff" else " " for c in text)
