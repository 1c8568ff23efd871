"""What can be wrong with data inside a PDF. The document itself is read all the same."""

from __future__ import annotations

NAMELESS = "the XML file"
"""What messages call an e-invoice whose name is not known."""


class EmbeddedInvoiceError(Exception):
    """The embedded invoice cannot be read: not well formed, too large, or built to exhaust the reader."""
