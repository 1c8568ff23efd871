"""The terms of e-invoices as their XML has them, read by plain paths: what jobs are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

Row = Mapping[str, str | None]
_CODES = {"TD02": "386", "TD03": "386", "TD04": "381", "TD05": "383", "TD08": "381"}


@dataclass(frozen=True, slots=True)
class Terms:
    """What one invoice states, by the names of the contract."""

    fields: Mapping[str, str]
    invoice_lines: tuple[Row, ...]
    vat_breakdown: tuple[Row, ...]
    adjustments: tuple[Row, ...]

    @property
    def count(self) -> int:
        """How many terms are compared."""
        return len(self.fields) + sum(map(len, (*self.invoice_lines, *self.vat_breakdown, *self.adjustments)))


def terms_of(content: bytes) -> tuple[Terms, ...]:
    """Every invoice of a file; none where it is no well-formed XML."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return ()
    name = etree.QName(root).localname
    if name in ("Invoice", "CreditNote"):
        return (_ubl(root),)
    if name.startswith("FatturaElettronica"):
        return tuple(_fattura(root, body) for body in _all(root, "FatturaElettronicaBody"))
    return (_cii(root),)


def _all(node: Any, path: str) -> list[Any]:
    steps = "/".join(f"*[local-name()='{step}']" for step in path.split("/"))
    return list(node.xpath(steps))


def _one(node: Any, *paths: str) -> str | None:
    for path in paths:
        for found in _all(node, path):
            if text := " ".join("".join(found.itertext()).split()):
                return text
    return None


def _kept(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _day(text: str | None) -> str | None:
    if text is None or not text[:8].isdigit():
        return text and text[:10]
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}"


def _ubl(root: Any) -> Terms:
    seller, buyer = "AccountingSupplierParty/Party", "AccountingCustomerParty/Party"
    total, account = "LegalMonetaryTotal", "PaymentMeans/PayeeFinancialAccount"
    fields = {
        "invoice_number": _one(root, "ID"),
        "invoice_type_code": _one(root, "InvoiceTypeCode", "CreditNoteTypeCode"),
        "issue_date": _day(_one(root, "IssueDate")),
        "due_date": _day(_one(root, "DueDate", "PaymentMeans/PaymentDueDate")),
        "currency_code": _one(root, "DocumentCurrencyCode"),
        "buyer_reference": _one(root, "BuyerReference"),
        "purchase_order_reference": _one(root, "OrderReference/ID"),
        "seller_name": _one(root, f"{seller}/PartyLegalEntity/RegistrationName"),
        "seller_legal_registration_identifier": _one(root, f"{seller}/PartyLegalEntity/CompanyID"),
        "seller_vat_identifier": _vat_number(root, seller),
        "buyer_name": _one(root, f"{buyer}/PartyLegalEntity/RegistrationName"),
        "buyer_vat_identifier": _vat_number(root, buyer),
        "payment_account_identifier": _one(root, f"{account}/ID"),
        "payment_service_provider_identifier": _one(root, f"{account}/FinancialInstitutionBranch/ID"),
        "remittance_information": _one(root, "PaymentMeans/PaymentID"),
        "payment_terms": _one(root, "PaymentTerms/Note"),
        "total_without_vat": _one(root, f"{total}/TaxExclusiveAmount"),
        "total_vat": _one(root, "TaxTotal/TaxAmount"),
        "total_with_vat": _one(root, f"{total}/TaxInclusiveAmount"),
        "paid_amount": _one(root, f"{total}/PrepaidAmount"),
        "rounding_amount": _one(root, f"{total}/PayableRoundingAmount"),
        "amount_due": _one(root, f"{total}/PayableAmount"),
    }
    lines = tuple(
        {
            "description": _one(line, "Item/Name"),
            "quantity": _one(line, "InvoicedQuantity", "CreditedQuantity"),
            "unit_price": _one(line, "Price/PriceAmount"),
            "net_amount": _one(line, "LineExtensionAmount"),
            "vat_rate": _one(line, "Item/ClassifiedTaxCategory/Percent"),
        }
        for kind in ("InvoiceLine", "CreditNoteLine")
        for line in _all(root, kind)
    )
    rates = tuple(
        {
            "rate": _one(rate, "TaxCategory/Percent") or "0",
            "taxable_amount": _one(rate, "TaxableAmount"),
            "tax_amount": _one(rate, "TaxAmount"),
            "category": _one(rate, "TaxCategory/ID"),
        }
        for rate in _all(root, "TaxTotal/TaxSubtotal")
    )
    changes = ({"amount": _one(each, "Amount")} for each in _all(root, "AllowanceCharge"))
    return Terms(_kept(fields), lines, rates, tuple(_not_zero(changes)))


def _vat_number(root: Any, party: str) -> str | None:
    for scheme in _all(root, f"{party}/PartyTaxScheme"):
        if _one(scheme, "TaxScheme/ID") == "VAT":
            return _one(scheme, "CompanyID")
    return None


def _cii(root: Any) -> Terms:
    trade = _all(root, "SupplyChainTradeTransaction")[0]
    agreed, settled = "ApplicableHeaderTradeAgreement", "ApplicableHeaderTradeSettlement"
    means, sums = (
        f"{settled}/SpecifiedTradeSettlementPaymentMeans",
        f"{settled}/SpecifiedTradeSettlementHeaderMonetarySummation",
    )
    terms = f"{settled}/SpecifiedTradePaymentTerms"
    fields = {
        "invoice_number": _one(root, "ExchangedDocument/ID"),
        "invoice_type_code": _one(root, "ExchangedDocument/TypeCode"),
        "issue_date": _day(_one(root, "ExchangedDocument/IssueDateTime")),
        "due_date": _day(_one(trade, f"{terms}/DueDateDateTime")),
        "currency_code": _one(trade, f"{settled}/InvoiceCurrencyCode"),
        "buyer_reference": _one(trade, f"{agreed}/BuyerReference"),
        "purchase_order_reference": _one(trade, f"{agreed}/BuyerOrderReferencedDocument/IssuerAssignedID"),
        "seller_name": _one(trade, f"{agreed}/SellerTradeParty/Name"),
        "buyer_name": _one(trade, f"{agreed}/BuyerTradeParty/Name"),
        "seller_legal_registration_identifier": _one(trade, f"{agreed}/SellerTradeParty/SpecifiedLegalOrganization/ID"),
        "payment_account_identifier": _one(trade, f"{means}/PayeePartyCreditorFinancialAccount/IBANID"),
        "payment_service_provider_identifier": _one(trade, f"{means}/PayeeSpecifiedCreditorFinancialInstitution/BICID"),
        "remittance_information": _one(trade, f"{settled}/PaymentReference"),
        "payment_terms": _one(trade, f"{terms}/Description"),
        "total_without_vat": _one(trade, f"{sums}/TaxBasisTotalAmount"),
        "total_vat": _one(trade, f"{sums}/TaxTotalAmount"),
        "total_with_vat": _one(trade, f"{sums}/GrandTotalAmount"),
        "paid_amount": _one(trade, f"{sums}/TotalPrepaidAmount"),
        "rounding_amount": _one(trade, f"{sums}/RoundingAmount"),
        "amount_due": _one(trade, f"{sums}/DuePayableAmount"),
    }
    line_sums = "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation"
    lines = tuple(
        {
            "description": _one(line, "SpecifiedTradeProduct/Name"),
            "quantity": _one(line, "SpecifiedLineTradeDelivery/BilledQuantity"),
            "unit_price": _one(line, "SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount"),
            "net_amount": _one(line, f"{line_sums}/LineTotalAmount"),
            "vat_rate": _one(line, "SpecifiedLineTradeSettlement/ApplicableTradeTax/RateApplicablePercent"),
        }
        for line in _all(trade, "IncludedSupplyChainTradeLineItem")
    )
    rates = tuple(
        {
            "rate": _one(rate, "RateApplicablePercent") or "0",
            "taxable_amount": _one(rate, "BasisAmount"),
            "tax_amount": _one(rate, "CalculatedAmount"),
            "category": _one(rate, "CategoryCode"),
        }
        for rate in _all(trade, f"{settled}/ApplicableTradeTax")
    )
    changes = (
        {"amount": _one(each, "ActualAmount")} for each in _all(trade, f"{settled}/SpecifiedTradeAllowanceCharge")
    )
    return Terms(_kept(fields), lines, rates, tuple(_not_zero(changes)))


def _fattura(root: Any, body: Any) -> Terms:
    document, goods, paid = "DatiGenerali/DatiGeneraliDocumento", "DatiBeniServizi", "DatiPagamento/DettaglioPagamento"
    seller = _all(root, "FatturaElettronicaHeader/CedentePrestatore/DatiAnagrafici")[0]
    rates = tuple(
        {
            "rate": _one(rate, "AliquotaIVA"),
            "taxable_amount": _one(rate, "ImponibileImporto"),
            "tax_amount": _one(rate, "Imposta"),
        }
        for rate in _all(body, f"{goods}/DatiRiepilogo")
    )
    fields = {
        "invoice_number": _one(body, f"{document}/Numero"),
        "invoice_type_code": _CODES.get(_one(body, f"{document}/TipoDocumento") or "", "380"),
        "issue_date": _one(body, f"{document}/Data"),
        "currency_code": _one(body, f"{document}/Divisa"),
        "due_date": _one(body, f"{paid}/DataScadenzaPagamento"),
        "seller_name": _one(seller, "Anagrafica/Denominazione"),
        "seller_vat_identifier": f"{_one(seller, 'IdFiscaleIVA/IdPaese')}{_one(seller, 'IdFiscaleIVA/IdCodice')}",
        "payment_account_identifier": _one(body, f"{paid}/IBAN"),
        "payment_service_provider_identifier": _one(body, f"{paid}/BIC"),
        "total_without_vat": str(sum(Decimal(rate["taxable_amount"] or 0) for rate in rates)),
        "total_vat": str(sum(Decimal(rate["tax_amount"] or 0) for rate in rates)),
        "total_with_vat": _one(body, f"{document}/ImportoTotaleDocumento"),
    }
    lines = tuple(
        {
            "description": _one(line, "Descrizione"),
            "quantity": _one(line, "Quantita"),
            "unit_price": _one(line, "PrezzoUnitario"),
            "net_amount": _one(line, "PrezzoTotale"),
            "vat_rate": _one(line, "AliquotaIVA"),
        }
        for line in _all(body, f"{goods}/DettaglioLinee")
    )
    return Terms(_kept(fields), lines, rates, ())


def _not_zero(rows: Iterator[Row]) -> Iterator[Row]:
    return (row for row in rows if Decimal(row["amount"] or 0) != 0)
