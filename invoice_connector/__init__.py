"""Reads invoices: ``InvoiceOCRConnector().process_invoice_with_ocr("faktura.pdf")``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from invoice_connector.connector import InvoiceOCRConnector, ProcessedInvoice

__all__ = ["InvoiceOCRConnector", "ProcessedInvoice"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: `invoice-connector --help` imports this package and must not wait for numpy and SQLAlchemy.
    if name in __all__:
        from invoice_connector import connector

        return getattr(connector, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
