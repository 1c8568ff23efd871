"""Words of Estonian invoices."""
