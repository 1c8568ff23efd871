"""The path of one document, from its bytes to the outcome that the audit log stores."""
