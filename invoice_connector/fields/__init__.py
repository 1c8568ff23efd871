"""Business terms out of pages of text: candidates by form, named by labels and place, settled by sums."""

from invoice_connector.fields.extract import extract
from invoice_connector.fields.page import FieldPage

__all__ = ["FieldPage", "extract"]
