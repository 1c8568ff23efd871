"""The command ``invoice-connector``: one module per command, and what they share."""
