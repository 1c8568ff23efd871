"""Synthetic invoices and receipts: text, fonts, print and scan faults."""
