"""Invoices that a PDF carries as data (Factur-X, ZUGFeRD, UBL): read, compared with the page, never trusted blindly."""

XML = "application/xml"
"""The media type of an e-invoice by itself."""
