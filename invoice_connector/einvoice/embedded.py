"""UBL and UN/CEFACT XML to the contract's fields.

Paths are local names: versions differ in namespaces and little else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree

from db import inputs
from invoice_connector.einvoice.errors import EmbeddedInvoiceError
from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS

Rows = tuple[Mapping[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class EmbeddedInvoice:
    """An invoice as data. Values are spelled as in the contract's JSON; ``syntax`` is CII or UBL, ``profile`` BT-24."""

    syntax: str
    profile: str | None
    fields: Mapping[str, str]
    invoice_lines: Rows = ()
    vat_breakdown: Rows = ()


def parse_invoice(content: bytes, name: str) -> EmbeddedInvoice | None:
    """The invoice in an XML file; None for XML that is no invoice. Raises EmbeddedInvoiceError."""
    root = _safe_root(content, name)
    mapping = _mapping(root)
    if mapping is None:
        return None
    try:
        return EmbeddedInvoice(
            mapping.syntax,
            _text(root, mapping.profile),
            dict(_fields(root, mapping)),
            tuple(_row(node, mapping.line_columns) for node in _nodes(root, mapping.lines)),
            tuple(_row(node, mapping.vat_columns) for node in _nodes(root, mapping.vat)),
        )
    except inputs.InputError as error:
        raise EmbeddedInvoiceError(f"{name} is no invoice of EN 16931: {error}") from error


def _safe_root(content: bytes, name: str) -> Any:
    """Parsed without entities, DTD and network, so that nothing in it can grow or fetch."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise EmbeddedInvoiceError(f"{name} is not well formed ({error}); ask the seller for a correct one") from error
    if root.getroottree().docinfo.doctype:
        raise EmbeddedInvoiceError(f"{name} declares a document type, which invoices must not have; it was not read")
    return root


@dataclass(frozen=True, slots=True)
class _Mapping:
    """Where a syntax keeps the terms. The steps of a path are local names, ``|`` between alternatives; ``[@a=b]`` keeps
    elements with that attribute."""

    syntax: str
    profile: str
    paths: Mapping[str, str]
    addresses: Mapping[str, tuple[str, tuple[str, ...]]]
    lines: str
    line_columns: Mapping[str, str]
    vat: str
    vat_columns: Mapping[str, str] = field(default_factory=dict)


_DOCUMENT = "ExchangedDocument|HeaderExchangedDocument"
_CONTEXT = "ExchangedDocumentContext|SpecifiedExchangedDocumentContext"
_TRADE = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
_AGREED = f"{_TRADE}/ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
_SETTLED = f"{_TRADE}/ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
_SUMS = f"{_SETTLED}/SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_MEANS = f"{_SETTLED}/SpecifiedTradeSettlementPaymentMeans"
_ITEM = "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement"
_PERCENT = "RateApplicablePercent|ApplicablePercent"
_CII_ADDRESS = ("LineOne", "LineTwo", "LineThree", "PostcodeCode", "CityName")

_CII = _Mapping(
    syntax="CII",
    profile=f"{_CONTEXT}/GuidelineSpecifiedDocumentContextParameter/ID",
    paths={
        "invoice_number": f"{_DOCUMENT}/ID",
        "invoice_type_code": f"{_DOCUMENT}/TypeCode",
        "issue_date": f"{_DOCUMENT}/IssueDateTime",
        "buyer_reference": f"{_AGREED}/BuyerReference",
        "purchase_order_reference": f"{_AGREED}/BuyerOrderReferencedDocument/IssuerAssignedID|ID",
        "seller_name": f"{_AGREED}/SellerTradeParty/Name",
        "seller_legal_registration_identifier": f"{_AGREED}/SellerTradeParty/SpecifiedLegalOrganization/ID",
        "seller_vat_identifier": f"{_AGREED}/SellerTradeParty/SpecifiedTaxRegistration/ID[@schemeID=VA]",
        "buyer_name": f"{_AGREED}/BuyerTradeParty/Name",
        "buyer_vat_identifier": f"{_AGREED}/BuyerTradeParty/SpecifiedTaxRegistration/ID[@schemeID=VA]",
        "currency_code": f"{_SETTLED}/InvoiceCurrencyCode",
        "remittance_information": f"{_SETTLED}/PaymentReference",
        "due_date": f"{_SETTLED}/SpecifiedTradePaymentTerms/DueDateDateTime",
        "payment_terms": f"{_SETTLED}/SpecifiedTradePaymentTerms/Description",
        "payment_account_identifier": f"{_MEANS}/PayeePartyCreditorFinancialAccount/IBANID|ProprietaryID",
        "payment_service_provider_identifier": f"{_MEANS}/PayeeSpecifiedCreditorFinancialInstitution/BICID",
        "total_without_vat": f"{_SUMS}/TaxBasisTotalAmount",
        "total_vat": f"{_SUMS}/TaxTotalAmount",
        "total_with_vat": f"{_SUMS}/GrandTotalAmount",
        "paid_amount": f"{_SUMS}/TotalPrepaidAmount",
        "rounding_amount": f"{_SUMS}/RoundingAmount",
        "amount_due": f"{_SUMS}/DuePayableAmount",
    },
    addresses={
        "seller_address": (f"{_AGREED}/SellerTradeParty/PostalTradeAddress", _CII_ADDRESS),
        "buyer_address": (f"{_AGREED}/BuyerTradeParty/PostalTradeAddress", _CII_ADDRESS),
    },
    lines=f"{_TRADE}/IncludedSupplyChainTradeLineItem",
    line_columns={
        "description": "SpecifiedTradeProduct/Name",
        "quantity": "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery/BilledQuantity",
        "unit_price": (
            "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement/NetPriceProductTradePrice/ChargeAmount"
        ),
        "net_amount": (
            f"{_ITEM}/SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
            "/LineTotalAmount"
        ),
        "vat_rate": f"{_ITEM}/ApplicableTradeTax/{_PERCENT}",
    },
    vat=f"{_SETTLED}/ApplicableTradeTax",
    vat_columns={"rate": _PERCENT, "taxable_amount": "BasisAmount", "tax_amount": "CalculatedAmount"},
)

_SELLER, _BUYER = "AccountingSupplierParty/Party", "AccountingCustomerParty/Party"
_TOTAL = "LegalMonetaryTotal"
_ACCOUNT = "PaymentMeans/PayeeFinancialAccount"
_UBL_ADDRESS = ("StreetName", "AdditionalStreetName", "PostalZone", "CityName")

_UBL = _Mapping(
    syntax="UBL",
    profile="CustomizationID",
    paths={
        "invoice_number": "ID",
        "invoice_type_code": "InvoiceTypeCode|CreditNoteTypeCode",
        "issue_date": "IssueDate",
        "due_date": "DueDate",
        "currency_code": "DocumentCurrencyCode",
        "buyer_reference": "BuyerReference",
        "purchase_order_reference": "OrderReference/ID",
        "seller_name": f"{_SELLER}/PartyLegalEntity/RegistrationName",
        "seller_legal_registration_identifier": f"{_SELLER}/PartyLegalEntity/CompanyID",
        "seller_vat_identifier": f"{_SELLER}/PartyTaxScheme/CompanyID",
        "buyer_name": f"{_BUYER}/PartyLegalEntity/RegistrationName",
        "buyer_vat_identifier": f"{_BUYER}/PartyTaxScheme/CompanyID",
        "remittance_information": "PaymentMeans/PaymentID",
        "payment_terms": "PaymentTerms/Note",
        "payment_account_identifier": f"{_ACCOUNT}/ID",
        "payment_service_provider_identifier": f"{_ACCOUNT}/FinancialInstitutionBranch/ID",
        "total_without_vat": f"{_TOTAL}/TaxExclusiveAmount",
        "total_vat": "TaxTotal/TaxAmount",
        "total_with_vat": f"{_TOTAL}/TaxInclusiveAmount",
        "paid_amount": f"{_TOTAL}/PrepaidAmount",
        "rounding_amount": f"{_TOTAL}/PayableRoundingAmount",
        "amount_due": f"{_TOTAL}/PayableAmount",
    },
    addresses={
        "seller_address": (f"{_SELLER}/PostalAddress", _UBL_ADDRESS),
        "buyer_address": (f"{_BUYER}/PostalAddress", _UBL_ADDRESS),
    },
    lines="InvoiceLine|CreditNoteLine",
    line_columns={
        "description": "Item/Name",
        "quantity": "InvoicedQuantity|CreditedQuantity",
        "unit_price": "Price/PriceAmount",
        "net_amount": "LineExtensionAmount",
        "vat_rate": "Item/ClassifiedTaxCategory/Percent",
    },
    vat="TaxTotal/TaxSubtotal",
    vat_columns={"rate": "TaxCategory/Percent", "taxable_amount": "TaxableAmount", "tax_amount": "TaxAmount"},
)


def _mapping(root: Any) -> _Mapping | None:
    """By the namespace for UBL, by what every version of the other syntax has, whatever it called its root."""
    if (etree.QName(root).namespace or "").startswith("urn:oasis:names:specification:ubl:schema:xsd:"):
        return _UBL if etree.QName(root).localname in ("Invoice", "CreditNote") else None
    return _CII if _nodes(root, _DOCUMENT) and _nodes(root, _TRADE) else None


def _fields(root: Any, mapping: _Mapping) -> Iterator[tuple[str, str]]:
    for name, path in mapping.paths.items():
        text = _text(root, path)
        value = _amount(text, name) if name in AMOUNT_FIELDS else _day(text) if name in DATE_FIELDS else text
        # Totals that are zero because the syntax wants them say nothing that a page would print.
        if value and not (name in ("paid_amount", "rounding_amount") and Decimal(value) == 0):
            yield name, value
    for name, (path, parts) in mapping.addresses.items():
        for node in _nodes(root, path)[:1]:
            lines = [text for part in parts[:-2] if (text := _text(node, part))]
            town = " ".join(text for part in parts[-2:] if (text := _text(node, part)))
            if lines or town:
                yield name, ", ".join([*lines, *([town] if town else [])])


def _row(node: Any, columns: Mapping[str, str]) -> dict[str, str | None]:
    return {
        name: _text(node, path) if name == "description" else _amount(_text(node, path), name)
        for name, path in columns.items()
    }


def _text(node: Any, path: str) -> str | None:
    """The text of the first element at a path, white space squeezed; None where there is none."""
    for found in _nodes(node, path):
        if text := " ".join("".join(found.itertext()).split()):
            return inputs.text(text, path.rpartition("/")[2], inputs.LONG_TEXT)
    return None


def _nodes(node: Any, path: str) -> list[Any]:
    """The elements at a path, in the order of the document."""
    found = [node]
    for step in path.split("/"):
        names, _, wanted = step.partition("[@")
        attribute, _, value = wanted.rstrip("]").partition("=")
        found = [
            child
            for parent in found
            for child in parent.iterchildren("{*}*")
            if etree.QName(child).localname in names.split("|") and (not wanted or child.get(attribute) == value)
        ]
    return found


def _amount(text: str | None, name: str) -> str | None:
    return None if text is None else f"{inputs.amount(text, name):f}"


def _day(text: str | None) -> str | None:
    """ISO 8601, also for UN/CEFACT's 20260131 (format 102)."""
    digits = re.sub(r"\D", "", text or "")[:8]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return None
