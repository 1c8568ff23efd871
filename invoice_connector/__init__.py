"""Reads invoices: ``InvoiceOCRConnector().process_invoice_with_ocr("faktura.pdf")``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from invoice_connector.connector import InvoiceOCRConnector, ProcessedInvoice
    from invoice_connector.exports.errors import ExportError
    from invoice_connector.exports.formats import ExportOptions
    from invoice_connector.invoice import Invoice, InvoiceField, InvoiceLine, VatBreakdown, Violation
    from invoice_connector.locales import LocaleError
    from invoice_connector.pipeline.outcome import Failure, Outcome
    from invoice_connector.pipeline.request import Request
    from invoice_connector.settings import ConnectorSettings
    from invoice_connector.sinks.errors import DeliveryError
    from invoice_connector.sinks.settings import PluginSink
    from invoice_connector.suppliers.master import Company, Supplier

__all__ = [
    "Company",
    "ConnectorSettings",
    "DeliveryError",
    "ExportError",
    "ExportOptions",
    "Failure",
    "Invoice",
    "InvoiceField",
    "InvoiceLine",
    "InvoiceOCRConnector",
    "LocaleError",
    "Outcome",
    "PluginSink",
    "ProcessedInvoice",
    "Request",
    "Supplier",
    "VatBreakdown",
    "Violation",
]

# Loaded on first use: `invoice-connector --help` imports this package and must not wait for numpy and SQLAlchemy.
_MODULES = {
    "Company": "suppliers.master",
    "ConnectorSettings": "settings",
    "DeliveryError": "sinks.errors",
    "ExportError": "exports.errors",
    "ExportOptions": "exports.formats",
    "Failure": "pipeline.outcome",
    "Invoice": "invoice",
    "InvoiceField": "invoice",
    "InvoiceLine": "invoice",
    "InvoiceOCRConnector": "connector",
    "LocaleError": "locales",
    "Outcome": "pipeline.outcome",
    "PluginSink": "sinks.settings",
    "ProcessedInvoice": "connector",
    "Request": "pipeline.request",
    "Supplier": "suppliers.master",
    "VatBreakdown": "invoice",
    "Violation": "invoice",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
